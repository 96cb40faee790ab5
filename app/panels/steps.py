"""Where the bits went: what was coded, step by step, as bars; a chosen one is shown on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui import theme
from app.ui.buttons import IconButton
from app.ui.fields import Slider
from app.ui.translation import number, tr
from app.ui.widgets import Card, Check, ElidedLabel, muted_label, set_role
from app.ui.words import format_bits, step_meaning, step_name
from hpcm_core.models.registry import map_labels, variants
from hpcm_core.results import BitMaps

ROW_HEIGHT = 16
NAME_WIDTH = 28
"""Left of the bars, unless a label needs more."""
PLAY_MS = 700
"""How long each step is shown while playing."""

Index = QModelIndex | QPersistentModelIndex


def step_of_row(row: int) -> int | None:
    """The place of a row's map in BitMaps; row 0 is the sum of all."""
    return None if row == 0 else row - 1


class StepsModel(QAbstractListModel):
    """Bits of each row: the sum, then one row a label."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__()
        self.labels = tuple(labels)
        self.colours = False
        self.bits: npt.NDArray[np.float64] | None = None

    def set_bits(self, maps: BitMaps | None) -> bool:
        """Show the bits of each map; None keeps the rows and empties them. Returns whether the rows are others now."""
        self.bits = None if maps is None else maps.per_step
        self.colours = maps is not None and maps.colours
        if maps is not None and maps.labels != self.labels:
            self.beginResetModel()
            self.labels = maps.labels
            self.endResetModel()
            return True
        self.dataChanged.emit(self.index(0), self.index(len(self.labels)))
        return False

    def row_bits(self, row: int) -> float:
        if self.bits is None:
            return 0.0
        step = step_of_row(row)
        return float(self.bits.sum() if step is None else self.bits[step])

    def share(self, row: int) -> float:
        """Part of all bits, 0 to 1."""
        total = self.row_bits(0)
        return self.row_bits(row) / total if total > 0 else 0.0

    def bar(self, row: int) -> float:
        """Length of a row's bar, 0 to 1: relative to the costliest step, so that steps compare; the sum has none."""
        if row == 0 or self.bits is None:
            return 0.0
        largest = float(self.bits.max())
        return self.row_bits(row) / largest if largest > 0 else 0.0

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1 + len(self.labels)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = index.row()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            step = step_of_row(row)
            whole = tr("All colours") if self.colours else tr("All steps")
            name = whole if step is None else step_name(self.labels[step])
            if self.bits is None:
                return name
            words = tr("{name}: {bits} bits, {share} percent")
            return words.format(
                name=name, bits=number(self.row_bits(row), ",.0f"), share=number(100 * self.share(row), ".1f")
            )
        if role == Qt.ItemDataRole.ToolTipRole:
            step, bits = step_of_row(row), self.row_bits(row)
            lines = [] if step is None else [step_meaning(self.labels, step)]
            if self.bits is not None:
                words = tr("{bits} bits = {bytes} bytes")
                lines.append(words.format(bits=number(bits, ",.0f"), bytes=number(bits / 8, ",.0f")))
            return "\n".join(filter(None, lines)) or None
        return None


class _Delegate(QStyledItemDelegate):
    """Paints a row as name, bar, bits and percent."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, StepsModel)
        row, colours = index.row(), theme.current()
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(state & QStyle.StateFlag.State_Selected) and model.bits is not None
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.selected if selected else colours.raised)
            painter.drawRoundedRect(rect, 4, 4)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colours.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        font = theme.with_equal_digits(theme.small_font())
        painter.setFont(font)
        inner = rect.adjusted(8, 0, -8, 0)
        painter.setPen(colours.text if row == 0 or selected else colours.muted)
        step = step_of_row(row)
        name = tr("All") if step is None else model.labels[step]
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        metrics = QFontMetricsF(font)
        widest = max(map(metrics.horizontalAdvance, model.labels), default=0.0)
        percent_width = metrics.horizontalAdvance("100.0 %") + 12
        count_width = metrics.horizontalAdvance("0,000 kbit") + 4
        if model.bits is not None:
            painter.setPen(colours.muted)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(inner, right, number(100 * model.share(row), ".1f") + " %")
            painter.setPen(colours.text)
            painter.drawText(inner.adjusted(0, 0, -percent_width, 0), right, format_bits(model.row_bits(row)))
        bar = inner.adjusted(max(NAME_WIDTH, widest + 10), 7, -(percent_width + count_width), -7)
        painter.setPen(Qt.PenStyle.NoPen)
        if row > 0:
            painter.setBrush(colours.raised if not selected else colours.surface)
            painter.drawRoundedRect(bar, 3, 3)
        length = bar.width() * model.bar(row)
        if length > 0:
            painter.setBrush(colours.accent)
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(length, 2), bar.height()), 3, 3)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)


class StepsPanel(Card):
    """The list, and a slider that plays the coding schedule."""

    cumulative_changed = Signal(bool)
    step_chosen = Signal(object)  # the place of a map in BitMaps, None for the sum

    def __init__(self, labels: Sequence[str] = (), parent: QWidget | None = None) -> None:
        """labels: the rows until there is a result, as BitMaps has them."""
        super().__init__(tr("Where the bits went"), parent)
        self.model = StepsModel(labels)
        self.list = QListView()
        self.list.setObjectName("steps")
        self.list.setAccessibleName(tr("Bits per coding step"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list.selectionModel().currentChanged.connect(self._row_changed)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self.play = IconButton("play", tr("Play the coding steps"))
        self.play.clicked.connect(self.toggle_playing)
        self.slider = Slider(tr("Coding step"))
        self.slider.setPageStep(1)
        self.slider.valueChanged.connect(self._choose)
        self.body.setContentsMargins(8, 12, 8, 12)
        self.body.setSpacing(8)
        self.title.setContentsMargins(8, 0, 0, 0)
        self.body.addWidget(self.list)
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        self.cumulative = Check(tr("Cumulative"))
        self.cumulative.setFont(theme.small_font())
        self.cumulative.setAccessibleName(tr("Show each step together with all before it"))
        self.cumulative.setToolTip(tr("Each step together with all before it (C)"))
        self.cumulative.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cumulative.toggled.connect(self.cumulative_changed)
        row.addWidget(self.cumulative)
        self.body.addLayout(row)
        self.unknown = muted_label(tr("Nobody can say where the bits of this file went."), wrap=True)
        self.unknown.setContentsMargins(8, 0, 8, 0)
        self.body.addWidget(self.unknown)
        self.sum = ElidedLabel()
        self.sum.setContentsMargins(0, 0, 8, 0)
        self.sum.setAccessibleName(tr("Sum of the maps beside the payload"))
        self.corner.addWidget(self.sum)
        self.hold: Callable[[], bool] = lambda: False
        """Whether playing has to wait: what the step shows is not there yet."""
        self._timer = QTimer(self)
        self._timer.setInterval(PLAY_MS)
        self._timer.timeout.connect(self._advance)
        self._fit_rows()
        self.show_bits(None)

    @property
    def step(self) -> int | None:
        """The chosen step; None for the sum."""
        return step_of_row(self.slider.value())

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def show_bits(self, maps: BitMaps | None, payload_bytes: int | None = None) -> None:
        """Show the bits of each map; None while there is no result. payload_bytes: as counted in the file."""
        if self.model.set_bits(maps):
            self._fit_rows()
        unknown = maps is None and payload_bytes is not None
        self.unknown.setVisible(unknown)
        self._show_sum(self.model.bits, payload_bytes)
        for control in (self.list, self.play, self.slider, self.cumulative):
            control.setEnabled(maps is not None)
            control.setVisible(not unknown)  # Rows that nothing will ever stand in say nothing.
        if self.model.colours:
            self._stop()
            for control in (self.play, self.slider, self.cumulative):  # Nothing follows one another.
                control.setEnabled(False)
                control.hide()
        if maps is None:
            self._stop()
            self.list.clearSelection()
        else:
            self._select(self.slider.value())

    @property
    def still_to_come(self) -> int:
        """Height that the model with the most steps needs beyond that of the one on show."""
        most = 1 + max(len(map_labels(variant)) for variant in variants())
        return max(most - self.model.rowCount(), 0) * ROW_HEIGHT

    def _fit_rows(self) -> None:
        """Make room for all rows; a chosen one that is gone gives way to the sum."""
        rows = self.model.rowCount()
        self.list.setFixedHeight(rows * ROW_HEIGHT + 2)
        blocked = self.slider.blockSignals(True)
        if self.slider.value() >= rows:
            self.slider.setValue(0)
        self.slider.setRange(0, rows - 1)
        self.slider.blockSignals(blocked)

    def _show_sum(self, per_step: npt.NDArray[np.float64] | None, payload_bytes: int | None) -> None:
        self.sum.setVisible(per_step is not None and payload_bytes is not None)
        if per_step is None or payload_bytes is None:
            return
        total = float(per_step.sum()) / 8
        # The maps are float32: their sum is exact to a few parts in ten million.
        equal = abs(total - payload_bytes) <= max(0.5, 1e-6 * payload_bytes)
        words = tr("{total} = payload") if equal else tr("{total} ≠ payload {payload}")
        self.sum.setText(words.format(total=number(total, ",.0f") + " B", payload=number(payload_bytes) + " B"))
        tip = tr("Sum of the maps {total} bytes; code streams in the file {payload} bytes")
        self.sum.setToolTip(tip.format(total=number(total, ",.1f"), payload=number(payload_bytes)))
        set_role(self.sum, "muted" if equal else "danger")

    def toggle_playing(self) -> None:
        """Show one step after the other, then the sum; or stop."""
        if self.playing:
            self._stop()
            return
        self._timer.start()
        self.play.set_icon("pause", tr("Pause"))
        self._choose(1)

    def _advance(self) -> None:
        if self.hold():
            return
        row = self.slider.value() + 1
        if row >= self.model.rowCount():
            self._stop()
            row = 0
        self._choose(row)

    def _stop(self) -> None:
        self._timer.stop()
        self.play.set_icon("play", tr("Play the coding steps"))

    def _row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and current.row() != self.slider.value():
            self._choose(current.row())

    def _choose(self, row: int) -> None:
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(row)
        self.slider.blockSignals(blocked)
        self._select(row)
        self.step_chosen.emit(step_of_row(row))

    def _select(self, row: int) -> None:
        index = self.model.index(row)
        self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
