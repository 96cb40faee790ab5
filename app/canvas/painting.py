"""How what is painted and the brush look over the picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.canvas.brush import Brush, Kind
from app.canvas.frame import Frame
from app.canvas.renderer import picture_rect
from hpcm_core.format.gain import BLOCK, MOST

KEEP, CHEAP = QColor(0, 158, 255), QColor(255, 128, 0)
"""Two colours that are told apart by everybody, on most pictures."""
_OPACITY = 56
"""Of 255, of a block with the whole offset: what it does to the picture is to be seen through it."""
_EDGE = 2
"""Device-independent pixels of the lines around what is painted."""


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
