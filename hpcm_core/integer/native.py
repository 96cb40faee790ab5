"""The operations of profile 2 by the native kernels (coder/src/integer), and the check that these pass before they
serve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from coder import _integer
from hpcm_core.integer.layers import (
    FEATURE_MAX,
    LATENT_MAX,
    Depthwise,
    DepthwiseBlock,
    Matrix,
    PartialBlock,
    Tensor,
)
from hpcm_core.integer.reference import Reference
from hpcm_core.runtime import thread_count

_PART = 1 << 31
"""Products between two looks at whether the work is still wanted: some hundredths of a second."""


def instruction_sets() -> list[str]:
    """Those that this machine runs, the best first."""
    return _integer.instruction_sets()


class Native(Reference):
    """See operations.Operations. What is no product is NumPy's."""

    def __init__(self, instruction_set: str | None = None, threads: int | None = None) -> None:
        """Raises ValueError for an instruction set that this machine has not."""
        self._engine = _integer.Engine(instruction_set or instruction_sets()[0], threads or thread_count())
        self.name = self._engine.name
        self._packed: WeakKeyDictionary[Matrix, _integer.Matrix] = WeakKeyDictionary()
        self._columns: WeakKeyDictionary[Depthwise, _integer.Depthwise] = WeakKeyDictionary()

    def patches(self, x: Tensor, side: int, matrix: Matrix, out: Tensor | None = None) -> Tensor:
        height, width, _ = x.shape
        if out is None:
            out = np.empty((height // side, width // side, len(matrix.weight)), np.int16)
        self._engine.patches(x, side, self._pack(matrix), out)
        return out

    def spread(self, x: Tensor, side: int, matrix: Matrix, out: Tensor | None = None) -> Tensor:
        height, width, _ = x.shape
        if out is None:
            out = np.empty((height * side, width * side, len(matrix.weight) // side**2), np.int16)
        self._engine.spread(x, side, self._pack(matrix), out)
        return out

    def partial_block(
        self, x: Tensor, block: PartialBlock, check: Callable[[], None] | None = None, out: Tensor | None = None
    ) -> Tensor:
        if out is None:
            out = np.empty(x.shape, np.int16)
        conv, expand, reduce = (self._pack(matrix) for matrix in (block.conv, block.expand, block.reduce))
        row = x.shape[1] * sum(matrix.weight.size for matrix in (block.conv, block.expand, block.reduce))
        rows = max(1, _PART // row)
        for top in range(0, len(x), rows):
            if check is not None:
                check()
            self._engine.partial_block(x, conv, expand, reduce, out, top, min(top + rows, len(x)))
        return out

    def depthwise_block(self, x: Tensor, block: DepthwiseBlock) -> Tensor:
        out = np.empty(x.shape, np.int16)
        if (conv := self._columns.get(block.conv)) is None:
            layer = block.conv
            weight = np.ascontiguousarray(layer.weight)
            conv = _integer.Depthwise(weight, layer.bias, layer.shift, -FEATURE_MAX, FEATURE_MAX, layer.limit)
            self._columns[block.conv] = conv
        self._engine.depthwise_block(x, conv, self._pack(block.expand), self._pack(block.reduce), out)
        return out

    def _pack(self, matrix: Matrix) -> _integer.Matrix:
        if (packed := self._packed.get(matrix)) is None:
            m = matrix
            packed = _integer.Matrix(np.ascontiguousarray(m.weight), m.bias, m.shift, m.low, m.high, m.leaky, m.limit)
            self._packed[matrix] = packed
        return packed


def self_check(native: Native) -> str | None:
    """Compare with the reference on random operands of full range. Returns the operation that differs, or None."""
    reference, draw = Reference(), np.random.default_rng(1)

    def matrix(outputs: int, inputs: int, leaky: bool = False, limit: int = FEATURE_MAX) -> Matrix:
        return Matrix(*_drawn(draw, (outputs, inputs), outputs, limit, 1), leaky=leaky, limit=limit)

    x = draw.integers(-FEATURE_MAX, FEATURE_MAX + 1, (9, 11, 40), np.int16)
    partial = PartialBlock(matrix(10, 90), matrix(80, 40, True), matrix(40, 80))
    depthwise = DepthwiseBlock(Depthwise(*_drawn(draw, (9, 40), 40, FEATURE_MAX, 0)), partial.expand, partial.reduce)
    wide, up, down = matrix(70, 40, limit=LATENT_MAX), matrix(24, 40), matrix(17, 160)

    def results(run: Reference) -> Iterator[tuple[str, Tensor]]:
        yield "1x1 convolution", run.patches(x, 1, wide)
        yield "convolution", run.patches(np.ascontiguousarray(x[:8, :10]), 2, down)
        yield "transposed convolution", run.spread(x, 2, up)
        yield "block with a partial convolution", run.partial_block(x, partial)
        yield "block with a depthwise convolution", run.depthwise_block(x, depthwise)

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
