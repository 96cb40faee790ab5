"""The bar of a run over many pictures, in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from hpcm_core.cli.many import Bar
from hpcm_core.errors import Phrase


class _Throughput(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.2f} pictures/s")


class _Terminal(Bar):
    def __init__(self, bars: Progress, total: int) -> None:
        self._bars, self._done = bars, 0
        self._task = bars.add_task("", total=total)

    def within(self, stage: Phrase, fraction: float) -> None:
        self._bars.update(self._task, completed=self._done + fraction, description=stage)

    def already(self, count: int) -> None:
        self._done += count
        self._bars.reset(self._task, completed=self._done)

    def ended(self) -> None:
        self._done += 1
        self._bars.update(self._task, completed=self._done)

    @contextmanager
    def aside(self) -> Iterator[None]:
        if not sys.stdout.isatty():  # It goes elsewhere, and leaves the bar alone.
            yield
            return
        self._bars.stop()
        yield
        self._bars.start()


@contextmanager
def terminal_bar(total: int) -> Iterator[Bar]:
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        _Throughput(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    # What others print is none of its business: it would put standard output on standard error.
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bars:
        yield _Terminal(bars, total)
