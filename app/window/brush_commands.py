"""The brush in the window: a tool that paints where the picture is kept better, and whose strokes are recipes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from app.canvas.brush import Brush, Kind, Painting
from app.canvas.canvas import Canvas
from app.canvas.hud import Hud
from app.session.session import Session
from app.window.actions import Actions
from hpcm_core.format.gain import QualityMap
from hpcm_core.models.registry import lossless_coder
from hpcm_core.recipe import Recipe

TOOLS = ("brush_kind", "brush_smaller", "brush_larger")


class BrushCommands(QObject):
    """Joins the actions of the brush with canvas, controls and session. What is painted is the recipe's: it has no
    copy of it.
    """

    def __init__(
        self,
        session: Session,
        canvas: Canvas,
        hud: Hud,
        actions: Actions,
        take: Callable[[Recipe], None],
        parent: QObject | None = None,
    ) -> None:
        """take: makes a recipe the window's, as a step that can be undone."""
        super().__init__(parent)
        self._session, self._canvas, self._hud, self._actions, self._take = session, canvas, hud, actions, take
        self._tool = actions["brush"]
        self._tool.toggled.connect(self._toggled)
        page = hud.brush
        actions.connect_all(
            {
                "brush_kind": page.next_kind,
                "brush_smaller": lambda: page.change_size(-1),
                "brush_larger": lambda: page.change_size(1),
                "cheap_rest": self.cheap_rest,
                "unpaint": self.clear,
            }
        )
        page.changed.connect(self._brush_changed)
        page.rest_wanted.connect(self.cheap_rest)
        page.clear_wanted.connect(self.clear)
        canvas.painted.connect(self._painted)
        for changed in (session.recipe_changed, session.opened):
            changed.connect(self._show)
        session.document_changed.connect(self._show_enabled)
        self._show_enabled()

    @property
    def in_hand(self) -> bool:
        """Whether a drag paints."""
        return self._tool.isChecked()

    def put_away(self) -> None:
        """A drag moves the picture again."""
        self._tool.setChecked(False)

    def cheap_rest(self) -> None:
        """What is not painted is coded cheaply, so that in a file of the same size what is kept gains twice as much."""
        painted = self._session.recipe.quality_map
        if painted is not None:
            self._take(replace(self._session.recipe, quality_map=painted.with_rest(Kind.CHEAP.value)))

    def clear(self) -> None:
        """Nothing is painted any more."""
        self._take(replace(self._session.recipe, quality_map=None))

    def _toggled(self, on: bool) -> None:
        self._canvas.set_painting(Painting(self._hud.brush.brush, self._session.recipe.quality_map) if on else None)
        self._hud.show_brush(on)
        self._show_enabled()

    def _brush_changed(self, brush: Brush) -> None:
        if self._canvas.painting is not None:
            self._canvas.set_painting(replace(self._canvas.painting, brush=brush))

    def _painted(self, offsets: QualityMap) -> None:
        self._take(replace(self._session.recipe, quality_map=offsets))
        self._show()  # A stroke that changed nothing is no other recipe.

    def _show(self) -> None:
        """What is painted, on the canvas."""
        if self._canvas.painting is not None:
            self._canvas.set_painting(replace(self._canvas.painting, offsets=self._session.recipe.quality_map))
        self._show_enabled()

    def _show_enabled(self) -> None:
        possible = self._session.original is not None and lossless_coder(self._session.recipe.model) is None
        if not possible:
            self.put_away()
        painted = self._session.recipe.quality_map if possible else None
        rest = painted is not None and 0 in painted.values
        tools = dict.fromkeys(TOOLS, self.in_hand)
        self._actions.enable({"brush": possible, "cheap_rest": rest, "unpaint": painted is not None, **tools})
        self._hud.brush.rest.setEnabled(rest)
        self._hud.brush.clear.setEnabled(painted is not None)
