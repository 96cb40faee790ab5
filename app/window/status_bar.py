"""The status bar: pixel, size, zoom and codec, and what of the work is not finished."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QPushButton, QStatusBar

from app.ui import theme
from app.ui.translation import tr
from app.ui.widgets import ElidedLabel


class StatusParts:
    """The parts of a status bar, from left to right."""

    def __init__(self, bar: QStatusBar) -> None:
        self.pixel = ElidedLabel()
        self.batch = _link()
        self.models = _link()
        self.unsaved = _link()
        self.size, self.zoom, self.codec = QLabel(), QLabel(), QLabel(tr("Codec loading…"))
        font = theme.with_equal_digits(theme.small_font())
        for label, name in (
            (self.pixel, tr("Pixel under the pointer")),
            (self.size, tr("Picture size")),
            (self.zoom, tr("Zoom")),
            (self.codec, tr("Codec state")),
        ):
            label.setFont(font)
            label.setAccessibleName(name)
        self.pixel.setContentsMargins(8, 0, 8, 0)
        self.zoom.setMinimumWidth(QFontMetrics(font).horizontalAdvance("12800 %") + 16)
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.pixel, 1)
        for part in (self.batch, self.models, self.unsaved, self.size, self.zoom, self.codec):
            bar.addPermanentWidget(part)
        self.batch.hide()
        self.models.hide()
        self.models.setText(tr("Get models"))
        self.models.setToolTip(tr("Show the models that are being got"))
        self.unsaved.hide()


def _link() -> QPushButton:
    """Work that is not finished; a click leads to it."""
    button = QPushButton()
    button.setProperty("status", True)
    button.setFont(theme.with_equal_digits(theme.small_font()))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
