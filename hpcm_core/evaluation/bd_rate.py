"""The Bjontegaard delta rate: two rate-distortion curves as one number. numpy alone, for the window imports it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

LEAST_SHARED = 0.5
"""Of the narrower curve's range of quality: below, a BD-rate is better not told."""

Floats: TypeAlias = npt.NDArray[np.float64]


def bd_rate(reference: Sequence[tuple[float, float]], test: Sequence[tuple[float, float]]) -> float:
    """Bjontegaard delta rate in percent: how much more rate `test` needs than `reference` at equal quality.

    Each curve: points (rate, quality) in any order, two or more, quality in dB (PSNR, MS-SSIM in dB). log(rate) is
    interpolated over quality by a monotone piecewise cubic (PCHIP, Fritsch and Carlson 1980) rather than fitted by one
    cubic (VCEG-M33), which swings where points are many or unevenly spaced. Negative means that `test` is better.
    Raises ValueError where a rate is not above 0, two qualities are equal, or the curves share no range of quality.
    """
    curves = [_curve(points) for points in (reference, test)]
    low = max(quality[0] for quality, _ in curves)
    high = min(quality[-1] for quality, _ in curves)
    if low >= high:
        raise ValueError("the curves share no range of quality")
    areas = [_pchip_integral(quality, log_rate, low, high) for quality, log_rate in curves]
    return 100 * math.expm1((areas[1] - areas[0]) / (high - low))


def shared(reference: Sequence[tuple[float, float]], test: Sequence[tuple[float, float]]) -> float:
    """The part of the narrower curve's range of quality that the other one has too, 0 to 1.

    A BD-rate over a small part says little: it hangs on two or three points, where curves are steepest. Raises
    ValueError as `bd_rate` does.
    """
    (first, _), (second, _) = _curve(reference), _curve(test)
    both = min(first[-1], second[-1]) - max(first[0], second[0])
    return float(max(both, 0.0) / min(first[-1] - first[0], second[-1] - second[0]))


def interpolated(points: Sequence[tuple[float, float]], count: int = 100) -> list[tuple[float, float]]:
    """The curve between points as `bd_rate` takes it: `count` points (rate, quality), evenly over the quality, from the
    first of the given points to the last. Raises ValueError as `bd_rate` does.
    """
    quality, log_rate = _curve(points)
    at = np.linspace(quality[0], quality[-1], count)
    rates = np.exp(_pchip(quality, log_rate, at))
    return list(zip(rates.tolist(), at.tolist(), strict=True))


def _curve(points: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    """Quality and log rate, sorted by quality."""
    rate, quality = np.asarray(sorted(points, key=lambda point: point[1]), dtype=np.float64).T
    if len(rate) < 2 or rate.min() <= 0 or (np.diff(quality) <= 0).any() or not np.isfinite([rate, quality]).all():
        raise ValueError("a curve needs two or more points of rates above 0 and different, finite qualities")
    return quality, np.log(rate)


def _pchip_integral(x: Floats, y: Floats, low: float, high: float) -> float:
    """Integral from low to high of the monotone piecewise cubic through the points; Simpson's rule is exact for it."""
    knots = np.concatenate(([low], x[(x > low) & (x < high)], [high]))
    ends, middles = _pchip(x, y, knots), _pchip(x, y, (knots[:-1] + knots[1:]) / 2)
    return float(np.sum(np.diff(knots) * (ends[:-1] + 4 * middles + ends[1:]) / 6))


def _pchip(x: Floats, y: Floats, at: Floats) -> Floats:
    """The monotone piecewise cubic through the points, at places from the first to the last."""
    slopes = _pchip_slopes(x, y)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    h = x[i + 1] - x[i]
    t = (at - x[i]) / h
    rise = y[i] * (1 + 2 * t) * (1 - t) ** 2 + y[i + 1] * t**2 * (3 - 2 * t)
    bend = slopes[i] * t * (1 - t) ** 2 - slopes[i + 1] * t**2 * (1 - t)
    return np.asarray(rise + h * bend)


def _pchip_slopes(x: Floats, y: Floats) -> Floats:
    """Slopes at the points: weighted harmonic means inside, one-sided three-point formula at the ends."""
    h = np.diff(x)
    secants = np.diff(y) / h
    if len(x) == 2:
        return np.repeat(secants, 2)
    slopes = np.zeros(len(x))
    before, after = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    same = secants[:-1] * secants[1:] > 0
    slopes[1:-1][same] = (
        (before + after) / (before / np.where(same, secants[:-1], 1) + after / np.where(same, secants[1:], 1))
    )[same]
    slopes[0] = _end_slope(h[0], h[1], secants[0], secants[1])
    slopes[-1] = _end_slope(h[-1], h[-2], secants[-1], secants[-2])
    return slopes


def _end_slope(h0: float, h1: float, secant0: float, secant1: float) -> float:
    slope = ((2 * h0 + h1) * secant0 - h0 * secant1) / (h0 + h1)
    if slope * secant0 <= 0:
        return 0.0
    if secant0 * secant1 <= 0 and abs(slope) > 3 * abs(secant0):
        return 3 * secant0
    return slope
