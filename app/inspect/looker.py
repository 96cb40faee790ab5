"""Asks the codec process for what the file on show holds, and keeps the latents of the tile that was asked for last."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.session.asking import Asker
from app.session.session import Session
from app.worker.tasks import FigureJob, LatentsJob, Looked
from hpcm_core.inspect.spot import TileLatents, spot_of


class Looker(QObject):
    """One question at a time, the last. Places in the tile that is kept are answered at once."""

    found = Signal(object)  # Spot
    drawn = Signal(object)  # tuple of Figure
    progressed = Signal(object, float)  # Phrase, fraction
    changed = Signal()  # `busy` did

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tile: TileLatents | None = None
        self._of: bytes | None = None  # the file that the tile is of
        self.drawing: str | None = None
        """While `busy`, the kind of figure that is asked for; None where it is latents."""
        self._asker = Asker(session, self)
        self._asker.progressed.connect(self.progressed)
        self._asker.changed.connect(self.changed)

    @property
    def data(self) -> bytes | None:
        """The file on show; None while there is none that can be looked into."""
        outcome = self._session.outcome
        return None if outcome is None or not outcome.has_steps else outcome.data

    @property
    def busy(self) -> bool:
        """Whether there is a question without an answer."""
        return self._asker.busy

    def look(self, x: int, y: int) -> None:
        """Ask for the latents that a pixel of the file on show belongs to."""
        data = self.data
        if data is None:
            return
        if data is not self._of:
            self._tile, self._of = None, data
        if self._tile is not None and self._show(self._tile, x, y):
            return

        def keep(tile: TileLatents) -> None:
            if data is self._of:
                self._tile = tile
                self._show(tile, x, y)

        self.drawing = None
        self._asker.ask(LatentsJob(data, x, y), keep)

    def draw(self, wanted: Looked) -> None:
        """Ask for a figure of the file on show."""
        data = self.data
        if data is not None:
            self.drawing = wanted.kind
            self._asker.ask(FigureJob(data, wanted), self.drawn.emit)

    def stop(self) -> None:
        """Give the question up."""
        self._asker.stop()

    def forget(self) -> None:
        """Let go of the tile and its memory."""
        self.stop()
        self._tile = self._of = None

    def _show(self, tile: TileLatents, x: int, y: int) -> bool:
        row, column = y // tile.stride, x // tile.stride
        if not tile.holds(row, column):
            return False
        self._asker.withdraw()
        self.found.emit(spot_of(tile, row, column))
        return True
