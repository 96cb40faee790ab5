"""Undo and redo of recipes, and with them of what was painted."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from hpcm_core.recipe import Recipe

MERGE_SECONDS = 0.8
"""Steps of one rate that follow each other faster are one change: a key held down on the slider."""

LIMIT = 200


class _Change(QUndoCommand):
    def __init__(self, history: RecipeHistory, before: Recipe, after: Recipe) -> None:
        super().__init__("recipe")
        self._history = history
        self._before, self._after = before, after
        self._at = time.monotonic()

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Change) or other._at - self._at > MERGE_SECONDS:
            return False
        # Only the same slider: another model or mode is a step of its own.
        if _kind(self._before) != _kind(other._after) or _kind(self._after) != _kind(other._after):
            return False
        self._after, self._at = other._after, other._at
        return True

    def undo(self) -> None:
        self._history.applied.emit(self._before)

    def redo(self) -> None:
        if self._history.is_replaying:
            self._history.applied.emit(self._after)


class RecipeHistory(QObject):
    """The recipes that were chosen, one after the other."""

    applied = Signal(object)  # Recipe that undo or redo leads to
    changed = Signal()

    def __init__(self, recipe: Recipe, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(LIMIT)
        self._stack.indexChanged.connect(self.changed)
        self._now = recipe
        self.is_replaying = False
        self.painted = False
        """Whether something was painted, which belongs to one picture."""
        self.applied.connect(self._set_now)

    def _set_now(self, recipe: Recipe) -> None:
        self._now = recipe

    def push(self, recipe: Recipe) -> None:
        """Remember a choice of the user; the same recipe again is none."""
        if recipe == self._now or self.is_replaying:
            return
        before, self._now = self._now, recipe
        self.painted |= recipe.quality_map is not None
        self._stack.push(_Change(self, before, recipe))

    def clear(self, recipe: Recipe) -> None:
        """Forget everything; recipe: the one that is chosen now."""
        self._now, self.painted = recipe, False
        self._stack.clear()

    @property
    def can_undo(self) -> bool:
        return self._stack.canUndo()

    @property
    def can_redo(self) -> bool:
        return self._stack.canRedo()

    def undo(self) -> None:
        self._replay(self._stack.undo)

    def redo(self) -> None:
        self._replay(self._stack.redo)

    def _replay(self, move: object) -> None:
        assert callable(move)
        self.is_replaying = True
        try:
            move()
        finally:
            self.is_replaying = False


def _kind(recipe: Recipe) -> tuple[object, ...]:
    rates = (recipe.quality, recipe.lmbda, recipe.target_bytes, recipe.target_bpp, recipe.target_psnr)
    return recipe.model, recipe.metric, recipe.quality_map, tuple(rate is not None for rate in rates)
