"""The fixed colour scales of bit maps: bits per pixel to colour, the same for every picture and step, so that maps
compare; files without loss have a longer one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from hpcm_core.inspect.palette import RISING, coloured
from hpcm_core.results import BitMaps

MAX_BPP = 4.0
"""Bits per pixel at the upper end; more is shown as the upper end's colour."""

EXPONENT = 0.4
"""Position on the scale is (bpp / MAX_BPP) ** EXPONENT: single steps (0.01 bpp) and their sum (2 bpp) both stay
readable.
"""

TICKS = (0.0, 0.01, 0.1, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Scale:
    """end: bits per pixel at the upper end. exponent: of the place on the scale. ticks: in bits per pixel."""

    end: float
    exponent: float
    ticks: tuple[float, ...]


STEPS = Scale(MAX_BPP, EXPONENT, TICKS)
SAMPLES = Scale(48.0, 0.5, (0.0, 1.0, 4.0, 12.0, 24.0, 48.0))
"""Of files without loss: three samples of 16 bits are the most."""


def scale_of(bits: BitMaps | None) -> Scale:
    """The one that a file's maps are shown by."""
    return SAMPLES if bits is not None and bits.colours else STEPS


def position(bpp: npt.ArrayLike, scale: Scale = STEPS) -> npt.NDArray[np.float64]:
    """Place on the scale, 0 to 1, for bits per pixel."""
    relative = np.clip(np.asarray(bpp, dtype=np.float64) / scale.end, 0.0, 1.0)
    return np.asarray(relative**scale.exponent)


def colours(bpp: npt.ArrayLike, scale: Scale = STEPS) -> npt.NDArray[np.uint8]:
    """RGB of values in bits per pixel, shape of bpp with 3 appended."""
    return coloured(position(bpp, scale))


def bits_per_pixel(cells: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float64]:
    """Bits of each cell, as bits per picture pixel. side: of a cell, in picture pixels."""
    return np.asarray(cells, dtype=np.float64) / side**2


def image(
    cells: npt.NDArray[np.float32], side: int, scale: Scale = STEPS, size: tuple[int, int] | None = None
) -> QImage:
    """A bit map (rows x columns of cells, in bits) as an image of one pixel per cell; side as for
    bits_per_pixel. size: width and height of the picture, where the last cells are of its pixels alone and not of what
    was coded beyond it.
    """
    rate = bits_per_pixel(cells, side)
    if size is not None:
        width, height = size
        rate[:, -1] *= side / (width - (rate.shape[1] - 1) * side)
        rate[-1] *= side / (height - (rate.shape[0] - 1) * side)
    pixels = np.ascontiguousarray(colours(rate, scale))
    height, width, _ = pixels.shape
    return QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )


def bar(length: int) -> QImage:
    """The scale itself, lower end left, `length` x 1 pixels."""
    pixels = np.ascontiguousarray(RISING[np.linspace(0, 255, length).astype(np.intp)][None])
    return QImage(pixels.data, length, 1, length * 3, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )
