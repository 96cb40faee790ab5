"""What a .hpcm file carries of its picture, shown over the canvas while the picture itself is decoded."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.canvas.overlays import label
from app.session.session import Session
from app.ui.translation import tr
from app.ui.widgets import Area

SHARE = 0.9
"""Of the area's width and height."""


class Glimpse(QWidget):
    """A picture in the middle of the pages that is there while its file is decoded, and takes no clicks."""

    def __init__(self, area: Area, session: Session) -> None:
        super().__init__(area)
        self._area = area
        self._image = QImage()
        self._name = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        area.resized.connect(self._place)
        session.opener.glimpsed.connect(self.show_file)
        session.busy_changed.connect(lambda busy: None if busy else self.hide())
        session.opened.connect(self.hide)

    def show_file(self, preview: bytes, name: str) -> None:
        """Show the preview (a PNG file) of a file that is being decoded."""
        self._image, self._name = QImage.fromData(preview), name
        self.setAccessibleName(tr("Preview of {name}, which is being decoded").format(name=name))
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        if not self._image.isNull():
            most = self._area.size() * SHARE
            size = self._image.size().scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (self._area.width() - size.width()) // 2, (self._area.height() - size.height()) // 2
            self.setGeometry(left, top, size.width(), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), QColor(204, 204, 204))
            painter.drawImage(QRectF(self.rect()), self._image)
            label(painter, tr("Preview · {name} is being decoded").format(name=self._name), 12, 12, self.width() - 24)
