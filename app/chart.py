"""The rate-distortion chart. pyqtgraph is imported when it is first shown."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import theme
from app.rd import MS_SSIM, PSNR, UNITS, Curve, Points, published, saving
from app.widgets import Check, Choice, muted_label

# Okabe and Ito's colours, told apart without red and green; darker or lighter with the theme.
COLOURS = {
    "light": ("#0072b2", "#d55e00", "#007d5a", "#a8508a", "#8a6d00", "#3b7ea1", "#5b5b5b"),
    "dark": ("#56b4e9", "#ff9a4d", "#3ecf9c", "#e79cc8", "#f0e442", "#8fd0ee", "#b9b9b9"),
}
SYMBOLS = ("o", "s", "t", "d", "p", "h", "star")


class ChartDialog(QDialog):
    """A window beside the main one."""

    formats_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Rate and distortion")
        self.setSizeGripEnabled(True)
        self.points = Points()
        self.shown: list[Curve] = []
        self._chosen = False  # the user has picked curves: they stay picked
        import pyqtgraph

        self._pg: Any = pyqtgraph
        pyqtgraph.setConfigOptions(antialias=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(16)
        self.measure = Choice()
        self.measure.setAccessibleName("Measure of quality")
        self.measure.addItems([PSNR, MS_SSIM])
        self.measure.currentIndexChanged.connect(lambda _: self.refresh())
        self.reference = Check("Published Kodak curves")
        self.reference.setChecked(True)
        self.reference.toggled.connect(lambda _: self.refresh())
        self.formats = QPushButton("Measure JPEG, WebP and AVIF")
        self.formats.setAutoDefault(False)
        self.formats.setToolTip("Encode the picture that is open with Pillow, at eight qualities each")
        self.formats.clicked.connect(self.formats_wanted)
        self.stage = muted_label()
        head.addWidget(self.measure)
        head.addWidget(self.reference)
        head.addStretch()
        head.addWidget(self.stage)
        head.addWidget(self.formats)
        column.addLayout(head)
        self.plot = pyqtgraph.PlotWidget()
        self.plot.setAccessibleName("Chart of quality over bits per pixel")
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.legend = self.plot.addLegend(offset=(-16, -16))
        column.addWidget(self.plot, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.test, self.anchor = Choice(), Choice()
        self.test.setAccessibleName("Curve to compare")
        self.anchor.setAccessibleName("Curve to compare with")
        for box in (self.test, self.anchor):
            box.setMinimumWidth(180)
            box.activated.connect(lambda _: self._curve_chosen())
            foot.addWidget(box)
            if box is self.test:
                foot.addWidget(QLabel("against"))
        self.saving = muted_label(wrap=True)
        self.saving.setAccessibleName("BD-rate between the two curves")
        foot.addSpacing(8)
        foot.addWidget(self.saving, 1)
        column.addLayout(foot)
        self.note = muted_label(
            "Published curves are means over the 24 Kodak pictures; all others are of this picture."
        )
        column.addWidget(self.note)
        self.resize(920, 640)
        self.refresh()

    def show_points(self, points: Points) -> None:
        """Show the points of a picture, or new ones of the same."""
        self.points = points
        self.refresh()

    def show_busy(self, stage: str) -> None:
        """Say what the codec process measures; empty when it has ended."""
        self.stage.setText(stage)

    def refresh(self) -> None:
        """Draw everything anew, in the colours of the theme."""
        measure = self.measure.currentText()
        own = self.points.curves(measure)
        self.shown = own + (published(measure) if self.reference.isChecked() else [])
        colours = theme.current()
        plot = self.plot
        plot.clear()
        self.legend.clear()
        plot.setBackground(colours.surface)
        plot.showGrid(x=True, y=True, alpha=0.15)
        for side, text in (("bottom", "Bits per pixel"), ("left", UNITS[measure])):
            axis = plot.getAxis(side)
            axis.setPen(colours.border)
            axis.setTextPen(colours.muted)
            axis.setLabel(text, color=colours.text.name())
            axis.enableAutoSIPrefix(False)
        self.legend.setLabelTextColor(colours.text)
        self.legend.setBrush(QColor(colours.surface))
        self.legend.setPen(colours.border)
        for number, curve in enumerate(self.shown):
            self._draw(number, curve)
        plot.autoRange(padding=0.06)
        self._fill()

    def _draw(self, number: int, curve: Curve) -> None:
        palette = COLOURS[theme.current().name]
        # A published curve keeps its colour whatever else is on the chart.
        place = number - len(self.shown) if curve.published else number
        colour = QColor(palette[place % len(palette)])
        line = Qt.PenStyle.DashLine if curve.published else Qt.PenStyle.SolidLine
        self.plot.plot(
            [rate for rate, _ in curve.points],
            [value for _, value in curve.points],
            pen=self._pg.mkPen(colour, width=2, style=line),
            symbol=SYMBOLS[place % len(SYMBOLS)],
            symbolSize=6 if curve.published else 9,
            symbolBrush=colour,
            symbolPen=None,
            name=curve.name,
        )

    def _fill(self) -> None:
        names = [curve.name for curve in self.shown]
        for box, default in ((self.test, 0), (self.anchor, 1)):
            before = box.currentText()
            box.clear()
            box.addItems(names)
            box.setCurrentIndex(
                names.index(before) if self._chosen and before in names else min(default, len(names) - 1)
            )
        self._show_saving()

    def _curve_chosen(self) -> None:
        self._chosen = True
        self._show_saving()

    def _show_saving(self) -> None:
        chosen = [self.test.currentIndex(), self.anchor.currentIndex()]
        if -1 in chosen or chosen[0] == chosen[1]:
            self.saving.setText("Choose two curves for their BD-rate.")
        else:
            self.saving.setText(saving(self.shown[chosen[0]], self.shown[chosen[1]]))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "note"):
            self.refresh()
