"""How a long job tells where it is, and how it is told to stop."""

from __future__ import annotations

from collections.abc import Callable

from hpcm_core.errors import Cancelled, Phrase

Progress = Callable[[Phrase, float], None]
"""Called with a stage's name for a user and the fraction of the whole job that is done, 0 to 1."""

Cancel = Callable[[], bool]
"""Asked between tiles and steps; true means stop."""


class Job:
    """Progress and cancellation of one job, as the codec's stages share them."""

    def __init__(self, progress: Progress | None = None, cancel: Cancel | None = None) -> None:
        self._progress = progress
        self._cancel = cancel

    def report(self, stage: Phrase, fraction: float) -> None:
        """Tell the caller where the job is, after checking that it is still wanted. Raises Cancelled."""
        self.check()
        if self._progress is not None:
            self._progress(stage, min(max(fraction, 0.0), 1.0))

    def check(self) -> None:
        """Raise Cancelled if the caller asked for the job to stop."""
        if self._cancel is not None and self._cancel():
            raise Cancelled("The job was cancelled.")
