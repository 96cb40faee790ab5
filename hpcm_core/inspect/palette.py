"""Colours of values: the scale that every bit map has, wherever it is drawn.

They are those of "inferno" (van der Walt and Smith, matplotlib): lightness grows evenly from black to pale yellow, so
the scale reads the same with any kind of colour blindness and in grey.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_INFERNO = np.array(
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
_PUOR = np.array(
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


RISING = _table(_INFERNO, 256)
"""256 x 3 uint8: colours from the lower to the upper end."""

DIVERGING = _table(_PUOR, 511)
"""511 x 3 uint8: blue for lower, orange for higher, nearly white for 0 in the middle."""


def coloured(relative: npt.ArrayLike, table: npt.NDArray[np.uint8] = RISING) -> npt.NDArray[np.uint8]:
    """RGB of places on a scale, 0 to 1, the shape with 3 appended; what is no number has the colour of 0."""
    place = np.nan_to_num(np.asarray(relative, np.float64), nan=0.0).clip(0, 1)
    return np.asarray(table[np.rint(place * (len(table) - 1)).astype(np.intp)])
