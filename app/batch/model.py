"""The rows of a batch as a table for Qt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.batch.runner import BatchRunner
from app.ui import tables, theme
from app.ui.translation import QT_TR_NOOP, number, said, tr
from app.ui.words import format_bytes, format_decibels
from hpcm_core.batch import Row
from hpcm_core.errors import Phrase

Index = QModelIndex | QPersistentModelIndex


def _number(value: float | None, form: str) -> str:
    return "" if value is None else number(value, form)


_STATES = {
    "waiting": QT_TR_NOOP("Waiting"),
    "running": QT_TR_NOOP("Running"),
    "done": QT_TR_NOOP("Done"),
    "skipped": QT_TR_NOOP("Skipped"),
    "failed": QT_TR_NOOP("Failed"),
}


def state_in_words(row: Row) -> str:
    """The state of a row as a user reads it."""
    return tr(_STATES[row.state])


def reason_in_words(row: Row) -> str:
    """Why a row has its state; the row names its picture already, so the sentence needs no path."""
    reason = row.reason
    return said(reason.with_value(row.source, tr("this file")) if isinstance(reason, Phrase) else reason)


def left_out_in_words(row: Row) -> str:
    """What of the source is not in the picture."""
    return tr("Not in the picture: {things}.").format(things=said(row.left_out)) if row.left_out else ""


def notes_in_words(row: Row) -> list[str]:
    """All that is to be said of a row, in sentences."""
    found = (reason_in_words(row), left_out_in_words(row), said(row.advice))
    return [sentence(part) for part in found if part]


def sentence(text: str) -> str:
    """A reason as a sentence of its own."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


COLUMNS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    (QT_TR_NOOP("Picture"), lambda row: Path(row.source).name),
    (QT_TR_NOOP("State"), lambda row: state_in_words(row) + (f": {reason_in_words(row)}" if row.reason else "")),
    (QT_TR_NOOP("Before"), lambda row: "" if row.source_bytes is None else format_bytes(row.source_bytes)),
    (QT_TR_NOOP("After"), lambda row: "" if row.bytes is None else format_bytes(row.bytes)),
    (QT_TR_NOOP("Saved"), lambda row: "" if row.gain_percent is None else number(row.gain_percent, ".1f") + " %"),
    ("bpp", lambda row: _number(row.bpp, ".3f")),
    ("PSNR", lambda row: "" if row.psnr is None else format_decibels(row.psnr) + " dB"),
    ("MS-SSIM", lambda row: _number(row.ms_ssim, ".4f")),
    (QT_TR_NOOP("Time"), lambda row: "" if row.encode_seconds is None else number(row.encode_seconds, ".1f") + " s"),
)
STATE = 1
WIDEST = ("", "", "1000 kB", "1000 kB", "−100.0 %", "10.000", "100.00 dB", "0.00000", "1000.0 s")
"""The widest text that each column of numbers is made for."""
_LEFT = (0, STATE)


class BatchModel(QAbstractTableModel):
    """Follows a runner."""

    def __init__(self, runner: BatchRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._count = len(runner.rows)
        runner.row_changed.connect(self._row_changed)
        runner.rows_added.connect(self._rows_added)
        runner.rows_reset.connect(self._reset)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return tr(COLUMNS[section][0])
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return tables.alignment(section in _LEFT)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._runner.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == STATE and row.state == "running":
                return f"{said(self._runner.stage)}  {self._runner.fraction * 100:.0f} %"
            return COLUMNS[column][1](row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.source if column == 0 else " ".join(notes_in_words(row)) or row.output or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return tables.alignment(column in _LEFT)
        if role == Qt.ItemDataRole.ForegroundRole and column == STATE:
            colours = theme.current()
            return {
                "done": colours.success,
                "failed": colours.danger,
                "skipped": colours.warning,
                "running": colours.accent,
            }.get(row.state, colours.muted)
        return None

    def _row_changed(self, row: int) -> None:
        if row < self._count:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def _rows_added(self, count: int) -> None:
        if count > self._count:
            self.beginInsertRows(QModelIndex(), self._count, count - 1)
            self._count = count
            self.endInsertRows()

    def _reset(self) -> None:
        self.beginResetModel()
        self._count = len(self._runner.rows)
        self.endResetModel()
