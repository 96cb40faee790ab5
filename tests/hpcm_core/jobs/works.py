"""Pieces of work for workers in other processes, which import them from here."""

from __future__ import annotations

import gc
import os
import struct
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from hpcm_core.errors import HpcmError


@dataclass(frozen=True)
class Square:
    """With the worker's process and threads."""

    seconds: float = 0.0

    def __call__(self, item, report):
        time.sleep(self.seconds)
        return item * item, os.getpid(), os.environ.get("OMP_NUM_THREADS")


@dataclass(frozen=True)
class Together:
    """Waits until so many workers are there, ten minutes at most. With the worker's process, its threads
    and the cards that it sees.
    """

    folder: Path
    workers: int

    def __call__(self, item, report):
        (self.folder / str(os.getpid())).touch()
        start = time.monotonic()
        while len(list(self.folder.iterdir())) < self.workers and time.monotonic() - start < 600:
            time.sleep(0.01)
        return os.getpid(), os.environ.get("OMP_NUM_THREADS"), os.environ.get("CUDA_VISIBLE_DEVICES", "")


@dataclass(frozen=True)
class Deadly:
    """A worker that gets `poison` dies, every time if `marks` is None, otherwise as long as marks are left there."""

    poison: int
    marks: Path | None = None

    def __call__(self, item, report):
        if item == self.poison:
            marks = None if self.marks is None else sorted(self.marks.iterdir())
            if marks:
                marks[0].unlink()
            if marks is None or marks:
                os.kill(os.getpid(), 9)
        return item


@dataclass(frozen=True)
class Breaking:
    """A worker that gets `poison` dies in the middle of what it tells."""

    poison: int

    def __call__(self, item, report):
        if item == self.poison:
            (pipe,) = (one for one in gc.get_objects() if type(one) is Connection)
            os.write(pipe.fileno(), struct.pack("!i", 1000) + b"half")
            os.kill(os.getpid(), 9)
        return item


@dataclass(frozen=True)
class Failing:
    def __call__(self, item, report):
        if item == "user":
            raise HpcmError("The item {item} is not to be had.", item=item)
        if item == "memory":
            raise MemoryError
        if item == "fault":
            raise ZeroDivisionError("oh")
        return item


@dataclass(frozen=True)
class Slow:
    """Leaves a file that is half written while it works."""

    folder: Path

    def __call__(self, item, report):
        from hpcm_core.files import replacing

        with replacing(self.folder / f"{item}.out") as file:
            file.write(b"half")
            file.flush()
            time.sleep(60)
        return item
