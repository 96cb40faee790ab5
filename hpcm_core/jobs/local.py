"""The pool of processes on this machine.

Each worker has a pipe of its own, so that it is known which item a lost worker had: concurrent.futures declares a whole
pool broken when one process of it dies, and says not by what. They are spawned, never forked: a fork of a process that
has computed with torch hangs in the first parallel region or is left with one thread (hpcm_core.runtime).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic

from hpcm_core.errors import without_remarks
from hpcm_core.jobs.pool import Failed, I, Lost, R, Work, perform, silent

_PATIENCE = 5.0
"""Seconds that a worker has to put its work away when the pool is closed early."""


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection[Any, Any]
    number: int | None = None
    """Of the item in hand."""


class Local(Generic[I, R]):
    """`workers` processes, each computing on `threads` threads. A lost one is replaced."""

    def __init__(self, work: Work[I, R], workers: int, threads: int) -> None:
        self._work, self._threads = work, threads
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self.workers = workers

    @property
    def room(self) -> int:
        return self.workers - sum(worker.number is not None for worker in self._workers)

    def submit(self, number: int, item: I) -> None:
        worker = next((worker for worker in self._workers if worker.number is None), None) or self._start()
        worker.number = number
        # One that died idle is found by `wait`, with the item that it never got.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            worker.pipe.send(item)

    def wait(self) -> list[tuple[int, R | Failed | Lost]]:
        ended: list[tuple[int, R | Failed | Lost]] = []
        ready = wait([worker.pipe for worker in self._workers])
        for worker in [worker for worker in self._workers if worker.pipe in ready]:
            outcome: R | Failed | Lost
            try:
                outcome = worker.pipe.recv()
            except (EOFError, OSError):  # Of one that was killed while it told its result, half of that has come.
                outcome = Lost()
                self._workers.remove(worker)
                worker.process.join()
                worker.pipe.close()
            if worker.number is not None:
                ended.append((worker.number, outcome))
            worker.number = None
        return ended

    def _start(self) -> _Worker:
        mine, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(self._work, theirs), daemon=True)
        with _threads(self._threads):
            process.start()
        theirs.close()
        worker = _Worker(process, mine)
        self._workers.append(worker)
        return worker

    def __enter__(self) -> Local[I, R]:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()
        self._workers.clear()


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """How many threads OpenMP and the coder take in processes that are started within: both ask the environment, and
    OpenMP only once.
    """
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(count)
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _serve(work: Work[Any, Any], pipe: Connection[Any, Any]) -> None:
    """A worker's life. Ctrl+C reaches all processes of a terminal; what becomes of the workers is for the parent to
    say, with SIGTERM, which is an exception here: files that are half written are put away on its way out.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    without_remarks()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):  # The parent is gone.
        while True:
            pipe.send(perform(work, pipe.recv(), silent))


def _stop(*_: object) -> None:
    raise SystemExit
