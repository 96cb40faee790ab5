"""Write the program's icon, and that of its files, as PNG at every size that desktops ask for.

    python installers/linux/icons.py FOLDER

FOLDER becomes a tree as in an icon theme: 48x48/apps/hpcm-studio.png and so on. The drawing is the window's own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPainterPath, QPen

SIDES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)


def program(icon: QIcon, side: int) -> QImage:
    """The program's icon; drawn at 256 pixels and reduced where that size is not one of the drawing's own."""
    return icon.pixmap(QSize(side, side)).toImage().scaled(side, side, mode=Qt.TransformationMode.SmoothTransformation)


def document(icon: QIcon, side: int) -> QImage:
    """A sheet with a folded corner and the program's icon on it, for .hpcm files."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(side / 64, side / 64)
        sheet = QPainterPath(QPointF(10, 3))
        for x, y in ((42, 3), (54, 15), (54, 61), (10, 61)):
            sheet.lineTo(x, y)
        sheet.closeSubpath()
        painter.setPen(QPen(QColor("#8a8f98"), 1.5))
        painter.fillPath(sheet, QColor("#fafafa"))
        painter.drawPath(sheet)
        painter.drawPolyline([QPointF(42, 3), QPointF(42, 15), QPointF(54, 15)])
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(15, 21, 34, 34), icon.pixmap(QSize(256, 256)).toImage())
    return image


def write(folder: Path) -> None:
    """Write both icons at all sizes."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication.instance() or QGuiApplication([])
    from app.ui.icons import application_icon

    icon = application_icon()
    for side in SIDES:
        for kind, name, draw in (("apps", "hpcm-studio", program), ("mimetypes", "image-x-hpcm", document)):
            path = folder / f"{side}x{side}" / kind / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            if not draw(icon, side).save(str(path)):
                sys.exit(f"{path} could not be written.")
    del app


if __name__ == "__main__":
    write(Path(sys.argv[1]))
