"""Pictures and files to and from the clipboard."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QMimeData, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QImageWriter

from hpcm_core.picture.picture import Picture

MIME = "application/x-hpcm"
"""Type under which a compressed file's bytes are offered to other programs."""


def files_of(mime: QMimeData) -> list[Path]:
    """The local files that were copied or dropped."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def take_copy(event: QDropEvent) -> bool:
    """Accept files that are dragged in, as copies: a source that moved them would delete its own. Returns whether there
    are any that can be copied.
    """
    if not files_of(event.mimeData()) or not event.possibleActions() & Qt.DropAction.CopyAction:
        event.ignore()
        return False
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
    return True


def picture_of(image: QImage) -> Picture:
    """A picture with the pixels of an image; alpha only where the image has any."""
    has_alpha = image.hasAlphaChannel()
    form = QImage.Format.Format_RGBA8888 if has_alpha else QImage.Format.Format_RGB888
    image = image.convertToFormat(form)
    channels = 4 if has_alpha else 3
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : image.width() * channels].reshape(image.height(), image.width(), channels)
    alpha = pixels[:, :, 3].copy() if has_alpha else None
    return Picture(pixels[:, :, :3].copy(), alpha)


def png_of(image: QImage) -> bytes:
    """An image as a PNG file."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


class FileCopies:
    """Files that exist only because they were copied to the clipboard; gone with the program."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._given: list[QUrl] = []

    def mime(self, data: bytes, name: str, saved: Path | None) -> QMimeData:
        """The file as other programs take it: as a file, and as its bytes. saved: where it lies already."""
        mime = QMimeData()
        path = saved if saved is not None and _holds(saved, data) else self._write(data, name)
        self._given = [QUrl.fromLocalFile(str(path))]
        mime.setUrls(self._given)
        mime.setData(MIME, data)
        return mime

    def are_in(self, mime: QMimeData) -> bool:
        """Whether what is on the clipboard is the file that was copied last."""
        return bool(self._given) and mime.hasFormat(MIME) and mime.urls() == self._given

    def close(self) -> None:
        """Remove what was written."""
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _write(self, data: bytes, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="hpcm-copy-"))
        path = self._folder / name
        path.write_bytes(data)
        return path


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
