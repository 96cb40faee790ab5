"""Runs a duel of the result on show in the codec process, and prepares what comes back for looking at."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.duel.candidates import Entrants
from app.duel.sides import Side, sides_of
from app.session.document import Outcome, Shown
from app.session.session import Session
from app.ui.notices import notice_of
from app.ui.translation import tr
from app.worker.tasks import DuelJob
from hpcm_core.errors import Phrase
from hpcm_core.evaluation.contestants import At, Duel


@dataclass(frozen=True, eq=False)
class Result:
    """A duel that is over, and what it was about."""

    found: Duel
    sides: list[Side]
    original: Shown
    outcome: Outcome

    @property
    def picture_name(self) -> str:
        """Of the picture's file."""
        return self.original.path.name if self.original.path is not None else tr("Picture")


class DuelRunner(QObject):
    """At most one duel at a time. Whatever else the codec process is asked for ends it."""

    progressed = Signal(object, float)  # Phrase, fraction
    finished = Signal(object)  # Result
    stopped = Signal()  # without a result: by the user, by another job, by a failure
    noticed = Signal(object)  # Notice

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._started = 0
        self._running = 0  # the number of the one that is under way
        self._job = 0  # the number of its job
        session.opened.connect(self._opened)

    @property
    def running(self) -> bool:
        return self._running > 0

    @property
    def can_start(self) -> bool:
        """Whether there is a .hpcm file with its original."""
        outcome = self._session.outcome
        return self._session.original is not None and outcome is not None and outcome.header is not None

    def start(self, at: At, entrants: Entrants) -> None:
        """Hold the result on show against others."""
        original, outcome = self._session.original, self._session.outcome
        if original is None or outcome is None or outcome.header is None:
            return
        self._started += 1
        number = self._running = self._started
        seconds = (outcome.encode_seconds, outcome.decode_seconds)
        job = DuelJob(
            original.picture, outcome.data, outcome.shown.picture, at, *seconds, entrants.names, entrants.rivals
        )

        def prepared(result: Result) -> None:
            if number == self._running:
                self._running = 0
                self.finished.emit(result)

        def stopped() -> None:
            if number == self._running:
                self._end()

        def prepare(found: Duel) -> None:
            if number == self._running:
                self.progressed.emit(Phrase("Preparing the pictures"), 1.0)
                self._session.background.run(
                    lambda: Result(found, sides_of(found, original.picture, original.pyramid), original, outcome),
                    prepared,
                    failed,
                )

        def failed(error: Exception, details: str) -> None:
            if number == self._running:
                self.noticed.emit(notice_of(error, details, Phrase("The duel could not be prepared for showing")))
                self._end()

        def progressed(stage: Phrase, fraction: float) -> None:
            if number == self._running:
                self.progressed.emit(stage, fraction)

        self._job = self._session.submit(job, prepare, progress=progressed, stopped=stopped)

    def stop(self) -> None:
        """Give up the one that is under way. What else the session is at goes on."""
        if self.running:
            self._session.jobs.give_up(self._job)
            self._end()

    def _opened(self) -> None:
        """Another document is open, for which a duel of the one before is nothing to be shown."""
        if self.running:
            self._end()

    def _end(self) -> None:
        self._running = 0
        self.stopped.emit()
