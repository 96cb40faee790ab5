"""The state behind the window: what is open, what is asked for, which job runs.

It knows the worker; it knows no widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.background import Background
from app.document import (
    Outcome,
    Shown,
    decode_seconds,
    load_picture,
    outcome_of_decoding,
    outcome_of_encoding,
    same_pixels,
)
from app.notices import Notice, notice_of
from app.tiles import difference_of
from app.worker.gpu_worker import Failure, GpuWorker
from app.worker.protocol import DecodeJob, EncodeJob, MeasureJob
from hpcm_core.container import SIGNATURE
from hpcm_core.errors import PictureError
from hpcm_core.files import atomic_write
from hpcm_core.recipe import Recipe
from hpcm_core.results import Decoded, Encoded, Metrics

log = logging.getLogger("hpcm.session")


@dataclass(frozen=True)
class _Asked:
    """A job that was submitted, and what to do with its result."""

    number: int
    then: Callable[[object], None]
    quiet: bool = False


class Session(QObject):
    """One document and the jobs on it.

    Every method returns at once; changes are told by signals on the window's thread.
    """

    document_changed = Signal()  # original, outcome or stale changed
    recipe_changed = Signal()
    busy_changed = Signal(bool)
    progress = Signal(str, float)
    noticed = Signal(object)  # Notice
    opened = Signal()  # another document is open now
    codec_state = Signal(str)

    def __init__(self, worker: GpuWorker, recipe: Recipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.worker = worker
        self.background = Background(self)
        self.original: Shown | None = None
        self.outcome: Outcome | None = None
        self.encode_on_change = True
        self._recipe = recipe
        self._asked: _Asked | None = None
        self._encoding: Recipe | None = None
        self._opening = 0
        self._loading = False
        worker.ready.connect(self._codec_ready)
        worker.restarting.connect(self._restarting)
        worker.unavailable.connect(self._codec_unavailable)
        worker.progress.connect(self._progressed)
        worker.succeeded.connect(self._succeeded)
        worker.failed.connect(self._failed)
        worker.cancelled.connect(self._cancelled)

    # State.

    @property
    def recipe(self) -> Recipe:
        """What the next encoding will use."""
        return self._recipe

    @property
    def busy(self) -> bool:
        """A job that the user waits for is under way."""
        return self._loading or (self._asked is not None and not self._asked.quiet)

    @property
    def encoding(self) -> Recipe | None:
        """The recipe of the encoding that is under way."""
        return self._encoding if self.busy else None

    @property
    def idle(self) -> bool:
        """Nothing is under way, not even what the user does not wait for."""
        return not self._loading and self._asked is None

    @property
    def is_empty(self) -> bool:
        return self.original is None and self.outcome is None

    @property
    def is_stale(self) -> bool:
        """The result on show was made with another recipe than the chosen one."""
        outcome = self.outcome
        return self.original is not None and outcome is not None and outcome.recipe not in (None, self._recipe)

    @property
    def path(self) -> Path | None:
        """The file that was opened."""
        shown = self.outcome.shown if self.outcome is not None and self.outcome.recipe is None else self.original
        return shown.path if shown is not None else None

    # Wishes.

    def open(self, path: Path) -> None:
        """Open a picture or a .hpcm file, told apart by content. What was open stays until the new one is there."""
        self._opening += 1
        ticket = self._opening

        def read() -> Shown | bytes:
            try:
                with path.open("rb") as file:
                    if file.read(len(SIGNATURE)) == SIGNATURE or path.suffix.lower() == ".hpcm":
                        file.seek(0)
                        return file.read()
            except OSError as error:
                raise PictureError(f"{path.name} cannot be read: {error.strerror or error}.") from error
            return load_picture(path)

        def done(result: Shown | bytes) -> None:
            if ticket != self._opening:
                return
            self._set_loading(False)
            if isinstance(result, Shown):
                self._show_original(result)
            else:
                self._decode(result, path)

        self._set_loading(True)
        self.progress.emit(f"Opening {path.name}", 0.0)
        self.background.run(read, done, lambda error, details: self._open_failed(ticket, path, error, details))

    def choose_original(self, path: Path) -> None:
        """Compare an opened .hpcm file with the picture that it was made from."""
        outcome = self.outcome
        if outcome is None:
            return
        self._opening += 1
        ticket = self._opening

        def read() -> tuple[Shown, Outcome]:
            shown = load_picture(path)
            if shown.picture.pixels.shape != outcome.shown.picture.pixels.shape:
                ours, theirs = outcome.shown.picture, shown.picture
                raise PictureError(
                    f"{path.name} is {theirs.width} × {theirs.height} pixels with {theirs.channels} channels; "
                    f"the file was made from {ours.width} × {ours.height} with {ours.channels}."
                )
            return shown, replace(outcome, difference=difference_of(shown.picture, outcome.shown.picture))

        def done(result: tuple[Shown, Outcome]) -> None:
            if ticket != self._opening:
                return
            self._set_loading(False)
            self.original, self.outcome = result
            self.document_changed.emit()
            self._measure()

        self._set_loading(True)
        self.progress.emit(f"Opening {path.name}", 0.0)
        self.background.run(read, done, lambda error, details: self._open_failed(ticket, path, error, details))

    def set_recipe(self, recipe: Recipe, encode: bool) -> None:
        """Choose another recipe; encode with it at once if asked and possible."""
        changed = recipe != self._recipe
        self._recipe = recipe
        if changed:
            self.recipe_changed.emit()
            self.document_changed.emit()
        if not encode or self.original is None:
            return
        if self.outcome is not None and self.outcome.recipe == recipe:
            if self.encoding is not None:
                self.cancel()  # The result for this recipe is on show; what runs is for one that nobody wants any more.
        elif self.encoding != recipe:
            self.encode()

    def encode(self) -> None:
        """Encode the original with the chosen recipe. The old result stays until the new one is there."""
        original, recipe = self.original, self._recipe
        if original is None:
            return

        def done(result: object) -> None:
            assert isinstance(result, Encoded)
            self._prepare(lambda: outcome_of_encoding(result, recipe, original), self._show_encoding)

        self._submit(EncodeJob(original.picture, recipe), done)
        self._encoding = recipe

    def cancel(self) -> None:
        """Stop whatever the user waits for."""
        self._opening += 1
        self._encoding = None
        self._set_loading(False)
        self.worker.cancel()

    def save(self, path: Path) -> None:
        """Write the .hpcm file."""
        outcome = self.outcome
        if outcome is not None:
            self._write(path, lambda: atomic_write(path, outcome.data))

    def export(self, path: Path) -> None:
        """Write the reconstruction as a picture; its format follows the name's extension."""
        outcome = self.outcome
        if outcome is not None:
            self._write(path, lambda: outcome.shown.picture.save(path))

    def close(self) -> None:
        """End everything: waits for files being written, and at most 2 s for the codec process."""
        self.background.close()
        self.worker.stop()

    # Jobs.

    def _submit(
        self, job: EncodeJob | DecodeJob | MeasureJob, then: Callable[[object], None], quiet: bool = False
    ) -> None:
        was_busy = self.busy
        self._asked = _Asked(self.worker.submit(job), then, quiet)
        self._encoding = None
        if not quiet:
            self.progress.emit("Starting", 0.0)
        if self.busy != was_busy:
            self.busy_changed.emit(self.busy)

    def _progressed(self, number: int, stage: str, fraction: float) -> None:
        if self._asked is not None and self._asked.number == number and not self._asked.quiet:
            self.progress.emit(stage, fraction)

    def _succeeded(self, number: int, result: object) -> None:
        asked = self._take(number)
        if asked is not None:
            asked.then(result)

    def _failed(self, number: int, failure: Failure) -> None:
        asked = self._take(number)
        if asked is None:
            return
        log.error("%s\n%s", failure.message, failure.details)
        self.noticed.emit(Notice(failure.message, failure.details))

    def _cancelled(self, number: int) -> None:
        self._take(number)

    def _take(self, number: int) -> _Asked | None:
        """The submitted job of that number, which has ended; None if another has replaced it."""
        asked = self._asked
        if asked is None or asked.number != number:
            return None
        was_busy = self.busy
        self._asked = None
        if self.busy != was_busy:
            self.busy_changed.emit(self.busy)
        return asked

    def _codec_ready(self, device: str) -> None:
        self.codec_state.emit(f"Codec ready · {device}")

    def _codec_unavailable(self, failure: Failure) -> None:
        self.codec_state.emit("Codec unavailable")
        log.error("%s\n%s", failure.message, failure.details)
        self.noticed.emit(Notice(failure.message, failure.details))

    def _restarting(self, reason: str) -> None:
        log.warning(reason)
        self.codec_state.emit("Codec restarting")

    def _prepare(self, work: Callable[[], Outcome], show: Callable[[Outcome], None]) -> None:
        """Make mip levels elsewhere, then show; counts as loading."""
        ticket = self._opening

        def done(outcome: Outcome) -> None:
            if ticket == self._opening:
                self._set_loading(False)
                show(outcome)

        def failed(error: Exception, details: str) -> None:
            self._set_loading(False)
            log.error(details)
            self.noticed.emit(Notice("The result could not be prepared for showing.", details))

        self._set_loading(True)
        self.background.run(work, done, failed)

    # Ends of jobs.

    def _show_original(self, shown: Shown) -> None:
        self.worker.cancel()
        self.original, self.outcome = shown, None
        self.document_changed.emit()
        self.opened.emit()
        if self.encode_on_change:
            self.encode()

    def _show_encoding(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.document_changed.emit()
        if self._asked is None:
            self._check(outcome)

    def _check(self, outcome: Outcome) -> None:
        """Decode what was just encoded, while there is nothing else to do: that gives the decoding time, and proves
        the file.
        """

        def done(result: object) -> None:
            assert isinstance(result, Decoded)
            self.background.run(
                lambda: same_pixels(result.picture, outcome.shown.picture),
                lambda equal: checked(equal, decode_seconds(result.times)),
                lambda error, details: log.error(details),
            )

        def checked(equal: bool, seconds: float) -> None:
            if self.outcome is not outcome:
                return
            if not equal:
                self.noticed.emit(
                    Notice("The file does not decode to the picture that is shown. Please encode it again.")
                )
            self.outcome = replace(outcome, decode_seconds=seconds)
            self.document_changed.emit()

        self._submit(DecodeJob(outcome.data), done, quiet=True)

    def _decode(self, data: bytes, path: Path) -> None:
        def show(outcome: Outcome) -> None:
            self.original, self.outcome = None, outcome
            self.document_changed.emit()
            self.opened.emit()

        def done(result: object) -> None:
            assert isinstance(result, Decoded)
            self._prepare(lambda: outcome_of_decoding(result, data, path), show)

        self._submit(DecodeJob(data), done)

    def _measure(self) -> None:
        original, outcome = self.original, self.outcome
        assert original is not None
        assert outcome is not None

        def done(result: object) -> None:
            assert isinstance(result, Metrics)
            if self.outcome is outcome:
                self.outcome = replace(outcome, metrics=result)
                self.document_changed.emit()

        self._submit(MeasureJob(original.picture, outcome.shown.picture, outcome.size_bytes), done)

    # Files.

    def _open_failed(self, ticket: int, path: Path, error: Exception, details: str) -> None:
        if ticket != self._opening:
            return
        self._set_loading(False)
        self.noticed.emit(notice_of(error, details, f"{path.name} could not be opened."))

    def _write(self, path: Path, work: Callable[[], None]) -> None:
        source = self.original.path if self.original is not None else None
        if source is not None and path.exists() and path.samefile(source):
            self.noticed.emit(Notice("The original is never overwritten; please choose another name."))
            return

        def done(_: None) -> None:
            self.noticed.emit(Notice(f"Saved {path.name}", is_error=False))

        def failed(error: Exception, details: str) -> None:
            self.noticed.emit(notice_of(error, details, f"{path.name} could not be written."))

        self.background.run(work, done, failed, must_finish=True)

    def _set_loading(self, on: bool) -> None:
        was_busy = self.busy
        self._loading = on
        if self.busy != was_busy:
            self.busy_changed.emit(self.busy)
