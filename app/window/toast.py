"""Messages over the canvas that do not stop the work: a sentence, details on request, and a way to copy both."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from app.desktop.report import open_folder, report_of
from app.desktop.settings import log_dir
from app.ui import icons, theme
from app.ui.buttons import IconButton
from app.ui.notices import Notice
from app.ui.translation import said, tr
from app.ui.widgets import Area

WIDTH = 400
MARGIN = 16
INFO_MS = 4000
"""How long a good message stays."""
ERROR_MS = 12_000
"""How long one stays that says what went wrong, or has an address to copy."""


class Toast(QFrame):
    """One message."""

    changed = Signal()  # its height changed
    dismissed = Signal()

    def __init__(self, notice: Notice, area: Area) -> None:
        super().__init__(area)
        self._area = area
        self.notice = notice
        self.setObjectName("toast")
        message = said(notice.message)
        kind = tr("Error: {text}") if notice.is_error else tr("Message: {text}")
        self.setAccessibleName(kind.format(text=message))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        sign = QLabel()
        colour = theme.current().danger if notice.is_error else theme.current().success
        sign.setPixmap(icons.pixmap("warning" if notice.is_error else "check", 20, colour, self.devicePixelRatioF()))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        text = QLabel(message)
        text.setTextFormat(Qt.TextFormat.PlainText)  # A file's name may look like a tag.
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setMinimumHeight(24)
        row.addWidget(text, 1)
        close = IconButton("close", tr("Close message"), 24)
        close.clicked.connect(self.dismiss)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self.details = QPlainTextEdit(notice.details)
        self.details.setAccessibleName(tr("Details of the error"))
        self.details.setReadOnly(True)
        self.details.setFont(theme.code_font())
        self.details.setFixedHeight(160)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.hide()
        if notice.address:
            column.addLayout(self._row_of(self._address_button()))
        if notice.details:
            column.addLayout(self._buttons())
            column.addWidget(self.details)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 4)
        shadow.setColor(Qt.GlobalColor.black if theme.current().name == "dark" else Qt.GlobalColor.darkGray)
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ERROR_MS if notice.is_error or notice.address else INFO_MS)
        self._timer.timeout.connect(self._time_is_over)
        self._timer.start()

    def _time_is_over(self) -> None:
        """Go, unless someone reads it, or nobody has seen it yet."""
        focused = QApplication.focusWidget()
        read = self.underMouse() or self.details.isVisible() or (focused is not None and self.isAncestorOf(focused))
        if read or not self.isActiveWindow():
            self._timer.start()
        else:
            self.dismiss()

    def _address_button(self) -> QPushButton:
        self.copy_address = QPushButton(tr("Copy address"))
        self.copy_address.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.notice.address))
        return self.copy_address

    def _row_of(self, *buttons: QPushButton) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(20, 0, 0, 0)
        row.setSpacing(4)
        for button in buttons:
            button.setProperty("flat", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addStretch()
        return row

    def _buttons(self) -> QHBoxLayout:
        self.more = QPushButton(tr("Details"))
        self.more.setProperty("flat", True)
        self.more.setCheckable(True)
        self._widest = max(_width_of(self.more, text) for text in (tr("Hide details"), tr("Details")))
        self.more.setAccessibleName(tr("Show details of the error"))
        self.more.toggled.connect(self._show_details)
        copy = QPushButton(tr("Copy report"))
        copy.setAccessibleName(tr("Copy the error report"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report_of(self.notice)))
        logs = QPushButton(tr("Open log folder"))
        logs.setAccessibleName(tr("Open the folder of the log files"))
        logs.clicked.connect(lambda: open_folder(log_dir()))
        return self._row_of(self.more, copy, logs)

    def _show_details(self, on: bool) -> None:
        self.details.setVisible(on)
        self.more.setText(tr("Hide details") if on else tr("Details"))
        self.changed.emit()

    def needed_height(self) -> int:
        """Height of the wrapped text and what is below it."""
        column = self.layout()
        return column.totalHeightForWidth(self.width()) if column is not None else self.height()

    def needed_width(self) -> int:
        """Width at which no button is cut off, whichever of its texts it has: a message does not grow when opened."""
        column = self.layout()
        if column is not None:
            column.activate()  # Else rows keep the width of the text before.
        other = self._widest - self.more.sizeHint().width() if self.notice.details else 0
        return max(WIDTH, self.minimumSizeHint().width() + other)

    def dismiss(self) -> None:
        """Close this message. The focus, if it was here, goes back to the page below and not to any other control."""
        focused = QApplication.focusWidget()
        self.hide()
        if focused is not None and self.isAncestorOf(focused):
            self._area.give_focus()
        self.dismissed.emit()
        self.deleteLater()


def _width_of(button: QPushButton, text: str) -> int:
    """The width that a button needs for a text, which it shows from then on."""
    button.setText(text)
    return button.sizeHint().width()


class Toasts(QObject):
    """Keeps the messages in the lower right corner of a widget, the newest lowest; at most three at a time."""

    LIMIT = 3

    def __init__(self, area: Area) -> None:
        super().__init__(area)
        self._area = area
        self._all: list[Toast] = []
        self._lift = 0
        area.resized.connect(self._place)

    @property
    def shown(self) -> list[Toast]:
        """All messages on the screen, oldest first."""
        return list(self._all)

    def show(self, notice: Notice) -> None:
        """Show a message; one that is there already is not shown twice."""
        for toast in self.shown:
            if toast.notice.message == notice.message:
                toast.dismiss()
        for toast in self.shown[: -self.LIMIT + 1]:
            toast.dismiss()
        toast = Toast(notice, self._area)
        toast.changed.connect(self._place)
        toast.dismissed.connect(lambda: self._remove(toast))
        toast.show()
        self._all.append(toast)
        self._place()

    def clear_errors(self) -> None:
        """What went wrong before is over."""
        for toast in self.shown:
            if toast.notice.is_error:
                toast.dismiss()

    def set_lift(self, pixels: int) -> None:
        """Keep this much free at the lower edge."""
        self._lift = pixels
        self._place()

    def _remove(self, toast: Toast) -> None:
        if toast in self._all:
            self._all.remove(toast)
            self._place()

    def _place(self) -> None:
        bottom = self._area.height() - MARGIN - self._lift
        for toast in reversed(self.shown):
            width = min(toast.needed_width(), self._area.width() - 2 * MARGIN)
            toast.setFixedWidth(width)
            height = toast.needed_height()
            toast.resize(width, height)
            toast.move(self._area.width() - width - MARGIN, bottom - height)
            toast.raise_()
            bottom -= height + 8
