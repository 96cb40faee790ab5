"""What the canvas shows at one moment, as a value: overlays and loupe paint it, gestures and the status bar ask it what
lies where.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRect, QSize

from app.canvas.brush import Painting
from app.canvas.renderer import Look
from app.canvas.scene import Scene, View
from app.canvas.viewport import Viewport

DIVIDER_REACH = 24
"""Device-independent pixels that the divider of the wipe keeps from an edge beyond which there is more picture."""
PANE_GAP = 2
"""Device pixels between the two panes of the side-by-side view."""


@dataclass(frozen=True)
class Pane:
    """A part of the canvas that shows one view; rect in device pixels."""

    rect: QRect
    view: View


@dataclass(frozen=True, eq=False)
class Frame:
    """Made by Canvas.frame whenever it is asked for; it does not follow what the canvas does later.

    Points and lengths are device pixels of the canvas; what is of the picture says so.
    """

    scene: Scene
    look: Look
    """As it is painted: its view is the one on the screen, its divider is kept in sight."""
    viewport: Viewport
    """The same for every pane, from the pane's left upper corner."""
    panes: tuple[Pane, ...]
    """From left to right, and row by row; one but for the side-by-side view."""
    ratio: float
    """Device pixels per device-independent pixel."""
    pointer: QPointF | None
    """None while it is elsewhere."""
    selection: QRect | None
    """In picture pixels."""
    painting: Painting | None = None
    """While the brush is in the hand."""
    mark: QRect | None = None
    """What is being looked into, in picture pixels."""

    @property
    def size(self) -> QSize:
        """Of the whole canvas."""
        return QSize(self.panes[-1].rect.right() + 1, self.panes[0].rect.height())

    @property
    def hovered_pixel(self) -> tuple[int, int] | None:
        """Column and row of the picture pixel under the pointer."""
        if self.pointer is None or self.scene.is_empty:
            return None
        x, y = self.picture_at(self.pointer)
        width, height = self.scene.size
        return (int(x), int(y)) if 0 <= x < width and 0 <= y < height else None

    def pane_at(self, point: QPointF) -> Pane:
        """The pane under a point, or the last."""
        before = (
            pane for pane in self.panes if point.x() < pane.rect.right() + 1 and point.y() < pane.rect.bottom() + 1
        )
        return next(before, self.panes[-1])

    def picture_at(self, point: QPointF) -> tuple[float, float]:
        """Picture coordinates under a point."""
        corner = self.pane_at(point).rect.topLeft()
        return self.viewport.to_picture(point.x() - corner.x(), point.y() - corner.y())


def panes_of(size: QSize, view: View) -> tuple[Pane, ...]:
    """The parts of a canvas of that size and what each shows: two for the side-by-side view, else one."""
    if view is not View.SIDE:
        return (Pane(QRect(0, 0, size.width(), size.height()), view),)
    width = max((size.width() - PANE_GAP) // 2, 1)
    left = QRect(0, 0, width, size.height())
    right = QRect(size.width() - width, 0, width, size.height())
    return Pane(left, View.ORIGINAL), Pane(right, View.RECONSTRUCTION)


def with_divider_in_sight(look: Look, viewport: Viewport, pane: QRect, width: int, ratio: float = 1.0) -> Look:
    """The look with its divider moved to where its whole grip is seen. pane: the wipe's; width: the picture's.

    Only for painting and taking hold: the column that was chosen stays in the canvas's own look.
    """
    reach = min(DIVIDER_REACH * ratio, (pane.width() - viewport.scale) / 2)  # One column's edge has room at least.
    sees_first = viewport.to_pane(0, 0)[0] >= 0
    sees_last = viewport.to_pane(width, 0)[0] <= pane.width()
    low = 0 if sees_first else math.ceil(viewport.to_picture(reach, 0)[0])
    high = width if sees_last else math.floor(viewport.to_picture(pane.width() - reach, 0)[0])
    return replace(look, divider=min(max(look.divider, low), max(high, low)))
