"""Settings of the view on show, floating at the lower edge of the canvas: gain of the difference, opacity and scale
of the bit map.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSlider, QStackedLayout, QWidget

from app.canvas import colormap
from app.canvas.brush_page import BrushPage
from app.canvas.difference import Mode, Style
from app.canvas.folding import Folding, row
from app.canvas.legend import DifferenceLegend
from app.canvas.scene import View
from app.canvas.tone import CHANNEL_NAMES, Channel, Tone
from app.ui import theme
from app.ui.fields import Choice, Slider
from app.ui.translation import QT_TR_NOOP, number, tr
from app.ui.widgets import Check, muted_label

MARGIN = 16
MODE_NAMES = {
    Mode.ABSOLUTE: QT_TR_NOOP("Absolute"),
    Mode.SIGNED: QT_TR_NOOP("Signed"),
    Mode.RELATIVE: QT_TR_NOOP("Relative"),
    Mode.STRUCTURE: QT_TR_NOOP("1 − SSIM"),
    Mode.FLIP: QT_TR_NOOP("FLIP"),
}
TONED = (View.ORIGINAL, View.RECONSTRUCTION, View.WIPE, View.SIDE)
"""The views whose channels, exposure and gamma can be chosen."""
GAMMA_STEP = 2.0 ** (1 / 6)
MAX_GAIN_EXPONENT = 6


class ColourBar(QWidget):
    """The fixed scale of bit maps with its ticks, in bits per pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.show_scale(colormap.STEPS)
        self.setFixedSize(self.sizeHint())

    def show_scale(self, scale: colormap.Scale) -> None:
        """Another file's."""
        self._scale = scale
        self.setAccessibleName(tr("Colour scale from 0 to {end} bits per pixel").format(end=number(scale.end, "g")))
        self.update()

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
            for tick in self._scale.ticks:
                x = bar.left() + bar.width() * float(colormap.position(tick, self._scale))
                text = number(tick, "g")
                painter.drawLine(round(x), 14, round(x), 17)
                painter.drawText(QRectF(x - 20, 18, 40, metrics.height()), Qt.AlignmentFlag.AlignHCenter, text)


class Hud(QFrame):
    """One page of settings per view that has some; hidden for the others."""

    difference_changed = Signal(object)  # Style
    opacity_changed = Signal(int)  # percent
    tone_changed = Signal(object)  # Tone

    def __init__(self, canvas: QWidget, style: Style, opacity: int) -> None:
        """What the controls show at first; opacity in percent."""
        super().__init__(canvas)
        self.setObjectName("hud")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._canvas = canvas
        canvas.installEventFilter(self)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._difference_page = self._gain_page(style)
        self._pages.addWidget(self._difference_page)
        self._pages.addWidget(self._bits_page(opacity))
        self._pages.addWidget(self._tone_page())
        self.brush = BrushPage()
        self._pages.addWidget(self.brush)
        self._tone_wanted = self._brush_wanted = False
        self._view = View.RECONSTRUCTION
        self.show_for(View.RECONSTRUCTION)

    def _gain_page(self, style: Style) -> QWidget:
        exponent = style.gain.bit_length() - 1
        self.gain = _slider(tr("Gain of the difference"), 0, MAX_GAIN_EXPONENT, exponent, 96)
        self.gain.setPageStep(1)
        self._gain_value = QLabel(f"×{1 << exponent}")
        self._gain_value.setFixedWidth(32)
        self.mode = Choice()
        self.mode.setAccessibleName(tr("Mode of the difference"))
        self.mode.setToolTip(tr("Absolute, signed, relative to the original, 1 − SSIM or FLIP (M)"))
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
        controls = row(self.mode, self.luma, QLabel(tr("Gain")), self.gain, self._gain_value)
        return Folding(controls, row(self.legend))

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
        self.scale = ColourBar()
        return row(QLabel(tr("Opacity")), self.opacity, self.scale, muted_label("bpp"))

    def _tone_page(self) -> QWidget:
        self.channel = Choice()
        self.channel.setAccessibleName(tr("Channel that is shown"))
        self.channel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for channel in Channel:
            self.channel.addItem(tr(CHANNEL_NAMES[channel]), channel)
        self.exposure = _slider(tr("Exposure"), -8, 12, 0, 96)
        self.gamma = _slider(tr("Gamma"), -8, 8, 0, 96)
        self.plain = QPushButton(tr("Reset"))
        self.plain.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.plain.setToolTip(tr("Show the colours as they are"))
        self._tone_values = [QLabel() for _ in range(2)]
        for changed in (self.exposure.valueChanged, self.gamma.valueChanged, self.channel.currentIndexChanged):
            changed.connect(lambda _: self._tone_changed())
        self.plain.clicked.connect(self.reset_tone)
        self._show_tone()
        exposure, gamma = self._tone_values
        first = row(self.channel, QLabel(tr("Exposure")), self.exposure, exposure)
        return Folding(first, row(QLabel(tr("Gamma")), self.gamma, gamma, self.plain))

    @property
    def tone(self) -> Tone:
        """How the pictures are to be shown."""
        gamma = round(GAMMA_STEP ** self.gamma.value(), 2)
        return Tone(self.channel.currentData(), self.exposure.value() / 2, gamma)

    def reset_tone(self) -> None:
        """Everything as it is."""
        self.channel.setCurrentIndex(0)
        self.exposure.setValue(0)
        self.gamma.setValue(0)

    def _tone_changed(self) -> None:
        self._show_tone()
        self.tone_changed.emit(self.tone)

    def _show_tone(self) -> None:
        tone = self.tone
        texts = number(tone.exposure, "+.1f") + " EV", number(tone.gamma, ".2f")
        for label, text in zip(self._tone_values, texts, strict=True):
            label.setText(text)
            label.setFixedWidth(label.fontMetrics().horizontalAdvance("+0,00 EV"))

    def show_tone(self, on: bool) -> None:
        """Offer channels, exposure and gamma for the pictures; when that ends everything is shown as it is."""
        self._tone_wanted = on
        if not on:
            self.reset_tone()
        self.show_for(self._view)

    def show_brush(self, on: bool) -> None:
        """Offer the brush's settings, in every view in place of its own."""
        self._brush_wanted = on
        self.show_for(self._view)

    def show_for(self, view: View) -> None:
        """Show the settings of a view."""
        self._view = view
        pages = {View.DIFFERENCE: 0, View.BITS: 1} | (dict.fromkeys(TONED, 2) if self._tone_wanted else {})
        if self._brush_wanted:
            pages = dict.fromkeys(View, 3)
        self.setVisible(view in pages)
        if view in pages:
            self._pages.setCurrentIndex(pages[view])
            self.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The canvas has another size: also where that is its first, which it gets when it is shown."""
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Move to the middle of the canvas's lower edge."""
        page = self._pages.currentWidget()
        if isinstance(page, Folding):
            page.fold(self._canvas.width() - 2 * MARGIN)
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
