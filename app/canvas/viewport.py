"""Where the picture lies on the screen: one scale and one origin for all views. Pure geometry, in device pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

MAX_SCALE = 128.0
FIT_MARGIN = 16.0
"""Device pixels left free around a fitted picture at 100 % display scaling."""


@dataclass(frozen=True)
class Viewport:
    """Maps picture coordinates to a pane's device pixels: x_pane = origin_x + scale * x_picture.

    scale is device pixels per picture pixel. `fitted` means that the picture shall keep filling the pane when that
    changes.
    """

    scale: float = 1.0
    origin_x: float = 0.0
    origin_y: float = 0.0
    fitted: bool = True

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.origin_x) / self.scale, (y - self.origin_y) / self.scale

    def to_pane(self, x: float, y: float) -> tuple[float, float]:
        return self.origin_x + x * self.scale, self.origin_y + y * self.scale

    def edge_x(self, x: float) -> int:
        """Device pixel at which the left edge of picture column x is drawn.

        All views round the same way, so edges coincide.
        """
        return math.floor(self.origin_x + x * self.scale + 0.5)

    def edge_y(self, y: float) -> int:
        return math.floor(self.origin_y + y * self.scale + 0.5)

    def zoomed(
        self, factor: float, x: float, y: float, pane: tuple[float, float], picture: tuple[int, int]
    ) -> Viewport:
        """Scale by `factor` so that the picture point under (x, y) stays there."""
        scale = self.scale * factor
        # Snap to 100 % when a step passes it: the one zoom level at which nothing is resampled must be easy to meet.
        if (self.scale < 1.0 < scale) or (scale < 1.0 < self.scale) or abs(scale - 1.0) < 0.02:
            scale = 1.0
        scale = min(max(scale, min_scale(pane, picture)), MAX_SCALE)
        return self.at_scale(scale, x, y)

    def at_scale(self, scale: float, x: float, y: float) -> Viewport:
        """The given scale, with the picture point under (x, y) staying there."""
        px, py = self.to_picture(x, y)
        return Viewport(scale, x - px * scale, y - py * scale, fitted=False)

    def one_to_one(self, x: float, y: float) -> Viewport:
        """One picture pixel per device pixel, on the device's pixel grid, keeping the point under (x, y)."""
        near = self.at_scale(1.0, x, y)
        return replace(near, origin_x=float(round(near.origin_x)), origin_y=float(round(near.origin_y)))

    def panned(self, dx: float, dy: float) -> Viewport:
        return Viewport(self.scale, self.origin_x + dx, self.origin_y + dy, fitted=False)

    def kept_in(self, pane: tuple[float, float], picture: tuple[int, int]) -> Viewport:
        """Moved so that at least a part of the picture stays in sight: its edge never passes the middle of the pane."""
        width, height = picture[0] * self.scale, picture[1] * self.scale
        x = min(max(self.origin_x, pane[0] / 2 - width), pane[0] / 2)
        y = min(max(self.origin_y, pane[1] / 2 - height), pane[1] / 2)
        return replace(self, origin_x=x, origin_y=y)


def fit(pane: tuple[float, float], picture: tuple[int, int], margin: float = FIT_MARGIN) -> Viewport:
    """The whole picture in the middle of the pane.

    Small pictures grow by whole factors only, so their pixels stay even.
    """
    scale = _fit_scale(pane, picture, margin)
    if scale > 1.0:
        scale = float(min(math.floor(scale), MAX_SCALE))
    x = (pane[0] - picture[0] * scale) / 2
    y = (pane[1] - picture[1] * scale) / 2
    return Viewport(scale, float(round(x)), float(round(y)), fitted=True)


def centred(viewport: Viewport, pane: tuple[float, float], picture: tuple[int, int]) -> Viewport:
    """The same with the picture in the middle of the pane, in each direction in which all of it is seen."""
    spare_x, spare_y = (pane[axis] - picture[axis] * viewport.scale for axis in (0, 1))
    return replace(
        viewport,
        origin_x=viewport.origin_x if spare_x < 0 else float(round(spare_x / 2)),
        origin_y=viewport.origin_y if spare_y < 0 else float(round(spare_y / 2)),
    )


def min_scale(pane: tuple[float, float], picture: tuple[int, int]) -> float:
    """How far one can zoom out: to half of what fits, and always to 100 %."""
    return min(1.0, _fit_scale(pane, picture, 0.0) / 2)


def _fit_scale(pane: tuple[float, float], picture: tuple[int, int], margin: float) -> float:
    width = max(pane[0] - 2 * margin, 1.0)
    height = max(pane[1] - 2 * margin, 1.0)
    return max(min(width / max(picture[0], 1), height / max(picture[1], 1)), 1e-4)
