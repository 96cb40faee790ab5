"""Reading the small picture that a .hpcm file may carry. Imports no NumPy: file managers wait for it."""

from __future__ import annotations

import io

from PIL import Image, JpegImagePlugin, PngImagePlugin  # noqa: F401 - the two register their formats

from hpcm_core.errors import CorruptFile, LimitExceeded
from hpcm_core.format.container import Container
from hpcm_core.picture.size import fit

MAX_SIDE = 4096
"""Pixels of a preview that is read at all."""


def read_preview(file: Container, size: int) -> Image.Image:
    """The preview of a file that has one, in sRGB, no side above `size` pixels. Raises HpcmError where it is damaged or
    larger than the limit.
    """
    assert file.preview is not None
    damaged = CorruptFile("The file is damaged: its preview cannot be read.")
    try:
        with Image.open(io.BytesIO(file.preview), formats=("JPEG", "PNG")) as image:
            if max(image.size) > MAX_SIDE:
                raise LimitExceeded(
                    "The file's preview has {width} x {height} pixels, more than the limit.",
                    width=image.width,
                    height=image.height,
                )
            image.draft(None, (size, size))  # A JPEG file that is much larger is decoded smaller.
            rgb: Image.Image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    except LimitExceeded:
        raise
    except Exception as error:  # Pillow meets damaged files with nearly every kind of exception.
        raise damaged from error
    return rgb.resize(fit(file.header.width, file.header.height, size), Image.Resampling.LANCZOS)
