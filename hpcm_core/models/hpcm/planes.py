"""The moves of sampling.py for NumPy arrays with channels last (H x W x C), of any type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.models.hpcm.schedule import DESCENTS
from hpcm_core.models.hyperprior.slots import Sampling

Array = npt.NDArray[Any]


def pack(x: Array, sampling: Sampling) -> Array:
    """Gather a step's positions into `depth` parts, rising by number: H x W x C -> H x W x depth C/parts."""
    size = x.shape[2] // sampling.parts
    out = np.empty((*x.shape[:2], sampling.depth * size), x.dtype)
    for rows, columns, part, packed in _moves(sampling, size):
        out[rows, columns, packed] = x[rows, columns, part]
    return out


def unpack(packed: Array, sampling: Sampling, out: Array) -> None:
    """Inverse of pack: into H x W x C, whose other values stay."""
    size = out.shape[2] // sampling.parts
    for rows, columns, part, where in _moves(sampling, size):
        out[rows, columns, part] = packed[rows, columns, where]


def down(x: Array, sampling: Sampling) -> Array:
    """Each channel part on its own phase of a 2x2 cell: H x W x C -> H/2 x W/2 x C."""
    size = x.shape[2] // sampling.parts
    out = np.empty((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]), x.dtype)
    for part, row, column in sampling.slots:
        channels = slice(part * size, (part + 1) * size)
        out[..., channels] = x[row::2, column::2, channels]
    return out


def up(x: Array, sampling: Sampling, out: Array) -> None:
    """Inverse of down: into 2H x 2W x C, whose other values stay."""
    size = x.shape[2] // sampling.parts
    for part, row, column in sampling.slots:
        channels = slice(part * size, (part + 1) * size)
        out[row::2, column::2, channels] = x[..., channels]


def descend(x: Array, top: int, bottom: int) -> Array:
    """From the grid of scale `top` down to that of `bottom`."""
    for scale in range(top - 1, bottom - 1, -1):
        x = down(x, DESCENTS[scale])
    return x


def ascend(x: Array, bottom: int, top: int) -> Array:
    """Inverse of descend, zeros elsewhere."""
    for scale in range(bottom, top):
        wide = np.zeros((2 * x.shape[0], 2 * x.shape[1], x.shape[2]), x.dtype)
        up(x, DESCENTS[scale], wide)
        x = wide
    return x


def halves(x: Array) -> tuple[Array, Array]:
    """The scales half and the means half of H x W x 2M, as views."""
    middle = x.shape[2] // 2
    return x[..., :middle], x[..., middle:]


def _moves(sampling: Sampling, size: int) -> Iterator[tuple[slice, slice, slice, slice]]:
    """For each slot: its rows and columns, its channels of all, and its channels of the packed."""
    stride = sampling.stride
    taken: dict[tuple[int, int], int] = {}
    for part, row, column in sorted(sampling.slots):
        depth = taken.get((row, column), 0)
        taken[row, column] = depth + 1
        channels, packed = (slice(i * size, (i + 1) * size) for i in (part, depth))
        yield slice(row, None, stride), slice(column, None, stride), channels, packed
