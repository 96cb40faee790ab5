"""The thread that owns the codec process: it starts it, feeds it one job at a time, replaces it when it fails, and
ends it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal

from app.worker import protocol
from app.worker.codec_process import GRACE, CodecProcess
from app.worker.shared_memory import Shelf, discard
from hpcm_core.errors import Phrase

log = logging.getLogger("hpcm.worker")

CANCEL_PATIENCE = 2.0
"""Seconds that a cancelled job may take to stop by itself before its process is ended."""

START_ATTEMPTS = 3
"""Processes in a row that may die before they are ready; after that only a new job starts another."""


@dataclass(frozen=True)
class Failure:
    """Why a job ended without a result: one sentence for a user, and the details for a report."""

    message: Phrase
    details: str = ""


@dataclass
class _Running:
    tag: protocol.Tag
    job: protocol.Job[Any] | None  # Its pixels must not go before the process looks into them.
    task_block: SharedMemory | None
    reply: str
    deadline: float | None = None  # Set when the job was cancelled: the time at which patience ends.

    def release_task(self) -> None:
        """Let go of the job; what was copied into shared memory for it alone is given back."""
        self.job = None
        block, self.task_block = self.task_block, None
        if block is not None:
            block.close()
            block.unlink()


class CodecWorker(QThread):
    """Does one job at a time; a newly submitted job replaces the one that runs or waits.

    All signals carry the job number that submit() gave; each job ends with exactly one of succeeded, failed and
    cancelled. All are emitted on the thread that this object lives on, the window's: an event that Qt has queued for a
    Python callable crashes if the callable is disconnected before it arrives.
    """

    ready = Signal(str)  # the device in words: the codec is loaded
    restarting = Signal(str)  # why the process is replaced
    unavailable = Signal(object)  # Failure: the codec cannot be loaded
    progress = Signal(int, object, float)  # the stage is a Phrase
    succeeded = Signal(int, object)
    failed = Signal(int, object)  # Failure
    cancelled = Signal(int)
    _told = Signal(str, object)  # this thread to the window's: which signal to emit, with what

    def __init__(self, log_file: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told.connect(self._emit, Qt.ConnectionType.QueuedConnection)
        self._log_file = log_file
        self.shelf = Shelf(f"hpcm-{os.getpid()}-{secrets.token_hex(3)}-")
        self._wake_reader, self._wake_writer = multiprocessing.Pipe(duplex=False)
        self._lock = threading.Lock()
        # Shared with callers, under the lock.
        self._jobs = 0
        self._pending: tuple[int, protocol.Job[Any]] | None = None
        self._cancel_up_to = 0
        self._stopping = False
        self._environment: dict[str, str] = {}
        self._outer: dict[str, str | None] = {}  # what the variables were before
        self._replace = False
        # This thread's own.
        self._process: CodecProcess | None = None
        self._generation = 0
        self._failed_starts = 0
        self._running: _Running | None = None

    # Called from any thread.

    @property
    def block_prefix(self) -> str:
        """What the names of all shared blocks of this worker begin with."""
        return self.shelf.prefix

    @property
    def log_file(self) -> str | None:
        """Where the codec process logs."""
        return self._log_file

    @property
    def process_id(self) -> int | None:
        """The codec process's id while there is one."""
        process = self._process
        return process.pid if process is not None else None

    def submit(self, job: protocol.Job[Any]) -> int:
        """Ask for a job; whatever runs or waits is cancelled. Returns the job's number."""
        with self._lock:
            replaced = self._pending
            self._jobs += 1
            number = self._jobs
            self._cancel_up_to = number - 1
            self._pending = (number, job)
        if replaced is not None:
            self.cancelled.emit(replaced[0])
        self._wake()
        return number

    def cancel(self) -> None:
        """Cancel whatever runs or waits."""
        with self._lock:
            waiting, self._pending = self._pending, None
            self._cancel_up_to = self._jobs
        if waiting is not None:
            self.cancelled.emit(waiting[0])
        self._wake()

    def configure(self, environment: dict[str, str]) -> None:
        """Let the codec process run with these environment variables; one that runs is replaced if they changed."""
        with self._lock:
            if environment == self._environment:
                return
            for name in self._environment.keys() - environment.keys():
                before = self._outer.get(name)
                if before is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = before
            for name, value in environment.items():
                self._outer.setdefault(name, os.environ.get(name))
                os.environ[name] = value  # The process inherits it; this one has no use for it.
            self._environment = dict(environment)
            self._replace = self._process is not None
            self._failed_starts = 0
        self._wake()

    def stop(self) -> None:
        """End the process and this thread; both are gone when this returns, within 2 s."""
        with self._lock:
            self._stopping = True
            self._cancel_up_to = self._jobs
        self._wake()
        self.wait()
        self.shelf.clear()

    def _emit(self, name: str, values: tuple[object, ...]) -> None:
        getattr(self, name).emit(*values)

    def _wake(self) -> None:
        self._wake_writer.send_bytes(b"!")

    # This thread.

    def run(self) -> None:
        try:
            while True:
                with self._lock:
                    if self._stopping:
                        return
                    replace, self._replace = self._replace, False
                if replace:
                    self._end_process(grace=GRACE)
                    self._tell("restarting", "The codec starts again with other settings.")
                self._ensure_process()
                self._pass_on_cancel()
                self._start_pending()
                self._listen()
        finally:
            self._end_process(grace=GRACE)

    def _tell(self, name: str, *values: object) -> None:
        self._told.emit(name, values)

    def _ensure_process(self) -> None:
        if self._process is not None or self._failed_starts >= START_ATTEMPTS:
            return
        self._generation += 1
        self._process = CodecProcess(self._generation, self._log_file)
        log.info("Codec process %d started (generation %d)", self._process.pid, self._generation)

    def _pass_on_cancel(self) -> None:
        running = self._running
        if running is None or running.deadline is not None or self._process is None:
            return
        with self._lock:
            unwanted = running.tag.job <= self._cancel_up_to
        if unwanted:
            self._process.cancel(running.tag.job)
            running.deadline = time.monotonic() + CANCEL_PATIENCE

    def _start_pending(self) -> None:
        if self._running is not None:
            return
        with self._lock:
            pending = self._pending
            if pending is None:
                return
            if self._process is None:
                self._failed_starts = 0  # Someone asks again: give the process another chance.
                return
            if not self._process.ready:
                return
            self._pending = None
        number, job = pending
        tag = protocol.Tag(number, self._process.generation)
        try:
            parcel, block = self.shelf.pack(job, self.shelf.new_name())
        except (MemoryError, OSError) as error:
            message = Phrase("There was not enough memory to hand the picture to the codec.")
            self._tell("failed", number, Failure(message, repr(error)))
            return
        self._running = _Running(tag, job, block, self.shelf.new_name())
        try:
            self._process.send(protocol.Task(tag, parcel, self._running.reply))
        except OSError:
            self._process_died()

    def _listen(self) -> None:
        """Wait for a message, a wish of a caller, the process's end or the end of patience, and act on it."""
        process = self._process
        if process is None:
            with self._lock:
                retry = self._pending is not None and self._failed_starts == 0
            if not retry:
                wait([self._wake_reader])
                self._drain_wakes()
            return
        timeout = None
        if self._running is not None and self._running.deadline is not None:
            timeout = max(0.0, self._running.deadline - time.monotonic())
        happened = wait([self._wake_reader, process.pipe, process.sentinel], timeout)
        if self._wake_reader in happened:
            self._drain_wakes()
        if process.pipe in happened:
            try:
                while process.pipe.poll():
                    self._handle(process.pipe.recv())
                    if self._process is not process:
                        return
            except (EOFError, OSError):
                self._process_died()
                return
        elif process.sentinel in happened:
            self._process_died()
            return
        running = self._running
        if running is not None and running.deadline is not None and time.monotonic() >= running.deadline:
            log.warning("Job %d did not stop in time; its process is ended", running.tag.job)
            self._end_process(grace=0)
            self._tell("restarting", "The job did not stop in time, so the codec was restarted.")

    def _drain_wakes(self) -> None:
        while self._wake_reader.poll():
            self._wake_reader.recv_bytes()

    def _handle(self, message: protocol.Message) -> None:
        running = self._running
        if protocol.is_stale(message, running.tag if running else None, self._generation):
            log.info("Stale message dropped: %s", type(message).__name__)
            return
        if isinstance(message, protocol.Ready):
            assert self._process is not None
            self._process.ready = True
            self._failed_starts = 0
            self._tell("ready", message.device)
        elif isinstance(message, protocol.Unavailable):
            self._codec_unavailable(Failure(message.message, message.details))
        elif isinstance(message, protocol.Progress):
            if running is not None:
                running.release_task()  # The process reports only when it looks into the job's blocks.
            if running is not None and running.deadline is None:
                self._tell("progress", message.tag.job, message.stage, message.fraction)
        else:
            self._job_ended(message)

    def _job_ended(self, message: protocol.Result | protocol.Error | protocol.Cancelled) -> None:
        assert self._process is not None
        running = self._running
        assert running is not None
        number = running.tag.job
        value = None
        problem: Failure | None = None
        kept = False
        if isinstance(message, protocol.Result) and running.deadline is None:
            try:
                value = self.shelf.take(message.parcel)
                kept = True
            except (MemoryError, OSError) as error:
                problem = Failure(Phrase("There was not enough memory to take the result over."), repr(error))
        running.release_task()
        if not kept:
            discard(running.reply)
        self._running = None
        if isinstance(message, protocol.Result):
            try:
                self._process.send(protocol.Received(message.tag))
            except OSError:
                log.info("The codec process ended right after its result")
        if running.deadline is not None or isinstance(message, protocol.Cancelled):
            self._tell("cancelled", number)
        elif problem is not None:
            self._tell("failed", number, problem)
        elif isinstance(message, protocol.Error):
            self._tell("failed", number, Failure(message.message, message.details))
        else:
            self._tell("succeeded", number, value)
        if isinstance(message, protocol.Error) and message.restart:
            self._end_process(grace=0)
            self._tell("restarting", "The codec was restarted after an error.")

    def _codec_unavailable(self, failure: Failure) -> None:
        self._end_process(grace=0)
        self._failed_starts = START_ATTEMPTS  # The same file would fail to load again.
        self._fail_pending(failure)
        self._tell("unavailable", failure)

    def _fail_pending(self, failure: Failure) -> None:
        with self._lock:
            pending, self._pending = self._pending, None
        if pending is not None:
            self._tell("failed", pending[0], failure)

    def _process_died(self) -> None:
        process, running = self._process, self._running
        assert process is not None
        was_ready, generation = process.ready, process.generation
        self._running = None
        process.wait_for_end(GRACE)
        code = self._end_process(grace=0, running=running)
        reason = _describe_exit(code)
        log.error("Codec process of generation %d ended: %s", generation, reason)
        if not was_ready:
            self._failed_starts += 1
            if self._failed_starts >= START_ATTEMPTS:
                message = Phrase("The codec process ended again and again before it was ready.")
                failure = Failure(message, reason)
                self._fail_pending(failure)
                self._tell("unavailable", failure)
            return
        if running is not None and running.deadline is None:
            message = Phrase("The codec stopped unexpectedly and was restarted.")
            self._tell("failed", running.tag.job, Failure(message, reason))
        elif running is not None:
            self._tell("cancelled", running.tag.job)
        self._tell("restarting", "The codec stopped unexpectedly and was restarted.")

    def _end_process(self, grace: float, running: _Running | None = None) -> int | None:
        """End the process, whatever it does; a job that still runs counts as cancelled."""
        process, self._process = self._process, None
        code = None
        if process is not None:
            if self._running is not None:
                process.cancel(self._running.tag.job)
            code = process.end(grace)
        if running is not None:
            _discard_blocks(running)
        elif self._running is not None:
            number = self._running.tag.job
            self._release_blocks()
            self._tell("cancelled", number)
        return code

    def _release_blocks(self) -> None:
        if self._running is not None:
            _discard_blocks(self._running)
            self._running = None


def _discard_blocks(running: _Running) -> None:
    running.release_task()
    discard(running.reply)


def _describe_exit(code: int | None) -> str:
    if code == -9:
        return "The process was killed (signal 9); the system may have run out of memory."
    if code is not None and code < 0:
        return f"The process was ended by signal {-code}."
    return f"The process ended with exit code {code}."
