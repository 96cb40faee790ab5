"""The published checkpoints as a table for Qt."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.getting.runner import GetRunner, Row
from app.ui import lambdas, tables, theme
from app.ui.translation import QT_TR_NOOP, number, said, tr
from app.ui.words import format_bytes, format_decibels, pretty_model
from hpcm_core.models.published import Published
from hpcm_core.models.registry import METRIC_NAMES

Index = QModelIndex | QPersistentModelIndex

_STATES = {
    "missing": QT_TR_NOOP("Not installed"),
    "waiting": QT_TR_NOOP("Waiting"),
    "running": QT_TR_NOOP("Running"),
    "installed": QT_TR_NOOP("Installed"),
    "failed": QT_TR_NOOP("Failed"),
}


def state_in_words(row: Row) -> str:
    """How far a row is, as a user reads it."""
    percent = number(int(row.fraction * 100), "d") + " %"
    if row.state == "running" and row.stage:
        return f"{percent}  {said(row.stage)}"
    if row.state == "missing" and row.fraction > 0:
        return tr("Stopped at {percent}").format(percent=percent)
    return tr(_STATES[row.state])


def name_in_words(one: Published) -> str:
    """Variant, metric and lambda."""
    return f"{pretty_variant(one)} · {METRIC_NAMES[one.metric]} · λ {number(one.lmbda, 'g')}"


def pretty_variant(one: Published) -> str:
    """Its name as a user reads it."""
    return pretty_model(one.variant) if one.variant.isalpha() else one.variant.upper()


def _expected(one: Published, place: int, form: Callable[[float], str]) -> str:
    return "–" if one.expected is None else form(one.expected[place])


def time_in_words(row: Row) -> str:
    """What a megapixel takes, as roughly as it is known; empty while it is not."""
    if row.seconds is None:
        return ""
    return "≈ " + number(row.seconds, ".0f" if row.seconds >= 10 else ".1f") + " s"


COLUMNS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    (QT_TR_NOOP("Model"), lambda row: pretty_variant(row.one)),
    (QT_TR_NOOP("Trained for"), lambda row: METRIC_NAMES[row.one.metric]),
    ("λ", lambda row: number(row.one.lmbda, "g")),
    ("bpp", lambda row: _expected(row.one, 0, lambda value: number(value, ".3f"))),
    ("dB", lambda row: _expected(row.one, 1, format_decibels)),
    (QT_TR_NOOP("Size"), lambda row: format_bytes(row.one.size)),
    (QT_TR_NOOP("Time per megapixel"), time_in_words),
    (QT_TR_NOOP("Licence"), lambda row: row.one.licence),
    (QT_TR_NOOP("State"), state_in_words),
)
STATE, TIME = 8, 6
WIDEST = ("Large", "MS-SSIM", "0.0483", "0.000", "00.00", "000.00 MB", "≈ 000 s", "MIT", "")
"""The widest text that each column is made for; the last takes the rest."""
_LEFT = (0, 1, 7, STATE)


class GetModel(QAbstractTableModel):
    """Follows a runner."""

    def __init__(self, runner: GetRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        runner.row_changed.connect(self._row_changed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._runner.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section][0])
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(section)
        return tables.alignment(section in _LEFT) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._runner.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == TIME and row.seconds is None and self._runner.measuring:
                return "…"
            return COLUMNS[column][1](row)
        if role == Qt.ItemDataRole.ToolTipRole:
            if column == STATE:
                return said(row.reason) if row.reason is not None else row.one.page
            return lambdas.meaning(row.one.variant, row.one.metric, row.one.lmbda)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return tables.alignment(column in _LEFT)
        if role == Qt.ItemDataRole.ForegroundRole and column == STATE:
            colours = theme.current()
            states = {"installed": colours.success, "failed": colours.danger, "running": colours.accent}
            return states.get(row.state, colours.muted)
        return None

    def _row_changed(self, row: int) -> None:
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))


def _tip(column: int) -> str | None:
    """What the name of a column means."""
    tips = {
        2: lambdas.meaning(),
        3: tr("Bits per pixel that its authors give: the mean over the Kodak pictures"),
        4: tr(
            "PSNR, or MS-SSIM where it was trained for that: the mean over the Kodak pictures, as its authors give it"
        ),
        5: tr("On the disk, when it is installed"),
        6: tr("To encode a megapixel on this machine: measured with Base, counted for the others"),
    }
    return tips.get(column)
