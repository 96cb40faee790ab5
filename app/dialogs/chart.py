"""The rate-distortion chart. pyqtgraph is imported when it is first shown."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.dialogs.axes import dress, settle
from app.dialogs.curves import MS_SSIM, PSNR, UNITS, Curve, Points, default_pair, published, saving
from app.ui import theme
from app.ui.fields import Choice
from app.ui.translation import number, tr
from app.ui.widgets import Check, ElidedLabel, muted_label, open_at
from hpcm_core.recipe import Recipe

# Okabe and Ito's colours, told apart without red and green; darker or lighter with the theme.
COLOURS = {
    "light": ("#0072b2", "#d55e00", "#007d5a", "#a8508a", "#8a6d00", "#b3261e"),
    "dark": ("#56b4e9", "#ff9a4d", "#3ecf9c", "#e79cc8", "#f0e442", "#ff8a80"),
}
SYMBOLS = ("o", "s", "t", "d", "p", "h")

# Published curves are a background to one's own: greys, told apart by their dashes and signs.
PUBLISHED_COLOURS = {"light": ("#757b85", "#33373e"), "dark": ("#8b929d", "#d3d7dd")}
PUBLISHED_SYMBOLS = ("x", "+")
PUBLISHED_LINES = (Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


class ChartDialog(QDialog):
    """A window beside the main one."""

    measure_wanted = Signal()
    stop_wanted = Signal()
    save_wanted = Signal()
    recipe_wanted = Signal(object)  # Recipe of a point that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Rate and distortion"))
        self.setSizeGripEnabled(True)
        self.points = Points()
        self.shown: list[Curve] = []
        self._measuring = False
        self._picked: tuple[str, str] | None = None  # curves that the user chose: they stay while they are there
        import pyqtgraph

        self._pg: Any = pyqtgraph
        pyqtgraph.setConfigOptions(antialias=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(16)
        self.measure = Choice()
        self.measure.setAccessibleName(tr("Measure of quality"))
        self.measure.addItems([PSNR, MS_SSIM])
        self.measure.currentIndexChanged.connect(lambda _: self.refresh())
        self.reference = Check(tr("Published Kodak curves"))
        self.reference.setChecked(True)
        self.reference.toggled.connect(lambda _: self.refresh())
        self.start = QPushButton(tr("Stop"))
        stop = self.start.sizeHint().width()
        self.start.setText(tr("Measure"))
        self.start.setMinimumWidth(max(stop, self.start.sizeHint().width()))  # Nothing moves when the word changes.
        self.start.setAccessibleName(tr("Measure whole curves, or stop"))
        self.start.setToolTip(
            tr("Encode the picture that is open at several rates: with each installed model, and in other formats")
        )
        self.start.clicked.connect(lambda: (self.stop_wanted if self._measuring else self.measure_wanted).emit())
        self.save = QPushButton(tr("Save…"))
        self.save.setToolTip(tr("Save the curves as PNG, SVG or CSV"))
        self.save.clicked.connect(self.save_wanted)
        self.stage = ElidedLabel()
        self.stage.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.stage.setAccessibleName(tr("What is being measured"))
        head.addWidget(self.measure)
        head.addWidget(self.reference)
        head.addWidget(self.stage, 1)
        for button in (self.start, self.save):
            button.setAutoDefault(False)
            head.addWidget(button)
        column.addLayout(head)
        self.plot = pyqtgraph.PlotWidget()
        self.plot.setAccessibleName(tr("Chart of quality over bits per pixel"))
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        settle(self.plot)
        self.legend = self.plot.addLegend(offset=(-16, -16))
        column.addWidget(self.plot, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.test, self.anchor = Choice(), Choice()
        self.test.setAccessibleName(tr("Curve to compare"))
        self.anchor.setAccessibleName(tr("Curve to compare with"))
        for box in (self.test, self.anchor):
            box.setMinimumWidth(200)
            box.setPlaceholderText(tr("Curve"))
            box.activated.connect(lambda _: self._curve_chosen())
            foot.addWidget(box)
            if box is self.test:
                foot.addWidget(QLabel(tr("against")))
        self.saving = muted_label(wrap=True)
        self.saving.setAccessibleName(tr("BD-rate between the two curves"))
        foot.addStretch()
        column.addLayout(foot)
        column.addWidget(self.saving)
        self.note = muted_label(
            tr(
                "Published curves are means over the 24 Kodak pictures; all others are of this picture. "
                "A click on a point takes its recipe."
            ),
            wrap=True,
        )
        column.addWidget(self.note)
        self.finished.connect(lambda _: self.stop_wanted.emit())
        open_at(self, 920, 640)
        self.refresh()

    def show_points(self, points: Points) -> None:
        """Show the points of a picture, or new ones of the same."""
        self.points = points
        self.refresh()

    def show_measuring(self, stage: str) -> None:
        """Say what is measured; empty when that has ended."""
        self._measuring = bool(stage)
        self.start.setText(tr("Stop") if stage else tr("Measure"))
        self.stage.setText(stage)

    def set_can_measure(self, on: bool) -> None:
        """Whether a picture is open."""
        self.start.setEnabled(on)

    def picture(self) -> QImage:
        """The chart as it is seen."""
        return QImage(self.plot.grab().toImage())

    def refresh(self) -> None:
        """Draw everything anew, in the colours of the theme."""
        measure = self.measure.currentText()
        own = self.points.curves(measure)
        self.shown = own + (published(measure) if self.reference.isChecked() else [])
        plot = self.plot
        plot.clear()
        self.legend.clear()
        dress(plot, self.legend, tr("Bits per pixel"), UNITS[measure])
        for place, curve in enumerate(self.shown):
            self._draw(place, curve)
        plot.autoRange(padding=0.06)
        self._fill()

    def _draw(self, number: int, curve: Curve) -> None:
        name = theme.current().name
        palette, symbols = (PUBLISHED_COLOURS, PUBLISHED_SYMBOLS) if curve.published else (COLOURS, SYMBOLS)
        # A published curve keeps its looks whatever else is on the chart.
        place = number - sum(not other.published for other in self.shown) if curve.published else number
        place %= len(symbols)
        colour = QColor(palette[name][place])
        line = PUBLISHED_LINES[place] if curve.published else Qt.PenStyle.SolidLine
        # pyqtgraph counts the width of lines in device pixels.
        width = (1.5 if curve.published else 2) * self.devicePixelRatioF()
        pen = self._pg.mkPen(colour, width=width, style=line)
        self.plot.plot([rate for rate, _ in curve.line], [value for _, value in curve.line], pen=pen)
        labels = curve.labels or ("",) * len(curve.points)
        dots = self._pg.ScatterPlotItem(
            [rate for rate, _ in curve.points],
            [value for _, value in curve.points],
            symbol=symbols[place],
            size=7 if curve.published else 9,
            brush=colour,
            pen=None,
            data=[*zip(labels, curve.recipes or (None,) * len(curve.points), strict=True)],
            hoverable=True,
            hoverBrush=theme.current().text,
            tip=lambda x, y, data: _tip(curve, x, y, data[0]),
        )
        dots.sigClicked.connect(lambda _, points: self._point_clicked(points[0].data()[1]))
        self.plot.addItem(dots)
        signs = {"symbol": symbols[place], "symbolSize": 9, "symbolBrush": colour, "symbolPen": None}
        sample = self._pg.PlotDataItem([0, 1], [0, 1], pen=pen, **signs)  # Drawn in the legend alone.
        self.legend.addItem(sample, curve.name)

    def _point_clicked(self, recipe: Recipe | None) -> None:
        if recipe is not None:
            self.recipe_wanted.emit(recipe)

    def _fill(self) -> None:
        names = [curve.name for curve in self.shown]
        kept = self._picked is not None and set(self._picked) <= set(names)
        pair = tuple(map(names.index, self._picked)) if kept and self._picked else default_pair(self.shown)
        for box, chosen in zip((self.test, self.anchor), pair, strict=True):
            box.clear()
            box.addItems(names)
            box.setCurrentIndex(chosen)
        self._show_saving()

    def _curve_chosen(self) -> None:
        self._picked = (self.test.currentText(), self.anchor.currentText())
        self._show_saving()

    def _show_saving(self) -> None:
        chosen = [self.test.currentIndex(), self.anchor.currentIndex()]
        if -1 in chosen or chosen[0] == chosen[1]:
            self.saving.setText(tr("Choose two curves for their BD-rate."))
        else:
            self.saving.setText(saving(self.shown[chosen[0]], self.shown[chosen[1]]))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "note"):
            self.refresh()


def _tip(curve: Curve, rate: float, value: float, label: str) -> str:
    """What a point is."""
    unit = tr("{rate} bpp, {value} dB").format(rate=number(rate, ".3f"), value=number(value, ".2f"))
    return "\n".join(filter(None, (curve.name, label, unit)))
