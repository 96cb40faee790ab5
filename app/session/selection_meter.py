"""The selection: a rectangle of whole picture pixels, what it costs and how close it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QRect, QTimer, Signal

from app.canvas.rectangle import bits_inside
from app.session.document import Shown
from app.session.session import Session
from app.worker.tasks import MeasureJob
from hpcm_core.results import Metrics

SETTLE_MS = 120
"""The selection is measured when it has not changed for so long."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Figures of a selection.

    bits: of the code streams, NaN where they are not known; metrics: None until measured, or without an original.
    """

    rect: QRect
    bits: float
    metrics: Metrics | None = None

    @property
    def bpp(self) -> float:
        return self.bits / (self.rect.width() * self.rect.height())


class SelectionMeter(QObject):
    """Has the selection measured by the codec process whenever that has nothing else to do."""

    changed = Signal(object)  # Measured, or None while nothing is selected

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rect: QRect | None = None
        self._measured: Measured | None = None
        self._hopeless: Measured | None = None  # measuring it failed, and would again
        self._of: tuple[Shown | None, Shown] | None = None  # the pictures that it was measured on
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._measure)
        session.document_changed.connect(self._document_changed)
        session.job_ended.connect(self._timer.start)

    @property
    def measured(self) -> Measured | None:
        """What is known of the selection."""
        return self._measured

    def select(self, rect: QRect | None) -> None:
        """Another selection, or none."""
        if rect != self._rect:
            self._rect = rect
            self._refresh()

    def _document_changed(self) -> None:
        outcome = self._session.outcome
        of = (self._session.original, outcome.shown) if outcome is not None else None
        if of != self._of:
            self._refresh()

    def _refresh(self) -> None:
        """Count the bits at once; the codec process measures later."""
        outcome, rect = self._session.outcome, self._rect
        self._measured = self._of = None
        if outcome is not None:
            self._of = (self._session.original, outcome.shown)
            if rect is not None:
                picture = outcome.shown.picture
                size = (picture.width, picture.height)
                # A file of another format has no map of its bits.
                maps = outcome.bits
                bits = math.nan if maps is None else bits_inside(maps.total, maps.cell, rect, size)
                if QRect(0, 0, *size).contains(rect):
                    self._measured = Measured(rect, bits)
                    self._timer.start()
        self.changed.emit(self._measured)

    def _measure(self) -> None:
        session, measured = self._session, self._measured
        if measured is None or measured is self._hopeless or measured.metrics is not None or not session.idle:
            return
        original, outcome = session.original, session.outcome
        if original is None or outcome is None:
            return

        def done(metrics: Metrics) -> None:
            if self._measured is measured:
                self._measured = Measured(measured.rect, measured.bits, metrics)
                self.changed.emit(self._measured)

        def failed() -> None:
            self._hopeless = measured

        rect = measured.rect
        part = np.s_[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1]
        job = MeasureJob(original.picture, outcome.shown.picture, None, part)
        session.submit(job, done, quiet=True, failed=failed)
