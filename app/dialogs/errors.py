"""The histogram of errors. pyqtgraph is imported when it is first shown."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.dialogs.axes import dress, settle
from app.session.errors import ERRORS, ErrorCounts
from app.ui import theme
from app.ui.translation import number, tr
from app.ui.widgets import Check, ElidedLabel, muted_label, open_at

COLOURS = {
    "light": {"R": "#b3261e", "G": "#1e8e3e", "B": "#0072b2", "Y": "#33373e"},
    "dark": {"R": "#ff8a80", "G": "#3ecf9c", "B": "#56b4e9", "Y": "#d3d7dd"},
}
SHARE = 0.95


class ErrorsDialog(QDialog):
    """A window beside the main one: how many pixels are off by how much, of each channel and of luma."""

    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Histogram of errors"))
        self.setSizeGripEnabled(True)
        import pyqtgraph

        self._pg: Any = pyqtgraph
        self.counts: ErrorCounts | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(16)
        self.logarithmic = Check(tr("Logarithmic"))
        self.logarithmic.setChecked(True)
        self.logarithmic.setToolTip(tr("Show rare errors as well as frequent ones"))
        self.logarithmic.toggled.connect(lambda _: self.refresh())
        self.place = ElidedLabel()
        self.place.setAccessibleName(tr("What is counted"))
        self.save = QPushButton(tr("Save…"))
        self.save.setToolTip(tr("Save the histogram as PNG or CSV"))
        self.save.setAutoDefault(False)
        self.save.clicked.connect(self.save_wanted)
        head.addWidget(self.place, 1)
        head.addWidget(self.logarithmic)
        head.addWidget(self.save)
        column.addLayout(head)
        self.plot = pyqtgraph.PlotWidget()
        self.plot.setAccessibleName(tr("Share of the pixels over the error in 8-bit levels"))
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        settle(self.plot)
        self.legend = self.plot.addLegend(offset=(-16, 16))
        column.addWidget(self.plot, 1)
        self.figures = muted_label(wrap=True)
        self.figures.setAccessibleName(tr("Mean, deviation and extremes of the errors"))
        column.addWidget(self.figures)
        open_at(self, 760, 520)
        self.refresh()

    def show_counts(self, counts: ErrorCounts | None, place: str) -> None:
        """Show the errors of a picture or a part of it; None while there are none. place: what they are of."""
        self.counts = counts
        self.place.setText(place)
        self.save.setEnabled(counts is not None)
        self.refresh()

    def picture(self) -> QImage:
        """The histogram as it is seen."""
        return QImage(self.plot.grab().toImage())

    def refresh(self) -> None:
        """Draw everything anew, in the colours of the theme."""
        plot, counts = self.plot, self.counts
        plot.clear()
        self.legend.clear()
        plot.setLogMode(y=self.logarithmic.isChecked())
        dress(plot, self.legend, tr("Error in 8-bit levels"), tr("Pixels in %"))
        if counts is None:
            self.figures.setText("")
            return
        ends = [end for plane in range(len(counts.planes)) for end in counts.extremes(plane)]
        low, high = min(*ends, -1) - 1, max(*ends, 1) + 1
        seen = (low <= ERRORS) & (high >= ERRORS)
        edges = np.append(ERRORS[seen] - 0.5, high + 0.5)
        for plane, name in enumerate(counts.planes):
            percent = 100 * counts.counts[plane, seen] / counts.pixels
            if self.logarithmic.isChecked():
                # What does not occur is below the least that can.
                percent = np.maximum(percent, 50 / counts.pixels)
            pen = self._pg.mkPen(COLOURS[theme.current().name][name], width=1.5 * self.devicePixelRatioF())
            plot.plot(edges, percent, stepMode="center", pen=pen, name=name)
        plot.autoRange(padding=0.03)
        self.figures.setText("\n".join(self._words(counts, plane) for plane in range(len(counts.planes))))

    def _words(self, counts: ErrorCounts, plane: int) -> str:
        lowest, highest = counts.extremes(plane)
        return tr("{plane}: mean {mean}, RMS {rms}, from {low} to {high}, {share} % within ±{within}").format(
            plane=counts.planes[plane],
            mean=number(counts.mean(plane), "+.3f"),
            rms=number(counts.rms(plane), ".3f"),
            low=number(lowest, "+d"),
            high=number(highest, "+d"),
            share=number(100 * SHARE, "g"),
            within=counts.within(plane, SHARE),
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "figures"):
            self.refresh()
