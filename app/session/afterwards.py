"""What is found out about a result when it is on show already: whether its file decodes to it and how long that takes,
then whether another codec had been the better choice. Nobody waits for it, and whatever the user wants goes first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.session.document import Outcome
from app.ui.notices import Notice
from app.worker.protocol import Job
from app.worker.tasks import AdviceJob, Checked, CheckJob
from hpcm_core.errors import Phrase
from hpcm_core.format.container import picture_bytes
from hpcm_core.picture.picture import Picture
from hpcm_core.results import decode_seconds

SETTLE_MS = 100
"""What the user looks at now begins at once when the codec process is free, so before this; measuring of selections and
curves after it.
"""


class Submit(Protocol):
    """Session.submit, as it is needed here."""

    def __call__(
        self, job: Job[Any], then: Callable[[Any], None], *, quiet: bool, stopped: Callable[[], None]
    ) -> object: ...


class Afterwards(QObject):
    """Looks into the result on show, one question after the other; each answer makes a newer form of the outcome."""

    learnt = Signal(object, bool)  # Outcome, whether its file is sound
    noticed = Signal(object)  # Notice

    def __init__(self, submit: Submit, idle: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._submit = submit
        self._idle = idle
        self._left: tuple[Picture, Outcome] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._go_on)

    def look_into(self, original: Picture, outcome: Outcome, now: bool) -> None:
        """Find out what is not known of the outcome yet; not now: when the job that the user waits for has ended."""
        self._left = original, outcome
        if now:
            self._ask(original, outcome)

    def resume(self) -> None:
        """The codec process may be free for what was put off."""
        if self._left is not None:
            self._timer.start()

    def stop(self) -> None:
        """Another result is on show, or none."""
        self._left = None

    def _go_on(self) -> None:
        if self._left is not None and self._idle():
            self._ask(*self._left)

    def _ask(self, original: Picture, outcome: Outcome) -> None:
        if outcome.decode_seconds is None:
            check = CheckJob(outcome.data, outcome.shown.picture)
            self._submit(
                check, lambda found: self._checked(original, outcome, found), quiet=True, stopped=self._stopped
            )
        elif outcome.advice_due and outcome.metrics is not None:
            size = picture_bytes(outcome.data)
            advise = AdviceJob(original, size, outcome.metrics.psnr)
            self._submit(advise, lambda found: self._advised(outcome, found), quiet=True, stopped=self._stopped)
        else:
            self._left = None

    def _checked(self, original: Picture, outcome: Outcome, found: Checked) -> None:
        if self._left is None or self._left[1] is not outcome:
            return
        if not found.equal:
            message = Phrase("The file does not decode to the picture that is shown. Please encode it again.")
            self.noticed.emit(Notice(message))
        known = replace(outcome, decode_seconds=decode_seconds(found.times))
        self._left = (original, known) if found.equal else None
        self.learnt.emit(known, found.equal)
        if self._left is not None:
            self._ask(*self._left)

    def _advised(self, outcome: Outcome, advice: Phrase | None) -> None:
        if self._left is not None and self._left[1] is outcome:
            self._left = None
            self.learnt.emit(replace(outcome, advice=advice, advice_due=False), True)

    def _stopped(self) -> None:
        """Something else took the job's place, after which it has its turn; or it failed, which was said."""
        if self._idle():
            self._left = None
