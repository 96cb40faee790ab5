"""The fixed colour scale of bit maps: bits per pixel to colour, the same for every picture and step, so that maps
compare.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from hpcm_core.inspect.palette import RISING, coloured

MAX_BPP = 4.0
"""Bits per pixel at the upper end; more is shown as the upper end's colour."""

EXPONENT = 0.4
"""Position on the scale is (bpp / MAX_BPP) ** EXPONENT: single steps (0.01 bpp) and their sum (2 bpp) both stay
readable.
"""

TICKS = (0.0, 0.01, 0.1, 0.5, 1.0, 2.0, 4.0)


def position(bpp: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Place on the scale, 0 to 1, for bits per pixel."""
    relative = np.clip(np.asarray(bpp, dtype=np.float64) / MAX_BPP, 0.0, 1.0)
    return np.asarray(relative**EXPONENT)


def colours(bpp: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """RGB of values in bits per pixel, shape of bpp with 3 appended."""
    return coloured(position(bpp))


def bits_per_pixel(cells: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float64]:
    """Bits of each cell, as bits per picture pixel. side: of a cell, in picture pixels."""
    return np.asarray(cells, dtype=np.float64) / side**2


def image(cells: npt.NDArray[np.float32], side: int) -> QImage:
    """A bit map (rows x columns of cells, in bits) as an image of one pixel per cell; side as for
    bits_per_pixel.
    """
    pixels = np.ascontiguousarray(colours(bits_per_pixel(cells, side)))
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
