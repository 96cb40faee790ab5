"""The values of pixels, written into them where they are large enough: the codec's own samples, or their difference."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from app.canvas.frame import Frame
from app.canvas.scene import View
from app.ui import theme
from hpcm_core.picture.samples import Samples

LEAST = 44
"""Device-independent pixels of a side of a pixel from which its values are written."""
BRIGHT = 140
"""Level of 255 from which what is written is black."""


def are_shown(frame: Frame) -> bool:
    """Whether pixels are large enough to be written into."""
    return frame.viewport.scale >= LEAST * frame.ratio and not frame.scene.is_empty


def paint(painter: QPainter, frame: Frame) -> None:
    """Write into every pixel in sight; the painter's units are device pixels."""
    if not are_shown(frame):
        return
    font = theme.with_equal_digits(theme.small_font())
    font.setPixelSize(round(11 * frame.ratio))
    painter.setFont(font)
    for pane in frame.panes:
        painter.save()
        painter.setClipRect(pane.rect)
        painter.translate(pane.rect.topLeft())
        if pane.view is View.WIPE:
            edge = frame.viewport.edge_x(frame.look.divider)
            for view, left, right in ((View.ORIGINAL, 0, edge), (View.RECONSTRUCTION, edge, pane.rect.width())):
                _pane(painter, frame, view, QRect(left, 0, max(right - left, 0), pane.rect.height()))
        else:
            _pane(painter, frame, pane.view, QRect(0, 0, pane.rect.width(), pane.rect.height()))
        painter.restore()


def text_at(frame: Frame, view: View, x: int, y: int) -> str:
    """What is written into a pixel: a line for each channel."""
    shown = _samples(frame, view)
    if shown is None:
        return ""
    first, second = shown
    if second is None:
        return "\n".join(str(int(value)) for value in first[y, x])
    change = second[y, x].astype(np.int64) - first[y, x].astype(np.int64)
    return "\n".join(f"{int(value):+d}".replace("-", "−") if value else "0" for value in change)


def _samples(frame: Frame, view: View) -> tuple[Samples, Samples | None] | None:
    """The samples of a view, or the two whose difference it is."""
    original, other = frame.scene.original_samples, frame.scene.reconstruction_samples
    if view is View.DIFFERENCE and original is not None and other is not None and original.shape == other.shape:
        return original, other
    one = {View.ORIGINAL: original, View.RECONSTRUCTION: other}.get(view)
    return None if one is None else (one, None)


def _pane(painter: QPainter, frame: Frame, view: View, area: QRect) -> None:
    viewport, (width, height) = frame.viewport, frame.scene.size
    if _samples(frame, view) is None or area.isEmpty():
        return
    left, top = viewport.to_picture(area.left(), area.top())
    right, bottom = viewport.to_picture(area.right() + 1, area.bottom() + 1)
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    for y in range(max(math.floor(top), 0), min(math.ceil(bottom), height)):
        for x in range(max(math.floor(left), 0), min(math.ceil(right), width)):
            painter.setPen(_ink(frame, view, x, y))
            corner_x, corner_y = viewport.to_pane(x, y)
            place = QRectF(corner_x, corner_y, viewport.scale, viewport.scale)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text_at(frame, view, x, y))


def _ink(frame: Frame, view: View, x: int, y: int) -> QColor:
    """Black or white, whichever is read on what is shown there."""
    scene = frame.scene
    pyramid = scene.original if view is View.ORIGINAL else scene.reconstruction
    if view is View.DIFFERENCE or pyramid is None:
        return QColor(255, 80, 80)  # On every grey.
    level = pyramid.levels[0][y, x, :3].mean()
    return QColor(0, 0, 0) if level > BRIGHT else QColor(255, 255, 255)
