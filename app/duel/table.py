"""The figures of a duel as a table: which key shows whom, who is in sight, what it took."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.ui import tables, theme
from app.ui.translation import QT_TR_NOOP, number, said, tr
from app.ui.widgets import paint_check
from app.ui.words import format_decibels
from hpcm_core.evaluation.contestants import At, Contestant, miss_in_words

ROW_HEIGHT = 28
SETTINGS = 2


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    if value < 0.1:
        return number(1000 * value, ".0f") + " ms"
    return number(value, ".2f" if value < 100 else ".0f") + " s"


def _decibels(value: float | None) -> str:
    return "–" if value is None else format_decibels(value)


COLUMNS: tuple[tuple[str, Callable[[Contestant], str]], ...] = (
    (QT_TR_NOOP("Key"), lambda one: ""),
    ("Codec", lambda one: one.title),
    (QT_TR_NOOP("Setting"), lambda one: one.settings),
    (QT_TR_NOOP("Bytes"), lambda one: number(one.metrics.size_bytes or 0)),
    ("bpp", lambda one: "–" if one.metrics.bpp is None else number(one.metrics.bpp, ".4f")),
    ("PSNR (dB)", lambda one: _decibels(one.metrics.psnr)),
    ("MS-SSIM (dB)", lambda one: _decibels(one.metrics.ms_ssim_db)),
    ("SSIMULACRA 2", lambda one: "–" if one.metrics.ssimulacra2 is None else number(one.metrics.ssimulacra2, ".1f")),
    (QT_TR_NOOP("Encoding"), lambda one: _seconds(one.encode_seconds)),
    (QT_TR_NOOP("Decoding"), lambda one: _seconds(one.decode_seconds)),
    (QT_TR_NOOP("Blind"), lambda one: ""),
)
BLIND = len(COLUMNS) - 1


class _Keys(QStyledItemDelegate):
    """Paints the first column: a check as those of the window are, and the key."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(rect.left() + 10.5, rect.center().y() - 7.5, 15, 15)
        paint_check(painter, box, index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked.value, hovered)
        painter.setPen(theme.current().text)
        painter.drawText(rect.adjusted(34, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        painter.restore()


class FiguresTable(QTableWidget):
    """A row for each contestant; the check in its first column says whether its picture is in sight."""

    checked = Signal(object)
    """The rows that are checked now, a list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self.setAccessibleName(tr("Figures of the duel"))
        self.setHorizontalHeaderLabels([tr(title) for title, _ in COLUMNS])
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        tables.set_up(self, ROW_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(SETTINGS, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(48)
        for column in range(self.columnCount()):
            self._header(column).setTextAlignment(tables.alignment(column <= SETTINGS))
        self.setItemDelegateForColumn(0, _Keys(self))
        self.setFont(theme.with_equal_digits(theme.small_font()))
        self.itemChanged.connect(self._changed)
        self.show_contestants((), "bytes", ())

    def show_contestants(self, contestants: Sequence[Contestant], at: At, in_sight: Sequence[int]) -> None:
        """Show these; in_sight: the rows that are checked."""
        self.blockSignals(True)
        self.setRowCount(len(contestants))
        for row, one in enumerate(contestants):
            for column, (_, text) in enumerate(COLUMNS):
                item = QTableWidgetItem(text(one))
                item.setTextAlignment(tables.alignment(column <= SETTINGS))
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                if column == 0:
                    item.setText(str(row + 1))
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
                    item.setCheckState(Qt.CheckState.Checked if row in in_sight else Qt.CheckState.Unchecked)
                    item.setToolTip(tr("Show this picture beside others; its key shows it alone"))
                elif column == SETTINGS:
                    item.setToolTip(one.settings)
                elif (miss := miss_in_words(one, at)) is not None and COLUMNS[column][0] == QT_TR_NOOP("Bytes"):
                    item.setForeground(theme.current().warning)
                    item.setToolTip(said(miss))
                self.setItem(row, column, item)
        self.setColumnHidden(BLIND, True)
        self.blockSignals(False)
        self.setFixedHeight(36 + max(len(contestants), 1) * ROW_HEIGHT)

    def show_scores(self, scores: Sequence[tuple[float, int]]) -> None:
        """Points in the blind test, and of how many."""
        for row, (points, rounds) in enumerate(scores):
            self._cell(row, BLIND).setText(tr("{points} of {rounds}").format(points=number(points, "g"), rounds=rounds))
        self.setColumnHidden(BLIND, False)

    def rows_checked(self) -> list[int]:
        return [row for row in range(self.rowCount()) if self._cell(row, 0).checkState() is Qt.CheckState.Checked]

    def check(self, rows: Sequence[int]) -> None:
        """Check these rows and no other, without telling."""
        self.blockSignals(True)
        for row in range(self.rowCount()):
            self._cell(row, 0).setCheckState(Qt.CheckState.Checked if row in rows else Qt.CheckState.Unchecked)
        self.blockSignals(False)

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        item = self.item(row, column)
        assert item is not None
        return item

    def _header(self, column: int) -> QTableWidgetItem:
        item = self.horizontalHeaderItem(column)
        assert item is not None
        return item

    def _changed(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            self.checked.emit(self.rows_checked())
