"""Small building blocks of the panels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme

TITLE_BAR = 40
"""Height that the desktop adds to a window, about."""


def room_for(window: QWidget) -> QSize:
    """The largest size that a window can have on its screen."""
    return window.screen().availableSize() - QSize(0, TITLE_BAR)


def open_at(window: QWidget, width: int, height: int) -> None:
    """Give a window the size that it opens at, as far as its screen has room."""
    window.resize(QSize(width, height).boundedTo(room_for(window)))


class Card(QFrame):
    """A titled group. `corner` is a layout at the right end of the title line."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 12, 16, 16)
        self.body.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.title = QLabel(title)
        self.title.setFont(theme.heading_font())
        head.addWidget(self.title)
        head.addStretch()
        self.corner = QHBoxLayout()
        self.corner.setSpacing(4)
        head.addLayout(self.corner)
        self.body.addLayout(head)


class Area(QStackedWidget):
    """Pages over which messages and settings float; tells when its size changes."""

    resized = Signal()

    def setCurrentWidget(self, page: QWidget) -> None:
        """Show a page. The focus stays on the pages: left to Qt, it would go to whatever control comes next."""
        focused = QApplication.focusWidget()
        if page is self.currentWidget() or focused is None or not self.isAncestorOf(focused):
            super().setCurrentWidget(page)
            return
        focused.clearFocus()
        super().setCurrentWidget(page)
        self.give_focus()

    def give_focus(self) -> None:
        """Give the focus to the page on show, or to the first of its controls that takes it."""
        page = self.currentWidget()
        if page is not None:
            taking = [page, *page.findChildren(QWidget)]
            first = next((found for found in taking if found.focusPolicy() & Qt.FocusPolicy.StrongFocus), page)
            first.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


def muted_label(text: str = "", wrap: bool = False) -> QLabel:
    """Secondary text."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setFont(theme.small_font())
    label.setWordWrap(wrap)
    return label


class ElidedLabel(QLabel):
    """One line of secondary text that gives way to its neighbours: what has no room is cut, and told by the tip."""

    def __init__(self, side: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self.setProperty("role", "muted")
        self.setFont(theme.small_font())
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._side = side
        self._tip = ""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @property
    def is_cut(self) -> bool:
        """Whether the text has no room now."""
        return self._shown() != self.text()

    def setToolTip(self, text: str) -> None:
        """What the tip says beside the text that has no room."""
        self._tip = text
        self._show_tip()

    def _show_tip(self) -> None:
        lines = (self.text() if self.is_cut else "", self._tip)
        super().setToolTip("\n".join(line for line in lines if line))

    def _shown(self) -> str:
        return self.fontMetrics().elidedText(self.text(), self._side, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = self.contentsRect()
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(rect, self.alignment() | Qt.AlignmentFlag.AlignVCenter, self._shown())
        self._show_tip()


def set_role(label: QLabel, role: str) -> None:
    """Change the colour of a label to that of its role: muted, warning or danger."""
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


def paint_check(painter: QPainter, box: QRectF, on: bool, lively: bool) -> None:
    """The box of a check; lively: it has the focus, or the pointer is over it."""
    colours = theme.current()
    painter.setPen(QPen(colours.accent if on or lively else colours.muted, 1))
    painter.setBrush(colours.accent if on else colours.surface)
    painter.drawRoundedRect(box, 4, 4)
    if on:
        icons.draw(painter, "check", box.adjusted(1.5, 1.5, -1.5, -1.5), colours.on_accent)


class Check(QCheckBox):
    """A check box in the theme's colours: the style's own has too little contrast on dark ground."""

    def __init__(self, text: str, wrap: bool = False, parent: QWidget | None = None) -> None:
        """wrap: where one line has no room, the text takes more."""
        super().__init__(text, parent)
        self._wrap = wrap
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, side = theme.current(), 16
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(0.5, (self.height() - side) / 2 + 0.5, side - 1, side - 1)
            paint_check(painter, box, self.isChecked(), self.hasFocus() or self.underMouse())
            if self.hasFocus():
                painter.setPen(QPen(colours.text, 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box, 4, 4)
            painter.setPen(colours.text if self.isEnabled() else colours.muted)
            text = QRectF(self.rect()).adjusted(side + 8, 0, 0, 0)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | self._flags
            painter.drawText(text, flags, self.text())

    @property
    def _flags(self) -> int:
        return Qt.TextFlag.TextWordWrap if self._wrap else Qt.TextFlag.TextSingleLine

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 26, 20)

    def minimumSizeHint(self) -> QSize:
        if not self._wrap:
            return self.sizeHint()
        return QSize(max(map(self.fontMetrics().horizontalAdvance, self.text().split()), default=0) + 26, 20)

    def hasHeightForWidth(self) -> bool:
        return self._wrap

    def heightForWidth(self, width: int) -> int:
        room = QRect(0, 0, width - 24, 1 << 16)
        return max(20, self.fontMetrics().boundingRect(room, self._flags, self.text()).height())

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)


def push_button(text: str, name: str, call: Callable[[], object]) -> QPushButton:
    """A button of a dialog. name: for those who do not see it; Return presses it only where it has the focus."""
    button = QPushButton(text)
    button.setAccessibleName(name)
    button.setAutoDefault(False)
    button.clicked.connect(lambda: call())
    return button


def row_of(*parts: QWidget, wide: QWidget | None = None) -> QHBoxLayout:
    """Parts side by side; wide: the one that takes the room that is left."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        row.addWidget(part, int(part is wide))
    return row


def progress_bar(name: str) -> QProgressBar:
    """A bar of a thousand steps without words of its own; name: for those who do not see it."""
    bar = QProgressBar()
    bar.setRange(0, 1000)
    bar.setTextVisible(False)
    bar.setAccessibleName(name)
    return bar
