"""Runs a batch on the window's own codec process, one picture at a time, and makes way for what the user does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.session.document import size_of
from app.session.jobs import Calls
from app.session.session import Session
from app.ui.notices import notice_of
from app.worker.codec_worker import Failure
from app.worker.tasks import BatchJob
from hpcm_core.batch import DEFAULT_TEMPLATE, Found, Row, Rules, output_path, search, to_csv
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.files import atomic_write
from hpcm_core.recipe import Recipe

log = logging.getLogger("hpcm.batch")

FINISHED = frozenset({"done", "skipped", "failed"})
BY_HAND = Phrase("by hand")


class BatchRunner(QObject):
    """The rows of a batch and how they are worked off.

    A job of the window interrupts the row that runs; the row waits and starts again when the window has nothing to do.
    """

    row_changed = Signal(int)
    rows_added = Signal(int)  # how many are there now
    rows_reset = Signal()
    state_changed = Signal()
    finished = Signal()  # no row is left of those that were begun

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows: list[Row] = []
        self.recipe: Recipe = session.recipe
        self.folder: Path | None = None
        self.template = DEFAULT_TEMPLATE
        self.rules = Rules()
        self.running = False
        self.stage = ""
        self.fraction = 0.0
        self._current: Row | None = None
        self._encoding = False  # the current row is with the codec process; else it is being written
        self._drop_current: str = ""
        self._below: dict[str, Path] = {}  # the folder of a source below the one that was given
        self._weights: dict[str, int] = {}
        self._began_with = 0
        self._searches = 0
        self._job = 0  # the number of the row's that runs
        session.jobs.ended.connect(self._soon)
        session.busy_changed.connect(self._soon)

    @property
    def current(self) -> int | None:
        """Index of the row that is worked on."""
        return None if self._current is None else self._index(self._current)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by state."""
        states = ("waiting", "running", "done", "skipped", "failed")
        return {state: sum(row.state == state for row in self.rows) for state in states}

    @property
    def is_unfinished(self) -> bool:
        """Whether it was begun and rows are left: it runs, or waits to go on."""
        counts = self.counts
        begun = self.running or self._current is not None or counts["done"] + counts["failed"] > 0
        return begun and counts["waiting"] + counts["running"] > 0

    @property
    def part_done(self) -> float:
        """Part of the work since the last start that is done, 0 to 1; a picture counts by the size of its file."""
        finished = sum(self._weights.get(row.source, 1) for row in self.rows if row.state in FINISHED)
        whole = sum(self._weights.get(row.source, 1) for row in self.rows)
        if self._current is not None:
            finished += round(self._weights.get(self._current.source, 1) * self.fraction)
        begun = min(self._began_with, whole)
        return max(0.0, (finished - begun) / (whole - begun)) if whole > begun else 0.0

    @property
    def totals(self) -> tuple[int, int]:
        """Bytes of the pictures that are done, before and after."""
        done = [row for row in self.rows if row.state == "done"]
        return sum(row.source_bytes or 0 for row in done), sum(row.bytes or 0 for row in done)

    # Wishes.

    def add(self, paths: Iterable[Path], then: Callable[[int], object] = lambda _: None) -> None:
        """Add pictures, and those in folders and all folders below; ones that are there already are left out. They are
        looked for on a thread, which takes a while for large folders; what was started goes on with them. then: called
        with how many they are.
        """
        given = list(paths)
        if not given:
            return
        self._searches += 1
        self.state_changed.emit()

        def look() -> tuple[Found, list[int]]:
            found = search(given, recursive=True)
            return found, [size_of(path) or 1 for path, _ in found.pictures]

        def take(result: tuple[Found, list[int]]) -> None:
            self._searches -= 1
            then(self._take(*result))

        def failed(error: Exception, details: str) -> None:
            what = Phrase("{name} could not be read", name=given[0].name)
            reason = notice_of(error, details, what).message
            take((Found(failed=[Row(str(given[0]), state="failed", reason=reason)]), []))

        self._session.background.run(look, take, failed)

    @property
    def is_searching(self) -> bool:
        """Pictures that were added are being looked for."""
        return self._searches > 0

    def _take(self, found: Found, sizes: list[int]) -> int:
        known = {row.source for row in self.rows}
        before = len(self.rows)
        for (path, below), size in zip(found.pictures, sizes, strict=True):
            if str(path) not in known:
                known.add(str(path))
                self.rows.append(Row(str(path)))
                self._weights[str(path)] = size
                self._below[str(path)] = below
        self.rows += (row for row in found.failed if row.source not in known)
        self.rows_added.emit(len(self.rows))
        self.state_changed.emit()
        self._soon()
        return len(self.rows) - before

    def _folder_of(self, row: Row) -> Path | None:
        """Where a row's file goes: folders in folders come out as they went in."""
        return None if self.folder is None else self.folder / self._below.get(row.source, Path())

    def start(self) -> None:
        """Begin, or go on after a pause."""
        self.running = True
        self._began_with = sum(self._weights.get(row.source, 1) for row in self.rows if row.state in FINISHED)
        self.state_changed.emit()
        self._soon()

    def pause(self) -> None:
        """Finish the row that runs and start no other."""
        self.running = False
        self.state_changed.emit()

    def stop(self) -> None:
        """Start no other row and give up the one that runs; it waits again."""
        self.running = False
        self._interrupt("waiting")
        self.state_changed.emit()

    def retry(self, indices: Iterable[int]) -> None:
        """Let finished rows wait again."""
        for index in indices:
            row = self.rows[index]
            if row.state in FINISHED:
                self.rows[index] = Row(row.source)
                self.row_changed.emit(index)
        self.state_changed.emit()
        self._soon()

    def skip(self, indices: Iterable[int]) -> None:
        """Leave rows out, also the one that runs."""
        for index in indices:
            row = self.rows[index]
            if row.state == "waiting":
                row.state, row.reason = "skipped", BY_HAND
                self.row_changed.emit(index)
            elif row is self._current:
                self._interrupt("skipped")
        self.state_changed.emit()

    def remove(self, indices: Iterable[int]) -> None:
        """Take rows out of the table; the one that runs stays."""
        gone = {id(self.rows[index]) for index in indices if self.rows[index] is not self._current}
        self.rows = [row for row in self.rows if id(row) not in gone]
        self.rows_reset.emit()
        self.state_changed.emit()

    def report(self) -> str:
        """The report as CSV, the same as that of `hpcm batch`."""
        return to_csv(self.rows)

    # The work.

    def _index(self, row: Row) -> int:
        return next(index for index, other in enumerate(self.rows) if other is row)

    def _interrupt(self, state: str) -> None:
        if self._current is not None and self._encoding:
            self._drop_current = state
            self._session.jobs.give_up(self._job)

    def _soon(self, *_: object) -> None:
        # Later, when the session has seen the same signal and asked for what comes next.
        QTimer.singleShot(0, self, self._next)

    def _next(self) -> None:
        if not self.running or self._current is not None or not self._session.idle:
            return
        row = next((row for row in self.rows if row.state == "waiting"), None)
        if row is None and self.is_searching:
            return
        if row is None:
            self.running = False
            self.state_changed.emit()
            self.finished.emit()
            return
        source = Path(row.source)
        try:
            target = output_path(source, self._folder_of(row), self.template, self.recipe)
            if any(other.output == str(target) and other.state == "done" for other in self.rows):
                raise HpcmError("another picture of this batch has the same output name")
        except HpcmError as error:
            self._end(row, "failed", error.phrase)
            return
        row.output = str(target)
        self._current, self.stage, self.fraction, self._drop_current = row, Phrase("Opening"), 0.0, ""
        row.state, row.reason = "running", ""
        self._encoding = True
        keep = self._session.saver.keep
        recipe = replace(self.recipe, keep_metadata=self.recipe.keep_metadata and keep.metadata)
        self._job = self._session.jobs.submit(
            BatchJob(source, target, recipe, self.rules, keep.place),
            Calls(
                lambda result: self._encoded(row, result),
                lambda failure: self._failed(row, failure),
                lambda: self._cancelled(row),
                lambda stage, fraction: self._progressed(row, stage, fraction),
            ),
        )
        self.row_changed.emit(self._index(row))
        self.state_changed.emit()

    def _end(self, row: Row, state: str, reason: str) -> None:
        row.state, row.reason = state, reason
        self._current, self._encoding = None, False
        self.row_changed.emit(self._index(row))
        self.state_changed.emit()
        self._soon()

    def _progressed(self, row: Row, stage: str, fraction: float) -> None:
        self.stage, self.fraction = stage, fraction
        self.row_changed.emit(self._index(row))

    def _encoded(self, row: Row, result: tuple[Row, bytes | None]) -> None:
        done, data = result
        self._encoding = False
        self._current = self.rows[self._index(row)] = done
        if data is None:
            self._end(done, done.state, done.reason)
            return
        done.state, self.stage = "running", Phrase("Writing")
        self.row_changed.emit(self._index(done))
        target = Path(done.output)

        def failed(error: Exception, details: str) -> None:
            self._end(
                done,
                "failed",
                notice_of(error, details, Phrase("{name} could not be written", name=target.name)).message,
            )

        self._session.background.run(
            lambda: _write(target, data), lambda _: self._end(done, "done", ""), failed, must_finish=True
        )

    def _failed(self, row: Row, failure: Failure) -> None:
        log.error("%s: %s\n%s", row.source, failure.message, failure.details)
        self._end(row, "failed", failure.message)

    def _cancelled(self, row: Row) -> None:
        skipped = self._drop_current == "skipped"
        self._end(row, "skipped" if skipped else "waiting", BY_HAND if skipped else "")


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(target, data)
