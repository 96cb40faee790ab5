"""Rectangles of picture pixels, and what of a bit map lies in them. Pure geometry."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect


def rect_between(a: tuple[float, float], b: tuple[float, float], size: tuple[int, int]) -> QRect:
    """The pixels that a drag from picture point a to b touches, within a picture of that size; at least one."""

    def span(first: float, second: float, length: int) -> tuple[int, int]:
        low = min(max(math.floor(min(first, second)), 0), length - 1)
        high = max(min(math.ceil(max(first, second)), length), low + 1)
        return low, high - low

    (x, width), (y, height) = span(a[0], b[0], size[0]), span(a[1], b[1], size[1])
    return QRect(x, y, width, height)


def bits_inside(cells: npt.NDArray[np.float32], cell: int, rect: QRect, size: tuple[int, int]) -> float:
    """Bits of the part of a bit map (rows x columns of cells, each of `cell` x `cell` picture pixels) that lies in a
    rectangle of a picture of that size (width, height).

    A cell's bits count by the share of its pixels inside. Of the last cells only the pixels in the picture count.
    """

    def shares(first: int, length: int, side: int, count: int) -> npt.NDArray[np.float64]:
        starts = np.arange(count) * cell
        ends = np.minimum(starts + cell, side)
        inside = np.minimum(ends, first + length) - np.maximum(starts, first)
        return np.asarray(np.clip(inside, 0, None) / np.maximum(ends - starts, 1))

    rows = shares(rect.y(), rect.height(), size[1], cells.shape[0])
    columns = shares(rect.x(), rect.width(), size[0], cells.shape[1])
    return float(rows @ cells.astype(np.float64) @ columns)
