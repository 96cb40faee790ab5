"""Paints pictures into panes, in device pixels: only the tiles in sight, every view with the same rounding of edges."""

from __future__ import annotations

import math
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap

from app.canvas import colormap
from app.canvas.difference import Mode, Style
from app.canvas.scene import Scene, View
from app.canvas.tiles import TILE, Levels, TileCache, Tiles
from app.canvas.tone import PLAIN, Tone
from app.canvas.viewport import Viewport
from hpcm_core.results import BitMaps

CHECKER = 8
"""Side in device pixels of the squares behind transparent pictures."""


BUDGET = 0.03
"""Seconds that one paint may spend on making tiles; later ones make the rest. Coarser tiles stand in."""


@dataclass(frozen=True)
class Look:
    """How the views are set: divider in picture columns, gain as a factor, opacity 0 to 1, step None for the sum or
    the place of a map among the scene's; cumulative: a step stands for itself and all before it.
    """

    view: View = View.RECONSTRUCTION
    divider: int = 0
    gain: int = 8
    opacity: float = 0.75
    step: int | None = None
    cumulative: bool = False
    mode: Mode = Mode.ABSOLUTE
    luma: bool = False
    tone: Tone = PLAIN

    @property
    def difference(self) -> Style:
        """How the difference is painted."""
        return Style(self.mode, self.luma, self.gain)


class Renderer:
    """Holds the tile cache and the images of bit maps; paints one pane at a time."""

    def __init__(self) -> None:
        self.cache = TileCache()
        self.budget = BUDGET
        self.incomplete = False
        """Time was over before all tiles of the last paints were made: paint again soon. Whoever does so resets it."""
        self._until = math.inf
        self._map_key: tuple[BitMaps, int | None, bool] | None = None
        self._map = QImage()
        self._checker: QPixmap | None = None

    def begin(self) -> None:
        """A paint of the canvas begins: tiles may be made for as long as the budget lasts."""
        self.incomplete = False
        self._until = time.perf_counter() + self.budget
        self.cache.longest = 0.0

    def _may_make(self) -> bool:
        """Whether there is time for a piece of a tile. For the first of a paint there always is: where drawing alone
        takes longer than the budget, on a large screen, no tile would ever be made else.
        """
        longest = self.cache.longest
        return (longest == 0 and self.budget > 0) or time.perf_counter() + longest < self._until

    def paint(self, painter: QPainter, pane: QRect, scene: Scene, viewport: Viewport, look: Look) -> None:
        """Paint one view except SIDE, which is two panes of other views, into `pane`."""
        painter.save()
        painter.setClipRect(pane)
        painter.translate(pane.topLeft())
        area = QRect(0, 0, pane.width(), pane.height())
        tone = None if look.tone.is_plain else look.tone
        if look.view is View.WIPE and scene.original is not None and scene.reconstruction is not None:
            edge = viewport.edge_x(look.divider)
            left = QRect(0, 0, edge, area.height())
            right = QRect(edge, 0, max(area.width() - edge, 0), area.height())
            self._paint_part(painter, area.intersected(left), scene.original, viewport, tone)
            self._paint_part(painter, area.intersected(right), scene.reconstruction, viewport, tone)
            self._paint_first(painter, area.intersected(right), scene, viewport, tone)
        elif look.view is View.DIFFERENCE and scene.difference is not None:
            self._paint_pyramid(painter, area, scene.difference, viewport, look.difference)
        elif look.view is View.BITS and scene.bits is not None:
            under = scene.reconstruction or scene.original
            if under is not None:
                if look.opacity < 1.0:
                    self._paint_pyramid(painter, area, under, viewport)
                self._paint_map(painter, area, scene.bits, under.size, viewport, look)
        else:
            shown = scene.original if look.view is View.ORIGINAL else scene.reconstruction
            shown = shown or scene.reconstruction or scene.original
            if shown is not None:
                self._paint_pyramid(painter, area, shown, viewport, tone)
            if shown is scene.reconstruction:
                self._paint_first(painter, area, scene, viewport, tone)
        painter.restore()

    def _paint_first(self, painter: QPainter, area: QRect, scene: Scene, viewport: Viewport, tone: Hashable) -> None:
        """Paint the scene's part over the reconstruction."""
        part = scene.part
        if part is None:
            return
        x, y = viewport.to_pane(part.rect.left(), part.rect.top())
        self._paint_part(painter, area, part.pyramid, replace(viewport, origin_x=x, origin_y=y), tone)

    def _paint_part(self, painter: QPainter, part: QRect, pyramid: Levels, viewport: Viewport, style: Hashable) -> None:
        if part.isEmpty():
            return
        painter.save()
        painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
        self._paint_pyramid(painter, part, pyramid, viewport, style)
        painter.restore()

    def _paint_pyramid(
        self, painter: QPainter, area: QRect, pyramid: Levels, viewport: Viewport, style: Hashable = None
    ) -> None:
        """Paint the part of a picture that lies in `area` (pane pixels)."""
        level = pyramid.level_for(viewport.scale)
        step = 1 << level
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.scale < 1.0)
        if pyramid.has_alpha:
            self._paint_checker(painter, area, pyramid, viewport)
        left, top = viewport.to_picture(area.left(), area.top())
        right, bottom = viewport.to_picture(area.left() + area.width(), area.top() + area.height())
        first_x, last_x = max(math.floor(left), 0), min(math.ceil(right), pyramid.width)
        first_y, last_y = max(math.floor(top), 0), min(math.ceil(bottom), pyramid.height)
        span = TILE * step
        for row in range(first_y // span, math.ceil(last_y / span)):
            for column in range(first_x // span, math.ceil(last_x / span)):
                # At high zoom a tile is far larger than the pane: paint only the pixels in sight, from pixel edge to
                # pixel edge.
                x0, x1 = column * span, min((column + 1) * span, pyramid.width)
                y0, y1 = row * span, min((row + 1) * span, pyramid.height)
                if level == 0:
                    x0, x1 = max(x0, first_x), min(x1, last_x)
                    y0, y1 = max(y0, first_y), min(y1, last_y)
                target = _target(viewport, x0, y0, x1, y1)
                if target.isEmpty():
                    continue
                source = QRectF(
                    (x0 - column * span) / step, (y0 - row * span) / step, (x1 - x0) / step, (y1 - y0) / step
                )
                image = self.cache.kept(pyramid, level, column, row, style)
                if image is None and self._may_make():
                    image = self.cache.image(pyramid, level, column, row, style, self._until)
                if image is None:
                    self.incomplete = True
                    image = self.cache.before(pyramid, level, column, row, style)
                if image is None:
                    self._paint_coarse(painter, target, pyramid, level, QRect(x0, y0, x1 - x0, y1 - y0), style)
                else:
                    painter.drawImage(target, image, source)

    def _paint_coarse(
        self, painter: QPainter, target: QRectF, pyramid: Levels, level: int, part: QRect, style: Hashable
    ) -> None:
        """A part of the picture (its pixels) from a coarser tile; where none is kept, from that of the whole picture,
        which is made at once, or in one colour where even that takes long.
        """
        last = pyramid.count - 1
        for coarse in range(level + 1, pyramid.count):
            span = TILE << coarse
            column, row = part.left() // span, part.top() // span
            image = self.cache.kept(pyramid, coarse, column, row, style)
            if image is None and coarse == last and isinstance(pyramid, Tiles):
                image = self.cache.image(pyramid, coarse, column, row, style)
            if image is not None:
                step = 1 << coarse
                x, y = (part.left() - column * span) / step, (part.top() - row * span) / step
                painter.drawImage(target, image, QRectF(x, y, part.width() / step, part.height() / step))
                return
        blank = pyramid.blank(style)
        if blank is not None:
            painter.fillRect(target, blank)

    def _paint_checker(self, painter: QPainter, area: QRect, pyramid: Levels, viewport: Viewport) -> None:
        if self._checker is None:
            pixmap = QPixmap(2 * CHECKER, 2 * CHECKER)
            pixmap.fill(QColor(204, 204, 204))
            with QPainter(pixmap) as squares:
                for x, y in ((0, 0), (CHECKER, CHECKER)):
                    squares.fillRect(x, y, CHECKER, CHECKER, QColor(244, 244, 244))
            self._checker = pixmap
        painter.fillRect(area.intersected(picture_rect(viewport, pyramid.size)), QBrush(self._checker))

    def _paint_map(
        self,
        painter: QPainter,
        area: QRect,
        bits: BitMaps,
        size: tuple[int, int],
        viewport: Viewport,
        look: Look,
    ) -> None:
        cell = bits.cell
        key = (bits, look.step, look.cumulative)
        if key != self._map_key:
            cells = cells_of(bits.steps, look.step, look.cumulative and not bits.colours)
            self._map = colormap.image(cells, cell, colormap.scale_of(bits), size if bits.colours else None)
            self._map_key = key
        left, top = viewport.to_picture(area.left(), area.top())
        right, bottom = viewport.to_picture(area.left() + area.width(), area.top() + area.height())
        first_x, last_x = max(math.floor(left / cell), 0), min(math.ceil(right / cell), self._map.width())
        first_y, last_y = max(math.floor(top / cell), 0), min(math.ceil(bottom / cell), self._map.height())
        if last_x <= first_x or last_y <= first_y:
            return
        painter.save()
        painter.setOpacity(look.opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.scale * cell < 1.0)
        # The last cells reach past the picture; what lies outside belongs to no pixel.
        painter.setClipRect(picture_rect(viewport, size), Qt.ClipOperation.IntersectClip)
        x0, x1 = viewport.edge_x(first_x * cell), viewport.edge_x(last_x * cell)
        y0, y1 = viewport.edge_y(first_y * cell), viewport.edge_y(last_y * cell)
        source = QRectF(first_x, first_y, last_x - first_x, last_y - first_y)
        painter.drawImage(QRectF(x0, y0, x1 - x0, y1 - y0), self._map, source)
        painter.restore()


def _target(viewport: Viewport, x0: int, y0: int, x1: int, y1: int) -> QRectF:
    """Where a part of the picture goes, so that parts side by side meet without a gap.

    Enlarged, it is the exact place: the painter takes for each device pixel the picture pixel under its middle, and
    so puts every pixel edge where Viewport.edge_x says. Reduced, colours are mixed, and the part's own edges must be
    whole.
    """
    if viewport.scale >= 1.0:
        left, top = viewport.to_pane(x0, y0)
        return QRectF(left, top, (x1 - x0) * viewport.scale, (y1 - y0) * viewport.scale)
    left, top = viewport.edge_x(x0), viewport.edge_y(y0)
    return QRectF(left, top, viewport.edge_x(x1) - left, viewport.edge_y(y1) - top)


def cells_of(steps: npt.NDArray[np.float32], step: int | None, cumulative: bool = False) -> npt.NDArray[np.float32]:
    """One of the bit maps (BitMaps.steps or a part of their cells), or their sum for None: rows x columns of cells, in
    bits. cumulative: with all maps before it.
    """
    if step is None:
        return np.asarray(steps.sum(axis=0), dtype=np.float32)
    return np.asarray(steps[: step + 1].sum(axis=0) if cumulative else steps[step], dtype=np.float32)


def picture_rect(viewport: Viewport, size: tuple[int, int]) -> QRect:
    """Where the whole picture lies in the pane, in device pixels."""
    x0, y0 = viewport.edge_x(0), viewport.edge_y(0)
    return QRect(x0, y0, viewport.edge_x(size[0]) - x0, viewport.edge_y(size[1]) - y0)
