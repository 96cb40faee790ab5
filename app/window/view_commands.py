"""How the picture is looked at: view, zoom, difference, bit map. It joins the canvas with the actions, the controls
over the canvas and the list of steps, and remembers between two starts what was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from app.canvas import colormap
from app.canvas.canvas import Canvas
from app.canvas.difference import Mode, Style
from app.canvas.gestures import WHEEL_STEP
from app.canvas.hud import Hud
from app.canvas.scene import View
from app.desktop.settings import Settings
from app.panels.steps import StepsPanel
from app.ui.translation import tr
from app.window.actions import Actions
from app.window.flicker import Flicker


def remembered_style(settings: Settings) -> Style:
    """How the difference was shown last."""
    return Style(Mode(settings.difference_mode), settings.difference_luma, 1 << settings.difference_gain)


class ViewCommands(QObject):
    """Holds nothing itself: the canvas has the look, the settings what is remembered."""

    def __init__(
        self, parent: QObject, settings: Settings, actions: Actions, canvas: Canvas, hud: Hud, steps: StepsPanel
    ) -> None:
        super().__init__(parent)
        self._settings, self._actions, self._canvas, self._hud, self._steps = settings, actions, canvas, hud, steps
        self._steps.cumulative.setChecked(self._settings.bits_cumulative)
        style = self._hud.style_
        canvas.set_look(
            replace(
                canvas.look,
                view=View.WIPE,
                mode=style.mode,
                luma=style.luma,
                gain=style.gain,
                opacity=self._settings.overlay_opacity / 100,
                cumulative=self._settings.bits_cumulative,
            )
        )
        self._steps.step_chosen.connect(self._step_chosen)
        self._steps.cumulative_changed.connect(self._cumulative_changed)
        self._hud.difference_changed.connect(self._difference_changed)
        self._hud.opacity_changed.connect(self._opacity_changed)
        self._hud.tone_changed.connect(lambda tone: canvas.set_look(replace(canvas.look, tone=tone)))
        actions["tone"].setCheckable(True)
        actions["tone"].toggled.connect(self._hud.show_tone)
        canvas.view_changed.connect(self._view_changed)
        canvas.selection_changed.connect(lambda _: self.show_enabled())
        actions.connect_all(
            {
                "fit": canvas.fit,
                "one": canvas.one_to_one,
                "zoom_in": lambda: canvas.zoom(WHEEL_STEP),
                "zoom_out": lambda: canvas.zoom(1 / WHEEL_STEP),
                "loupe": lambda: canvas.set_loupe(not canvas.loupe),
                "difference_mode": lambda: self._difference_wanted(self._hud.next_mode),
                "difference_luma": lambda: self._difference_wanted(self._hud.luma.toggle),
                "gain_up": lambda: self._difference_wanted(lambda: self._hud.change_gain(1)),
                "gain_down": lambda: self._difference_wanted(lambda: self._hud.change_gain(-1)),
                "select": canvas.select_visible,
                "unselect": lambda: canvas.select(None),
                "play": self._play,
                "cumulative": self._steps.cumulative.toggle,
            }
        )
        self._bits_tip = actions["bits"].toolTip()
        self.flicker = Flicker(actions["flicker"], canvas, self)
        for view, action in actions.views.items():
            action.triggered.connect(lambda _=False, view=view: canvas.set_view(view))

    def show_enabled(self) -> None:
        """Offer the views and tools that the scene has something for."""
        canvas, actions = self._canvas, self._actions
        scene = canvas.scene
        for view, action in actions.views.items():
            action.setEnabled(scene.offers(view))
            action.setChecked(not scene.is_empty and view is canvas.view)
        self._hud.scale.show_scale(colormap.scale_of(scene.bits))
        unknown = scene.reconstruction is not None and scene.bits is None
        actions["bits"].setToolTip(
            tr("Nobody can say where the bits of this file went.") if unknown else self._bits_tip
        )
        there = dict.fromkeys(("loupe", "select", "fit", "one", "zoom_in", "zoom_out"), not scene.is_empty)
        differs = dict.fromkeys(
            ("difference_mode", "difference_luma", "gain_up", "gain_down"), scene.offers(View.DIFFERENCE)
        )
        there["tone"] = not scene.is_empty
        there["flicker"] = scene.offers(View.WIPE)
        bits = dict.fromkeys(("play", "cumulative"), scene.bits is not None and not scene.bits.colours)
        actions.enable(there | differs | bits | {"unselect": canvas.selection is not None})

    def _step_chosen(self, step: int | None) -> None:
        self._canvas.set_look(replace(self._canvas.look, step=step))
        self._canvas.set_view(View.BITS)

    def _play(self) -> None:
        self._canvas.set_view(View.BITS)
        self._steps.toggle_playing()

    def _cumulative_changed(self, on: bool) -> None:
        self._canvas.set_look(replace(self._canvas.look, cumulative=on))
        self._settings.bits_cumulative = on

    def _difference_changed(self, style: Style) -> None:
        self._canvas.set_look(replace(self._canvas.look, gain=style.gain, mode=style.mode, luma=style.luma))
        self._settings.difference_gain = style.gain.bit_length() - 1
        self._settings.difference_mode = style.mode.value
        self._settings.difference_luma = style.luma

    def _difference_wanted(self, change: Callable[[], object]) -> None:
        """A key of the difference view: shows that view, and changes it if it was on show already."""
        if self._canvas.view is View.DIFFERENCE:
            change()
        self._canvas.set_view(View.DIFFERENCE)

    def _opacity_changed(self, percent: int) -> None:
        self._canvas.set_look(replace(self._canvas.look, opacity=percent / 100))
        self._settings.overlay_opacity = percent

    def _view_changed(self, view: View) -> None:
        self._hud.show_for(view if not self._canvas.scene.is_empty else View.RECONSTRUCTION)
        self.show_enabled()
