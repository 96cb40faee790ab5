"""Rows of controls that float over the canvas, folded where it is narrow."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget


class Folding(QWidget):
    """Two rows of controls side by side, or one below the other in a narrow window."""

    def __init__(self, *rows: QWidget) -> None:
        super().__init__()
        self._rows: tuple[QWidget, ...] = ()
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self.take(*rows)

    def take(self, *rows: QWidget) -> None:
        """The rows, where they are made later."""
        self._rows = rows
        for one in rows:
            self._box.addWidget(one, 0, Qt.AlignmentFlag.AlignHCenter)

    def fold(self, room: int) -> None:
        """room: the width that there is."""
        narrow = sum(one.sizeHint().width() for one in self._rows) > room
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._box.direction() != direction:
            self._box.setDirection(direction)


def row(*widgets: QWidget) -> QWidget:
    """Controls side by side, with room around them."""
    page = QWidget()
    line = QHBoxLayout(page)
    line.setContentsMargins(16, 8, 16, 8)
    line.setSpacing(12)
    for widget in widgets:
        line.addWidget(widget)
    return page
