"""How a long job tells where it is, and how it is told to stop."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from hpcm_core.errors import Cancelled, Phrase

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

Progress = Callable[[Phrase, float], None]
"""Called with a stage's name for a user and the fraction of the whole job that is done, 0 to 1."""

Cancel = Callable[[], bool]
"""Asked between tiles and steps; true means stop."""

_LOOK_UP = 0.1
"""Seconds after which a wait sees Ctrl+C, also where it does not end a wait by itself, as on Windows."""


class Job:
    """Progress and cancellation of one job, as the codec's stages share them."""

    def __init__(self, progress: Progress | None = None, cancel: Cancel | None = None) -> None:
        self._progress = progress
        self.cancel = cancel
        self._clock = _Clock()

    def report(self, stage: Phrase, fraction: float) -> None:
        """Tell the caller where the job is, after checking that it is still wanted. Raises Cancelled."""
        self.check()
        if self._progress is not None:
            self._progress(stage, min(max(fraction, 0.0), 1.0))

    def check(self) -> None:
        """Raise Cancelled if the caller asked for the job to stop."""
        if self.cancel is not None and self.cancel():
            raise Cancelled("The job was cancelled.")

    def part(self, start: float, stop: float) -> Job:
        """The same job for one who does only what lies between two fractions of it, and counts that as 0 to 1."""
        part = Job(lambda stage, done: self.report(stage, start + (stop - start) * done), self.cancel)
        part._clock = self._clock
        return part

    def lap(self, stage: str) -> None:
        """End the running stage: its seconds are those since the stage before, and those that it ran earlier."""
        self._clock.lap(stage)

    @property
    def times(self) -> dict[str, float]:
        """Seconds of each stage that has ended, by name."""
        return dict(self._clock.times)


def interruptible(work: Callable[[], T]) -> T:
    """Call another library's native code, which may take many seconds and looks up at nothing meanwhile, so that Ctrl+C
    ends the waiting for it at once. Signals reach the main thread alone, between two steps of Python: there the work
    is done by another thread, which is left to itself and ends with the process.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    from concurrent.futures import Future, wait  # brings logging along, which other commands need not load

    global _native
    # One thread for all of it: the allocator keeps the memory of each, and hundreds of megabytes would stay with it.
    if _native is None or not _native.is_alive():  # not, in a process that was forked
        _native = _NativeThread()
        _native.start()
    result: Future[T] = Future()
    _native.calls.put((work, result))
    while not result.done():
        wait([result], _LOOK_UP)
    return result.result()


@contextlib.contextmanager
def looked_up(check: Callable[[], None]) -> Iterator[None]:
    """Have `check`, which may raise to stop the work, called at every call of a function within: for another library's
    code in Python that looks up at nothing, as long as none of the calls that it is made of takes long. This thread's
    alone; a profiler is put aside meanwhile.
    """
    before = sys.getprofile()

    def called(frame: Any, event: str, argument: Any) -> None:
        if event in ("call", "c_call"):
            check()

    sys.setprofile(called)
    try:
        yield
    finally:
        sys.setprofile(before)


class _NativeThread(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="native", daemon=True)
        self.calls: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()

    def run(self) -> None:
        while True:
            work, result = self.calls.get()
            try:
                result.set_result(work())
            except BaseException as error:
                result.set_exception(error)
            del work, result  # nothing is kept until the next comes


_native: _NativeThread | None = None


class _Clock:
    def __init__(self) -> None:
        self.times: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.times[stage] = self.times.get(stage, 0.0) + now - self._last
        self._last = now
