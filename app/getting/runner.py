"""Gets published checkpoints one after the other, in a codec process of its own beside the one that pictures use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from app.session.background import Background
from app.session.jobs import Calls, Jobs
from app.worker.codec_worker import CodecWorker, Failure
from app.worker.model_tasks import GetJob, SpeedJob
from hpcm_core.errors import Phrase
from hpcm_core.models.catalogue import ModelInfo, list_models
from hpcm_core.models.published import Published, published

log = logging.getLogger("hpcm.getting")

State = Literal["missing", "waiting", "running", "installed", "failed"]


@dataclass
class Row:
    """A checkpoint and how far it is. fraction: 0 to 1, also of a download that was begun once; reason: of a failure;
    seconds: a megapixel takes on this machine, None while that is not known.
    """

    one: Published
    state: State = "missing"
    stage: str = ""
    fraction: float = 0.0
    reason: Phrase | None = None
    seconds: float | None = None


class GetRunner(QObject):
    """The rows, in the order of published(). Nothing is asked of the network but by `get`."""

    row_changed = Signal(int)
    state_changed = Signal()
    installed = Signal(str)  # the name of a model
    finished = Signal(int, int)  # how many of those that were asked for came, how many failed

    def __init__(
        self, background: Background, make_worker: Callable[[], CodecWorker], parent: QObject | None = None
    ) -> None:
        """make_worker: a new one, not started yet."""
        super().__init__(parent)
        self._background, self._make_worker = background, make_worker
        self.rows = [Row(one) for one in published().values()]
        self._places = {row.one.name: place for place, row in enumerate(self.rows)}
        self._queue: list[tuple[str, str]] = []  # names with their sources, the running one first
        self.total = 0
        """Of those that were asked for together, with `done` of them ended."""
        self.done = 0
        self._came = self._failed = 0
        self._worker: CodecWorker | None = None
        self._jobs: Jobs | None = None
        self._ending: list[CodecWorker] = []
        self._measuring = self._measured = self._wants_speed = False

    @property
    def running(self) -> bool:
        return bool(self._queue)

    @property
    def part_done(self) -> float:
        """Of all that was asked for, 0 to 1."""
        current = self.rows[self._places[self._queue[0][0]]].fraction if self._queue else 0.0
        return (self.done + current) / self.total if self.total else 0.0

    def row_of(self, name: str) -> Row:
        """Raises KeyError for a name of nothing that is published."""
        return self.rows[self._places[name]]

    # What is there.

    def refresh(self) -> None:
        """Look at the disk, on another thread."""

        def look() -> tuple[list[ModelInfo], dict[str, float]]:
            # Here and not for the window: it brings what talks with the web, half of what opening that would take.
            from hpcm_core.models.getting import begun_fraction

            return list_models(), {name: begun_fraction(name) for name in self._places}

        def show(found: tuple[list[ModelInfo], dict[str, float]]) -> None:
            infos, begun = found
            states = {info.name: info.state for info in infos}
            for name, place in self._places.items():
                row = self.rows[place]
                if row.state in ("waiting", "running"):
                    continue
                if states.get(name) == "installed":
                    row.state, row.reason = "installed", None
                elif row.state == "installed":
                    row.state = "missing"
                row.fraction = begun[name]
                self.row_changed.emit(place)
            self.state_changed.emit()

        self._background.run(look, show, lambda error, details: log.error(details))

    def measure(self) -> None:
        """Find out how long models take on this machine, as soon as nothing is being got."""
        self._wants_speed = True
        if self.running or self._measuring or self._measured:
            return
        self._measuring = True

        def done(seconds: dict[str, float]) -> None:
            self._measuring, self._measured = False, True
            for place, row in enumerate(self.rows):
                row.seconds = seconds[row.one.name]
                self.row_changed.emit(place)
            self._go_on()

        def failed(failure: Failure) -> None:
            log.error("%s\n%s", failure.message, failure.details)
            self._measuring, self._wants_speed = False, False
            self._go_on()

        def cancelled() -> None:
            self._measuring = False
            self._go_on()

        self._desk().submit(SpeedJob(), Calls(done, failed, cancelled))
        self.state_changed.emit()

    @property
    def measuring(self) -> bool:
        return self._measuring

    def forget_speed(self) -> None:
        """The codec runs otherwise now."""
        self._measured = False
        for place, row in enumerate(self.rows):
            row.seconds = None
            self.row_changed.emit(place)

    # Getting.

    def get(self, names: Sequence[str], source: str = "") -> None:
        """Get these, but for those that are there or asked for already. source: as getting.get takes it."""
        asked = {name for name, _ in self._queue}
        wanted = [name for name in names if name not in asked and self.row_of(name).state != "installed"]
        if not self.running:
            self.total = self.done = self._came = self._failed = 0
        for name in wanted:
            self._set(name, "waiting")
            self._queue.append((name, source or self.row_of(name).one.page))
        self.total += len(wanted)
        if self.running and not self._is_at_work:
            self._begin()
        self.state_changed.emit()

    def stop(self) -> None:
        """Get no more. What has come of a file is kept."""
        at_work = self._is_at_work
        for name, _ in self._queue[at_work:]:
            self._set(name, "missing", keep=True)
        self.total -= len(self._queue) - at_work
        del self._queue[at_work:]
        if at_work and self._jobs is not None:
            self._jobs.cancel()
        self.state_changed.emit()

    def give_up(self, name: str) -> None:
        """Throw away what has come of a model that is not being got."""

        def work() -> None:
            from hpcm_core.models.getting import give_up

            give_up(name)

        if self.row_of(name).state in ("missing", "failed"):
            self._background.run(work, lambda _: self.refresh(), lambda _, details: log.error(details))

    def close(self) -> None:
        """End for good; at most for 2 s."""
        self._queue.clear()
        self._wants_speed = False
        if self._worker is not None:
            self._worker.stop()
            self._worker = self._jobs = None

    @property
    def _is_at_work(self) -> bool:
        return bool(self._queue) and self.row_of(self._queue[0][0]).state == "running"

    def _begin(self) -> None:
        name, source = self._queue[0]
        self._set(name, "running", keep=True)

        def done(info: ModelInfo) -> None:
            self._came += 1
            self._set(name, "installed")
            self.installed.emit(info.name)
            self._end()

        def failed(failure: Failure) -> None:
            log.error("%s\n%s", failure.message, failure.details)
            self._failed += 1
            self._set(name, "failed", keep=True, reason=failure.message)
            self._end()

        def cancelled() -> None:
            self._set(name, "missing", keep=True)
            self._end()

        def progressed(stage: Phrase, fraction: float) -> None:
            row = self.row_of(name)
            if row.state == "running":
                row.stage, row.fraction = stage, fraction
                self.row_changed.emit(self._places[name])

        self._desk().submit(GetJob(name, source), Calls(done, failed, cancelled, progressed))

    def _end(self) -> None:
        """The first of the queue has ended."""
        del self._queue[:1]
        self.done += 1
        if not self._queue:
            self.finished.emit(self._came, self._failed)
            self.refresh()
        self._go_on()

    def _go_on(self) -> None:
        if self._queue:
            if not self._is_at_work:
                self._begin()
        elif self._wants_speed and not self._measured:
            self.measure()
        elif not self._measuring:
            self._release()
        self.state_changed.emit()

    def _set(self, name: str, state: State, keep: bool = False, reason: Phrase | None = None) -> None:
        """keep: the fraction stays."""
        row = self.row_of(name)
        row.state, row.stage, row.reason = state, "", reason
        if not keep:
            row.fraction = 0.0
        self.row_changed.emit(self._places[name])

    def _desk(self) -> Jobs:
        if self._worker is None or self._jobs is None:
            self._worker = self._make_worker()
            self._jobs = Jobs(self._worker, self)
            self._worker.start()
        return self._jobs

    def _release(self) -> None:
        """Let the process end, which is elsewhere waited for."""
        worker, jobs, self._worker, self._jobs = self._worker, self._jobs, None, None
        if worker is None or jobs is None:
            return
        self._ending.append(worker)

        def ended(*_: object) -> None:
            self._ending.remove(worker)
            jobs.deleteLater()

        self._background.run(worker.stop, ended, ended, must_finish=True)
