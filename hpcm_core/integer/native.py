"""The operations of profile 2 by the native kernels (coder/src/integer), and the check that these pass before they
serve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from coder import _integer
from hpcm_core.integer.layers import (
    FEATURE_MAX,
    LATENT_MAX,
    Depthwise,
    DepthwiseBlock,
    Layer,
    Matrix,
    PartialBlock,
    Scale,
    Tensor,
    Up,
)
from hpcm_core.integer.reference import Reference
from hpcm_core.runtime import thread_count


def instruction_sets() -> list[str]:
    """Those that this machine runs, the best first."""
    return _integer.instruction_sets()


class Native:
    """The kernels of one instruction set. Operations are those of Reference; `engine` computes what is made of them."""

    def __init__(self, instruction_set: str | None = None, threads: int | None = None) -> None:
        """Raises ValueError for an instruction set that this machine has not."""
        self.engine = _integer.Engine(instruction_set or instruction_sets()[0], threads or thread_count())
        self.name = self.engine.name

    def patches(self, x: Tensor, side: int, matrix: Matrix, out: Tensor | None = None) -> Tensor:
        height, width, _ = x.shape
        if out is None:
            out = np.empty((height // side, width // side, len(matrix.weight)), np.int16)
        self.engine.patches(x, side, packed(matrix), out)
        return out

    def pointwise(self, x: Tensor, stride: int, matrix: Matrix) -> Tensor:
        """A 1x1 convolution of the positions at one place of each cell of stride x stride after another, which leaves
        out inputs that are zero at all of these.
        """
        out = np.empty((*x.shape[:2], len(matrix.weight)), np.int16)
        self.engine.pointwise(x, stride, packed(matrix), out)
        return out

    def spread(self, x: Tensor, side: int, matrix: Matrix, out: Tensor | None = None) -> Tensor:
        height, width, _ = x.shape
        if out is None:
            out = np.empty((height * side, width * side, len(matrix.weight) // side**2), np.int16)
        self.engine.spread(x, side, packed(matrix), out)
        return out

    def partial_block(self, x: Tensor, block: PartialBlock, out: Tensor | None = None) -> Tensor:
        if out is None:
            out = np.empty(x.shape, np.int16)
        self.engine.partial_block(x, *_partial(block), out)
        return out

    def depthwise_block(self, x: Tensor, block: DepthwiseBlock) -> Tensor:
        out = np.empty(x.shape, np.int16)
        self.engine.depthwise_block(x, *depthwise(block), out)
        return out

    def scale(self, x: Tensor, scale: Scale) -> Tensor:
        out = np.array(x, order="C")
        self.engine.scale(packed_scale(scale), out)
        return out


_packed: WeakKeyDictionary[Matrix, _integer.Matrix] = WeakKeyDictionary()


def packed(matrix: Matrix) -> _integer.Matrix:
    """A matrix as the kernels read it. Kept as long as the matrix is."""
    if (found := _packed.get(matrix)) is None:
        m = matrix
        found = _integer.Matrix(np.ascontiguousarray(m.weight), m.bias, m.shift, m.low, m.high, m.leaky, m.limit)
        _packed[matrix] = found
    return found


def packed_scale(scale: Scale) -> _integer.Scale:
    return _integer.Scale(scale.factor, scale.shift, -FEATURE_MAX, FEATURE_MAX)


def depthwise(block: DepthwiseBlock) -> tuple[_integer.Depthwise, _integer.Matrix, _integer.Matrix]:
    conv = block.conv
    weight = np.ascontiguousarray(conv.weight)
    columns = _integer.Depthwise(weight, conv.bias, conv.shift, -FEATURE_MAX, FEATURE_MAX, conv.limit)
    return columns, packed(block.expand), packed(block.reduce)


def chain(layers: Sequence[Layer]) -> _integer.Chain:
    """Layers in a row, as the engine takes them. Raises ValueError where they do not fit each other."""
    return _integer.Chain(
        [
            _partial(layer)
            if isinstance(layer, PartialBlock)
            else (isinstance(layer, Up), layer.side, packed(layer.matrix))
            for layer in layers
        ]
    )


def _partial(block: PartialBlock) -> tuple[_integer.Matrix, _integer.Matrix, _integer.Matrix]:
    return packed(block.conv), packed(block.expand), packed(block.reduce)


def self_check(native: Native) -> str | None:
    """Compare with the reference on random operands of full range. Returns the operation that differs, or None."""
    reference, draw = Reference(), np.random.default_rng(1)

    def matrix(outputs: int, inputs: int, leaky: bool = False, limit: int = FEATURE_MAX) -> Matrix:
        return Matrix(*_drawn(draw, (outputs, inputs), outputs, limit, 1), leaky=leaky, limit=limit)

    x = draw.integers(-FEATURE_MAX, FEATURE_MAX + 1, (9, 11, 40), np.int16)
    partial = PartialBlock(matrix(10, 90), matrix(80, 40, True), matrix(40, 80))
    columns = DepthwiseBlock(Depthwise(*_drawn(draw, (9, 40), 40, FEATURE_MAX, 0)), partial.expand, partial.reduce)
    factors = Scale(draw.integers(-32768, 32768, 40, np.int16), draw.integers(0, 31, 40, np.uint8))
    sparse = x.copy()
    sparse[::2, 1::2, 32:] = sparse[1::2, ::2, :32] = 0
    wide, up, down = matrix(70, 40, limit=LATENT_MAX), matrix(24, 40), matrix(17, 160)

    def results(run: Native | Reference) -> Iterator[tuple[str, Tensor]]:
        yield "1x1 convolution", run.patches(x, 1, wide)
        yield "1x1 convolution by phase", run.pointwise(sparse, 2, wide)
        yield "convolution", run.patches(np.ascontiguousarray(x[:8, :10]), 2, down)
        yield "transposed convolution", run.spread(x, 2, up)
        yield "block with a partial convolution", run.partial_block(x, partial)
        yield "block with a depthwise convolution", run.depthwise_block(x, columns)
        yield "scale", run.scale(x, factors)

    for (name, got), (_, wanted) in zip(results(native), results(reference), strict=True):
        if not np.array_equal(got, wanted):
            return name
    return None


def _drawn(
    draw: np.random.Generator, shape: tuple[int, int], outputs: int, limit: int, axis: int
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Weights that fill the range of sums, biases, and shifts that leave values of all sizes."""
    most = ((1 << 31) - (1 << 26)) // limit // shape[axis]
    weight = draw.integers(-min(most, 32767), min(most, 32767) + 1, shape, np.int16)
    bias = draw.integers(-(1 << 24), 1 << 24, outputs, np.int32)
    return weight, bias, draw.integers(8, 18, outputs, np.uint8)
