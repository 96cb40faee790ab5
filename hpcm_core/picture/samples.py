"""Pixels in memory: samples, and a raster of them with what picture files carry beside. No file is known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import Phrase

Samples: TypeAlias = npt.NDArray[Any]
"""uint8 or uint16."""

LUMA = (0.2126, 0.7152, 0.0722)
"""Weights of R', G' and B' in luma, ITU-R BT.709: those of the primaries of sRGB, which pictures are in unless they
say otherwise. BT.601's are those of older television sets.
"""


COMMENT = "Comment"
"""The keyword of a text that stands in a file without one, as in JPEG and GIF."""


class Resolution(NamedTuple):
    """Samples per inch along x and y; not absolute: only how they relate, which is the shape of a pixel."""

    x: float
    y: float
    absolute: bool = True


@dataclass(frozen=True, eq=False)
class Raster:
    """An upright picture as readers make it and writers take it; `Picture` is one that can be opened and saved.

    pixels: H x W x C of uint8 or uint16, C = 1 (grey) or 3 (RGB), at least one pixel. alpha: H x W of the same type,
    not premultiplied, 0 = transparent. exif begins with its TIFF header (no "Exif\\0\\0"). Without an ICC profile the
    colours are sRGB. iptc: records of IPTC-IIM, without what Photoshop puts around them. texts: keywords and what they
    say, as PNG has them. resolution: None where the file says none. left_out: what the file has beside and a reader
    left out ("3 more pages"); empty where nothing is.
    Raises ValueError where the parts do not fit together.
    """

    pixels: Samples
    alpha: Samples | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    resolution: Resolution | None = None
    left_out: tuple[Phrase, ...] = ()
    """What was in the file and is not in here, in words for a user."""
    frames: int = 1
    """Pictures of the file that there are to choose from; 0: several, which nobody has counted."""
    from_jpeg: bool = False
    """The file was a JPEG: it holds less than the samples that a decoder makes of it."""

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

    @property
    def metadata(self) -> tuple[object, ...]:
        """All that is beside the samples and colours and is kept."""
        return self.exif, self.xmp, self.iptc, self.texts, self.resolution

    def rgb(self) -> Samples:
        """H x W x 3 without a copy: grey repeated as a read-only view, RGB itself."""
        if self.channels == 3:
            return self.pixels
        return np.broadcast_to(self.pixels, (self.height, self.width, 3))


def to_8_bits(samples: Samples) -> Samples:
    """16-bit samples rounded to the nearest of 8 bits; 8-bit samples as they are."""
    if samples.dtype == np.uint8:
        return samples
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
