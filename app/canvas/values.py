"""The values of pixels, written into them where they are large enough: the codec's own samples, or their difference."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from app.canvas.frame import Frame
from app.canvas.mixed import Mixture
from app.canvas.scene import View
from app.ui import theme
from app.ui.translation import number
from hpcm_core.picture.samples import Samples

LEAST = 56
"""Device-independent pixels of a side of a pixel from which its values are written."""
BRIGHT = 140
"""Level of 255 from which what is written is black."""


def are_shown(frame: Frame) -> bool:
    """Whether pixels are large enough to be written into."""
    return frame.viewport.scale >= LEAST * frame.ratio and not frame.scene.is_empty


def paint(painter: QPainter, frame: Frame) -> None:
    """Write into every pixel in sight; the painter's units are device pixels."""
    # The samples of a part that came first are not at hand.
    if not are_shown(frame) or frame.scene.part is not None:
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
    """What is written into a pixel: a line for each channel; empty where the view has no values."""
    texts = _texts(frame, view, np.s_[y : y + 1, x : x + 1])
    return texts[0][0] if texts else ""


def _texts(frame: Frame, view: View, part: tuple[slice, slice]) -> list[list[str]]:
    """What is written into the pixels of a part, by rows; nothing where the view has no values."""
    shown = _samples(frame, view)
    if shown is None:
        return []
    first, second = shown
    if second is None:
        return [["\n".join(map(str, pixel)) for pixel in row] for row in first[part].tolist()]
    changes = (second[part].astype(np.int64) - first[part]).tolist()
    return [["\n".join(map(_signed, pixel)) for pixel in row] for row in changes]


def _signed(value: int) -> str:
    return number(value, "+d") if value else "0"


def _samples(frame: Frame, view: View) -> tuple[Samples | Mixture, Samples | Mixture | None] | None:
    """The samples of a view, or the two whose difference it is."""
    original, other = frame.scene.original_samples, frame.scene.reconstruction_samples
    if view is View.DIFFERENCE and original is not None and other is not None and original.shape == other.shape:
        return original, other
    one = {View.ORIGINAL: original, View.RECONSTRUCTION: frame.scene.samples_on_show}.get(view)
    return None if one is None else (one, None)


def _pane(painter: QPainter, frame: Frame, view: View, area: QRect) -> None:
    viewport, (width, height) = frame.viewport, frame.scene.size
    if area.isEmpty():
        return
    left, top = viewport.to_picture(area.left(), area.top())
    right, bottom = viewport.to_picture(area.right() + 1, area.bottom() + 1)
    first_x, first_y = max(math.floor(left), 0), max(math.floor(top), 0)
    part = np.s_[first_y : min(math.ceil(bottom), height), first_x : min(math.ceil(right), width)]
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    is_bright = _is_bright(frame, view, part)
    for y, row in enumerate(_texts(frame, view, part)):
        for x, text in enumerate(row):
            painter.setPen(_ON_DIFFERENCE if is_bright is None else _BLACK if is_bright[y][x] else _WHITE)
            corner_x, corner_y = viewport.to_pane(first_x + x, first_y + y)
            place = QRectF(corner_x, corner_y, viewport.scale, viewport.scale)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _is_bright(frame: Frame, view: View, part: tuple[slice, slice]) -> list[list[bool]] | None:
    """Where black is read better than white on what is shown; None on differences."""
    scene = frame.scene
    pyramid = scene.original if view is View.ORIGINAL else scene.reconstruction
    if view is View.DIFFERENCE or pyramid is None:
        return None
    bright: list[list[bool]] = (pyramid.pixels(part)[:, :, :3].mean(axis=2) > BRIGHT).tolist()
    return bright


_BLACK, _WHITE = QColor(0, 0, 0), QColor(255, 255, 255)
_ON_DIFFERENCE = QColor(255, 80, 80)
"""Read on every grey."""
