"""The command palette and the sheet of keys, both made from the actions themselves."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.translation import QT_TR_NOOP, tr
from app.ui.widgets import Card, muted_label, open_at
from app.window.actions import Actions
from app.window.menus import MENUS

GESTURES = (
    (QT_TR_NOOP("Space, held"), QT_TR_NOOP("Show the original for as long as it is held")),
    (QT_TR_NOOP("Wheel"), QT_TR_NOOP("Zoom at the pointer")),
    (QT_TR_NOOP("Drag"), QT_TR_NOOP("Move the picture, or the divider of the wipe")),
    (QT_TR_NOOP("Drag with the brush"), QT_TR_NOOP("Paint what is kept better, or coded cheaply")),
    (QT_TR_NOOP("Shift+Drag"), QT_TR_NOOP("Select a rectangle and measure it")),
    (QT_TR_NOOP("Double click"), QT_TR_NOOP("Between the whole picture and 100 %")),
    (QT_TR_NOOP("Arrow keys"), QT_TR_NOOP("Move the picture")),
    (QT_TR_NOOP("Shift+Left, Right"), QT_TR_NOOP("Move the divider of the wipe")),
    (QT_TR_NOOP("Click on a figure"), QT_TR_NOOP("Copy its exact value")),
)
"""What the mouse does, and the one key that is held: they are no actions."""


def words_of(action: QAction) -> str:
    """An action's text without its access key and dots."""
    return action.text().replace("&", "").rstrip(" …")


def keys_of(action: QAction) -> str:
    """An action's first key as the desktop writes it; empty if it has none."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def matches(wanted: str, text: str) -> bool:
    """Whether all letters of `wanted` are in the text, in their order."""
    letters = iter(text.lower())
    return all(letter in letters for letter in wanted.lower().replace(" ", ""))


class Palette(QDialog):
    """Type a few letters of a command, press Enter."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Commands"))
        self.setFixedSize(480, 420)
        self._actions = [action for action in actions if action.isEnabled()]
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Type a command"))
        self.line.setAccessibleName(tr("Search for a command"))
        self.line.textChanged.connect(self._fill)
        self.line.returnPressed.connect(self._choose)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("commands")
        self.list.setAccessibleName(tr("Commands that match"))
        self.list.itemActivated.connect(lambda _: self._choose())
        self.list.itemClicked.connect(lambda _: self._choose())
        column.addWidget(self.line)
        column.addWidget(self.list, 1)
        self._fill("")

    def _fill(self, wanted: str) -> None:
        self.list.clear()
        fitting = [action for action in self._actions if matches(wanted, words_of(action))]
        # Those in which the letters stand together come first.
        fitting.sort(key=lambda action: wanted.lower() not in words_of(action).lower())
        for action in fitting:
            item = QListWidgetItem(words_of(action))
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setToolTip(action.toolTip())
            self.list.addItem(item)
            if keys := keys_of(action):
                label = muted_label(keys)
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                label.setContentsMargins(0, 0, 12, 0)
                label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
                self.list.setItemWidget(item, label)
        self.list.setCurrentRow(0)

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            action = item.data(Qt.ItemDataRole.UserRole)
            self.accept()
            action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list while the letters go to the line."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
                Qt.Key(event.key())
            )
            if step is not None:
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
                return True
        return super().eventFilter(watched, event)


class KeySheet(QDialog):
    """Every key at a glance."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        body = QWidget()
        body.setObjectName("panelBody")
        row = QHBoxLayout(body)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(12)
        groups = [
            (
                tr(title).replace("&", ""),
                [
                    (keys_of(actions[name]), words_of(actions[name]))
                    for name in names
                    if name and keys_of(actions[name])
                ],
            )
            for title, names in MENUS.items()
        ]
        groups.append((tr("Mouse and held keys"), [(tr(keys), tr(words)) for keys, words in GESTURES]))
        columns = [QVBoxLayout() for _ in range(2)]
        heights = [0, 0]
        for title, lines in groups:
            if not lines:
                continue
            shortest = heights.index(min(heights))
            heights[shortest] += len(lines) + 2
            columns[shortest].addWidget(_group(title, lines))
        for column in columns:
            column.setSpacing(12)
            column.addStretch()
            row.addLayout(column)
        # There are more keys than a small screen has lines.
        area = QScrollArea()
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        beside = area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(body.sizeHint().width() + beside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        open_at(self, body.sizeHint().width() + beside, body.sizeHint().height())


def _group(title: str, lines: list[tuple[str, str]]) -> Card:
    card = Card(title)
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    for number, (keys, words) in enumerate(lines):
        grid.addWidget(QLabel(words), number, 0)
        label = QLabel(keys)
        label.setFont(theme.heading_font())
        grid.addWidget(label, number, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    card.body.addLayout(grid)
    return card
