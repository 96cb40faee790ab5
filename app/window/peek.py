"""The original for as long as Space is held, wherever the focus is but in controls that use Space themselves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from app.canvas.canvas import Canvas

USE_SPACE = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit)


class Peek(QObject):
    """Sees the program's events from when it is made until `end`."""

    def __init__(self, window: QWidget, canvas: Canvas) -> None:
        super().__init__(window)
        self._window, self._canvas = window, canvas
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)

    def end(self) -> None:
        """Look no more."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Space."""
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and isinstance(event, QKeyEvent):
            focus = QApplication.focusWidget()
            if event.key() == Qt.Key.Key_Space and self._window.isActiveWindow() and not isinstance(focus, USE_SPACE):
                if not event.isAutoRepeat():
                    self._canvas.set_peeking(event.type() == QEvent.Type.KeyPress)
                return True
        elif event.type() == QEvent.Type.WindowDeactivate and watched is self._window:
            self._canvas.set_peeking(False)  # Another window, a dialog too, will see the key let go.
        return False
