"""How the picture is looked at: view, zoom, difference, bit map. It joins the canvas with the actions, the controls
over the canvas and the list of steps, and remembers between two starts what was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.canvas.difference import Mode, Style
from app.canvas.gestures import WHEEL_STEP
from app.canvas.scene import View

if TYPE_CHECKING:
    from app.desktop.settings import Settings
    from app.window.main_window import MainWindow


def remembered_style(settings: Settings) -> Style:
    """How the difference was shown last."""
    return Style(Mode(settings.difference_mode), settings.difference_luma, 1 << settings.difference_gain)


class Viewing(QObject):
    """Holds nothing itself: the canvas has the look, the settings what is remembered."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.canvas = canvas = window.canvas
        self.hud, self.steps, self.settings = window.hud, window.steps, window.settings
        self.steps.cumulative.setChecked(self.settings.bits_cumulative)
        style = self.hud.style_
        canvas.set_look(
            replace(
                canvas.look,
                view=View.WIPE,
                mode=style.mode,
                luma=style.luma,
                gain=style.gain,
                opacity=self.settings.overlay_opacity / 100,
                cumulative=self.settings.bits_cumulative,
            )
        )
        self.steps.step_chosen.connect(self._step_chosen)
        self.steps.cumulative_changed.connect(self._cumulative_changed)
        self.hud.difference_changed.connect(self._difference_changed)
        self.hud.opacity_changed.connect(self._opacity_changed)
        canvas.view_changed.connect(self._view_changed)
        canvas.selection_changed.connect(lambda _: self.show_enabled())
        window.actions_.connect_all(
            {
                "fit": canvas.fit,
                "one": canvas.one_to_one,
                "zoom_in": lambda: canvas.zoom(WHEEL_STEP),
                "zoom_out": lambda: canvas.zoom(1 / WHEEL_STEP),
                "loupe": lambda: canvas.set_loupe(not canvas.loupe),
                "difference_mode": lambda: self._difference_wanted(self.hud.next_mode),
                "difference_luma": lambda: self._difference_wanted(self.hud.luma.toggle),
                "gain_up": lambda: self._difference_wanted(lambda: self.hud.change_gain(1)),
                "gain_down": lambda: self._difference_wanted(lambda: self.hud.change_gain(-1)),
                "select": canvas.select_visible,
                "unselect": lambda: canvas.select(None),
                "play": self._play,
                "cumulative": self.steps.cumulative.toggle,
            }
        )
        for view, action in window.actions_.views.items():
            action.triggered.connect(lambda _=False, view=view: canvas.set_view(view))

    def show_enabled(self) -> None:
        """Offer the views and tools that the scene has something for."""
        canvas, actions = self.canvas, self.window.actions_
        scene = canvas.scene
        for view, action in actions.views.items():
            action.setEnabled(scene.offers(view))
            action.setChecked(not scene.is_empty and view is canvas.view)
        there = dict.fromkeys(("loupe", "select", "fit", "one", "zoom_in", "zoom_out"), not scene.is_empty)
        differs = dict.fromkeys(
            ("difference_mode", "difference_luma", "gain_up", "gain_down"), scene.offers(View.DIFFERENCE)
        )
        bits = dict.fromkeys(("play", "cumulative"), scene.offers(View.BITS))
        actions.enable(there | differs | bits | {"unselect": canvas.selection is not None})

    def _step_chosen(self, step: int | None) -> None:
        self.canvas.set_look(replace(self.canvas.look, step=step))
        self.canvas.set_view(View.BITS)

    def _play(self) -> None:
        self.canvas.set_view(View.BITS)
        self.steps.toggle_playing()

    def _cumulative_changed(self, on: bool) -> None:
        self.canvas.set_look(replace(self.canvas.look, cumulative=on))
        self.settings.bits_cumulative = on

    def _difference_changed(self, style: Style) -> None:
        self.canvas.set_look(replace(self.canvas.look, gain=style.gain, mode=style.mode, luma=style.luma))
        self.settings.difference_gain = style.gain.bit_length() - 1
        self.settings.difference_mode = style.mode.value
        self.settings.difference_luma = style.luma

    def _difference_wanted(self, change: Callable[[], object]) -> None:
        """A key of the difference view: shows that view, and changes it if it was on show already."""
        if self.canvas.view is View.DIFFERENCE:
            change()
        self.canvas.set_view(View.DIFFERENCE)

    def _opacity_changed(self, percent: int) -> None:
        self.canvas.set_look(replace(self.canvas.look, opacity=percent / 100))
        self.settings.overlay_opacity = percent

    def _view_changed(self, view: View) -> None:
        self.hud.show_for(view if not self.canvas.scene.is_empty else View.RECONSTRUCTION)
        self.show_enabled()
