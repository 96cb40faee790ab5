"""The codec process: the only place where the program meets torch, if a model needs it.

It reads tasks from a pipe until the pipe or its parent ends.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
import traceback
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from app.worker import priority, protocol
from app.worker.shared_memory import pack, unpack

if TYPE_CHECKING:
    from multiprocessing.shared_memory import SharedMemory

    from hpcm_core.errors import Phrase

log = logging.getLogger("hpcm.codec")

PROGRESS_INTERVAL = 0.04
"""Seconds between two progress messages of one stage: more often than the eye can use is only work."""


def main(pipe: Connection, cancelled: Any, generation: int, log_file: str | None) -> None:
    """Entry of the process. cancelled: shared integer, the highest job number that is no longer wanted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches both processes; the window decides.
    _end_with_parent()
    priority.apply()
    if log_file is not None:
        logging.basicConfig(
            filename=log_file, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
    try:
        _serve(pipe, cancelled, generation)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        log.info("The window's process is gone; ending.")


def _end_with_parent() -> None:
    """End this process as soon as its parent has ended, also in the middle of a job."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _serve(pipe: Connection, cancelled: Any, generation: int) -> None:
    from hpcm_core.errors import HpcmError, Phrase

    started = time.perf_counter()
    try:
        device = _load_codec()
    except HpcmError as error:
        pipe.send(protocol.Unavailable(generation, error.phrase, traceback.format_exc()))
        return
    except Exception as error:
        log.exception("The codec could not be loaded")
        message = Phrase("The codec could not be loaded: {reason}", reason=error)
        pipe.send(protocol.Unavailable(generation, message, traceback.format_exc()))
        return
    pipe.send(protocol.Ready(generation, time.perf_counter() - started, device))
    held: SharedMemory | None = None
    while True:
        command: protocol.Command = pipe.recv()
        if held is not None:
            held.close()
            held = None
        if isinstance(command, protocol.Shutdown):
            return
        if isinstance(command, protocol.Task):
            held = _do(command, pipe, cancelled)


def _load_codec() -> str:
    """Load what jobs import, so that the first does not wait for it. Returns the device in words."""
    import hpcm_core.advice
    import hpcm_core.batch_run
    import hpcm_core.codec
    import hpcm_core.evaluation.anchors
    import hpcm_core.inspect.figures
    import hpcm_core.models.checkpoint
    import hpcm_core.picture.scaling
    import hpcm_core.picture.writing  # noqa: F401
    from hpcm_core.models.registry import families
    from hpcm_core.transform import devices

    for family in families():
        family.preload()
    return devices.describe()


def _do(task: protocol.Task, pipe: Connection, cancelled: Any) -> SharedMemory | None:
    """Do one job and send its end.

    Returns the block that holds the result: it must stay open until the window looks into it.
    """
    from hpcm_core.errors import Cancelled, HpcmError, Phrase

    tag = task.tag
    try:
        job: protocol.Job[Any] = unpack(task.parcel)
        result = job.run(_Reporter(tag, pipe), lambda: bool(cancelled.value >= tag.job))
        parcel, block = pack(result, task.reply)
    except Cancelled:
        pipe.send(protocol.Cancelled(tag))
    except HpcmError as error:
        log.info("Job %d ended: %s", tag.job, error, exc_info=True)
        pipe.send(protocol.Error(tag, error.phrase, ""))
    except Exception as error:
        log.exception("Job %d failed", tag.job)
        restart, details = True, ""
        if _is_out_of_memory(error):
            message = Phrase("There was not enough memory for this picture.")
        elif _is_device_lost(error):
            message = Phrase("The graphics card failed; if it does so again, choose the processor in the settings.")
        else:
            restart, details = False, traceback.format_exc()
            message = Phrase("The codec met an error of its own: {reason}", reason=f"{type(error).__name__}: {error}")
        pipe.send(protocol.Error(tag, message, details, restart))
    else:
        pipe.send(protocol.Result(tag, parcel))
        return block
    return None


def _is_out_of_memory(error: Exception) -> bool:
    # torch reports a failed allocation on the CPU as a plain RuntimeError.
    return (
        isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or "can't allocate" in str(error)
    )


def _is_device_lost(error: Exception) -> bool:
    # After such an error CUDA answers with it to every call of the process.
    return type(error).__name__ == "AcceleratorError" or "CUDA error" in str(error)


class _Reporter:
    """Sends progress, at most one message per interval and stage."""

    def __init__(self, tag: protocol.Tag, pipe: Connection) -> None:
        self._tag = tag
        self._pipe = pipe
        self._last: tuple[str, float] = ("", 0.0)

    def __call__(self, stage: Phrase, fraction: float) -> None:
        now = time.monotonic()
        if stage == self._last[0] and now - self._last[1] < PROGRESS_INTERVAL:
            return
        self._last = (stage, now)
        self._pipe.send(protocol.Progress(self._tag, stage, fraction))
