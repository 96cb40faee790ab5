"""A quality map from a mask: white is kept better than the rest, black coded more cheaply, mid grey as the rest."""

from __future__ import annotations

import numpy as np

from hpcm_core.errors import InvalidRecipe
from hpcm_core.format.gain import BLOCK, MOST, QualityMap, blocks
from hpcm_core.picture.samples import Raster

_GREY = 1.5 / 255
"""What is no farther from the middle is mid grey: 127 and 128 of 255."""


def quality_map_of(mask: Raster, width: int, height: int) -> QualityMap:
    """The map that a mask draws for a picture of so many pixels: each block has the mean of its pixels that are neither
    mid grey nor wholly transparent, MOST above for white and below for black. Raises InvalidRecipe for a mask of
    another size.
    """
    if (mask.width, mask.height) != (width, height):
        raise InvalidRecipe(
            "The mask has {width} x {height} pixels, the picture {wanted_width} x {wanted_height}: they must be alike.",
            width=mask.width,
            height=mask.height,
            wanted_width=width,
            wanted_height=height,
        )
    rows, columns = blocks(width, height)
    offsets = np.zeros((rows, columns), np.int8)
    starts = np.arange(columns) * BLOCK
    middle = np.iinfo(mask.pixels.dtype).max / 2
    for row in range(rows):
        part = slice(row * BLOCK, (row + 1) * BLOCK)
        level = mask.pixels[part].mean(axis=2) / middle - 1
        painted = np.abs(level) > _GREY
        if mask.alpha is not None:
            painted &= mask.alpha[part] > 0
        sums, counts = (
            np.add.reduceat(values, starts, axis=1).sum(axis=0) for values in (level * painted, painted.astype(float))
        )
        offsets[row] = np.rint(MOST * sums / np.maximum(counts, 1))
    return QualityMap.of(offsets)
