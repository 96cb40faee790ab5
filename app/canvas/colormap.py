"""The fixed colour scale of bit maps: bits per pixel to colour, the same for every picture and step, so that maps
compare.

The colours are those of "inferno" (van der Walt and Smith, matplotlib): lightness grows evenly from black to pale
yellow, so the scale reads the same with any kind of colour blindness and in grey.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

MAX_BPP = 4.0
"""Bits per pixel at the upper end; more is shown as the upper end's colour."""

EXPONENT = 0.4
"""Position on the scale is (bpp / MAX_BPP) ** EXPONENT: single steps (0.01 bpp) and their sum (2 bpp) both stay
readable.
"""

TICKS = (0.0, 0.01, 0.1, 0.5, 1.0, 2.0, 4.0)

_ANCHORS = np.array(
    [
        (0, 0, 4),
        (22, 11, 57),
        (66, 10, 104),
        (106, 23, 110),
        (147, 38, 103),
        (188, 55, 84),
        (221, 81, 58),
        (243, 120, 25),
        (252, 165, 10),
        (246, 215, 70),
        (252, 255, 164),
    ],
    dtype=np.float64,
)


# "PuOr" (ColorBrewer, Brewer and Harrower) towards blue: safe with every kind of colour blindness.
_DIVERGING_ANCHORS = np.array(
    (
        *((5, 48, 97), (33, 102, 172), (103, 169, 207), (209, 229, 240), (247, 247, 247)),
        *((254, 224, 182), (253, 184, 99), (224, 130, 20), (127, 59, 8)),
    ),
    dtype=np.float64,
)


def _table(anchors: npt.NDArray[np.float64], length: int) -> npt.NDArray[np.uint8]:
    at = np.linspace(0, len(anchors) - 1, length)
    columns = [np.interp(at, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    return np.rint(np.stack(columns, axis=1)).astype(np.uint8)


TABLE = _table(_ANCHORS, 256)
"""256 x 3 uint8: colours from the lower to the upper end."""

DIVERGING = _table(_DIVERGING_ANCHORS, 511)
"""511 x 3 uint8: blue for lower, orange for higher, nearly white for 0 in the middle."""


def position(bpp: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Place on the scale, 0 to 1, for bits per pixel."""
    relative = np.clip(np.asarray(bpp, dtype=np.float64) / MAX_BPP, 0.0, 1.0)
    return np.asarray(relative**EXPONENT)


def colours(bpp: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """RGB of values in bits per pixel, shape of bpp with 3 appended."""
    return TABLE[np.rint(position(bpp) * 255).astype(np.intp)]


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
    pixels = np.ascontiguousarray(TABLE[np.linspace(0, 255, length).astype(np.intp)][None])
    return QImage(pixels.data, length, 1, length * 3, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )
