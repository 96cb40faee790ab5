"""Thumbnails of .hpcm files for file managers.

A file manager makes them of whatever lies in a folder, without being asked: so every size is compared with a limit
before memory is taken for it, and the preview in the file is used where there is one. Only for files without a preview
is the codec (and with it torch) loaded, and then for small pictures and a short time.
"""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from hpcm_core.errors import Cancelled, LimitExceeded, PictureError
from hpcm_core.format import container
from hpcm_core.format.look import FAITHFUL
from hpcm_core.limits import MIB, THUMBNAIL_LIMITS

if TYPE_CHECKING:
    from PIL import Image

MAX_SIZE = 1024
"""The largest thumbnail that the freedesktop.org specification knows ("xx-large")."""
MAX_FILE = 256 * MIB
DECODE_SECONDS = 20.0


def write_thumbnail(source: Path, target: Path, size: int = 256, seconds: float = DECODE_SECONDS) -> None:
    """Write a PNG file of the picture in `source`, no side above `size` pixels. Raises HpcmError.

    See `thumbnail`; `target` is replaced as a whole or not at all.
    """
    from hpcm_core.files import atomic_write, writing

    data = thumbnail(_read(source), size, seconds)
    with writing(target, PictureError):
        atomic_write(target, data)


def thumbnail(data: bytes, size: int = 256, seconds: float = DECODE_SECONDS) -> bytes:
    """A PNG file of the picture in a .hpcm file, in sRGB, no side above `size` pixels nor larger than the picture's.

    A file without a preview is decoded, if it has at most about four megapixels; after `seconds` that is given up.
    Raises ValueError for a size outside 1 to MAX_SIZE, HpcmError for a file that is damaged or would need too much.
    """
    if not 1 <= size <= MAX_SIZE:
        raise ValueError(f"the size must be between 1 and {MAX_SIZE}")
    from hpcm_core.format.preview_reading import read_preview

    file = container.read(data)
    image = _decode(data, size, seconds) if file.preview is None else read_preview(file, size)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _read(path: Path) -> bytes:
    from hpcm_core.files import reading

    with reading(path):
        if (size := os.stat(path).st_size) > MAX_FILE:
            raise LimitExceeded("{path} has {size:.0f} MiB, too many for a thumbnail.", path=path, size=size / MIB)
        # A file may grow after it was asked for its size, and a device has none.
        with open(path, "rb") as file:
            data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise LimitExceeded("{path} is too large for a thumbnail.", path=path)
    return data


def _decode(data: bytes, size: int, seconds: float) -> Image.Image:
    deadline = time.monotonic() + seconds
    header = container.read_header(data)
    limits = THUMBNAIL_LIMITS
    if header.width * header.height > limits.pixels or max(header.width, header.height) > limits.side:
        raise LimitExceeded("The file has no preview and is too large to be decoded for a thumbnail.")
    from hpcm_core import codec
    from hpcm_core.format.preview import small_image

    try:
        decoded = codec.decode(data, cancel=lambda: time.monotonic() > deadline, limits=limits, look=FAITHFUL)
    except Cancelled:
        raise LimitExceeded("The file has no preview, and decoding it for a thumbnail takes too long.") from None
    return small_image(decoded.picture, size)
