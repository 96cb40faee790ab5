"""Structural similarity under a Gaussian window: one scale of MS-SSIM, in NumPy. transform/ssim.py is the same with
gradients.

The window is separable and symmetric: sums of shifted planes, in blocks that stay in the caches, are twice as fast as
torch's products with band matrices on one thread. Such products would be as fast in NumPy, but on several threads its
libraries spend many times as long on matrices so small.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

WINDOW = 11
"""Pixels a side."""
SIGMA = 1.5
K1, K2 = 0.01, 0.03

_REACH = WINDOW // 2
_HALF = [math.exp(-(i * i) / (2 * SIGMA**2)) for i in range(_REACH + 1)]
_WEIGHTS = [weight / (2 * sum(_HALF) - _HALF[0]) for weight in _HALF]
"""The window's weights from its middle outwards."""

Floats = npt.NDArray[np.floating[Any]]


def similarity(a: Floats, b: Floats, peak: float, whole: bool) -> Floats:
    """SSIM where it is to be whole, otherwise its contrast and structure without luminance.

    a and b: ...xHxW in [0, peak], both float32 or both float64; blocks of a picture, or there will be little cache for
    the eight planes of its size. One value for each place where the window lies inside: ...x(H - 10)x(W - 10).
    """
    kind = a.dtype.type
    c1, c2, middle = kind((K1 * peak) ** 2), kind((K2 * peak) ** 2), kind(peak / 2)
    # Around the middle: differences of squares lose less there, and only the luminance sees it.
    planes = np.empty((4, *a.shape), a.dtype)
    np.subtract(a, middle, out=planes[0])
    np.subtract(b, middle, out=planes[1])
    np.multiply(planes[0], planes[0], out=planes[2])
    planes[2] += planes[1] * planes[1]
    np.multiply(planes[0], planes[1], out=planes[3])
    mean_a, mean_b, squares, products = _windowed(planes)
    product, square = mean_a * mean_b, mean_a * mean_a + mean_b * mean_b
    similar: Floats = (2 * (products - product) + c2) / (squares - square + c2)
    if whole:
        mean_a, mean_b = mean_a + middle, mean_b + middle
        similar *= (2 * mean_a * mean_b + c1) / (mean_a * mean_a + mean_b * mean_b + c1)
    return similar


def _windowed(planes: Floats) -> Floats:
    """Means under the window wherever it lies inside: ...xHxW to ...x(H - 10)x(W - 10)."""
    down = _weighted([planes[..., i : planes.shape[-2] - 2 * _REACH + i, :] for i in range(WINDOW)])
    return _weighted([down[..., i : down.shape[-1] - 2 * _REACH + i] for i in range(WINDOW)])


def _weighted(shifted: list[Floats]) -> Floats:
    """The sum of eleven views, each with its weight of the window."""
    first, *others = (shifted[0].dtype.type(weight) for weight in _WEIGHTS)
    mean: Floats = shifted[_REACH] * first
    pair = np.empty_like(mean)
    for i, weight in enumerate(others, 1):
        np.add(shifted[_REACH - i], shifted[_REACH + i], out=pair)
        pair *= weight
        mean += pair
    return mean
