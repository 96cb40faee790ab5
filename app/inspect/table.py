"""The latents of a position as a table, dearest first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.ui import tables, theme
from app.ui.translation import QT_TR_NOOP, number, tr
from app.ui.words import step_name
from hpcm_core.inspect.spot import Column, Spot

Index = QModelIndex | QPersistentModelIndex


def _signed(value: float) -> str:
    return number(value, "+.2f")


COLUMNS: tuple[tuple[str, str, Callable[[Column, int], str]], ...] = (
    (QT_TR_NOOP("Channel"), QT_TR_NOOP("Its number among the latents, or that of z"), lambda c, i: str(c.channels[i])),
    (QT_TR_NOOP("Coded in"), QT_TR_NOOP("The coding step"), lambda c, i: ""),
    ("μ", QT_TR_NOOP("Mean of the distribution: what the model expected"), lambda c, i: number(c.means[i], ".2f")),
    ("σ", QT_TR_NOOP("Scale of the distribution: how sure the model was"), lambda c, i: number(c.sigmas[i], ".2f")),
    (QT_TR_NOOP("Table"), QT_TR_NOOP("Which of 60 probability tables, by σ"), lambda c, i: str(c.tables[i])),
    (QT_TR_NOOP("Symbol"), QT_TR_NOOP("What was coded: value less μ"), lambda c, i: number(int(c.symbols[i]), "d")),
    (QT_TR_NOOP("Value"), QT_TR_NOOP("What a decoder has"), lambda c, i: number(c.values[i], ".2f")),
    (QT_TR_NOOP("Bits"), QT_TR_NOOP("What it cost"), lambda c, i: number(c.bits[i], ".2f")),
    (
        QT_TR_NOOP("Expected"),
        QT_TR_NOOP("Bits that a symbol of its table costs on average"),
        lambda c, i: number(c.expected[i], ".2f"),
    ),
    (
        QT_TR_NOOP("Surprise"),
        QT_TR_NOOP("Bits above the expected: how far off the model was"),
        lambda c, i: _signed(c.surprise[i]),
    ),
)
_STEP, _SURPRISE = 1, len(COLUMNS) - 1


class LatentsModel(QAbstractTableModel):
    """The values of y, then those of z."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.spot: Spot | None = None

    def show_spot(self, spot: Spot | None) -> None:
        self.beginResetModel()
        self.spot = spot
        self.endResetModel()

    def row(self, index: int) -> tuple[Column, int]:
        """What a row shows: a column of values, and the place in it."""
        assert self.spot is not None
        of_y = len(self.spot.latents)
        if index < of_y:
            return self.spot.latents, index
        assert self.spot.z is not None
        return self.spot.z, index - of_y

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if parent.isValid() or self.spot is None:
            return 0
        return len(self.spot.latents) + (len(self.spot.z) if self.spot.z is not None else 0)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section][0])
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(COLUMNS[section][1])
        return tables.alignment(section == _STEP) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self.spot is None:
            return None
        column, place = self.row(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            if index.column() == _STEP:
                return step_name(self.spot.labels[column.steps[place]])
            return COLUMNS[index.column()][2](column, place)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return tables.alignment(index.column() == _STEP)
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == _SURPRISE:
            surprise = column.surprise[place]
            return theme.current().warning if surprise > 1 else None
        return None


class LatentsTable(QTableView):
    """Tells which row is chosen."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Latents at the place"))
        self.latents = LatentsModel(self)
        self.setModel(self.latents)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tables.set_up(self, 26)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(56)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(_STEP, QHeaderView.ResizeMode.Stretch)
        self.setFont(theme.with_equal_digits(theme.small_font()))
        self.selectionModel().currentRowChanged.connect(lambda now, _: self.chosen.emit(now.row()))

    def show_spot(self, spot: Spot | None) -> None:
        """Show another place; the dearest value is chosen."""
        self.latents.show_spot(spot)
        if spot is not None:
            self._fit(spot)
            self.selectRow(0)

    def _fit(self, spot: Spot) -> None:
        """Columns as wide as their widest text. Qt would format every value for that, at every place that is clicked,
        and have the window wait; digits are equally wide, so the widest are among the extremes.
        """
        model, header, measure = self.latents, self.horizontalHeader(), self.fontMetrics().horizontalAdvance
        rows = extremes(spot)
        for column in range(len(COLUMNS)):
            if column != _STEP:
                indices = [model.index(row, column) for row in rows]
                widest = max(indices, key=lambda index: measure(str(model.data(index))))
                width = max(self.sizeHintForIndex(widest).width(), header.sectionSizeHint(column))
                header.resizeSection(column, width)


def extremes(spot: Spot) -> list[int]:
    """The rows with the smallest and largest value of anything."""
    rows: set[int] = set()
    first = 0
    for part in (spot.latents, spot.z):
        if part is not None and len(part):
            shown = (part.channels, part.means, part.sigmas, part.tables, part.symbols, part.values)
            for values in (*shown, part.bits, part.expected, part.surprise):
                rows |= {first + int(values.argmin()), first + int(values.argmax())}
            first += len(part)
    return sorted(rows)
