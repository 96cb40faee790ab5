"""The legend of the difference: which colour stands for how much, at this mode and gain."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.canvas.difference import OF_ALL_CHANNELS, Mode, Style, colours
from app.ui import theme
from app.ui.translation import number, tr

LENGTH = 256


def ticks(style: Style) -> tuple[tuple[float, str], ...]:
    """Places on the bar, 0 to 1, and what is written there: 8-bit levels, or percent of the original's sample."""
    if style.mode is Mode.RELATIVE:
        return tuple((place, number(100 * place / style.gain, ".3g") + " %") for place in (0.0, 0.5, 1.0))
    if style.mode in OF_ALL_CHANNELS:
        return tuple((place, number(place / style.gain, ".3g")) for place in (0.0, 0.5, 1.0))
    if style.mode is Mode.ABSOLUTE:
        return tuple((place, number(255 * place / style.gain, ".3g")) for place in (0.0, 0.5, 1.0))
    end = 255 / style.gain
    sides = (-1.0, -0.5, 0.0, 0.5, 1.0)
    return tuple((0.5 + side / 2, number(side * end, "+.3g") if side else "0") for side in sides)


def bar(style: Style) -> QImage:
    """The colours from end to end, LENGTH x 1 pixels."""
    row = colours(np.linspace(0.0, 1.0, LENGTH), style)
    pixels = np.ascontiguousarray(row[None] if row.ndim == 2 else np.repeat(row[None, :, None], 3, axis=2))
    image = QImage(pixels.data, LENGTH, 1, LENGTH * 3, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


class DifferenceLegend(QWidget):
    """A bar of the colours with its ends named."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(self.sizeHint())
        self.show_style(style)

    @property
    def style_shown(self) -> Style:
        return self._style

    def show_style(self, style: Style) -> None:
        """Another mode or gain."""
        self._style = style
        marks = ticks(style)
        kind = {
            Mode.ABSOLUTE: tr("Absolute difference, in 8-bit levels"),
            Mode.SIGNED: tr("Signed difference, in 8-bit levels"),
            Mode.RELATIVE: tr("Difference relative to the original"),
            Mode.STRUCTURE: tr("1 − SSIM, as large as it is shown"),
            Mode.FLIP: tr("FLIP: what is noticed when the two pictures take turns, from 0 to 1"),
        }[style.mode]
        of = {Mode.STRUCTURE: tr("of luma"), Mode.FLIP: tr("of all channels")}.get(
            style.mode, tr("of luma") if style.luma else tr("of each channel")
        )
        span = tr("from {low} to {high}").format(low=marks[0][1], high=marks[-1][1])
        self.setAccessibleName(f"{kind}, {of}: {span}")
        self.setToolTip(self.accessibleName())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(224, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        shades = theme.current()
        with QPainter(self) as painter:
            place = QRectF(18, 3, self.width() - 36, 10)
            painter.drawImage(place, bar(self._style))
            painter.setPen(QPen(shades.border, 1))
            painter.drawRect(place)
            font = theme.with_equal_digits(theme.small_font())
            font.setPixelSize(11)
            painter.setFont(font)
            painter.setPen(shades.muted)
            height = QFontMetricsF(font).height()
            for at, text in ticks(self._style):
                x = place.left() + place.width() * at
                painter.drawLine(round(x), 14, round(x), 17)
                painter.drawText(QRectF(x - 30, 18, 60, height), Qt.AlignmentFlag.AlignHCenter, text)
