"""The session's own job of the codec process: one at a time, the newest in the place of the one before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app.session.jobs import Calls, Jobs
from app.ui.notices import Notice, named
from app.worker.codec_worker import Failure
from app.worker.protocol import Job
from hpcm_core.errors import Phrase

R = TypeVar("R")

log = logging.getLogger("hpcm.session")

_BEING_ASKED_FOR = -1
"""In the place of a job's number."""


class OwnJob(QObject):
    """Has jobs done and tells their ends, each to who asked for it."""

    changed = Signal()  # another job is under way, or none
    ended = Signal()
    progress = Signal(object, float)  # Phrase, fraction; of what the user waits for
    noticed = Signal(object)  # Notice

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.number: int | None = None
        """Of the job that is under way; None while there is none."""
        self.is_quiet = False
        """Nobody waits for that job."""

    @property
    def is_waited_for(self) -> bool:
        """A job is under way that the user waits for."""
        return self.number is not None and not self.is_quiet

    def submit(
        self,
        job: Job[R],
        then: Callable[[R], None],
        about: str = "",
        quiet: bool = False,
        progress: Callable[[Phrase, float], None] = lambda *_: None,
        stopped: Callable[[], None] = lambda: None,
        failed: Callable[[], None] = lambda: None,
        complain: Callable[[Failure], None] | None = None,
    ) -> int:
        """Have a job done, then call with its result; stopped() where it fails or is replaced, before that failed() if
        it fails. quiet: no one waits. about: the name of the file that it is about. complain: told why it failed, where
        that is not for the window to tell. Returns the job's number.
        """

        def done(result: R) -> None:
            if end():
                then(result)

        def broke(failure: Failure) -> None:
            if end():
                log.error("%s\n%s", failure.message, failure.details)
                if complain is not None:
                    complain(failure)
                else:
                    self.noticed.emit(Notice(named(failure.message, about), failure.details))
                failed()
            stopped()

        def cancelled() -> None:
            end()
            stopped()

        def end() -> bool:
            """Whether it was the job that is under way, not one that was replaced by now."""
            if self.number != number:
                return False
            self.number = None
            self.changed.emit()
            self.ended.emit()
            return True

        def progressed(stage: Phrase, fraction: float) -> None:
            if not quiet:
                self.progress.emit(stage, fraction)
            progress(stage, fraction)

        self.number = _BEING_ASKED_FOR  # what it replaces may be told so before it has a number
        number = self._jobs.submit(job, Calls(done, broke, cancelled, progressed))
        self.number, self.is_quiet = number, quiet
        if not quiet:
            self.progress.emit(Phrase("Starting"), 0.0)
        self.changed.emit()
        return number
