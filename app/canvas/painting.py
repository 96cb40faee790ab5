"""Painting where a picture is kept better or coded more cheaply: the brush, its strokes on blocks, their look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.canvas.renderer import picture_rect
from app.ui.translation import QT_TR_NOOP
from hpcm_core.format.gain import BLOCK, MOST, QualityMap, blocks

if TYPE_CHECKING:
    from app.canvas.frame import Frame

KEEP, CHEAP = QColor(0, 158, 255), QColor(255, 128, 0)
"""Two colours that are told apart by everybody, on most pictures."""
_OPACITY = 56
"""Of 255, of a block with the whole offset: what it does to the picture is to be seen through it."""
_EDGE = 2
"""Device-independent pixels of the lines around what is painted."""
SIZES = (64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Picture pixels across the brush."""


class Kind(Enum):
    """What a brush does. The value is the offset that it leaves."""

    KEEP = MOST
    CHEAP = -MOST
    ERASE = 0


KIND_NAMES = {
    Kind.KEEP: QT_TR_NOOP("Keep better"),
    Kind.CHEAP: QT_TR_NOOP("Code cheaply"),
    Kind.ERASE: QT_TR_NOOP("Erase"),
}


@dataclass(frozen=True)
class Brush:
    """size: picture pixels across."""

    kind: Kind = Kind.KEEP
    size: int = 128


@dataclass(frozen=True)
class Painting:
    """What is painted and with what, for as long as the brush is in the hand. offsets: None for a picture on which
    nothing is painted.
    """

    brush: Brush
    offsets: QualityMap | None


class Stroke:
    """One stroke over a map, from where the button is pressed to where it is let go. Points are picture pixels."""

    def __init__(self, painting: Painting, size: tuple[int, int]) -> None:
        """size: width and height of the picture."""
        self._brush = painting.brush
        rows, columns = blocks(*size)
        self._values = (
            np.zeros((rows, columns), np.int8) if painting.offsets is None else painting.offsets.offsets.copy()
        )
        self._middles = (np.arange(rows) + 0.5) * BLOCK, (np.arange(columns) + 0.5) * BLOCK
        self._last: tuple[float, float] | None = None

    def to(self, x: float, y: float) -> None:
        """Go on to a point."""
        start = self._last or (x, y)
        self._last = x, y
        steps = max(1, int(2 * max(abs(x - start[0]), abs(y - start[1])) / BLOCK))
        for i in range(1, steps + 1):
            self._dab(start[0] + (x - start[0]) * i / steps, start[1] + (y - start[1]) * i / steps)

    def _dab(self, x: float, y: float) -> None:
        """Paint the block under a point, and those whose middle the brush covers."""
        rows, columns = self._middles
        apart = np.hypot(rows[:, np.newaxis] - y, columns - x)
        self._values[apart <= self._brush.size / 2] = self._brush.kind.value
        row, column = int(y // BLOCK), int(x // BLOCK)
        if 0 <= row < len(rows) and 0 <= column < len(columns):
            self._values[row, column] = self._brush.kind.value

    @property
    def map(self) -> QualityMap:
        """What is painted by now."""
        return QualityMap.of(self._values)


def paint(painter: QPainter, frame: Frame) -> None:
    """Paint the blocks over every pane, and the brush at the pointer; the painter's units are device pixels."""
    painting = frame.painting
    if painting is None:
        return
    width, height = frame.scene.size
    for pane in frame.panes:
        painter.save()
        painter.setClipRect(pane.rect)
        painter.translate(pane.rect.topLeft())
        if painting.offsets is not None and not painting.offsets.is_plain:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            # The last blocks reach past the picture.
            painter.setClipRect(picture_rect(frame.viewport, (width, height)), Qt.ClipOperation.IntersectClip)
            left, top = frame.viewport.to_pane(0, 0)
            side = BLOCK * frame.viewport.scale
            image = _image(painting.offsets.offsets)
            painter.drawImage(QRectF(left, top, image.width() * side, image.height() * side), image)
            for colour, sign in ((CHEAP, -1), (KEEP, 1)):
                painter.setPen(QPen(colour, _EDGE * frame.ratio))
                painter.drawLines(_edges(painting.offsets.offsets * sign > 0, left, top, side))
        painter.restore()
    if frame.pointer is not None and frame.hovered_pixel is not None:
        _ring(painter, frame.pointer, painting.brush, frame)


def _ring(painter: QPainter, pointer: QPointF, brush: Brush, frame: Frame) -> None:
    painter.save()
    painter.setClipRect(frame.pane_at(pointer).rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = max(brush.size / 2 * frame.viewport.scale, 3.0)
    inner = {Kind.KEEP: KEEP, Kind.CHEAP: CHEAP, Kind.ERASE: QColor(255, 255, 255)}[brush.kind]
    for colour, width in ((QColor(0, 0, 0, 200), 4.0), (inner, 2.0)):
        painter.setPen(QPen(colour, width * frame.ratio))
        painter.drawEllipse(pointer, radius, radius)
    painter.restore()


def _edges(inside: npt.NDArray[np.bool_], left: float, top: float, side: float) -> list[QLineF]:
    """The lines around blocks, of a side in device pixels each."""
    wide = np.pad(inside, 1)
    lines = []
    for row, column in np.argwhere(wide[1:, 1:-1] != wide[:-1, 1:-1]):
        y = top + row * side
        lines.append(QLineF(left + column * side, y, left + (column + 1) * side, y))
    for row, column in np.argwhere(wide[1:-1, 1:] != wide[1:-1, :-1]):
        x = left + column * side
        lines.append(QLineF(x, top + row * side, x, top + (row + 1) * side))
    return lines


def _image(offsets: npt.NDArray[np.int8]) -> QImage:
    """A pixel a block."""
    pixels = np.zeros((*offsets.shape, 4), np.uint8)
    for colour, there in ((KEEP, offsets > 0), (CHEAP, offsets < 0)):
        pixels[there, :3] = colour.red(), colour.green(), colour.blue()
    pixels[..., 3] = np.minimum(np.abs(offsets.astype(int)), MOST) * _OPACITY // MOST
    height, width = offsets.shape
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
