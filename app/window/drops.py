"""Files that are dragged over the window and let go there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from app.desktop.clipboard import files_of, take_copy

_KINDS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.DragLeave, QEvent.Type.Drop)


class Drops(QObject):
    """Sees the window's events. show_hot: whether files that can be taken are over it; take: what to do with them."""

    def __init__(self, window: QWidget, show_hot: Callable[[bool], None], take: Callable[[list[Path]], object]) -> None:
        super().__init__(window)
        self._show_hot, self._take = show_hot, take
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in _KINDS:
            return False
        if kind == QEvent.Type.DragLeave:
            self._show_hot(False)
            return True
        taken = take_copy(cast(QDragEnterEvent, event))
        if kind == QEvent.Type.DragEnter:
            self._show_hot(taken)
        elif kind == QEvent.Type.Drop:
            self._show_hot(False)
            if taken:
                self._take(files_of(cast(QDropEvent, event).mimeData()))
        return True
