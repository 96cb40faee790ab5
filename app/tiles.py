"""Pictures as the canvas paints them: 8-bit mip levels made once, off the window's thread, and small QImages made
when seen.
"""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict

import numpy as np
import numpy.typing as npt
from PIL import Image
from PySide6.QtGui import QImage

from hpcm_core.picture import Picture

TILE = 256
"""Side of a tile in pixels of its mip level."""

Pixels = npt.NDArray[np.uint8]

_identities = itertools.count(1)


class Pyramid:
    """Mip levels of one picture, each half of the one before; level 0 is the picture itself, 8 bits per sample.

    levels: arrays HxWxC, C = 1 (grey), 3 (RGB) or 4 (RGB with straight alpha).
    """

    def __init__(self, pixels: Pixels) -> None:
        self.identity = next(_identities)
        self.levels: list[Pixels] = [np.ascontiguousarray(pixels)]
        while max(self.levels[-1].shape[:2]) > TILE:
            self.levels.append(_half(self.levels[-1]))

    @property
    def width(self) -> int:
        return int(self.levels[0].shape[1])

    @property
    def height(self) -> int:
        return int(self.levels[0].shape[0])

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def has_alpha(self) -> bool:
        return bool(self.levels[0].shape[2] == 4)

    def level_for(self, scale: float) -> int:
        """The coarsest level that is not enlarged at this scale (device pixels per picture pixel)."""
        if scale >= 1.0:
            return 0
        return min(math.floor(math.log2(1.0 / scale) + 1e-9), len(self.levels) - 1)

    def tile(self, level: int, column: int, row: int) -> Pixels:
        """Pixels of one tile, at most TILE x TILE."""
        return self.levels[level][row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]


def pyramid_of(picture: Picture) -> Pyramid:
    """Mip levels for showing a picture. 16-bit samples are shown by their upper byte."""
    pixels = to_8_bit(picture.pixels)
    if picture.alpha is not None:
        if pixels.shape[2] == 1:
            pixels = np.repeat(pixels, 3, axis=2)
        pixels = np.dstack([pixels, to_8_bit(picture.alpha)])
    return Pyramid(pixels)


def difference_of(a: Picture, b: Picture) -> Pyramid:
    """Mip levels of |a - b| per sample; the mean of what lies below a coarse pixel, so that nothing cancels out."""
    if a.pixels.shape != b.pixels.shape:
        raise ValueError(f"pictures of different shape: {a.pixels.shape} and {b.pixels.shape}")
    first, second = to_8_bit(a.pixels), to_8_bit(b.pixels)
    return Pyramid(np.maximum(first, second) - np.minimum(first, second))


def to_8_bit(samples: npt.NDArray[np.integer]) -> Pixels:
    """Samples for display: uint8 as they are, uint16 by their upper byte."""
    if samples.dtype == np.uint8:
        return np.asarray(samples, dtype=np.uint8)
    return (samples >> 8).astype(np.uint8)


def _half(pixels: Pixels) -> Pixels:
    flat = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    half = np.asarray(Image.fromarray(flat).reduce(2))
    return half[:, :, None] if half.ndim == 2 else half


def image_of(pixels: Pixels, gain: int = 1) -> QImage:
    """A QImage with its own memory, in the format that paints fastest. gain multiplies samples, stopping at 255."""
    if gain > 1:
        pixels = np.minimum(pixels.astype(np.uint16) * gain, 255).astype(np.uint8)
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    form = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}[
        channels
    ]
    image = QImage(pixels.data, width, height, width * channels, form)
    fast = QImage.Format.Format_ARGB32_Premultiplied if channels == 4 else QImage.Format.Format_RGB32
    return image.convertToFormat(fast)


class TileCache:
    """QImages of the tiles that were seen last, bounded by their memory."""

    def __init__(self, capacity_bytes: int = 192 << 20) -> None:
        self._capacity = max(1, capacity_bytes // (TILE * TILE * 4))
        self._images: OrderedDict[tuple[int, int, int, int, int], QImage] = OrderedDict()
        self.made = 0
        """Tiles made since the start: a measure of work for tests."""

    def __len__(self) -> int:
        return len(self._images)

    @property
    def capacity(self) -> int:
        """The most tiles that are kept."""
        return self._capacity

    def image(self, pyramid: Pyramid, level: int, column: int, row: int, gain: int = 1) -> QImage:
        key = (pyramid.identity, level, column, row, gain)
        image = self._images.get(key)
        if image is not None:
            self._images.move_to_end(key)
            return image
        image = image_of(pyramid.tile(level, column, row), gain)
        self.made += 1
        self._images[key] = image
        while len(self._images) > self._capacity:
            self._images.popitem(last=False)
        return image

    def forget(self, pyramid: Pyramid) -> None:
        """Drop all tiles of a picture that will not be shown again."""
        for key in [key for key in self._images if key[0] == pyramid.identity]:
            del self._images[key]
