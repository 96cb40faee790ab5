"""Measures the points of rate-distortion curves, one after the other, whenever the codec process is free."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from app.session.document import Shown
from app.session.session import Session
from app.worker.tasks import CurveJob, CurvePoint
from hpcm_core.results import Metrics

TRIES = 5
"""How often a point is begun that other work keeps ending, or that ends the codec process itself."""


class CurveMeter(QObject):
    """A list of points on the picture that is open. Whatever the user wants meanwhile goes first; then it goes on."""

    measured = Signal(object, object, object)  # Shown, CurvePoint, Metrics
    changed = Signal()  # what is measured now, or whether anything is

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._original: Shown | None = None
        self._left: list[CurvePoint] = []
        self._tries = 0
        self._job = 0  # the number of the last point's
        self.done = 0
        """Points that need no more work, of `total`."""
        self.total = 0
        # The check of an encoding and a selection are waiting for the same moment, and go first.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(200)
        self._timer.timeout.connect(self._begin)
        session.job_ended.connect(self._go_on)
        session.busy_changed.connect(lambda _: self._go_on())
        session.opened.connect(self.stop)

    @property
    def current(self) -> CurvePoint | None:
        """The point that is measured now or next; None when there is nothing to do."""
        return self._left[0] if self._left else None

    def start(self, points: Sequence[CurvePoint]) -> None:
        """Measure these points of the picture that is open."""
        self._original = self._session.original
        self._left = list(points) if self._original is not None else []
        self.done, self.total, self._tries = 0, len(self._left), 0
        self.changed.emit()
        self._begin()

    def stop(self) -> None:
        """Measure no more; a point under way is dropped."""
        if self._left:
            self._left = []
            self._session.jobs.give_up(self._job)
            self.changed.emit()

    def _go_on(self) -> None:
        if self._left:
            self._timer.start()

    def _begin(self) -> None:
        original, point = self._original, self.current
        if original is None or point is None or not self._session.idle:
            return
        self._tries += 1
        if self._tries > TRIES:
            self._end(point)
            return

        def done(metrics: Metrics | None) -> None:
            if self.current is point:
                if metrics is not None:
                    self.measured.emit(original, point, metrics)
                self._end(point)

        self._job = self._session.submit(CurveJob(original.picture, point), done, quiet=True)

    def _end(self, point: CurvePoint) -> None:
        self._left.remove(point)
        self.done, self._tries = self.done + 1, 0
        self.changed.emit()
        self._begin()
