"""The window in which published checkpoints are got: what there is, where it comes from, how far it is."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.desktop.settings import Settings
from app.dialogs import file_dialogs
from app.getting.model import COLUMNS, STATE, WIDEST, GetModel, name_in_words, pretty_variant, state_in_words
from app.getting.runner import GetRunner, Row
from app.ui import tables
from app.ui.fields import Choice
from app.ui.remaining import Remaining, time_in_words
from app.ui.translation import said, tr
from app.ui.widgets import Area, ElidedLabel, muted_label, open_at, progress_bar, push_button, row_of
from app.ui.words import format_bytes
from hpcm_core.models.catalogue import obstacle
from hpcm_core.models.published import page_of_authors
from hpcm_core.models.registry import METRIC_NAMES

AUTHORS, MIRROR = "authors", "mirror"


class GetDialog(QDialog):
    """A window beside the main one; closing hides it, and what is being got goes on."""

    link_wanted = Signal(str)  # an address of the web

    def __init__(self, runner: GetRunner, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runner, self._settings = runner, settings
        self._remaining = Remaining()
        self.setWindowTitle(tr("Get models"))
        self.setSizeGripEnabled(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._build_head())
        self.pages = Area()
        self.pages.addWidget(self._build_table())
        column.addWidget(self.pages, 1)
        self.reason = muted_label(wrap=True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reason.setAccessibleName(tr("Why the selected row has its state"))
        column.addWidget(self.reason)
        column.addLayout(self._build_source())
        column.addLayout(self._build_foot())
        runner.state_changed.connect(self._show_state)
        runner.row_changed.connect(lambda _: self._show_state())
        self._source_changed()
        self.table.selectRow(0)
        self.setMinimumSize(QSize(900, 480).expandedTo(self.minimumSizeHint()))
        open_at(self, 1060, 720)

    def _build_head(self) -> QLabel:
        page = f'<a href="{html.escape(page_of_authors())}">' + tr("this page") + "</a>"
        words = tr(
            "The authors of HPCM have published these models on {page}, under the MIT licence. Each λ is a model of "
            "its own. Nothing is downloaded before you ask for it."
        )
        self.head = head = muted_label(words.format(page=page), wrap=True)
        head.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        head.linkActivated.connect(self.link_wanted)
        return head

    def _build_table(self) -> QTableView:
        self.table = table = QTableView()
        table.setAccessibleName(tr("Published models"))
        table.setModel(GetModel(self.runner, table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        tables.set_up(table, 28)
        header = table.horizontalHeader()
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Stretch)
        metrics, name_metrics = table.fontMetrics(), header.fontMetrics()
        for place, (title, _) in enumerate(COLUMNS):
            widest = max(metrics.horizontalAdvance(WIDEST[place]), name_metrics.horizontalAdvance(tr(title)))
            header.resizeSection(place, widest + 24)
        table.selectionModel().selectionChanged.connect(lambda *_: self._show_state())
        table.doubleClicked.connect(lambda _: self._get())
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._show_menu)
        return table

    def _build_source(self) -> QHBoxLayout:
        kinds = {AUTHORS: tr("Their authors (Google Drive)"), MIRROR: tr("A mirror, or a folder")}
        mirror = self._settings.mirror
        self.source = Choice.of(tr("Where models come from"), kinds, MIRROR if mirror else AUTHORS)
        self.mirror = QLineEdit(mirror)
        self.mirror.setAccessibleName(tr("Address or folder of the mirror"))
        self.mirror.setPlaceholderText(tr("https://… or a folder"))
        self.choose = push_button(tr("Folder…"), tr("Choose the folder of the mirror"), self._ask_folder)
        self.source.activated.connect(lambda _: self._source_changed())
        self.mirror.textChanged.connect(lambda _: self._source_changed())
        row = row_of(QLabel(tr("From")), self.source, self.mirror, self.choose, wide=self.mirror)
        row.addStretch()
        return row

    def _build_foot(self) -> QHBoxLayout:
        self.bar = progress_bar(tr("Progress of all models"))
        self.summary = ElidedLabel()
        self.file = push_button(tr("From a file…"), tr("Install the selected model from a file"), self._ask_file)
        self.stop = push_button(tr("Stop"), tr("Stop getting models"), self.runner.stop)
        self.group = push_button("", "", self._get_group)
        self.go = push_button(tr("Get"), tr("Get the selected models"), self._get)
        self.go.setProperty("primary", True)
        return row_of(self.bar, self.summary, self.file, self.stop, self.group, self.go, wide=self.summary)

    # Shown.

    def select(self, name: str) -> None:
        """Select the row of a model; another name selects nothing."""
        for place, row in enumerate(self.runner.rows):
            if row.one.name == name:
                flags = QItemSelectionModel.SelectionFlag
                index = self.table.model().index(place, 0)
                self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
                self.table.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def selected(self) -> list[Row]:
        """The selected rows."""
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.runner.rows[place] for place in places]

    def _group(self) -> list[Row]:
        """All of the variant and metric that the first selected row is of."""
        chosen = self.selected()
        if not chosen:
            return []
        key = chosen[0].one.variant, chosen[0].one.metric
        return [row for row in self.runner.rows if (row.one.variant, row.one.metric) == key]

    def _show_state(self) -> None:
        runner, chosen, group = self.runner, self.selected(), self._group()
        fault = obstacle(chosen[0].one.name) if chosen else None
        can = fault is None and bool(self._source() or self.source.currentData() == AUTHORS)
        wanted = [row for row in chosen if row.state in ("missing", "failed")]
        self.go.setEnabled(can and bool(wanted))
        self.file.setEnabled(fault is None and len(chosen) == len(wanted) == 1)
        self.group.setVisible(len(group) > 1)
        if group:
            one = group[0].one
            words = tr("Get all {count} of {model}, {metric}")
            text = words.format(count=len(group), model=pretty_variant(one), metric=METRIC_NAMES[one.metric])
            self.group.setText(text)
            self.group.setAccessibleName(text)
        self.group.setEnabled(can and any(row.state in ("missing", "failed") for row in group))
        self.stop.setEnabled(runner.running)
        self.bar.setVisible(runner.running)
        self.bar.setValue(round(runner.part_done * 1000))
        self.summary.setText(self._progress() if runner.running else self._sum(wanted))
        parts = [said(fault.phrase)] if fault is not None else []
        parts += [f"{name_in_words(row.one)}: {said(row.reason)}" for row in chosen if row.reason is not None]
        self.reason.setText("\n".join(parts))
        self.reason.setVisible(bool(parts))

    def _progress(self) -> str:
        runner = self.runner
        current = next((row for row in runner.rows if row.state == "running"), None)
        parts = [tr("{finished} of {total}").format(finished=runner.done, total=runner.total)]
        if current is not None:
            parts.append(f"{name_in_words(current.one)}: {state_in_words(current)}")
        left = self._remaining.seconds(runner.part_done)
        return " · ".join(parts if left is None else [*parts, time_in_words(left)])

    def _sum(self, wanted: list[Row]) -> str:
        """What the selected models take."""
        size = sum(row.one.size for row in wanted)
        if not wanted:
            return ""
        return (
            format_bytes(size)
            if len(wanted) == 1
            else tr("{count} models, {size}").format(count=len(wanted), size=format_bytes(size))
        )

    def _source_changed(self) -> None:
        is_mirror = self.source.currentData() == MIRROR
        self.mirror.setVisible(is_mirror)
        self.choose.setVisible(is_mirror)
        self._settings.mirror = self._source()
        self._show_state()

    def _source(self) -> str:
        """The mirror; empty for the authors' links, and while nothing is typed."""
        return self.mirror.text().strip() if self.source.currentData() == MIRROR else ""

    # Wishes.

    def menu(self, row: Row) -> QMenu:
        """What can be done with the selected rows, and with the one under the pointer."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        begun = row.state in ("missing", "failed") and row.fraction > 0
        entries: tuple[tuple[str, bool, Callable[[], object]], ...] = (
            (tr("&Get"), self.go.isEnabled(), self._get),
            (tr("From a &file…"), self.file.isEnabled(), self._ask_file),
            (tr("Open its &page"), True, lambda: self.link_wanted.emit(row.one.page)),
            (tr("&Throw away what has come"), begun, lambda: self.runner.give_up(row.one.name)),
        )
        for text, on, call in entries:
            action = menu.addAction(text)
            action.setEnabled(on)
            action.triggered.connect(lambda _=False, call=call: call())
        return menu

    def _show_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if index.isValid():
            self.menu(self.runner.rows[index.row()]).popup(self.table.viewport().mapToGlobal(place))

    def _get(self) -> None:
        if self.go.isEnabled():
            self._begin(self.selected(), self._source())

    def _get_group(self) -> None:
        self._begin(self._group(), self._source())

    def _begin(self, rows: list[Row], source: str) -> None:
        if not self.runner.running:
            self._remaining.begin()
        self.runner.get([row.one.name for row in rows], source)

    def _ask_folder(self) -> None:
        def use(folder: Path) -> None:
            self.mirror.setText(str(folder))

        file_dialogs.ask_for_folder(self, self._settings, tr("Folder of the mirror"), use)

    def _ask_file(self) -> None:
        rows = self.selected()
        file_dialogs.ask_for_file(
            self, self._settings, file_dialogs.CHECKPOINT, lambda path: self._begin(rows, str(path))
        )
