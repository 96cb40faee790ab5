"""The state behind the window: what is open, what is asked for, which job runs.

It knows the worker; it knows no widget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app.session.afterwards import Afterwards
from app.session.background import Background
from app.session.cache import ResultCache
from app.session.document import Outcome, Shown, look_alike, offers_frames, outcome_of_encoding
from app.session.jobs import Jobs
from app.session.loading import Loading
from app.session.natural import NaturalLook
from app.session.opening import Opener
from app.session.own_job import OwnJob
from app.session.part import PartFirst
from app.session.saving import Saver
from app.ui.notices import Notice
from app.worker.codec_worker import CodecWorker, Failure
from app.worker.protocol import Job
from app.worker.tasks import EncodeJob, MeasureJob
from hpcm_core.errors import Phrase
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.results import Encoded, Metrics

R = TypeVar("R")

log = logging.getLogger("hpcm.session")


class Session(QObject):
    """One document and the jobs on it.

    Every method returns at once; changes are told by signals on the window's thread.
    """

    document_changed = Signal()  # original, outcome or stale changed
    recipe_changed = Signal()
    busy_changed = Signal(bool)
    progress = Signal(object, float)  # Phrase, fraction
    noticed = Signal(object)  # Notice
    saved = Signal()  # the result is a file now
    opened = Signal()  # another document is open now
    codec_state = Signal(object)  # Phrase
    job_ended = Signal()  # also of jobs that nobody waits for: the codec process may be free now

    def __init__(self, worker: CodecWorker, recipe: Recipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.worker = worker
        self.jobs = Jobs(worker, self)
        self.job = OwnJob(self.jobs, self)
        self.submit = self.job.submit
        self.job.ended.connect(self.job_ended)
        self.job.progress.connect(self.progress)
        self.job.noticed.connect(self.noticed)
        self.background = Background(self)
        self.original: Shown | None = None
        self.outcome: Outcome | None = None
        self.cache = ResultCache()
        self.encode_on_change = True
        self.may_encode: Callable[[], bool] = lambda: True
        """Whether the recipe's model is there; the window sets it, which says what to do where it is not."""
        self._recipe = recipe
        self._encoding: tuple[int | None, Recipe] | None = None  # the number of its job, and what it encodes by
        self._was_busy = False
        self.opener = Opener(self.background, worker.shelf.put, self._submit_opening, self)
        self.opener.picture_opened.connect(self._show_original)
        self.opener.file_opened.connect(self._show_file)
        self.opener.pair_opened.connect(self._show_pair)
        self.opener.original_found.connect(self._add_original)
        self.opener.progress.connect(self.progress)
        self.opener.noticed.connect(self.noticed)
        self.saver = Saver(self.background, self)
        self.saver.saved.connect(self.saved)
        self.saver.noticed.connect(self.noticed)
        self.part_first = PartFirst(self)
        self.busy_changed.connect(lambda busy: None if busy else self.part_first.clear_unless(lambda: self.busy))
        self.opened.connect(self.part_first.clear)
        self._preparing = Loading(self.background, self)
        self.afterwards = Afterwards(self.submit, lambda: self.idle, self)
        self.afterwards.learnt.connect(self._learnt)
        self.afterwards.noticed.connect(self.noticed)
        self.job_ended.connect(self.afterwards.resume)
        self.natural = NaturalLook(self, self)
        for part in (self.opener, self._preparing, self.natural.loading):
            part.busy_changed.connect(self._tell_busy)
        self.job.changed.connect(self._tell_busy)
        worker.ready.connect(self._codec_ready)
        worker.restarting.connect(self._restarting)
        worker.unavailable.connect(self._codec_unavailable)

    # State.

    @property
    def recipe(self) -> Recipe:
        """What the next encoding will use."""
        return self._recipe

    @property
    def busy(self) -> bool:
        """A job that the user waits for is under way."""
        return self._is_loading or self.job.is_waited_for

    @property
    def encoding(self) -> Recipe | None:
        """The recipe of the encoding that is under way."""
        if self._encoding is None:
            return None
        number, recipe = self._encoding
        return recipe if self._preparing.busy or (number is not None and number == self.job.number) else None

    @property
    def idle(self) -> bool:
        """Nothing is under way, not even what the user does not wait for."""
        return not self._is_loading and self.job.number is None

    @property
    def is_empty(self) -> bool:
        return self.original is None and self.outcome is None

    @property
    def is_stale(self) -> bool:
        """The result on show was made with another recipe than the chosen one."""
        outcome = self.outcome
        return self.original is not None and outcome is not None and outcome.recipe not in (None, self._recipe)

    @property
    def is_unsaved(self) -> bool:
        """There is a result that is in no file yet."""
        outcome, look = self.outcome, self.natural.stored_look
        return outcome is not None and outcome.recipe is not None and not self.saver.has_saved(outcome, look)

    @property
    def path(self) -> Path | None:
        """The file that was opened; of two that are compared, the first."""
        shown = self.original or (self.outcome.shown if self.outcome is not None else None)
        return shown.path if shown is not None else None

    @property
    def _is_loading(self) -> bool:
        return self.opener.busy or self._preparing.busy or self.natural.loading.busy

    # Opening.

    def open(self, path: Path, frame: int = 0) -> None:
        """Open a picture or a .hpcm file, told apart by content. What was open stays until the new one is there.
        frame: which of several pictures in the file.
        """
        self.opener.open(path, frame)

    def _submit_opening(self, job: Job[R], then: Callable[[R], None], about: str) -> object:
        """Have a part of opening done. An encoding whose place it takes begins again where it fails."""
        original = self.original if self.encoding is not None else None

        def failed() -> None:
            due = self.outcome is None or self.is_stale
            if due and original is not None and original is self.original and not self.busy:
                self.encode()

        return self.submit(job, then, about, failed=failed)

    def choose_frame(self, frame: int) -> None:
        """Open another of the pictures that the original's file has."""
        path = self.original.path if self.original is not None else None
        if path is not None and offers_frames(self.original, self.outcome):
            self.open(path, frame)

    def open_picture(self, picture: Picture) -> None:
        """Open a picture that is no file, such as one that was pasted."""
        self.opener.open_picture(picture)

    def compare(self, first: Path, second: Path, differ: Callable[[str], None] | None = None) -> None:
        """Show two files as original and result, without encoding. differ: called where their sizes differ."""
        self.opener.compare(first, second, differ)

    def choose_original(self, path: Path) -> None:
        """Compare an opened .hpcm file with the picture that it was made from."""
        if self.outcome is not None and self.original is None:
            self.opener.find_original(self.outcome, path)

    def _show_original(self, shown: Shown) -> None:
        self._show_document(shown, None)
        if self.encode_on_change and not self._show_kept(shown, self._recipe) and self._encodes_by_itself():
            self.encode()

    def _show_file(self, outcome: Outcome) -> None:
        self._show_document(None, outcome)

    def _show_pair(self, original: Shown, outcome: Outcome) -> None:
        self._show_document(original, outcome)
        self._compare(original, outcome)

    def _add_original(self, original: Shown, outcome: Outcome) -> None:
        self.original, self.outcome = original, outcome
        self.document_changed.emit()
        self._compare(original, outcome)

    def _compare(self, original: Shown, outcome: Outcome) -> None:
        """Measure what was not encoded here; a .hpcm file beside what is hardly its original is told."""
        if outcome.header is not None and original.path is not None and not look_alike(original, outcome.shown):
            name = original.path.name
            self.noticed.emit(
                Notice(Phrase("{name} does not look like the picture in the file: hardly its original.", name=name))
            )
        self._measure()

    def _show_document(self, original: Shown | None, outcome: Outcome | None) -> None:
        """Another document takes the place of the old one; what was under way for that is over."""
        self._preparing.begin()
        self.afterwards.stop()
        self.jobs.cancel()
        self.cache.leave_room(original.nbytes if original is not None else 0)
        self.original, self.outcome = original, outcome
        self._recipe = self._recipe.for_any_picture
        self.natural.begin(outcome)
        self.document_changed.emit()
        self.opened.emit()

    # Encoding.

    def _encodes_by_itself(self) -> bool:
        """Not where that is impossible, and not where it takes minutes that nobody asked for."""
        return not self._recipe.is_patient and self.may_encode()

    def set_recipe(self, recipe: Recipe, encode: bool) -> None:
        """Choose another recipe; encode with it at once if asked and possible, and no matter of minutes."""
        changed = recipe != self._recipe
        self._recipe = recipe
        if changed:
            self.recipe_changed.emit()
            self.document_changed.emit()
        if not encode or self.original is None:
            return
        if self.outcome is not None and self.outcome.recipe == recipe:
            if self.encoding is not None:
                self._stop()  # The result for this recipe is on show; what runs is for one that nobody wants any more.
        elif self.encoding != recipe and not self._show_kept(self.original, recipe) and not recipe.is_patient:
            self.encode()

    def encode_what_waited(self) -> None:
        """Encode what was opened or chosen before it was known whether its model is there."""
        due = self.original is not None and (self.outcome is None or self.is_stale)
        if due and self.encode_on_change and not self.busy and self._encodes_by_itself():
            self.encode()

    def encode(self) -> None:
        """Encode the original with the chosen recipe. The old result stays until the new one is there."""
        original, recipe = self.original, self._recipe
        if original is None:
            return

        def done(result: Encoded) -> None:
            turn = self._preparing.begin()
            self._preparing.run(
                turn, lambda: outcome_of_encoding(result, recipe, original), self._show_encoding, not_prepared
            )

        def not_prepared(error: Exception, details: str) -> None:
            log.error(details)
            self.noticed.emit(Notice(Phrase("The result could not be prepared for showing."), details))

        def submit(job: EncodeJob, then: Callable[[Encoded], None]) -> None:
            self._encoding = self.submit(job, then, name), recipe

        name = original.path.name if original.path is not None else ""
        self._preparing.begin()
        self.part_first.before(original, recipe, submit, lambda: submit(EncodeJob(original.picture, recipe), done))

    def cancel(self) -> None:
        """Stop whatever the user waits for."""
        self.natural.give_up()
        self.opener.cancel()
        self._stop()

    def _stop(self) -> None:
        """The same of what is made of the picture on show, for which something else comes. A file that is being read
        goes on: it was asked for too.
        """
        self._encoding = None
        self._preparing.begin()
        self.jobs.cancel()

    def _show_kept(self, original: Shown, recipe: Recipe) -> bool:
        """Show the result of an earlier encoding of the same pixels by the same recipe, if it is kept."""
        kept = self.cache.get(original.pixels, recipe)
        if kept is None:
            return False
        if self.busy:
            self._stop()
        self._show_encoding(kept)
        return True

    def _show_encoding(self, outcome: Outcome) -> None:
        assert self.original is not None
        self.outcome = outcome
        self.part_first.clear()
        self._keep(outcome)
        self.document_changed.emit()
        self.afterwards.look_into(self.original.picture, outcome, now=not self.job.is_waited_for)

    def _learnt(self, outcome: Outcome, sound: bool) -> None:
        """More is known of the result on show; sound: its file is known to decode to it."""
        self.outcome = outcome
        if sound:
            self._keep(outcome)
        self.document_changed.emit()

    def _keep(self, outcome: Outcome) -> None:
        if self.original is not None and outcome.recipe is not None:
            self.cache.put(self.original.pixels, outcome.recipe, outcome)

    # Measuring.

    def _measure(self) -> None:
        original, outcome = self.original, self.outcome
        assert original is not None
        assert outcome is not None

        def done(result: Metrics) -> None:
            if self.outcome is outcome:
                self.outcome = replace(outcome, metrics=result)
                self.document_changed.emit()

        self.submit(MeasureJob(original.picture, outcome.shown.picture, outcome.size_bytes), done)

    # Writing.

    def save(self, path: Path) -> None:
        """Write the .hpcm file."""
        if self.outcome is not None:
            self.saver.save(self.outcome, path, self.original, self.natural.stored_look)

    def close(self) -> None:
        """End everything: waits for files being written, and at most 2 s for the codec process."""
        self.background.close()
        self.worker.stop()

    # The codec process.

    def _tell_busy(self) -> None:
        if self.busy != self._was_busy:
            self._was_busy = self.busy
            self.busy_changed.emit(self.busy)

    def _codec_ready(self, device: str) -> None:
        self.codec_state.emit(Phrase("Codec ready · {device}", device=device))

    def _codec_unavailable(self, failure: Failure) -> None:
        self.codec_state.emit(Phrase("Codec unavailable"))
        log.error("%s\n%s", failure.message, failure.details)
        self.noticed.emit(Notice(failure.message, failure.details))

    def _restarting(self, reason: str) -> None:
        log.warning(reason)
        self.codec_state.emit(Phrase("Codec restarting"))
