"""The alpha plane in a .hpcm file: a grey PNG file, lossless."""

from __future__ import annotations

import io

import numpy as np

from hpcm_core.errors import CorruptFile, PictureError
from hpcm_core.picture import pillow_reading, writing
from hpcm_core.picture.samples import Raster, Samples


def encode_alpha(alpha: Samples) -> bytes:
    """A plane H x W of uint8 or uint16 as a grey PNG file."""
    return writing.encode(Raster(alpha[:, :, np.newaxis]), ".png")


def decode_alpha(data: bytes | memoryview, width: int, height: int, bit_depth: int) -> Samples:
    """The plane that `encode_alpha` was given; H x W.

    Size and depth are compared with what is expected before pixels are decoded. Raises CorruptFile.
    """
    damaged = CorruptFile("The file is damaged: its alpha plane cannot be read.")
    try:
        with pillow_reading.open_image(io.BytesIO(data), "The alpha plane", ("PNG",)) as image:
            if image.size != (width, height) or image.mode != {8: "L", 16: "I;16"}[bit_depth]:
                raise damaged
            plane = np.array(image)
    except PictureError:
        raise damaged from None
    return plane
