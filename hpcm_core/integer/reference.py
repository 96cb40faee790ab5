"""The operations of profile 2 in NumPy, as their specification reads: what native kernels are checked against.

Products are taken in float64, which holds every sum exactly whatever the order, since all stay below 2^31.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.integer.layers import (
    FEATURE_MAX,
    SLOPE,
    SLOPE_BITS,
    Depthwise,
    DepthwiseBlock,
    Down,
    Layer,
    Matrix,
    PartialBlock,
    Scale,
    Tensor,
    Up,
    rnd,
)

Rows = npt.NDArray[Any]


class Reference:
    """All that a network of profile 2 is made of. x and results: H x W x C int16; x may be a slice of channels of a
    wider tensor, and so may `out`, which is given back.
    """

    def patches(self, x: Tensor, side: int, matrix: Matrix, out: Tensor | None = None) -> Tensor:
        """A convolution (layers.Down); side 1 is a 1x1 convolution."""
        height, width, channels = x.shape
        cells = x.reshape(height // side, side, width // side, side, channels).transpose(0, 2, 1, 3, 4)
        return _into(out, _product(cells.reshape(height // side, width // side, -1), matrix))

    def pointwise(self, x: Tensor, stride: int, matrix: Matrix) -> Tensor:
        """A 1x1 convolution, whatever the order of positions."""
        return self.patches(x, 1, matrix)

    def spread(self, x: Tensor, side: int, matrix: Matrix, out: Tensor | None = None) -> Tensor:
        """A transposed convolution (layers.Up)."""
        height, width, _ = x.shape
        cells = _product(x, matrix).reshape(height, width, side, side, -1).transpose(0, 2, 1, 3, 4)
        return _into(out, cells.reshape(height * side, width * side, -1))

    def partial_block(self, x: Tensor, block: PartialBlock, out: Tensor | None = None) -> Tensor:
        """A residual block of the transforms."""
        split = len(block.conv.weight)
        seen = np.concatenate(_neighbours(x[..., :split]), axis=-1)
        joined = np.concatenate((_product(seen, block.conv), x[..., split:]), axis=-1)
        return _into(out, _residual(x, joined, block.expand, block.reduce))

    def depthwise_block(self, x: Tensor, block: DepthwiseBlock) -> Tensor:
        """A residual block of the context networks."""
        return _residual(x, _depthwise(x, block.conv), block.expand, block.reduce)

    def scale(self, x: Tensor, scale: Scale) -> Tensor:
        """Each channel times its factor."""
        product = np.multiply(x, scale.factor, dtype=np.int32)
        n = rnd(product, scale.shift)
        return n.clip(-FEATURE_MAX, FEATURE_MAX, out=n).astype(np.int16)

    def through(self, layers: Sequence[Layer], x: Tensor) -> Tensor:
        """A whole transform, one layer after the other."""
        for layer in layers:
            match layer:
                case Down():
                    x = self.patches(x, layer.side, layer.matrix)
                case Up():
                    x = self.spread(x, layer.side, layer.matrix)
                case PartialBlock():
                    x = self.partial_block(x, layer)
        return x


def product(x: Rows, matrix: Matrix) -> npt.NDArray[np.int64]:
    """What a matrix makes of the last axis, LeakyReLU included."""
    sums = (x.astype(np.float64) @ matrix.weight.T.astype(np.float64)).astype(np.int64) + matrix.bias
    n = rnd(sums, matrix.shift).clip(matrix.low, matrix.high)
    return np.where(n < 0, (n * SLOPE + (1 << (SLOPE_BITS - 1))) >> SLOPE_BITS, n) if matrix.leaky else n


def _product(x: Rows, matrix: Matrix) -> Tensor:
    return product(x, matrix).astype(np.int16)


def _depthwise(x: Tensor, layer: Depthwise) -> Tensor:
    sums = sum(near.astype(np.int64) * tap for near, tap in zip(_neighbours(x), layer.weight, strict=True))
    return rnd(sums + layer.bias, layer.shift).clip(-FEATURE_MAX, FEATURE_MAX).astype(np.int16)


def _residual(x: Tensor, branch: Tensor, expand: Matrix, reduce: Matrix) -> Tensor:
    added = _product(_product(branch, expand), reduce).astype(np.int32) + x
    return added.clip(reduce.low, reduce.high).astype(np.int16)


def _neighbours(x: Tensor) -> list[Tensor]:
    """x as each tap of a 3x3 kernel sees it, zeros outside, row by row."""
    height, width, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    return [padded[dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3)]


def _into(out: Tensor | None, values: Tensor) -> Tensor:
    if out is None:
        return values
    out[...] = values
    return out
