"""Settings of the view on show, floating at the lower edge of the canvas: gain of the difference, opacity and scale
of the bit map.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QSlider, QStackedLayout, QWidget

from app.canvas import colormap
from app.canvas.difference import Mode, Style
from app.canvas.legend import DifferenceLegend
from app.canvas.scene import View
from app.ui import theme
from app.ui.fields import Choice, Slider
from app.ui.translation import QT_TR_NOOP, number, tr
from app.ui.widgets import Check, muted_label

MARGIN = 16
MODE_NAMES = {
    Mode.ABSOLUTE: QT_TR_NOOP("Absolute"),
    Mode.SIGNED: QT_TR_NOOP("Signed"),
    Mode.RELATIVE: QT_TR_NOOP("Relative"),
}
MAX_GAIN_EXPONENT = 6


class ColourBar(QWidget):
    """The fixed scale of bit maps with its ticks, in bits per pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(
            tr("Colour scale from 0 to {end} bits per pixel").format(end=number(colormap.MAX_BPP, "g"))
        )
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(248, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            bar = QRectF(12, 3, self.width() - 24, 10)
            painter.drawImage(bar, colormap.bar(256))
            painter.setPen(QPen(colours.border, 1))
            painter.drawRect(bar)
            font = theme.with_equal_digits(theme.small_font())
            font.setPixelSize(11)
            painter.setFont(font)
            painter.setPen(colours.muted)
            metrics = QFontMetricsF(font)
            for tick in colormap.TICKS:
                x = bar.left() + bar.width() * float(colormap.position(tick))
                text = number(tick, "g")
                painter.drawLine(round(x), 14, round(x), 17)
                painter.drawText(QRectF(x - 20, 18, 40, metrics.height()), Qt.AlignmentFlag.AlignHCenter, text)


class Hud(QFrame):
    """One page of settings per view that has some; hidden for the others."""

    difference_changed = Signal(object)  # Style
    opacity_changed = Signal(int)  # percent

    def __init__(self, canvas: QWidget, style: Style, opacity: int) -> None:
        """What the controls show at first; opacity in percent."""
        super().__init__(canvas)
        self.setObjectName("hud")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._canvas = canvas
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._difference_page = self._gain_page(style)
        self._pages.addWidget(self._difference_page)
        self._pages.addWidget(self._bits_page(opacity))
        self.show_for(View.RECONSTRUCTION)

    def _gain_page(self, style: Style) -> QWidget:
        exponent = style.gain.bit_length() - 1
        self.gain = _slider(tr("Gain of the difference"), 0, MAX_GAIN_EXPONENT, exponent, 96)
        self.gain.setPageStep(1)
        self._gain_value = QLabel(f"×{1 << exponent}")
        self._gain_value.setFixedWidth(32)
        self.mode = Choice()
        self.mode.setAccessibleName(tr("Mode of the difference"))
        self.mode.setToolTip(tr("Absolute, signed, or relative to the original (M)"))
        self.mode.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for mode in Mode:
            self.mode.addItem(tr(MODE_NAMES[mode]), mode)
        self.mode.setCurrentIndex(list(Mode).index(style.mode))
        self.luma = Check(tr("Luma"))
        self.luma.setChecked(style.luma)
        self.luma.setAccessibleName(tr("Difference of luma only"))
        self.luma.setToolTip(tr("Luma only (Y)"))
        self.luma.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.legend = DifferenceLegend(self.style_)
        for changed in (self.gain.valueChanged, self.mode.currentIndexChanged, self.luma.toggled):
            changed.connect(lambda _: self._difference_changed())
        page = QWidget()
        self._difference_rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, page)
        self._difference_rows.setContentsMargins(0, 0, 0, 0)
        self._difference_rows.setSpacing(0)
        self._controls = _row(self.mode, self.luma, QLabel(tr("Gain")), self.gain, self._gain_value)
        self._scale = _row(self.legend)
        self._difference_rows.addWidget(self._controls)
        self._difference_rows.addWidget(self._scale, 0, Qt.AlignmentFlag.AlignHCenter)
        return page

    @property
    def style_(self) -> Style:
        """How the difference is to be shown."""
        return Style(self.mode.currentData(), self.luma.isChecked(), 1 << self.gain.value())

    def _difference_changed(self) -> None:
        style = self.style_
        self._gain_value.setText(f"×{style.gain}")
        self.legend.show_style(style)
        self.difference_changed.emit(style)

    def next_mode(self) -> None:
        """Absolute, signed, relative, and again."""
        self.mode.setCurrentIndex((self.mode.currentIndex() + 1) % self.mode.count())

    def change_gain(self, by: int) -> None:
        """Double the gain, or halve it for -1."""
        self.gain.setValue(self.gain.value() + by)

    def _bits_page(self, opacity: int) -> QWidget:
        self.opacity = _slider(tr("Opacity of the bit map"), 0, 100, opacity, 96)
        self.opacity.setPageStep(10)
        self.opacity.valueChanged.connect(self.opacity_changed)
        return _row(QLabel(tr("Opacity")), self.opacity, ColourBar(), muted_label("bpp"))

    def show_for(self, view: View) -> None:
        """Show the settings of a view."""
        pages = {View.DIFFERENCE: 0, View.BITS: 1}
        self.setVisible(view in pages)
        if view in pages:
            self._pages.setCurrentIndex(pages[view])
            self.place()

    def place(self) -> None:
        """Move to the middle of the canvas's lower edge."""
        page = self._pages.currentWidget()
        # In a narrow window the legend goes below the controls.
        abreast = sum(row.sizeHint().width() for row in (self._controls, self._scale))
        narrow = abreast > self._canvas.width() - 2 * MARGIN
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._difference_rows.direction() != direction:
            self._difference_rows.setDirection(direction)
        if page is not None:
            size = page.sizeHint().grownBy(self.contentsMargins())  # The frame is the style sheet's.
            self.setGeometry(
                (self._canvas.width() - size.width()) // 2,
                self._canvas.height() - size.height() - MARGIN,
                size.width(),
                size.height(),
            )


def _slider(name: str, low: int, high: int, value: int, width: int) -> QSlider:
    slider = Slider(name)
    slider.setRange(low, high)
    slider.setValue(value)
    slider.setFixedWidth(width)
    return slider


def _row(*widgets: QWidget) -> QWidget:
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(16, 8, 16, 8)
    row.setSpacing(12)
    for widget in widgets:
        row.addWidget(widget)
    return page
