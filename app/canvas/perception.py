"""What the eye makes of a difference: maps of two parts of pictures, for the tiles of difference.py.

Each takes the parts as they are shown and a margin around them, and answers for what is inside the margin.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.picture.samples import LUMA
from hpcm_core.ssim import WINDOW, similarity

SSIM_REACH = WINDOW // 2
"""Pixels around one that its SSIM sees."""
FLIP_REACH = 10
"""The same of its FLIP at 67 pixels a degree: three deviations of the widest filter, that of blue and yellow."""
LUMA_WEIGHTS = np.array(LUMA, np.float32)

Floats = npt.NDArray[np.float32]


def structure(first: Floats, second: Floats) -> Floats:
    """1 - SSIM of luma, 0 to 1: HxWxC in 8-bit levels -> (H - 10)x(W - 10)."""
    a, b = (np.ascontiguousarray(p[:, :, 0] if p.shape[2] == 1 else p @ LUMA_WEIGHTS) for p in (first, second))
    return np.asarray((1 - similarity(a, b, 255.0, True)).clip(0, 1), dtype=np.float32)


def flip(first: Floats, second: Floats) -> Floats:
    """LDR-FLIP, 0 to 1: HxWxC in 8-bit levels of sRGB -> (H - 20)x(W - 20).

    What one notices when two pictures take turns at the same place, from 70 cm of a screen with 67 pixels a degree:
    Andersson and others, "FLIP: A Difference Evaluator for Alternating Images" (HPG 2020), computed by its authors'
    package.
    """
    from flip_evaluator import evaluate

    a, b = (_rgb(p) for p in (first, second))
    found: npt.NDArray[Any] = evaluate(a, b, "LDR", applyMagma=False, computeMeanError=False)[0]
    inside = slice(FLIP_REACH, -FLIP_REACH)
    return np.asarray(found[inside, inside, 0], dtype=np.float32)


def _rgb(levels: Floats) -> Floats:
    scaled = np.ascontiguousarray((levels / np.float32(255)).clip(0, 1))
    return scaled if scaled.shape[2] == 3 else scaled.repeat(3, axis=2)
