"""What lies over the pictures: the wipe's divider, names of the views, the pointer's twin in the other pane."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QRegion

from app.canvas.difference import Mode
from app.canvas.frame import Frame
from app.canvas.scene import View
from app.ui import theme
from app.ui.translation import tr
from app.ui.words import map_name

LABEL_MARGIN = 12
GRIP_RADIUS = 14
LEAST_ROOM = 80
"""Device-independent pixels of a label that is cut."""


def paint(painter: QPainter, frame: Frame) -> None:
    """Paint everything over the pictures; the painter's units are device-independent pixels."""
    if frame.scene.is_empty:
        return
    panes = [(pane.view, _logical(pane.rect, frame.ratio)) for pane in frame.panes]
    size = _logical(QRect(QPoint(), frame.size), frame.ratio).size()
    for outlined in (frame.mark, frame.selection):
        if outlined is not None:
            _outline(painter, frame, outlined)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if frame.look.view is View.WIPE:
        edge = frame.viewport.edge_x(frame.look.divider) / frame.ratio
        _divider(painter, edge, size.height())
        _wipe_labels(painter, frame, edge, size.width())
        return
    for view, rect in panes:
        room = rect.width() - 2 * LABEL_MARGIN
        label(painter, name_of(view, frame), rect.left() + LABEL_MARGIN, rect.top() + LABEL_MARGIN, room)
    if frame.look.view is View.SIDE:
        gap = QRectF(panes[0][1].right(), 0, panes[1][1].left() - panes[0][1].right(), size.height())
        painter.fillRect(gap, theme.current().surface)
        _twin(painter, frame)


def name_of(view: View, frame: Frame) -> str:
    """What the label of a pane says."""
    scene, look = frame.scene, frame.look
    tone = f" · {look.tone.words}" if look.tone.words else ""
    if view is View.ORIGINAL:
        return scene.original_name + tone
    if view is View.DIFFERENCE:
        names = {
            Mode.ABSOLUTE: tr("Difference of luma") if look.luma else tr("Difference"),
            Mode.SIGNED: tr("Signed difference of luma") if look.luma else tr("Signed difference"),
            Mode.RELATIVE: tr("Relative difference of luma") if look.luma else tr("Relative difference"),
            Mode.STRUCTURE: "1 − SSIM",
            Mode.FLIP: "FLIP",
        }
        return f"{names[look.mode]} ×{look.gain}" + (f" · {scene.difference_look}" if scene.difference_look else "")
    if view is View.BITS:
        labels = scene.bits.labels if scene.bits is not None else ()
        return tr("Bits") + f" · {map_name(labels, look.step, look.cumulative)}"
    return (scene.reconstruction_name if scene.part is None else scene.part.name) + tone


def _logical(rect: QRect, ratio: float) -> QRectF:
    return QRectF(rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio)


def label_width(painter: QPainter, text: str) -> float:
    """How wide `label` paints a text that has room."""
    return QFontMetricsF(painter.font()).horizontalAdvance(text) + 20


def label(painter: QPainter, text: str, x: float, y: float, room: float = math.inf) -> None:
    """A name on the picture, with its left upper corner at a place; room: the widest that it may be."""
    # Dark in both themes: it lies on the picture, not on the window.
    if label_width(painter, text) > room:
        text = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideMiddle, max(room - 20, 0))
    rect = QRectF(x, y, min(label_width(painter, text), room), 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(18, 20, 24, 190))
    painter.drawRoundedRect(rect, 12, 12)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def _wipe_labels(painter: QPainter, frame: Frame, edge: float, full: float) -> None:
    """The names beside the divider's two sides, in the canvas's corners, cut where their side is narrow and left out
    where it is narrower still; of a right that is no faithful picture that is said before its name is cut.
    """
    left, right = (name_of(view, frame) for view in (View.ORIGINAL, View.RECONSTRUCTION))
    room = edge - 2 * LABEL_MARGIN
    if room >= min(label_width(painter, left), LEAST_ROOM):
        label(painter, left, LABEL_MARGIN, LABEL_MARGIN, room)
    room = full - edge - 2 * LABEL_MARGIN
    if frame.scene.look and frame.scene.part is None and label_width(painter, right) > room:
        right = frame.scene.look
    width = label_width(painter, right)
    if room >= min(width, LEAST_ROOM):
        label(painter, right, full - min(width, room) - LABEL_MARGIN, LABEL_MARGIN, room)


def _divider(painter: QPainter, edge: float, height: float) -> None:
    painter.fillRect(QRectF(edge - 2, 0, 4, height), QColor(0, 0, 0, 70))
    painter.fillRect(QRectF(edge - 0.75, 0, 1.5, height), QColor(255, 255, 255))
    middle = QPointF(edge, height / 2)
    painter.setPen(QPen(QColor(0, 0, 0, 60), 3))
    painter.setBrush(QColor(255, 255, 255))
    painter.drawEllipse(middle, GRIP_RADIUS, GRIP_RADIUS)
    arrows = QPainterPath()
    for side in (-1, 1):
        arrows.moveTo(middle.x() + side * 4, middle.y() - 4)
        arrows.lineTo(middle.x() + side * 8, middle.y())
        arrows.lineTo(middle.x() + side * 4, middle.y() + 4)
    painter.setPen(
        QPen(QColor(40, 44, 52), 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(arrows)


def _outline(painter: QPainter, frame: Frame, rect: QRect) -> None:
    """A frame around a rectangle of the picture in each pane, just outside its pixels."""
    view, ratio = frame.viewport, frame.ratio
    x0, x1 = view.edge_x(rect.left()), view.edge_x(rect.left() + rect.width())
    y0, y1 = view.edge_y(rect.top()), view.edge_y(rect.top() + rect.height())
    for pane in frame.panes:
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.translate(pane.rect.topLeft())
        inside = QRect(QPoint(), pane.rect.size())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        line = max(round(ratio), 1)
        edge = QRect(x0, y0, x1 - x0, y1 - y0)
        for colour, inner in ((QColor(0, 0, 0), 0), (QColor(255, 255, 255), line), (QColor(0, 0, 0), 2 * line)):
            outer = edge.adjusted(-inner - line, -inner - line, inner + line, inner + line)
            hole = edge.adjusted(-inner, -inner, inner, inner)
            # Setting it takes the place of the pane's.
            painter.setClipRegion(QRegion(outer).subtracted(QRegion(hole)).intersected(inside))
            painter.fillRect(outer, colour)
        painter.restore()


def _twin(painter: QPainter, frame: Frame) -> None:
    """A small cross at the place in the other pane that the pointer's place corresponds to."""
    pointer, ratio = frame.pointer, frame.ratio
    if pointer is None or frame.hovered_pixel is None:
        return
    left, right = (pane.rect for pane in frame.panes)
    shift = right.left() - left.left()
    other = pointer.x() + (shift if pointer.x() <= left.right() else -shift)
    x, y = other / ratio, pointer.y() / ratio
    for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor(255, 255, 255), 1.25)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(x - 7, y), QPointF(x + 7, y))
        painter.drawLine(QPointF(x, y - 7), QPointF(x, y + 7))
