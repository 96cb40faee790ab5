"""The decoder at work: the picture as it stands after the chosen coding step, in place of the finished one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer

from app.canvas.canvas import Canvas
from app.canvas.difference import Difference, difference_of
from app.canvas.scene import Scene, View
from app.canvas.tiles import pyramid_of
from app.panels.steps import StepsPanel
from app.session.document import Outcome, Shown
from app.session.session import Session
from app.ui.notices import Notice, notice_of
from app.ui.translation import tr
from app.ui.words import format_bytes, format_decibels, map_name
from app.window.actions import Actions
from app.worker.tasks import StepJob, StepPicture
from hpcm_core.errors import Phrase

KEPT_BYTES = 512 << 20
"""Memory for pictures of steps; the oldest goes first."""


@dataclass(frozen=True, eq=False)
class _Kept:
    shown: Shown
    difference: Difference | None
    psnr: float | None

    @property
    def nbytes(self) -> int:
        return self.shown.nbytes + (self.difference.nbytes if self.difference is not None else 0)


class StepPictures(QObject):
    """While it is on, the picture of the chosen step is decoded whenever the codec process has nothing else to do, and
    then shown; playing waits for it.
    """

    def __init__(
        self, session: Session, canvas: Canvas, steps: StepsPanel, actions: Actions, tell: Callable[[Notice], None]
    ) -> None:
        super().__init__(canvas)
        self._session, self._canvas, self._steps, self._tell = session, canvas, steps, tell
        self._action = actions["step_pictures"]
        self._action.setCheckable(True)
        self._action.toggled.connect(self._toggled)
        self._kept: dict[int, _Kept] = {}
        self._of: tuple[bytes | None, Shown | None] = None, None  # the file that they are of, and its original
        self._wanted: int | None = None  # the step that is being decoded
        self._job = 0  # the number of its job
        steps.hold = lambda: self.waiting
        steps.step_chosen.connect(lambda _: self._refresh())
        session.document_changed.connect(self._refresh)
        session.natural.changed.connect(self._refresh)
        session.job_ended.connect(lambda: QTimer.singleShot(0, self, self._refresh))
        session.busy_changed.connect(lambda _: QTimer.singleShot(0, self, self._refresh))
        self._refresh()

    @property
    def on(self) -> bool:
        """Whether steps are shown as pictures."""
        return self._action.isChecked()

    @property
    def waiting(self) -> bool:
        """Whether the picture of the chosen step is still to come."""
        step = self._step()
        return step is not None and step not in self._kept

    def _step(self) -> int | None:
        """The place of the map whose picture is to be seen; None for the finished picture."""
        outcome = self._session.outcome
        return self._steps.step if self.on and outcome is not None and outcome.has_steps else None

    def _toggled(self, on: bool) -> None:
        if not on:
            self._kept.clear()
            self._give_up()
        self._refresh()

    def _give_up(self) -> None:
        """Nobody wants the picture any more that is being decoded."""
        self._session.jobs.give_up(self._job)

    def _refresh(self) -> None:
        session, outcome = self._session, self._session.outcome
        self._action.setEnabled(outcome is not None and outcome.has_steps)
        of = None if outcome is None else outcome.data, session.original
        if any(new is not old for new, old in zip(of, self._of, strict=True)):
            self._kept.clear()
            self._of = of
        if outcome is None:
            return
        base = session.natural.scene
        step = self._step()
        if step is None:
            if self._canvas.scene.reconstruction is not base.reconstruction:
                self._canvas.set_scene(base)
            return
        if self._canvas.view is View.BITS:
            self._canvas.set_view(View.RECONSTRUCTION)
        if step in self._kept:
            self._canvas.set_scene(self._scene(base, outcome, step, self._kept[step]))
        elif session.idle and self._wanted is None:
            self._decode(outcome, step)
        elif self._wanted not in (None, step):
            self._give_up()

    def _decode(self, outcome: Outcome, step: int) -> None:
        assert outcome.bits is not None
        original, of = self._session.original, self._of
        first = int(outcome.bits.labels[0] == "z")
        self._wanted = step

        def done(found: StepPicture) -> None:
            self._session.background.run(lambda: prepare(found), keep, failed)

        def prepare(found: StepPicture) -> _Kept:
            shown = Shown(found.picture, pyramid_of(found.picture))
            difference = difference_of(original.picture, found.picture) if original is not None else None
            return _Kept(shown, difference, found.psnr)

        def keep(kept: _Kept) -> None:
            self._wanted = None
            if of is self._of and self.on:
                self._kept[step] = kept
                while len(self._kept) > 1 and sum(one.nbytes for one in self._kept.values()) > KEPT_BYTES:
                    del self._kept[next(iter(self._kept))]
            self._refresh()

        def failed(error: Exception, details: str) -> None:
            self._wanted = None
            off()
            self._tell(notice_of(error, details, Phrase("The picture of the step could not be prepared for showing")))

        def stopped() -> None:
            self._wanted = None

        def off() -> None:
            self._action.setChecked(False)  # Asked again, it would fail again.

        job = StepJob(outcome.data, step + 1 - first, original.picture if original is not None else None)
        self._job = self._session.submit(job, done, quiet=True, stopped=stopped, failed=off)

    def _scene(self, base: Scene, outcome: Outcome, step: int, kept: _Kept) -> Scene:
        assert outcome.bits is not None
        coded = float(outcome.bits.per_step[: step + 1].sum()) / 8
        size = round(outcome.size_bytes - (outcome.payload_bytes or 0) + coded)
        what = map_name(outcome.bits.labels, step, cumulative=True)
        parts = [tr("After {steps}").format(steps=what), format_bytes(size)]
        if kept.psnr is not None:
            parts.append(f"{format_decibels(kept.psnr)} dB")
        return replace(
            base,
            reconstruction=kept.shown.pyramid,
            reconstruction_samples=kept.shown.picture.pixels,
            difference=kept.difference,
            reconstruction_name=" · ".join(parts),
            look="",
            difference_look="",
        )
