"""The one bar of a run over many pictures, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from hpcm_core.errors import Phrase

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """What is shown of a run; nothing where nobody looks."""

    def within(self, stage: Phrase, fraction: float) -> None:
        """Where the work is within an item."""

    def already(self, count: int) -> None:
        """So many items need no work; they count for no throughput."""

    def ended(self) -> None:
        """An item more has ended."""

    def aside(self) -> AbstractContextManager[None]:
        """For printing a line."""
        return nullcontext()


class _Terminal(Bar):
    def __init__(self, bars: Progress, total: int) -> None:
        self._bars, self._done = bars, 0
        self._task = bars.add_task("", total=total, rate="")

    def within(self, stage: Phrase, fraction: float) -> None:
        self._bars.update(self._task, completed=self._done + fraction, description=stage)

    def already(self, count: int) -> None:
        self._done += count
        self._bars.reset(self._task, completed=self._done)

    def ended(self) -> None:
        self._done += 1
        speed = self._bars.tasks[0].speed
        rate = "" if speed is None else f"{speed:.2f} pictures/s"
        self._bars.update(self._task, completed=self._done, rate=rate)

    @contextmanager
    def aside(self) -> Iterator[None]:
        if not sys.stdout.isatty():  # It goes elsewhere, and leaves the bar alone.
            yield
            return
        self._bars.stop()
        yield
        self._bars.start()


@contextmanager
def show(total: int) -> Iterator[Bar]:
    """What is done of so many items, pictures a second and the time that is left, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield Bar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    # What others print is none of its business: it would put standard output on standard error.
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bars:
        yield _Terminal(bars, total)
