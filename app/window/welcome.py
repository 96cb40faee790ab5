"""The first page, while nothing is open: a place to drop a picture, two buttons, and what was opened last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.dialogs.file_dialogs import with_home
from app.ui import icons, theme
from app.ui.buttons import PlainButton
from app.ui.translation import tr
from app.ui.widgets import muted_label

HEIGHT = 360
MOST_RECENT = 4
"""Files that were opened last, as many as the smallest window has room for."""
ROW = 28


class _Picture(QWidget):
    """A large icon in the theme's colours."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(96, 96)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            icons.draw(painter, "wipe", QRectF(0, 0, 96, 96), theme.current().accent)


class RecentButton(PlainButton):
    """A file that was opened before: its name, and its folder as far as there is room."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.setFixedHeight(ROW)
        self.setToolTip(str(path))
        self.setAccessibleName(tr("Open {name} again").format(name=path.name))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colours.raised)
                painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
            rect = self.frame(painter).adjusted(8, 0, -8, 0)
            font = theme.base_font()
            painter.setFont(font)
            painter.setPen(colours.accent)
            name = QFontMetricsF(font).elidedText(self.path.name, Qt.TextElideMode.ElideMiddle, 0.7 * rect.width())
            middle, left = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignLeft
            painter.drawText(rect, middle | left, name)
            rect.setLeft(rect.left() + QFontMetricsF(font).horizontalAdvance(name) + 12)
            small = theme.small_font()
            painter.setFont(small)
            painter.setPen(colours.muted)
            folder = with_home(self.path.parent)
            folder = QFontMetricsF(small).elidedText(folder, Qt.TextElideMode.ElideLeft, rect.width())
            painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, folder)


class Welcome(QWidget):
    """Emits what the user asks for; drops are the window's business."""

    open_wanted = Signal()
    sample_wanted = Signal()
    recent_wanted = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Welcome page"))
        self._zone = QFrame()
        self._zone.setObjectName("drop")
        self._zone.setFixedSize(520, HEIGHT)
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
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        inner.addLayout(self._recent)
        self.recent_buttons: list[RecentButton] = []
        column = QVBoxLayout(self)
        column.addWidget(self._zone, 0, Qt.AlignmentFlag.AlignCenter)
        self._title.setFont(theme.title_font(22))

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer the files that were opened last."""
        for button in self.recent_buttons:
            button.deleteLater()
        self.recent_buttons = [RecentButton(path) for path in paths[:MOST_RECENT]]
        for button in self.recent_buttons:
            button.clicked.connect(lambda _=False, path=button.path: self.recent_wanted.emit(path))
            self._recent.addWidget(button)
        self._zone.setFixedHeight(HEIGHT + ROW * max(0, len(self.recent_buttons) - 1))

    def set_hot(self, on: bool) -> None:
        """Something is held over the window that would be opened if let go."""
        self._zone.setProperty("hot", on)
        self._zone.style().unpolish(self._zone)
        self._zone.style().polish(self._zone)
