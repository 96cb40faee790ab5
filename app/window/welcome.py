"""The first page, while nothing is open: a place to drop a picture, and two buttons."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.translation import tr
from app.ui.widgets import muted_label


class _Picture(QWidget):
    """A large icon in the theme's colours."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(96, 96)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            icons.draw(painter, "wipe", QRectF(0, 0, 96, 96), theme.current().accent)


class Welcome(QWidget):
    """Emits what the user asks for; drops are the window's business."""

    open_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Welcome page"))
        self._zone = QFrame()
        self._zone.setObjectName("drop")
        self._zone.setFixedSize(520, 360)
        inner = QVBoxLayout(self._zone)
        inner.setContentsMargins(32, 32, 32, 32)
        inner.setSpacing(8)
        inner.addStretch()
        inner.addWidget(_Picture(), 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addSpacing(8)
        self._title = QLabel(tr("Drop a picture here"))
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner.addWidget(self._title)
        line = muted_label(tr("PNG, JPEG, HEIC, WebP, TIFF, AVIF, JPEG XL, RAW or .hpcm"))
        line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner.addWidget(line)
        inner.addSpacing(16)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch()
        self.open_button = QPushButton(tr("Open…"))
        self.open_button.setProperty("primary", True)
        self.open_button.setAccessibleName(tr("Open a picture or a .hpcm file"))
        self.open_button.clicked.connect(self.open_wanted)
        self.sample_button = QPushButton(tr("Try a sample photograph"))
        self.sample_button.setAccessibleName(tr("Open the sample photograph"))
        self.sample_button.clicked.connect(self.sample_wanted)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.sample_button)
        buttons.addStretch()
        inner.addLayout(buttons)
        inner.addStretch()
        column = QVBoxLayout(self)
        column.addWidget(self._zone, 0, Qt.AlignmentFlag.AlignCenter)
        self._title.setFont(theme.title_font(22))

    def set_hot(self, on: bool) -> None:
        """Something is held over the window that would be opened if let go."""
        self._zone.setProperty("hot", on)
        self._zone.style().unpolish(self._zone)
        self._zone.style().polish(self._zone)
