"""The pool that is this very process: one item at a time."""

from __future__ import annotations

from typing import Generic

from hpcm_core.jobs.pool import Failed, I, Lost, R, Work, perform
from hpcm_core.progress import Progress


class Here(Generic[I, R]):
    """report: where within the item the work is, which only this pool can tell."""

    workers = 1

    def __init__(self, work: Work[I, R], report: Progress) -> None:
        self._work, self._report = work, report
        self._given: list[tuple[int, I]] = []

    @property
    def room(self) -> int:
        return 1 - len(self._given)

    def submit(self, number: int, item: I) -> None:
        self._given.append((number, item))

    def wait(self) -> list[tuple[int, R | Failed | Lost]]:
        number, item = self._given.pop()
        return [(number, perform(self._work, item, self._report))]

    def __enter__(self) -> Here[I, R]:
        return self

    def __exit__(self, *error: object) -> None:
        pass
