"""Weights of the published float32 layers as integers: rules 1 and 2, and the bounds that make every sum exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from hpcm_core.entropy.exact.integers import ACTIVATION_MAX, EXPONENT_MIN, SHIFT_MAX, SUM_BITS, rnd
from hpcm_core.errors import ModelError

WEIGHT_MAX: Final = 8127
"""Largest magnitude of a weight, 63 * 128 + 63: two digits of base 128."""
EXPONENT_SPAN: Final = 8
"""Exponents of a layer's channels lie at most this far below the largest of them."""
EXPONENT_OF_ZERO: Final = -20
"""Weight exponent of a layer whose weights are all zero."""

_BLOCK: Final = 1 << 16
"""Weights that are made integers at once: as many as a processor's caches hold with all that comes between."""
_ZERO: Final = -1 << 31
"""Marks the exponent of a channel without weights; any real one is larger."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class IntegerLayer:
    """A linear layer in integers: sum = (weight . n) << left + bias, on the grid 2^(input exponent + exponent).

    weight: int16, outputs x K, |w| <= WEIGHT_MAX. left: int64, outputs, 0 to EXPONENT_SPAN. bias: int64, outputs, on
    the grid of the finest possible input, 2^(EXPONENT_MIN + exponent).
    """

    weight: Tensor
    left: Tensor
    bias: Tensor
    exponent: int

    def bias_for(self, input_exponent: int) -> Tensor:
        """The bias on the grid of a sum over an input with this exponent; int64, outputs."""
        return rnd(self.bias, input_exponent - EXPONENT_MIN)


@dataclass(frozen=True, eq=False)
class IntegerVector:
    """Factors of the channels: int64, C, |w| <= WEIGHT_MAX, one exponent."""

    weight: Tensor
    exponent: int


def decompose(x: Tensor) -> tuple[Integers, Integers]:
    """Mantissas m and exponents k with x = m * 2^k, |m| < 2^24, from the float32 bit patterns, so that no mode of the
    floating point unit (denormals flushed, say) has a part in it.
    """
    bits = x.detach().float().contiguous().cpu().numpy().view(np.int32).astype(np.int64)
    field = (bits >> 23) & 0xFF
    mantissa = (bits & 0x7FFFFF) + (np.minimum(field, 1) << 23)
    return np.where(bits < 0, -mantissa, mantissa), np.maximum(field, 1) - 150


def on_grid(x: Tensor, grid: Integers | int, bits: int) -> Integers:
    """Float32 x on the grid 2^grid, rounded as rnd does. Raises ModelError where a magnitude reaches 2^bits (<= 62)."""
    mantissa, k = decompose(x)
    shift = np.broadcast_to(np.asarray(grid, dtype=np.int64), k.shape) - k
    left = np.clip(-shift, 0, SHIFT_MAX - 24)
    right = np.clip(shift, 0, SHIFT_MAX)
    half = np.where(right > 0, np.int64(1) << np.maximum(right - 1, 0), 0)
    result: Integers = ((mantissa << left) + half) >> right
    too_far = (-shift > SHIFT_MAX - 24) & (mantissa != 0)
    if bool(too_far.any()) or bool((np.abs(result) >> bits).any()):
        raise _too_large()
    return result


def exponents(rows: Tensor) -> Integers:
    """Exponent of each row of float32 weights: the smallest by which all of the row fits WEIGHT_MAX; _ZERO without
    any.
    """
    mantissa, k = decompose(rows.detach().float().abs().amax(dim=1))
    # 2^23 <= m < 2^24: eleven bits too many for WEIGHT_MAX, or twelve at the top. (Denormals could do with fewer.)
    exponent = k + 11 + (((mantissa + (1 << 10)) >> 11) > WEIGHT_MAX)
    return np.where(mantissa == 0, _ZERO, exponent)


def integer_layer(weight: Tensor, bias: Tensor, repeat: int = 1) -> IntegerLayer:
    """A layer from float32 weight (outputs x anything) and bias (outputs). With `repeat`, each output channel stands
    for that many rows of the matrix (the phases of a transposed convolution), which share its exponent.

    Raises ModelError where a sum could reach 2^SUM_BITS.
    """
    rows = weight.flatten(1)
    f = exponents(rows)
    f_max = int(f.max()) if f.max() > _ZERO else EXPONENT_OF_ZERO
    f = np.maximum(f, f_max - EXPONENT_SPAN)
    f_min = int(f.min())
    integers = np.empty(rows.shape, np.int16)
    sums = np.empty((len(f), repeat), np.int64)
    at_once = max(1, _BLOCK // rows.shape[1])
    for first in range(0, len(f), at_once):
        part = slice(first, first + at_once)
        block = on_grid(rows[part], f[part, None], SUM_BITS)
        integers[part] = block
        sums[part] = np.abs(block).reshape(len(block), repeat, -1).sum(axis=2)
    grid_bias = on_grid(bias, EXPONENT_MIN + f_min, SUM_BITS)
    left = f - f_min
    reach = ((sums.ravel() * ACTIVATION_MAX) << np.repeat(left, repeat)) + np.abs(np.repeat(grid_bias, repeat))
    if bool((reach >> SUM_BITS).any()):
        raise _too_large()
    return IntegerLayer(
        _tensor(integers.reshape(len(f) * repeat, -1)),
        _tensor(np.repeat(left, repeat)),
        _tensor(np.repeat(grid_bias, repeat)),
        f_min,
    )


def convolution(conv: nn.Module) -> IntegerLayer:
    """A 1x1, 3x3 or depthwise convolution; K runs over kernel rows, kernel columns, then input channels."""
    assert isinstance(conv, nn.Conv2d)
    assert conv.bias is not None
    return integer_layer(conv.weight.permute(0, 2, 3, 1), conv.bias)


def transposed(conv: nn.Module) -> IntegerLayer:
    """A 2x2 transposed convolution of stride 2 as a matrix of 4 * C outputs: row, column, channel."""
    assert isinstance(conv, nn.ConvTranspose2d)
    assert conv.bias is not None
    outputs = conv.out_channels
    layer = integer_layer(conv.weight.permute(1, 2, 3, 0), conv.bias, repeat=4)
    # Rows come as channel, phase; the output is read as phase, channel.
    order = torch.arange(4 * outputs).view(outputs, 4).t().flatten()
    return IntegerLayer(layer.weight[order].contiguous(), layer.left[order], layer.bias[order], layer.exponent)


def vector(x: Tensor) -> IntegerVector:
    """Factors of any shape, flattened, with the smallest exponent by which all fit WEIGHT_MAX."""
    f = int(exponents(x.reshape(1, -1))[0])
    f = f if f > _ZERO else EXPONENT_OF_ZERO
    return IntegerVector(_tensor(on_grid(x.flatten(), f, SUM_BITS)), f)


def _tensor(array: npt.NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


def _too_large() -> ModelError:
    return ModelError(
        "The model's weights are too large or too uneven for exact arithmetic, so files made with it could not be "
        "decoded alike everywhere."
    )
