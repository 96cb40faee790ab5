"""The look of the result on show: faithful, as it always is at first, natural, or between.

The natural picture is made by the codec process when it is first wanted; from then on every look is mixed of the two
where it is seen. Figures, and whatever is compared, stay those of the faithful picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.canvas.colour import converter
from app.canvas.difference import Difference
from app.canvas.mixed import Mixed, Mixture
from app.canvas.scene import Scene
from app.canvas.tiles import pyramid_of
from app.session.background import Background
from app.session.comparison import difference_between
from app.session.document import Outcome, Shown, scene_of
from app.session.loading import Loading
from app.ui.notices import Notice, notice_of
from app.ui.words import look_in_words
from app.worker.tasks import NaturalJob
from hpcm_core.errors import Phrase
from hpcm_core.look import FAITHFUL, NATURAL, mix
from hpcm_core.picture.picture import Picture

KEPT_BYTES = 256 << 20
"""Memory for natural pictures of other qualities; the one of the result on show is always kept."""


class Holder(Protocol):
    """What a look sees and uses of the session that it is part of."""

    @property
    def original(self) -> Shown | None: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def is_stale(self) -> bool: ...
    @property
    def busy(self) -> bool: ...
    @property
    def background(self) -> Background: ...
    @property
    def submit(self) -> Callable[..., object]: ...

    # Signals.
    @property
    def document_changed(self) -> Any: ...
    @property
    def opened(self) -> Any: ...
    @property
    def job_ended(self) -> Any: ...
    @property
    def busy_changed(self) -> Any: ...
    @property
    def noticed(self) -> Any: ...


@dataclass(frozen=True, eq=False)
class _Compared:
    """The difference of the original and the picture at a look."""

    difference: Difference
    of: Mixed


class NaturalLook(QObject):
    """Which look is wanted, and the pictures for it. Another quality of the same picture keeps what is wanted; another
    picture is faithful, or as its file wishes.
    """

    changed = Signal()  # what is wanted, or shown

    def __init__(self, session: Holder, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.wanted = FAITHFUL
        self.stored = False
        """Whether files that are saved wish the look that is wanted."""
        self.sees_difference: Callable[[], bool] = lambda: False
        """Whether the difference is looked at; the window sets it."""
        self._last = NATURAL
        self._kept: dict[bytes, Shown] = {}  # natural pictures, by their files
        self._asked: Outcome | None = None  # whose natural picture is being made
        self._mixed: Mixed | None = None
        self._compared: _Compared | None = None
        self._comparing = False
        self.loading = Loading(session.background, self)
        session.document_changed.connect(self._refresh)
        session.opened.connect(self._opened)
        for changed in (session.job_ended, session.busy_changed):
            changed.connect(lambda *_: QTimer.singleShot(0, self, self._refresh))

    # What there is.

    @property
    def can(self) -> bool:
        """Whether the result on show has a natural look."""
        outcome = self._session.outcome
        return outcome is not None and outcome.has_look

    @property
    def shown(self) -> int:
        """The look on show: faithful until the natural picture is there."""
        return self._mixed.look if self._mixed is not None else FAITHFUL

    @property
    def words(self) -> str:
        """What is on show, in words; empty for the faithful look."""
        return look_in_words(self.shown) if self.shown != FAITHFUL else ""

    @property
    def stored_look(self) -> int:
        """The look that a file of the result is to wish."""
        outcome = self._session.outcome
        if outcome is None or not outcome.has_look:
            return FAITHFUL if outcome is None else outcome.wished
        return self.wanted if self.stored else FAITHFUL

    @property
    def picture(self) -> Picture | None:
        """The natural picture at its whole, where the look on show has some of it."""
        natural = self._natural
        return None if natural is None or self.shown == FAITHFUL else natural.picture

    @property
    def scene(self) -> Scene:
        """What the canvas shall show: what is open, the result at its look."""
        session, mixed, natural, outcome = self._session, self._mixed, self._natural, self._session.outcome
        scene = scene_of(session.original, outcome, session.is_stale)
        if mixed is None or natural is None or outcome is None:
            return scene
        scene = replace(scene, reconstruction=mixed)
        if self.shown == FAITHFUL:
            return scene
        samples = Mixture(outcome.shown.picture.pixels, natural.picture.pixels, self.shown)
        name = f"{self.words} · {outcome.description}"
        scene = replace(scene, reconstruction_samples=samples, reconstruction_name=name, look=self.words)
        if self._compared is None or scene.difference is None:
            return scene
        words = look_in_words(self._compared.of.look)
        return replace(scene, difference=self._compared.difference, difference_look=words)

    # What is wanted.

    def want(self, look: int) -> None:
        """Show the result at a look; the first that is not faithful asks for the natural picture."""
        if self.can and look != self.wanted:
            self.wanted = look
            self._last = look or self._last
            self._refresh()
            self.changed.emit()

    def toggle(self) -> None:
        """From faithful to the look before, natural at first, and back."""
        self.want(FAITHFUL if self.wanted else self._last)

    def store(self, on: bool) -> None:
        """Whether files that are saved shall wish the look that is wanted."""
        if on != self.stored:
            self.stored = on
            self.changed.emit()

    def begin(self, outcome: Outcome | None) -> None:
        """Another document is open."""
        self._kept.clear()
        self._drop()
        self._last = NATURAL
        if outcome is not None and outcome.natural is not None:
            self._kept[outcome.data] = outcome.natural
        self.wanted = outcome.wished if outcome is not None and outcome.has_look else FAITHFUL
        self.stored = outcome is not None and outcome.wished != FAITHFUL

    def _opened(self) -> None:
        """Say why a file is not shown as it wishes."""
        outcome = self._session.outcome
        wishes = outcome is not None and outcome.wished != FAITHFUL
        if outcome is not None and wishes and not outcome.has_look and not outcome.is_beyond_look:
            message = Phrase(
                "The file wishes a natural look, whose weights are not installed here; the faithful picture is shown."
            )
            self._session.noticed.emit(Notice(message, is_error=False))

    def give_up(self) -> None:
        """Make no natural picture, and want none."""
        self.loading.begin()
        self._asked = None
        if self.wanted and self._natural is None:
            self.wanted = FAITHFUL
            self.changed.emit()

    # How it comes.

    @property
    def _natural(self) -> Shown | None:
        outcome = self._session.outcome
        return self._kept.get(outcome.data) if outcome is not None else None

    def _drop(self) -> None:
        self.loading.begin()
        self._asked = self._mixed = self._compared = None

    def _refresh(self) -> None:
        """Bring what is shown to what is wanted, as far as it is there; ask for what is not."""
        session, outcome, natural = self._session, self._session.outcome, self._natural
        self._make_room()
        if outcome is None or natural is None:
            self._mixed = self._compared = None
            if outcome is not None and self.wanted and self.can and self._asked is None and not session.busy:
                self._ask(outcome)
            return
        faithful = outcome.shown.pyramid
        if self._mixed is None or (self._mixed.faithful, self._mixed.natural) != (faithful, natural.pyramid):
            self._mixed, self._compared = Mixed(faithful, natural.pyramid, self.wanted), None
        elif self._mixed.look != self.wanted:
            self._mixed = self._mixed.at(self.wanted)
        self.compare()

    def _make_room(self) -> None:
        """Let go of pictures of other qualities, the oldest first."""
        outcome = self._session.outcome
        others = [data for data in self._kept if outcome is None or data != outcome.data]
        while others and sum(one.nbytes for one in self._kept.values()) > KEPT_BYTES:
            del self._kept[others.pop(0)]

    def _ask(self, outcome: Outcome) -> None:
        self._asked = outcome
        turn = self.loading.begin()

        def done(picture: Picture) -> None:
            self.loading.run(turn, lambda: Shown(picture, pyramid_of(picture)), keep, not_prepared)

        def keep(natural: Shown) -> None:
            self._asked = None
            self._kept[outcome.data] = natural
            self._refresh()
            self.changed.emit()

        def not_prepared(error: Exception, details: str) -> None:
            self.give_up()
            self._session.noticed.emit(
                notice_of(error, details, Phrase("The natural picture could not be prepared for showing"))
            )

        def stopped() -> None:
            # Something else took its place, after which it has its turn; or it is not wanted any more.
            if self._asked is outcome:
                self._asked = None

        self._session.submit(NaturalJob(outcome.data), done, stopped=stopped, failed=self.give_up)

    def compare(self) -> None:
        """Bring the difference to the look, one after the other in the background, while it is looked at."""
        original, outcome, mixed, natural = self._session.original, self._session.outcome, self._mixed, self._natural
        if original is None or outcome is None or outcome.difference is None or mixed is None or natural is None:
            return
        there = self._compared is not None and self._compared.of.look == mixed.look
        if there or self._comparing or mixed.look == FAITHFUL or not self.sees_difference():
            return
        self._comparing = True
        before = self._compared.difference if self._compared is not None else outcome.difference
        faithful = outcome.shown.picture

        def work() -> Difference:
            made = _difference(original.picture, faithful, natural.picture, mixed.look)
            made.succeed(before)
            return made

        def done(difference: Difference) -> None:
            self._comparing = False
            if self._mixed is not None and self._mixed.faithful is mixed.faithful:
                self._compared = _Compared(difference, mixed)
                self.changed.emit()
            self.compare()

        def failed(error: Exception, details: str) -> None:
            self._comparing = False
            self._session.noticed.emit(
                notice_of(error, details, Phrase("The difference could not be prepared for showing"))
            )

        self._session.background.run(work, done, failed)


def _difference(original: Picture, faithful: Picture, natural: Picture, look: int) -> Difference:
    """Of the original and the picture at a look; takes seconds for large ones."""
    if original.pixels.shape == faithful.pixels.shape and original.pixels.dtype == faithful.pixels.dtype:
        mixture = Mixture(faithful.pixels, natural.pixels, look)
        return Difference(original.pixels, mixture, converter(original.icc, original.channels))
    return difference_between(original, replace(faithful, pixels=mix(faithful.pixels, natural.pixels, look)))
