"""Asks the codec process for what the file on show holds, and keeps the latents of the tile that was asked for last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.session.session import Session
from app.worker.protocol import Job
from app.worker.tasks import FigureJob, LatentsJob, Looked
from hpcm_core.errors import Phrase
from hpcm_core.inspect.spot import TileLatents, spot_of

R = TypeVar("R")


class Looker(QObject):
    """One question at a time, the last: it waits while the codec process has other work, and gives way to an encoding.
    Places in the tile that is kept are answered at once.
    """

    found = Signal(object)  # Spot
    drawn = Signal(object)  # tuple of Figure
    progressed = Signal(object, float)  # Phrase, fraction
    changed = Signal()  # `busy` did

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tile: TileLatents | None = None
        self._of: bytes | None = None  # the file that the tile is of
        self._waiting: tuple[Job[Any], Callable[[Any], None]] | None = None
        self._asked = 0
        self._running = 0  # the number of the question that the codec process has
        session.job_ended.connect(lambda: QTimer.singleShot(0, self, self._go))
        session.busy_changed.connect(lambda _: QTimer.singleShot(0, self, self._go))

    @property
    def data(self) -> bytes | None:
        """The file on show; None while there is none."""
        outcome = self._session.outcome
        return None if outcome is None or outcome.header is None else outcome.data

    @property
    def busy(self) -> bool:
        """Whether there is a question without an answer."""
        return self._waiting is not None or self._running > 0

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

        self._ask(LatentsJob(data, x, y), keep)

    def draw(self, wanted: Looked) -> None:
        """Ask for a figure of the file on show."""
        data = self.data
        if data is not None:
            self._ask(FigureJob(data, wanted), self.drawn.emit)

    def stop(self) -> None:
        """Give the question up."""
        if not self.busy:
            return
        self._waiting = None
        if self._running:
            self._running = 0
            self._session.jobs.cancel()
        self.changed.emit()

    def forget(self) -> None:
        """Let go of the tile and its memory."""
        self.stop()
        self._tile = self._of = None

    def _show(self, tile: TileLatents, x: int, y: int) -> bool:
        row, column = y // tile.stride, x // tile.stride
        if not tile.holds(row, column):
            return False
        self._waiting = None
        self.found.emit(spot_of(tile, row, column))
        return True

    def _ask(self, job: Job[R], then: Callable[[R], None]) -> None:
        if self._running:
            self._running = 0
            self._session.jobs.cancel()
        self._waiting = (job, then)
        self.progressed.emit(Phrase("Waiting for the codec"), 0.0)
        self.changed.emit()
        # Not at once: who tells of another document may have a job for it, which would take this one's place.
        QTimer.singleShot(0, self, self._go)

    def _go(self) -> None:
        if self._waiting is None or self._running or not self._session.idle:
            return
        job, then = self._waiting
        self._waiting = None
        self._asked += 1
        number = self._running = self._asked

        def ended() -> bool:
            if self._running != number:
                return False
            self._running = 0
            return True

        def done(result: object) -> None:
            if ended():
                then(result)
                self.changed.emit()

        def stopped() -> None:
            if ended():
                self.changed.emit()

        def progressed(stage: Phrase, fraction: float) -> None:
            if self._running == number:
                self.progressed.emit(stage, fraction)

        self._session.submit(job, done, quiet=True, progress=progressed, stopped=stopped)
