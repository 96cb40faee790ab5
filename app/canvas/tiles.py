"""Pictures as the canvas paints them: 8-bit mip levels made once, off the window's thread, and small QImages made
when seen.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image
from PySide6.QtGui import QColor, QImage

from app.canvas import colour
from app.canvas.tone import Tone
from hpcm_core.picture.picture import Picture

TILE = 256
"""Side of a tile in pixels of its mip level."""

KEPT = 2
"""The first reduced level that is kept."""

CONVERT_BYTES = 96 << 20
"""Pictures with a colour profile are converted as a whole up to this size."""

Pixels = npt.NDArray[np.uint8]

_identities = itertools.count(1)
_Key: TypeAlias = tuple[int, int, int, int, Hashable]


class Levels:
    """Sizes of the mip levels of a picture, each half of the one before; what all that is painted in tiles shares."""

    def __init__(self, width: int, height: int, has_alpha: bool = False) -> None:
        self.identity = next(_identities)
        """Of what is painted: the tile cache keeps one tile of it for each place and style."""
        self.version = self.identity
        """Of its pixels: tiles of another version stand in for those that are not made yet."""
        self.width = width
        self.height = height
        self.has_alpha = has_alpha
        self.count = 1
        while max(width, height) > TILE << (self.count - 1):
            self.count += 1

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def succeed(self, before: Levels) -> None:
        """Take the place of what was painted before, of the same size: its tiles stand in until these are made."""
        assert self.size == before.size
        self.identity = before.identity

    def level_for(self, scale: float) -> int:
        """The coarsest level that is not enlarged at this scale (device pixels per picture pixel)."""
        if scale >= 1.0:
            return 0
        return min(math.floor(math.log2(1.0 / scale) + 1e-9), self.count - 1)

    def tile_image(self, level: int, column: int, row: int, style: Hashable) -> QImage:
        """One tile, at most TILE x TILE, in the format that paints fastest."""
        raise NotImplementedError

    def blank(self, style: Hashable) -> QColor | None:
        """What stands in for a tile that is not there yet and has no coarser one; None for the ground."""
        return None

    def making(self, level: int, column: int, row: int, style: Hashable) -> Iterator[QImage | None]:
        """The same in pieces of work that a paint has time for: None after each but the last, which gives the tile."""
        yield self.tile_image(level, column, row, style)


class Tiles(Levels):
    """Mip levels of a picture in the colours of the screen."""

    def tile(self, level: int, column: int, row: int) -> Pixels:
        """Pixels of one tile, at most TILE x TILE x C."""
        raise NotImplementedError

    def pixels(self, part: tuple[slice, slice]) -> Pixels:
        """Rows and columns of the picture itself."""
        raise NotImplementedError

    def tile_image(self, level: int, column: int, row: int, style: Hashable) -> QImage:
        """style: the Tone to show it in, None for as it is."""
        pixels = self.tile(level, column, row)
        return image_of(style.apply(pixels) if isinstance(style, Tone) else pixels)


class Pyramid(Tiles):
    """Mip levels of one picture; level 0 is the picture itself.

    levels: those that are kept, by number: arrays HxWxC, C = 1 (grey), 3 (RGB) or 4 (RGB with straight alpha), in the
    colours of the screen but for level 0 of large pictures with a colour profile: these are converted tile by tile
    (`convert`), for a second copy would cost too much memory. Level 1, three quarters of all that is reduced, is not
    kept: its tiles are quickly made when they are seen.
    """

    def __init__(self, pixels: Pixels, convert: colour.Convert | None = None) -> None:
        height, width, channels = pixels.shape
        super().__init__(width, height, channels == 4)
        self._convert = convert
        self.levels: dict[int, Pixels] = {0: np.ascontiguousarray(pixels)}
        if self.count > KEPT:
            self.levels[KEPT] = _reduced(self.levels[0], 1 << KEPT, convert)
        for level in range(KEPT + 1, self.count):
            self.levels[level] = _reduced(self.levels[level - 1], 2)

    def tile(self, level: int, column: int, row: int) -> Pixels:
        source = level if level in self.levels else 0
        side = TILE << (level - source)
        pixels = self.levels[source][row * side : (row + 1) * side, column * side : (column + 1) * side]
        if level != source:
            return _reduced(pixels, 1 << level, self._convert)
        return self._convert(pixels) if self._convert is not None and level == 0 else pixels

    def pixels(self, part: tuple[slice, slice]) -> Pixels:
        return self.levels[0][part]


def pyramid_of(picture: Picture) -> Pyramid:
    """Mip levels for showing a picture, in the colours that its profile gives its samples."""
    convert = colour.converter(picture.icc, picture.channels)
    pixels = picture.pixels
    if picture.alpha is None and convert is not None and pixels.dtype == np.uint8 and pixels.nbytes > CONVERT_BYTES:
        return Pyramid(pixels, convert)
    pixels = colour.shown(pixels, convert)
    if picture.alpha is not None:
        with_alpha = np.empty((*pixels.shape[:2], 4), np.uint8)
        with_alpha[:, :, :3] = pixels
        with_alpha[:, :, 3] = colour.shown(picture.alpha[:, :, None], None)[:, :, 0]
        pixels = with_alpha
    return Pyramid(pixels)


def _reduced(pixels: Pixels, factor: int, convert: colour.Convert | None = None) -> Pixels:
    """Means over squares of `factor`, in strips: Pillow's own copies stay small."""
    height, width, channels = pixels.shape
    out = np.empty((-(-height // factor), -(-width // factor), channels), np.uint8)
    for rows in colour.strips(height, width * channels, multiple=factor):
        part = np.ascontiguousarray(pixels[rows]) if convert is None else convert(pixels[rows])
        image = Image.fromarray(part[:, :, 0] if channels == 1 else part)
        # Means of premultiplied colour: what cannot be seen must not tint what can.
        small = image.convert("RGBa").reduce(factor).convert("RGBA") if channels == 4 else image.reduce(factor)
        top = rows.start // factor
        out[top : top + small.height] = np.asarray(small).reshape(small.height, -1, channels)
    return out


def image_of(pixels: Pixels) -> QImage:
    """A QImage with its own memory, in the format that paints fastest."""
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
        self._images: OrderedDict[_Key, tuple[QImage, int]] = OrderedDict()  # with the version that it is of
        self._begun: tuple[_Key, int, Iterator[QImage | None]] | None = None
        self.made = 0
        """Tiles made since the start: a measure of work for tests."""
        self.longest = 0.0
        """Seconds that the longest piece of work took since a paint set this to 0: the next one may take as long."""

    def __len__(self) -> int:
        return len(self._images)

    @property
    def capacity(self) -> int:
        """The most tiles that are kept."""
        return self._capacity

    def image(
        self, source: Levels, level: int, column: int, row: int, style: Hashable = None, until: float = math.inf
    ) -> QImage | None:
        """A tile, made now if it is not kept; None where it would not be ready by then (time.perf_counter), and asking
        again goes on with it, if nothing else was asked for meanwhile. One piece of work is done in any case.
        """
        image = self.kept(source, level, column, row, style)
        if image is not None:
            return image
        key = (source.identity, level, column, row, style)
        begun, self._begun = self._begun, None
        goes_on = begun is not None and begun[:2] == (key, source.version)
        work = begun[2] if begun is not None and goes_on else source.making(level, column, row, style)
        start = time.perf_counter()
        for image in work:
            now = time.perf_counter()
            start, self.longest = now, max(self.longest, now - start)
            if image is not None:
                self.made += 1
                self._images[key] = image, source.version
                self._images.move_to_end(key)
                while len(self._images) > self._capacity:
                    self._images.popitem(last=False)
                return image
            if now + self.longest >= until:
                self._begun = key, source.version, work
                break
        return None

    def kept(self, source: Levels, level: int, column: int, row: int, style: Hashable = None) -> QImage | None:
        """A tile if it is kept."""
        key = (source.identity, level, column, row, style)
        image, version = self._images.get(key, (None, 0))
        if image is None or version != source.version:
            return None
        self._images.move_to_end(key)
        return image

    def before(self, source: Levels, level: int, column: int, row: int, style: Hashable = None) -> QImage | None:
        """What stood in a tile's place last, of whatever version."""
        return self._images.get((source.identity, level, column, row, style), (None, 0))[0]

    def forget(self, source: Levels) -> None:
        """Drop all tiles of a picture that will not be shown again, of every version."""
        if self._begun is not None and self._begun[0][0] == source.identity:
            self._begun = None
        for key in [key for key in self._images if key[0] == source.identity]:
            del self._images[key]
