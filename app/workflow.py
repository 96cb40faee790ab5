"""What is around the picture: history of recipes, what goes in and out, batch, chart, dialogs.

It is part of the window and keeps that file short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.history import RecipeHistory
from app.panels.readout import format_bytes
from hpcm_core.header import FIXED_RATE
from hpcm_core.recipe import Recipe

if TYPE_CHECKING:
    from app.document import Outcome
    from app.window import MainWindow


class Workflow(QObject):
    """Joins the actions of this half of the window to what they do."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.session = window.session
        self.history = RecipeHistory(window.session.recipe, self)
        self.history.applied.connect(self._recipe_applied)
        self.history.changed.connect(self._show_enabled)
        window.recipe_panel.chosen.connect(self.history.push)
        window.session.document_changed.connect(self._document_changed)
        window.session.busy_changed.connect(lambda _: self._show_enabled())
        calls = {
            "undo": self.history.undo,
            "redo": self.history.redo,
        }
        for name, call in calls.items():
            window.actions_[name].triggered.connect(lambda _=False, call=call: call())
        self._show_enabled()

    def _recipe_applied(self, recipe: Recipe) -> None:
        window = self.window
        window.recipe_panel.show_recipe(recipe)
        self.session.set_recipe(recipe, encode=self.session.encode_on_change and window.recipe_panel.can_use())

    def _document_changed(self) -> None:
        outcome = self.session.outcome
        self.window.recipe_panel.show_found(found(outcome) if outcome is not None else "")
        self._show_enabled()

    def _show_enabled(self) -> None:
        enabled = {
            "undo": self.history.can_undo,
            "redo": self.history.can_redo,
        }
        for name, on in enabled.items():
            self.window.actions_[name].setEnabled(on)


def found(outcome: Outcome) -> str:
    """What a search came to, in words; empty for a result that was not searched."""
    if outcome.recipe is None or not outcome.recipe.has_target or outcome.header is None:
        return ""
    header = outcome.header
    rate = header.model_name if header.quality == FIXED_RATE else f"quality {header.quality}"
    psnr = f" · {outcome.metrics.psnr:.2f} dB" if outcome.metrics is not None else ""
    return f"Found: {rate} · {format_bytes(outcome.size_bytes)}{psnr}"
