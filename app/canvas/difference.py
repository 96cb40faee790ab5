"""The difference of two pictures as tiles: of the codec's samples, never of the screen's colours.

Only coarse levels are kept; the finer ones are computed from the two pictures where they are seen.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from app.canvas.colour import Convert, converter, strips
from app.canvas.mixed import Mixture
from app.canvas.perception import FLIP_REACH, LUMA_WEIGHTS, SSIM_REACH, flip, structure
from app.canvas.tiles import TILE, Levels, image_of
from hpcm_core.inspect import palette
from hpcm_core.picture.picture import Picture

UNIT = 64
"""Differences are kept as int16 in steps of 1/64 of an 8-bit level: that holds 255 levels and half of 16 bits."""
FULL = 255 * UNIT
KEPT = 2
"""The first level that is kept where memory allows: its means are computed once. Finer tiles are quick to compute when
seen.
"""
KEPT_BYTES = 64 << 20
"""Memory for what is kept; of a larger picture less is."""
FLIP_ROWS = 32
"""Rows of FLIP that are computed at once, of a tile: about 8 ms."""
FLOOR = 2.55
"""Added to the original's sample (8-bit levels) when it divides: 1 % of white, so that black does not divide by 0."""

Steps: TypeAlias = npt.NDArray[np.int16]


class Mode(Enum):
    """What of the difference is shown."""

    ABSOLUTE = "absolute"
    SIGNED = "signed"
    RELATIVE = "relative"
    STRUCTURE = "structure"
    FLIP = "flip"


OF_ALL_CHANNELS = (Mode.STRUCTURE, Mode.FLIP)
"""Modes that make one value of all channels, whether luma is asked for or not."""


@dataclass(frozen=True)
class Style:
    """Mode, whether of luma only, and a gain of 1 to 64."""

    mode: Mode = Mode.ABSOLUTE
    luma: bool = False
    gain: int = 8


class Difference(Levels):
    """reconstruction - original, in every mode."""

    def __init__(
        self, original: npt.NDArray[Any], reconstruction: npt.NDArray[Any] | Mixture, convert: Convert | None = None
    ) -> None:
        """Arrays H x W x C of one shape, uint8 or uint16; C = 1 or 3. Raises ValueError for others. convert: to the
        colours of the screen, which only FLIP asks for.
        """
        if original.shape != reconstruction.shape or original.dtype != reconstruction.dtype:
            raise ValueError(f"pictures of different shape: {original.shape} and {reconstruction.shape}")
        super().__init__(original.shape[1], original.shape[0])
        self._first, self._second, self._convert = original, reconstruction, convert
        self._coarse: list[_Means] = []
        self._kept = KEPT
        while _nbytes(*original.shape) >> 2 * self._kept > KEPT_BYTES:
            self._kept += 1
        if self.count > self._kept:
            self._coarse.append(self._finest_kept())
        while len(self._coarse) + self._kept < self.count:
            self._coarse.append(self._coarse[-1].halved())

    @property
    def nbytes(self) -> int:
        """Memory of what is kept beside the two pictures."""
        return sum(array.nbytes for means in self._coarse for array in means.arrays)

    def _finest_kept(self) -> _Means:
        side = 1 << self._kept
        parts = [
            _means(self._first[rows], self._second[rows], side)
            for rows in strips(self.height, self.width * self._first.shape[2], multiple=side)
        ]
        return _Means(*(np.concatenate(arrays) for arrays in zip(*(part.arrays for part in parts), strict=True)))

    def values(self, level: int, column: int, row: int, mode: Mode, luma: bool) -> Steps:
        """One tile, H x W x C (C = 1 for luma), in steps of 1/UNIT of an 8-bit level; relative: FULL is 100 %.

        On coarse levels absolute is the mean of what is below, so that nothing cancels out; signed is the mean too.
        Structure is 1 - SSIM of luma and FLIP is FLIP, one value a pixel, FULL is 1: of the pictures as large as they
        are shown, as the eye takes them in.
        """
        return np.concatenate(list(self._strips(level, column, row, mode, luma)))

    def _strips(self, level: int, column: int, row: int, mode: Mode, luma: bool) -> Iterator[Steps]:
        """The same in strips, from top to bottom: a whole tile may take longer than a paint may."""
        at_once = FLIP_ROWS if mode is Mode.FLIP else TILE if level >= self._kept else max(TILE >> level, 1)
        end = min((row + 1) * TILE, -(-self.height >> level))
        for top in range(row * TILE, end, at_once):
            yield self._strip(level, column, slice(top, min(top + at_once, end)), mode, luma)

    def _strip(self, level: int, column: int, rows: slice, mode: Mode, luma: bool) -> Steps:
        """Some rows (of the level) of a column of tiles."""
        if mode is Mode.STRUCTURE:
            # Beyond the picture it is mirrored, so that every pixel has a whole window.
            return _steps(structure(*self._around(level, column, rows, SSIM_REACH, "symmetric")))
        if mode is Mode.FLIP:
            parts = self._around(level, column, rows, FLIP_REACH, "edge")
            return _steps(flip(*(self._on_screen(part) for part in parts)))
        columns = slice(column * TILE, (column + 1) * TILE)
        if level >= self._kept:
            means = _Means(*(array[rows, columns] for array in self._coarse[level - self._kept].arrays))
        else:
            seen = tuple(slice(span.start << level, span.stop << level) for span in (rows, columns))
            means = _means(self._first[seen], self._second[seen], 1 << level)
        if mode is Mode.SIGNED:
            return _luma(means.signed) if luma else means.signed
        size = means.luma if luma else means.absolute
        if mode is Mode.ABSOLUTE:
            return size
        base = means.base / np.float32(UNIT)
        base = base @ LUMA_WEIGHTS if luma and base.shape[2] == 3 else base
        share = size * (255 / (base.reshape(size.shape) + np.float32(FLOOR)))
        return np.asarray(np.minimum(share, FULL), dtype=np.int16)

    def _around(self, level: int, column: int, rows: slice, reach: int, beyond: Any) -> list[npt.NDArray[np.float32]]:
        """Rows of a column of tiles of both pictures in 8-bit levels, with so many pixels around them; beyond the
        picture as np.pad does.
        """
        lengths = -(-self.height >> level), -(-self.width >> level)
        seen, margins = [], []
        for span, length in zip((rows, slice(column * TILE, (column + 1) * TILE)), lengths, strict=True):
            low, high, end = max(span.start - reach, 0), min(span.stop + reach, length), min(span.stop, length)
            seen.append((low, high))
            margins.append((reach - (span.start - low), reach - (high - end)))
        return [np.pad(p, [*margins, (0, 0)], mode=beyond) for p in self._parts(level, *seen)]

    def _parts(self, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> list[npt.NDArray[np.float32]]:
        """A part of a level of both pictures, H x W x C in 8-bit levels."""
        if level >= self._kept:
            means = self._coarse[level - self._kept]
            part = np.s_[rows[0] : rows[1], columns[0] : columns[1]]
            base = means.base[part].astype(np.float32) / np.float32(UNIT)
            return [base, base + means.signed[part] / np.float32(UNIT)]
        side = 1 << level
        part = np.s_[rows[0] * side : rows[1] * side, columns[0] * side : columns[1] * side]
        unit = 1 / 257 if self._first.dtype == np.uint16 else 1.0
        return [
            _mean(samples[part].astype(np.int32), side, unit, np.float32) for samples in (self._first, self._second)
        ]

    def _on_screen(self, part: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """8-bit levels of the picture's colours to those of the screen's."""
        if self._convert is None:
            return part
        return self._convert(np.rint(part * 257).clip(0, 65535).astype(np.uint16)).astype(np.float32)

    def tile_image(self, level: int, column: int, row: int, style: Hashable) -> QImage:
        return next(image for image in self.making(level, column, row, style) if image is not None)

    def blank(self, style: Hashable) -> QColor:
        """The colour of no difference, as the legend has it."""
        assert isinstance(style, Style)
        nothing = np.zeros((1, 1, 1 if _coloured(style) else self._first.shape[2]), np.int16)
        return _painted(nothing, style).pixelColor(0, 0)

    def making(self, level: int, column: int, row: int, style: Hashable) -> Iterator[QImage | None]:
        assert isinstance(style, Style)
        strips = []
        for values in self._strips(level, column, row, style.mode, style.luma):
            strips.append(values)
            yield None
        yield _painted(np.concatenate(strips), style)


def _painted(values: Steps, style: Style) -> QImage:
    """Values of a tile as the legend has them."""
    if style.mode is Mode.SIGNED:
        values = values + np.int16(FULL)
    table = _table(style)
    return image_of(np.take(table, values[:, :, 0], axis=0) if _coloured(style) else np.take(table, values))


def difference_of(original: Picture, reconstruction: Picture) -> Difference:
    """The difference of two pictures of one size; takes seconds for large ones."""
    return Difference(original.pixels, reconstruction.pixels, converter(original.icc, original.channels))


def _coloured(style: Style) -> bool:
    """Whether values have colours of their own: they are of one thing, not of each channel."""
    return style.luma or style.mode is Mode.FLIP


def _steps(share: npt.NDArray[np.float32]) -> Steps:
    """Shares of 1 to steps of which FULL is 1: H x W -> H x W x 1."""
    return np.asarray(np.rint(share * FULL), dtype=np.int16)[:, :, None]


@lru_cache(maxsize=8)
def _table(style: Style) -> npt.NDArray[np.uint8]:
    """Colour of every value: of one sample, or (N x 3) of luma."""
    if style.mode is Mode.SIGNED:
        place = 0.5 + np.arange(-FULL, FULL + 1) / FULL * style.gain / 2
    else:
        place = np.arange(FULL + 1) / FULL * style.gain
    return colours(np.clip(place, 0.0, 1.0), style)


def colours(place: npt.NDArray[np.float64], style: Style) -> npt.NDArray[np.uint8]:
    """Colours along the legend, place 0 to 1: grey levels of one sample (N), or for luma N x 3.

    Luma alone can have colours of its own: blue and orange for lower and higher, which every kind of colour blindness
    keeps apart, and the evenly growing lightness of the bit maps for sizes.
    """
    if not _coloured(style):
        # Middle grey is exactly 128: no difference looks the same wherever it is.
        return np.asarray(np.rint(place * 255 + (0.5 if style.mode is Mode.SIGNED else 0)).clip(0, 255), dtype=np.uint8)
    table = palette.DIVERGING if style.mode is Mode.SIGNED else palette.RISING
    return np.asarray(table[np.rint(place * (len(table) - 1)).astype(np.intp)])


class _Means:
    """Means over squares of the picture in steps of 1/UNIT: signed and absolute difference, that of luma, original."""

    def __init__(self, signed: Steps, absolute: Steps, luma: Steps, base: Steps) -> None:
        self.signed, self.absolute, self.luma, self.base = signed, absolute, luma, base

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        return self.signed, self.absolute, self.luma, self.base

    def halved(self) -> _Means:
        return _Means(*(_mean(array.astype(np.int32), 2, 1.0, array.dtype) for array in self.arrays))


def _nbytes(height: int, width: int, channels: int) -> int:
    """Memory that the means of level 0 and all above it would take."""
    return height * width * (3 * channels + 1) * 2 * 4 // 3


def _means(first: npt.NDArray[Any], second: npt.NDArray[Any], side: int) -> _Means:
    deep = first.dtype == np.uint16
    unit = UNIT / 257 if deep else UNIT
    # 8 x 8 differences of 8 bits add up to less than 2^15.
    change = second.astype(np.int32 if deep or side > 8 else np.int16)
    change -= first
    size = np.abs(change)
    luma = size if change.shape[2] == 1 else np.abs(change @ LUMA_WEIGHTS)[:, :, None]
    return _Means(
        _mean(change, side, unit, np.int16),
        _mean(size, side, unit, np.int16),
        _mean(luma, side, unit, np.int16),
        _mean(first.astype(change.dtype), side, unit, np.int16),
    )


def _mean(samples: npt.NDArray[Any], side: int, unit: float, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Means over squares of `side`, times unit. Squares that reach past the picture repeat its last row or column."""
    factor = unit / (side * side)
    below, right = -samples.shape[0] % side, -samples.shape[1] % side
    if below or right:
        samples = np.pad(samples, ((0, below), (0, right), (0, 0)), mode="edge")
    if side > 1:
        total = samples[0::side].copy()
        for offset in range(1, side):
            total += samples[offset::side]
        samples = total[:, 0::side].copy()
        for offset in range(1, side):
            samples += total[:, offset::side]
    if factor == 1:
        return samples.astype(dtype)
    if float(factor).is_integer() and samples.dtype.kind == "i":
        # At most 255 * 64: stays within int16.
        return np.asarray(samples * samples.dtype.type(int(factor)), dtype=dtype)
    return np.asarray(np.rint(samples * np.float32(factor)), dtype=dtype)


def _luma(signed: Steps) -> Steps:
    if signed.shape[2] == 1:
        return signed
    return np.asarray(np.rint(signed @ LUMA_WEIGHTS), dtype=np.int16)[:, :, None]
