"""Reading and preparing in the background where only the newest wish counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app.session.background import Background

T = TypeVar("T")


class Loading(QObject):
    """A turn is one wish, made up of any number of works one after the other; beginning a turn ends the one before.

    What a work of an ended turn comes to is dropped.
    """

    busy_changed = Signal()

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._turn = 0
        self.busy = False

    def begin(self) -> int:
        """Another turn; what is under way is no longer wanted."""
        self._turn += 1
        self._set_busy(False)
        return self._turn

    def run(
        self, turn: int, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception, str], None]
    ) -> None:
        """Call work() elsewhere, then done(result) or failed(error, traceback) here; nothing if the turn is over."""
        if turn != self._turn:
            return

        def succeeded(result: T) -> None:
            if turn == self._turn:
                self._set_busy(False)
                done(result)

        def broke(error: Exception, details: str) -> None:
            if turn == self._turn:
                self._set_busy(False)
                failed(error, details)

        self._set_busy(True)
        self._background.run(work, succeeded, broke)

    def _set_busy(self, on: bool) -> None:
        if on != self.busy:
            self.busy = on
            self.busy_changed.emit()
