"""Questions to the codec process that nobody is kept waiting for: the last one counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.session.session import Session
from app.worker.codec_worker import Failure
from app.worker.protocol import Job
from hpcm_core.errors import Phrase

R = TypeVar("R")


class _Question(NamedTuple):
    job: Job[Any]
    then: Callable[[Any], None]
    failed: Callable[[Failure], None] | None


class Asker(QObject):
    """One question at a time, the last: it waits while the codec process has other work, and gives way to whatever the
    window's user wants.
    """

    progressed = Signal(object, float)  # Phrase, fraction
    changed = Signal()  # `busy` did

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: _Question | None = None
        self._asked = 0
        self._running = 0  # the number of the question that the codec process has
        self._job = 0  # that of its job
        session.job_ended.connect(self._soon)
        session.busy_changed.connect(self._soon)

    @property
    def busy(self) -> bool:
        """Whether there is a question without an answer."""
        return self._waiting is not None or self._running > 0

    def ask(self, job: Job[R], then: Callable[[R], None], failed: Callable[[Failure], None] | None = None) -> None:
        """Have a job done, in the place of the one before, then call with its result. failed: told why there is none;
        without it the window tells.
        """
        self._end()
        self._waiting = _Question(job, then, failed)
        self.progressed.emit(Phrase("Waiting for the codec"), 0.0)
        self.changed.emit()
        self._soon()

    def withdraw(self) -> None:
        """Take back a question that waits, as it is answered otherwise by now."""
        self._waiting = None

    def stop(self) -> None:
        """Give the question up."""
        if self.busy:
            self._waiting = None
            self._end()
            self.changed.emit()

    def _end(self) -> None:
        if self._running:
            self._running = 0
            self._session.jobs.give_up(self._job)

    def _soon(self, *_: object) -> None:
        # Not at once: who tells of another document may have a job for it, which would take this one's place.
        QTimer.singleShot(0, self, self._go)

    def _go(self) -> None:
        if self._waiting is None or self._running or not self._session.idle:
            return
        question, self._waiting = self._waiting, None
        self._asked += 1
        number = self._running = self._asked

        def ended() -> bool:
            if self._running != number:
                return False
            self._running = 0
            return True

        def done(result: object) -> None:
            if ended():
                question.then(result)
                self.changed.emit()

        def failed(failure: Failure) -> None:
            if self._running == number and question.failed is not None:
                question.failed(failure)

        def stopped() -> None:
            if ended():
                self.changed.emit()

        def progressed(stage: Phrase, fraction: float) -> None:
            if self._running == number:
                self.progressed.emit(stage, fraction)

        self._job = self._session.submit(
            question.job,
            done,
            quiet=True,
            progress=progressed,
            stopped=stopped,
            complain=None if question.failed is None else failed,
        )
