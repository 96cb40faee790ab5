"""Icons as line drawings on a 24 x 24 grid, painted in the theme's own colours at any resolution."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from app.ui import theme

Draw = Callable[[QPainter], None]

STROKE = 1.75

SIDES = (16, 20, 24, 30, 40, 48, 60, 72)
"""Pixels: the usual sizes at usual resolutions, so that no icon is ever scaled."""


def _lines(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(*point)
    return path


def _strokes(*lines: tuple[tuple[float, float], ...]) -> Draw:
    def draw(painter: QPainter) -> None:
        for line in lines:
            painter.drawPath(_lines(*line))

    return draw


def _fill(painter: QPainter, shape: QPainterPath, alpha: float = 1.0) -> None:
    colour = QColor(painter.pen().color())
    colour.setAlphaF(colour.alphaF() * alpha)
    painter.fillPath(shape, colour)


def _frame(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(3.5, 5, 17, 14), 2, 2)


def _open(painter: QPainter) -> None:
    painter.drawPath(_lines((3.5, 18), (3.5, 6), (9, 6), (11, 8.5), (18.5, 8.5), (18.5, 11)))
    painter.drawPath(_lines((3.5, 18.5), (6.5, 11), (21.5, 11), (18.5, 18.5), (3.5, 18.5)))


def _save(painter: QPainter) -> None:
    painter.drawPath(_lines((12, 3.5), (12, 14)))
    painter.drawPath(_lines((7.5, 10), (12, 14.5), (16.5, 10)))
    painter.drawPath(_lines((4, 15.5), (4, 20), (20, 20), (20, 15.5)))


def _picture(painter: QPainter) -> None:
    _frame(painter)
    painter.drawPath(_lines((3.5, 17), (9, 11.5), (13, 15.5), (15.5, 13), (20.5, 17.5)))
    painter.drawEllipse(QPointF(15.5, 9.2), 1.2, 1.2)


def _export(painter: QPainter) -> None:
    painter.drawPath(_lines((11, 5), (3.5, 5), (3.5, 19), (20.5, 19), (20.5, 13)))
    painter.drawPath(_lines((3.5, 16.5), (8.5, 12), (14, 18)))
    painter.drawPath(_lines((13.5, 11), (20.5, 4)))
    painter.drawPath(_lines((15, 3.8), (20.7, 3.8), (20.7, 9.5)))


def _reconstruction(painter: QPainter) -> None:
    _frame(painter)
    for x, y, alpha in (
        (6, 8, 0.9),
        (10.2, 8, 0.35),
        (14.4, 8, 0.7),
        (6, 12.2, 0.35),
        (10.2, 12.2, 0.9),
        (14.4, 12.2, 0.5),
    ):
        cell = QPainterPath()
        cell.addRect(QRectF(x, y, 3.6, 3.6))
        _fill(painter, cell, alpha)


def _wipe(painter: QPainter) -> None:
    half = QPainterPath()
    half.addRect(QRectF(12, 5, 8.5, 14))
    _fill(painter, half, 0.3)
    _frame(painter)
    painter.drawPath(_lines((12, 2.5), (12, 21.5)))


def _side(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(3, 5, 8, 14), 1.5, 1.5)
    painter.drawRoundedRect(QRectF(13, 5, 8, 14), 1.5, 1.5)


def _difference(painter: QPainter) -> None:
    left, right = QPainterPath(), QPainterPath()
    left.addEllipse(QPointF(9, 12), 6, 6)
    right.addEllipse(QPointF(15, 12), 6, 6)
    _fill(painter, left.intersected(right), 0.35)
    painter.drawPath(left)
    painter.drawPath(right)


def _bits(painter: QPainter) -> None:
    alphas = (0.95, 0.6, 0.3, 0.6, 0.3, 0.15, 0.3, 0.15, 0.1)
    for index, alpha in enumerate(alphas):
        cell = QPainterPath()
        cell.addRoundedRect(QRectF(3.5 + index % 3 * 6, 3.5 + index // 3 * 6, 5, 5), 1, 1)
        _fill(painter, cell, alpha)
        painter.save()
        painter.setPen(QPen(painter.pen().color(), 1.0))
        painter.drawPath(cell)
        painter.restore()


def _one(painter: QPainter) -> None:
    painter.drawPath(_lines((4.5, 8.5), (7, 6.5), (7, 17.5)))
    painter.drawPath(_lines((15.5, 8.5), (18, 6.5), (18, 17.5)))
    for y in (10, 14.5):
        painter.drawEllipse(QPointF(12, y), 0.5, 0.5)


def _effort(painter: QPainter) -> None:
    """A gauge whose needle is beyond the middle."""
    painter.drawArc(QRectF(4, 6, 16, 16), -20 * 16, 220 * 16)
    painter.drawLine(QPointF(12, 14), QPointF(16, 9.5))


def _play(painter: QPainter) -> None:
    shape = _lines((8, 5.5), (18, 12), (8, 18.5), (8, 5.5))
    _fill(painter, shape)
    painter.drawPath(shape)


def _copy(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(8.5, 8.5, 11.5, 11.5), 2, 2)
    painter.drawPath(_lines((15.5, 5), (15.5, 4), (4, 4), (4, 15.5), (5, 15.5)))


def _warning(painter: QPainter) -> None:
    painter.drawPath(_lines((12, 4), (21, 19.5), (3, 19.5), (12, 4)))
    painter.drawPath(_lines((12, 10), (12, 14)))
    painter.drawEllipse(QPointF(12, 16.7), 0.4, 0.4)


def _info(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 8.5, 8.5)
    painter.drawPath(_lines((12, 11.5), (12, 16.5)))
    painter.drawEllipse(QPointF(12, 8), 0.4, 0.4)


def _theme(painter: QPainter) -> None:
    circle, half = QPainterPath(), QPainterPath()
    circle.addEllipse(QPointF(12, 12), 8, 8)
    half.addRect(QRectF(12, 4, 8, 16))
    _fill(painter, circle.intersected(half))
    painter.drawPath(circle)


_DRAWINGS: dict[str, Draw] = {
    "open": _open,
    "save": _save,
    "effort": _effort,
    "export": _export,
    "original": _picture,
    "reconstruction": _reconstruction,
    "wipe": _wipe,
    "side": _side,
    "difference": _difference,
    "bits": _bits,
    "fit": _strokes(
        ((4, 9), (4, 4), (9, 4)),
        ((15, 4), (20, 4), (20, 9)),
        ((20, 15), (20, 20), (15, 20)),
        ((9, 20), (4, 20), (4, 15)),
    ),
    "one": _one,
    "play": _play,
    "pause": _strokes(((8.5, 6), (8.5, 18)), ((15.5, 6), (15.5, 18))),
    "close": _strokes(((6, 6), (18, 18)), ((18, 6), (6, 18))),
    "down": _strokes(
        ((7, 10), (12, 15), (17, 10)),
    ),
    "check": _strokes(
        ((5, 12.5), (10, 17.5), (19.5, 7)),
    ),
    "copy": _copy,
    "warning": _warning,
    "info": _info,
    "theme": _theme,
}

NAMES = tuple(_DRAWINGS)


def draw(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Paint an icon into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 24, rect.height() / 24)
    painter.setPen(QPen(colour, STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAWINGS[name](painter)
    painter.restore()


def pixmap(name: str, side: int, colour: QColor, ratio: float) -> QPixmap:
    """An icon of `side` device-independent pixels, for labels."""
    result = QPixmap(round(side * ratio), round(side * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    with QPainter(result) as painter:
        draw(painter, name, QRectF(0, 0, side, side), colour)
    return result


def icon(name: str) -> QIcon:
    """The icon of that name in the theme's colours as they are now; see NAMES. After a change of theme, ask again."""
    colours = theme.current()
    faded = QColor(colours.muted)
    faded.setAlphaF(0.45)
    looks = (
        (QIcon.Mode.Normal, QIcon.State.Off, colours.text),
        (QIcon.Mode.Normal, QIcon.State.On, colours.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, faded),
        (QIcon.Mode.Disabled, QIcon.State.On, faded),
    )
    result = QIcon()
    for side in SIDES:
        for mode, state, colour in looks:
            result.addPixmap(pixmap(name, side, colour, 1.0), mode, state)
    return result


def application_icon() -> QIcon:
    """The program's own icon: a picture whose right half is its bit map."""
    result = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            _paint_application(painter, side)
        result.addPixmap(pixmap)
    return result


def _paint_application(painter: QPainter, side: int) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / 64, side / 64)
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(4, 4, 56, 56), 13, 13)
    painter.setClipPath(shape)
    painter.fillRect(QRectF(0, 0, 64, 64), QColor("#20407a"))
    painter.fillPath(
        _lines((0, 54), (20, 28), (34, 46), (44, 34), (64, 56), (64, 64), (0, 64), (0, 54)), QColor("#8fb7f2")
    )
    sun = QPainterPath()
    sun.addEllipse(QPointF(20, 19), 5.5, 5.5)
    painter.fillPath(sun, QColor("#f6d746"))
    heat = (
        "#6a176e",
        "#bc3754",
        "#420a68",
        "#dd513a",
        "#f37819",
        "#932667",
        "#fca50a",
        "#f6d746",
        "#dd513a",
        "#bc3754",
        "#f37819",
        "#6a176e",
    )
    for index, colour in enumerate(heat):
        painter.fillRect(QRectF(32 + index % 3 * 11, index // 3 * 16, 11, 16), QColor(colour))
    painter.fillRect(QRectF(31, 0, 2, 64), QColor("#ffffff"))
