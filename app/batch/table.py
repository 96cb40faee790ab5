"""The table of a batch: its columns, its menu, and which rows are selected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from app.batch.model import COLUMNS, STATE, WIDEST, BatchModel, reason_in_words
from app.batch.runner import BatchRunner
from app.ui import tables
from app.ui.translation import tr
from hpcm_core.batch import Row


class BatchTable(QTableView):
    """Tells what is wanted of its rows; Return and a double click open."""

    open_wanted = Signal(object)  # Path of a picture
    compare_wanted = Signal(object, object)  # Paths of a picture and of what became of it
    show_wanted = Signal(object)  # Path to show in its folder
    retry_wanted = Signal()
    skip_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, runner: BatchRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.setAccessibleName(tr("Pictures of the batch"))
        self.setModel(BatchModel(runner, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        tables.set_up(self, 30)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Stretch)
        metrics, name_metrics = self.fontMetrics(), header.fontMetrics()
        for number, (title, _) in enumerate(COLUMNS):
            widest = max(metrics.horizontalAdvance(WIDEST[number]), name_metrics.horizontalAdvance(title))
            header.resizeSection(number, widest + 24 if WIDEST[number] else 180)
        here = Qt.ShortcutContext.WidgetShortcut
        QShortcut(QKeySequence(Qt.Key.Key_Delete), self, self.remove_wanted.emit, context=here)
        self.doubleClicked.connect(lambda index: self.open_row(self._runner.rows[index.row()]))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)

    def selected(self) -> list[int]:
        """Numbers of the selected rows."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def open_row(self, row: Row) -> None:
        """Show what became of a picture beside it; while nothing has, the picture."""
        if row.state == "done" and Path(row.output).is_file():
            self.compare_wanted.emit(Path(row.source), Path(row.output))
        else:
            self.open_wanted.emit(Path(row.source))

    def menu(self, row: Row) -> QMenu:
        """What can be done with a row, and with the selected ones."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        written = row.state == "done"
        states = {self._runner.rows[index].state for index in self.selected()}

        def add(text: str, call: Callable[[], object], on: bool = True) -> None:
            action = menu.addAction(text)
            action.setEnabled(on)
            action.triggered.connect(lambda: call())

        add(tr("&Open"), lambda: self.open_row(row))
        add(tr("Open the &original"), lambda: self.open_wanted.emit(Path(row.source)))
        add(tr("Show in fol&der"), lambda: self.show_wanted.emit(Path(row.output if written else row.source)))
        menu.addSeparator()
        reason = reason_in_words(row)
        add(tr("&Copy the reason"), lambda: QGuiApplication.clipboard().setText(reason), bool(reason))
        menu.addSeparator()
        add(tr("&Retry"), self.retry_wanted.emit, bool(states & {"done", "skipped", "failed"}))
        add(tr("&Skip"), self.skip_wanted.emit, bool(states & {"waiting", "running"}))
        add(tr("Re&move"), self.remove_wanted.emit, bool(states - {"running"}))
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen = self.selected()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and chosen:
            self.open_row(self._runner.rows[chosen[0]])
        else:
            super().keyPressEvent(event)

    def _show_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            self.menu(self._runner.rows[index.row()]).popup(self.viewport().mapToGlobal(place))
