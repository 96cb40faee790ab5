"""The loupe: both pictures around the pointer, enlarged by a whole factor, each pixel a square of device pixels."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.canvas.frame import Frame
from app.canvas.renderer import Renderer
from app.canvas.scene import View
from app.canvas.viewport import MAX_SCALE, Viewport
from app.ui import theme
from app.ui.translation import QT_TR_NOOP, tr

SIDE = 152
"""Device-independent pixels of each of the two squares."""
AWAY = 28
"""Device-independent pixels between pointer and loupe."""
NAMES = {View.ORIGINAL: QT_TR_NOOP("Original"), View.RECONSTRUCTION: QT_TR_NOOP("Reconstruction")}
LEAST = 8
"""The least enlargement, in device-independent pixels per picture pixel."""


def magnification(scale: float, ratio: float) -> int:
    """Device pixels per picture pixel in the loupe: well above what the canvas shows, a whole number."""
    return min(max(round(LEAST * ratio), round(4 * scale)), int(MAX_SCALE))


def squares(frame: Frame) -> list[tuple[View, QRect]]:
    """The views in the loupe and where they are, in device pixels; empty when there is nothing to look at."""
    pointer = frame.pointer
    if pointer is None or frame.hovered_pixel is None:
        return []
    views = [view for view in (View.ORIGINAL, View.RECONSTRUCTION) if frame.scene.offers(view)]
    ratio, size = frame.ratio, frame.size
    side, away = round(SIDE * ratio), round(AWAY * ratio)
    width = len(views) * side + len(views) - 1
    x, y = round(pointer.x()) + away, round(pointer.y()) + away
    if x + width > size.width():
        x = round(pointer.x()) - away - width
    if y + side > size.height():
        y = round(pointer.y()) - away - side
    x, y = max(min(x, size.width() - width), 0), max(min(y, size.height() - side), 0)
    return [(view, QRect(x + index * (side + 1), y, side, side)) for index, view in enumerate(views)]


def paint(painter: QPainter, frame: Frame, renderer: Renderer) -> None:
    """Paint it; the painter's units are device pixels. renderer: the canvas's, with its tiles."""
    places, pixel = squares(frame), frame.hovered_pixel
    if not places or pixel is None:
        return
    ratio = frame.ratio
    scale, line = magnification(frame.viewport.scale, ratio), max(round(ratio), 1)
    whole = places[0][1].united(places[-1][1])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for colour, grown in ((QColor(255, 255, 255), 3 * line), (QColor(18, 20, 24), 2 * line)):
        painter.fillRect(whole.adjusted(-grown, -grown, grown, grown), colour)
    for view, rect in places:
        # The pixel under the pointer lies in the middle of the square.
        left, top = (rect.width() - scale) // 2, (rect.height() - scale) // 2
        viewport = Viewport(float(scale), float(left - pixel[0] * scale), float(top - pixel[1] * scale))
        renderer.paint(painter, rect, frame.scene, viewport, replace(frame.look, view=view))
        middle = QRect(rect.left() + left, rect.top() + top, scale, scale)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, grown in ((QColor(0, 0, 0), 1), (QColor(255, 255, 255), 2)):
            painter.setPen(QPen(colour, 1))
            painter.drawRect(middle.adjusted(-grown, -grown, grown - 1, grown - 1))
        look = frame.scene.look if view is View.RECONSTRUCTION else ""
        _caption(painter, look or tr(NAMES[view]), rect, ratio)


def _caption(painter: QPainter, text: str, rect: QRect, ratio: float) -> None:
    """The name of a square's picture, at its lower edge."""
    painter.save()
    painter.scale(ratio, ratio)
    font = theme.small_font()
    font.setPixelSize(11)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    height = metrics.height() + 4
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width() / ratio - 4)
    place = QRectF(rect.left() / ratio, (rect.bottom() + 1) / ratio - height, rect.width() / ratio, height)
    painter.fillRect(place, QColor(18, 20, 24, 190))
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
