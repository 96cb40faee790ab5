"""Maps of cells as widgets: a panel of a figure with its scale, and the latents around a place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.translation import said
from app.ui.widgets import muted_label
from hpcm_core.inspect.drawing import Figure, Panel

BAR = 10
"""Height of a scale."""


class Cells(QWidget):
    """RGB cells as squares, as large as there is room for; `outlined`: row and column of a cell with a frame.

    by_width: no higher than the cells are in its width.
    """

    def __init__(self, name: str, least: QSize, by_width: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by_width = by_width
        self.setAccessibleName(name)
        self.setMinimumSize(least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._image: QImage | None = None
        self._outlined: tuple[int, int] | None = None

    def show_cells(self, cells: npt.NDArray[np.uint8] | None, outlined: tuple[int, int] | None = None) -> None:
        """Show these (h x w x 3), or nothing."""
        self._outlined = outlined
        self._image = None
        if cells is not None:
            pixels = np.ascontiguousarray(cells)
            height, width, _ = pixels.shape
            self._image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.update()

    @property
    def place(self) -> QRect:
        """Where the cells are painted."""
        if self._image is None:
            return QRect()
        scale = min(self.width() / self._image.width(), self.height() / self._image.height())
        scale = max(1.0, float(int(scale))) if scale >= 1 else scale
        size = QSize(max(1, round(self._image.width() * scale)), max(1, round(self._image.height() * scale)))
        return QRect((self.width() - size.width()) // 2, 0, size.width(), size.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._by_width and self._image is not None:
            self.setFixedHeight(round(self.width() * min(1.0, self._image.height() / self._image.width())))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        place = self.place
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, place.width() < self._image.width())
            painter.drawImage(place, self._image)
            if self._outlined is not None:
                side = place.width() / self._image.width()
                row, column = self._outlined
                painter.setPen(QPen(theme.current().accent, 2))
                painter.drawRect(
                    QRect(
                        round(place.left() + column * side), round(place.top() + row * side), round(side), round(side)
                    )
                )


class Scale(QWidget):
    """A bar of a scale's colours, the lower end at the left."""

    def __init__(self, table: npt.NDArray[np.uint8]) -> None:
        super().__init__()
        self.setFixedHeight(BAR)
        pixels = np.ascontiguousarray(table[np.newaxis])
        self._image = QImage(pixels.data, len(table), 1, 3 * len(table), QImage.Format.Format_RGB888).copy()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.drawImage(self.rect(), self._image)


class PanelView(QWidget):
    """A panel of a figure: its title, its cells and what their colours mean."""

    def __init__(self, panel: Panel, least: QSize, by_width: bool) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(4)
        title = QLabel(said(panel.title))
        title.setWordWrap(True)
        self.cells = Cells(said(panel.title), least, by_width)
        self.cells.show_cells(panel.cells)
        ends = QHBoxLayout()
        ends.addWidget(muted_label(said(panel.low)))
        ends.addStretch()
        ends.addWidget(muted_label(said(panel.high)))
        column.addWidget(title)
        column.addWidget(self.cells, int(not by_width))
        column.addWidget(Scale(panel.table))
        column.addLayout(ends)
        if panel.note is not None:
            column.addWidget(muted_label(said(panel.note), wrap=True))
        if by_width:
            column.addStretch()


class FigureView(QScrollArea):
    """The panels of a figure, as many in a row as there is room for."""

    LEAST = QSize(200, 100)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.panels: list[PanelView] = []
        self.show_panels(())

    def show_figure(self, figure: Figure | None) -> None:
        self.show_panels(() if figure is None else figure.panels)

    def show_panels(self, panels: Sequence[Panel]) -> None:
        body = QWidget()
        body.setObjectName("panelBody")
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setSpacing(12)
        columns = 1 if len(panels) < 2 else 3
        self.panels = [PanelView(panel, self.LEAST, columns > 1) for panel in panels]
        for i, view in enumerate(self.panels):
            grid.addWidget(view, i // columns, i % columns)
        if columns > 1:
            grid.setRowStretch(len(panels) // columns + 1, 1)
        self.setWidget(body)
