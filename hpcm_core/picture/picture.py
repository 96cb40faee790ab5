"""Picture: pixels and what must survive with them (alpha, bit depth, ICC profile, EXIF, XMP). Opening and saving.

Orientation is applied when a picture is opened and then said to be upright in EXIF and XMP: never both, never neither.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import CorruptFile, PictureError
from hpcm_core.limits import DEFAULT_LIMITS, Limits

Samples: TypeAlias = npt.NDArray[Any]
"""uint8 or uint16."""


@dataclass(frozen=True, eq=False)
class Picture:
    """An upright picture.

    pixels: H x W x C of uint8 or uint16, C = 1 (grey) or 3 (RGB), at least one pixel. alpha: H x W of the same type,
    not premultiplied, 0 = transparent. exif begins with its TIFF header (no "Exif\\0\\0"). Without an ICC profile the
    colours are sRGB. Raises ValueError where the parts do not fit together.
    """

    pixels: Samples
    alpha: Samples | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None

    def __post_init__(self) -> None:
        if self.pixels.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"pixels must be uint8 or uint16, not {self.pixels.dtype}")
        if self.pixels.ndim != 3 or self.pixels.shape[2] not in (1, 3) or self.pixels.size == 0:
            raise ValueError(f"pixels must be H x W x 1 or H x W x 3, not {self.pixels.shape}")
        if self.alpha is not None and (
            self.alpha.shape != self.pixels.shape[:2] or self.alpha.dtype != self.pixels.dtype
        ):
            raise ValueError("alpha must be H x W and of the type of the pixels")

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def channels(self) -> int:
        """1 (grey) or 3 (RGB), alpha not counted."""
        return int(self.pixels.shape[2])

    @property
    def bit_depth(self) -> int:
        """8 or 16."""
        return 8 * self.pixels.dtype.itemsize

    def rgb(self) -> Samples:
        """H x W x 3 without a copy: grey repeated as a read-only view, RGB itself."""
        if self.channels == 3:
            return self.pixels
        return np.broadcast_to(self.pixels, (self.height, self.width, 3))

    @classmethod
    def open(cls, path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Picture:
        """Read a PNG, JPEG, WebP, TIFF, BMP, GIF or AVIF file (of several pictures in it, the first).

        Grey stays one channel and 16 bits stay 16. Palettes, CMYK (through its ICC profile), Lab and YCbCr become RGB.
        Raises PictureError for what is no readable picture, LimitExceeded before anything large is decoded.
        """
        from hpcm_core.picture.reading import read_picture

        return read_picture(path, limits)

    def save(self, path: str | os.PathLike[str], quality: int | None = None) -> None:
        """Write a PNG, JPEG, WebP, TIFF, BMP or AVIF file, by the name's extension, whole or not at all.

        16 bits stay 16 in PNG and TIFF and are rounded to 8 elsewhere. JPEG and BMP have no alpha: such a picture is
        laid over white. quality (0 to 100) is for JPEG, WebP and AVIF; without it JPEG and AVIF are written at 95
        without chroma subsampling, WebP losslessly. Raises PictureError.
        """
        from hpcm_core.picture.writing import write_picture

        write_picture(self, path, quality)

    def encode(self, suffix: str, quality: int | None = None) -> bytes:
        """The bytes of the file that `save` would write under a name with this suffix (".jpg"). Raises PictureError."""
        from hpcm_core.picture.writing import encode_picture

        return encode_picture(self, suffix, quality)


def encode_alpha(alpha: Samples) -> bytes:
    """A plane H x W of uint8 or uint16 as a grey PNG file, lossless."""
    from hpcm_core.picture.writing import encode_picture

    return encode_picture(Picture(alpha[:, :, np.newaxis]), ".png")


def decode_alpha(data: bytes | memoryview, width: int, height: int, bit_depth: int) -> Samples:
    """The plane that `encode_alpha` was given; H x W.

    Size and depth are compared with what is expected before pixels are decoded. Raises CorruptFile.
    """
    damaged = CorruptFile("The file is damaged: its alpha plane cannot be read.")
    from hpcm_core.picture.reading import open_image

    try:
        with open_image(io.BytesIO(data), "The alpha plane", ("PNG",)) as image:
            if image.size != (width, height) or image.mode != {8: "L", 16: "I;16"}[bit_depth]:
                raise damaged
            plane = np.array(image)
    except PictureError:
        raise damaged from None
    return plane
