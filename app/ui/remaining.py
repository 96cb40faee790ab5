"""How long a job will still take, by how it went so far."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.ui.translation import number, tr

SURE = 2.0
"""Seconds after which there is something to say, as long as at least LEAST is done."""
LEAST = 0.02


class Remaining:
    """Follows the progress of one job."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._fraction = 0.0

    def begin(self) -> None:
        """Another job begins."""
        self._began, self._fraction = self._clock(), 0.0

    def seconds(self, fraction: float) -> float | None:
        """Seconds that are left when that fraction is done; None while nobody can tell. A job that goes back to an
        earlier fraction is another one.
        """
        if fraction < self._fraction:
            self.begin()
        self._fraction = fraction
        spent = self._clock() - self._began
        if spent < SURE or fraction < LEAST:
            return None
        return spent * (1 - fraction) / fraction

    def words(self, fraction: float) -> list[str]:
        """How far the job is and what is left, as far as there is something to say."""
        if fraction <= 0:
            return []
        left, percent = self.seconds(fraction), f"{int(fraction * 100)} %"
        return [percent] if left is None or fraction >= 1 else [percent, time_in_words(left)]


def time_in_words(seconds: float) -> str:
    """A time to wait for, as roughly as it is known."""
    if seconds < 90:
        return tr("{count} s left").format(count=number(max(1, round(seconds)), "d"))
    if seconds < 90 * 60:
        return tr("{count} min left").format(count=number(round(seconds / 60), "d"))
    return tr("{count} h left").format(count=number(seconds / 3600, ".1f"))
