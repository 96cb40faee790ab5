"""Which of the pictures in a file is open: a page of a TIFF, a picture of an animation."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.ui.fields import WholeNumberBox, end_typing
from app.ui.translation import tr
from app.ui.widgets import muted_label

MOST = 9999
"""Where nobody has counted the pictures of a file."""


class FrameChoice(QWidget):
    """A number and how many there are; hidden where a file has one picture. People count from 1, files from 0."""

    chosen = Signal(int)
    typed = Signal()  # typing has ended

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        self.box = WholeNumberBox()
        self.box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.box.setFixedWidth(64)
        self.box.setAccessibleName(tr("Which picture of the file"))
        self.box.setToolTip(tr("Which picture of the file (Page up, Page down)"))
        self.box.valueChanged.connect(lambda number: self.chosen.emit(number - 1))
        end_typing(self.box, self.typed.emit)
        self.of = muted_label()
        row.addWidget(QLabel(tr("Picture")))
        row.addWidget(self.box)
        row.addWidget(self.of)
        row.addStretch()
        self.hide()

    def show_frame(self, frame: int, count: int, on: bool) -> None:
        """frame: which is open, from 0; count: of the file, 0 if unknown; on: whether another can be chosen."""
        blocked = self.box.blockSignals(True)
        self.box.setRange(1, count or MOST)
        self.box.setValue(frame + 1)
        self.box.blockSignals(blocked)
        self.of.setText(tr("of {count} in the file").format(count=count) if count else tr("of several in the file"))
        self.setVisible(on)

    def step(self, by: int) -> None:
        """Choose the next picture, or the one before for -1."""
        self.box.setValue(self.box.value() + by)
