"""Who asked for which job of the codec process: each end is told to the one who asked, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from app.worker.codec_worker import CodecWorker, Failure
from app.worker.protocol import Job
from hpcm_core.errors import Phrase

R = TypeVar("R")


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Calls(Generic[R]):
    """What to call; of the first three exactly one is called, when the job ends. R: the type of the job's result."""

    done: Callable[[R], None]
    failed: Callable[[Failure], None]
    cancelled: Callable[[], None] = _nothing
    progress: Callable[[Phrase, float], None] = _nothing


class Jobs(QObject):
    """The one desk at which session and batch ask. The worker does one job at a time: a new one replaces the other."""

    ended = Signal()  # after any job: the codec process may be free now

    def __init__(self, worker: CodecWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._asked: dict[int, Calls[Any]] = {}
        self._unwanted = 0
        worker.progress.connect(self._progressed)
        worker.succeeded.connect(self._succeeded)
        worker.failed.connect(self._failed)
        worker.cancelled.connect(self._cancelled)

    def submit(self, job: Job[R], calls: Calls[R]) -> int:
        """Ask for a job. Returns its number."""
        self._drop_results()
        number = self._worker.submit(job)
        self._asked[number] = calls
        return number

    def cancel(self) -> None:
        """Stop whatever runs or waits; a result that is on its way already counts as cancelled too."""
        self._drop_results()
        self._worker.cancel()

    def give_up(self, number: int) -> None:
        """Stop the job of that number; where it has ended, or another has taken its place, nothing is stopped."""
        if number in self._asked and number == max(self._asked):
            self.cancel()

    def _drop_results(self) -> None:
        self._unwanted = max(self._asked, default=self._unwanted)

    def _progressed(self, number: int, stage: Phrase, fraction: float) -> None:
        if number in self._asked and number > self._unwanted:
            self._asked[number].progress(stage, fraction)

    def _succeeded(self, number: int, result: object) -> None:
        self._end(number, lambda calls: calls.done(result))

    def _failed(self, number: int, failure: Failure) -> None:
        self._end(number, lambda calls: calls.failed(failure))

    def _cancelled(self, number: int) -> None:
        self._end(number, lambda calls: calls.cancelled())

    def _end(self, number: int, tell: Callable[[Calls[Any]], None]) -> None:
        calls = self._asked.pop(number, None)
        if calls is None:
            return  # Another window's.
        if number <= self._unwanted:
            calls.cancelled()
        else:
            tell(calls)
        self.ended.emit()
