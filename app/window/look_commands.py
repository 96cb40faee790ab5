"""How faithful or natural the result looks: the slider of the panel, the key, and what they change."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from app.canvas.canvas import Canvas
from app.canvas.scene import View
from app.panels.readout import ReadoutPanel
from app.session.session import Session
from app.ui.translation import tr
from app.window.actions import Actions
from hpcm_core.look import FAITHFUL, has_look


class LookCommands(QObject):
    """Joins slider and key to the session's look, which holds everything, and shows what that comes to."""

    def __init__(
        self, session: Session, canvas: Canvas, readout: ReadoutPanel, actions: Actions, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._canvas, self._readout, self._action = session, canvas, readout, actions["natural"]
        self._tip = self._action.toolTip()
        natural = session.natural
        natural.sees_difference = lambda: canvas.view is View.DIFFERENCE
        natural.changed.connect(self.show)
        canvas.view_changed.connect(lambda _: natural.compare())
        readout.look.chosen.connect(natural.want)
        readout.look.store_chosen.connect(natural.store)
        actions.connect_all({"natural": self._toggle})

    def show(self) -> None:
        """Bring canvas, figures and controls up to date. Another look changes the picture and no figure."""
        session, natural = self._session, self._session.natural
        outcome, control = session.outcome, self._readout.look
        self._canvas.set_scene(replace(natural.scene, part=session.part_first.part))
        self._readout.show_outcome(outcome, session.is_stale, session.original is not None, natural.words)
        beyond = outcome is not None and outcome.is_beyond_look
        control.setVisible(natural.can or beyond if outcome is not None else has_look(session.recipe.model))
        control.show_look(natural.wanted, natural.can, natural.stored, beyond)
        self._action.setEnabled(natural.can)
        self._action.setChecked(natural.can and natural.wanted != FAITHFUL)
        without = outcome is not None and outcome.header is not None and not natural.can
        why = self._readout.look.slider.toolTip() if beyond else tr("The model of this file has no natural look.")
        self._action.setToolTip(why if without else self._tip)

    def _toggle(self) -> None:
        self._session.natural.toggle()
        self.show()  # A check that changed by itself follows what is wanted.
