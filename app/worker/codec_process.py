"""The parent's handle on one codec process: start, send, tell to cancel, end for certain. Knows nothing of Qt."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import RawValue

from app.worker import child
from app.worker.protocol import Command, Shutdown

_context = multiprocessing.get_context("spawn")

GRACE = 0.3
"""Seconds that an idle process has to end by itself before it is terminated, and then again before it is killed."""


class CodecProcess:
    """A running codec process. `generation` tells its messages from those of its predecessors."""

    def __init__(self, generation: int, log_file: str | None) -> None:
        self.generation = generation
        self.ready = False
        self._cancelled = RawValue("q", 0)
        self.pipe: Connection
        self.pipe, theirs = _context.Pipe()
        self._process = _context.Process(
            target=child.main,
            args=(theirs, self._cancelled, generation, log_file),
            name="hpcm-codec",
            daemon=True,
        )
        self._process.start()
        theirs.close()  # Only the child holds that end now, so the pipe ends when the child does.

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def sentinel(self) -> int:
        return self._process.sentinel

    def send(self, command: Command) -> None:
        """Send a command. Raises OSError if the process is gone."""
        self.pipe.send(command)

    def cancel(self, job: int) -> None:
        """Tell the process that this job and all before it are no longer wanted; it looks between tiles and steps."""
        self._cancelled.value = job

    def wait_for_end(self, seconds: float) -> None:
        """Let a process that is ending by itself finish, so that its own exit code is seen."""
        self._process.join(seconds)

    def end(self, grace: float = GRACE) -> int | None:
        """End the process: ask, terminate, kill.

        It is gone when this returns, after 3 * grace at most. Returns its exit code.
        """
        if grace > 0 and self._process.is_alive():
            try:
                self.pipe.send(Shutdown())
            except OSError:
                pass
            else:
                self._process.join(grace)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(grace or GRACE)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        code = self._process.exitcode
        self.pipe.close()
        self._process.close()
        return code
