"""The reference engine: int64 tensors, and float64 for sums of products. It runs wherever torch does.

float64 holds every integer below 2^53 and all sums of products stay below 2^46, so a matrix product in it is exact in
any order, with or without fused multiply-add. Everything else is int64.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from hpcm_core.entropy.exact import tables
from hpcm_core.entropy.exact.engine import Heads, Part
from hpcm_core.entropy.exact.integers import (
    ALIGNED_BITS,
    SHIFT_MAX,
    SUM_BITS,
    Activation,
    Sum,
    align,
    block_shift,
    peak_of,
    rnd,
)
from hpcm_core.entropy.exact.weights import IntegerLayer, IntegerVector

LEAKY_FACTOR = 41
"""The slope of LeakyReLU is 41 / 4096."""
LEAKY_BITS = 12
ATTENTION_FRACTION = 4
"""Attention's result is finer than its values by this many bits."""
ATTENTION_BITS = 19


class ReferenceEngine:
    """Values of activations are int64 tensors on one device."""

    name = "reference"

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)

    def session(self) -> AbstractContextManager[None]:
        return nullcontext()

    def prepare(self, layer: IntegerLayer) -> IntegerLayer:
        return self._here(layer)

    def prepare_depthwise(self, layer: IntegerLayer) -> IntegerLayer:
        return self._here(layer)

    def _here(self, layer: IntegerLayer) -> IntegerLayer:
        to = self.device
        return IntegerLayer(layer.weight.to(to), layer.left.to(to), layer.bias.to(to), layer.exponent)

    def linear(self, x: Activation, layer: IntegerLayer, *, leaky: bool = False, plus: Part | None = None) -> Sum:
        products = self._products(x.values.long(), layer)
        total = Sum((products << layer.left) + layer.bias_for(x.exponent), x.exponent + layer.exponent, SUM_BITS)
        if leaky:
            a = total.values
            return Sum(torch.where(a >= 0, a, rnd(a * LEAKY_FACTOR, LEAKY_BITS)), total.exponent, SUM_BITS)
        if plus is None:
            return total
        g, (a, b) = align(total, plus)
        return Sum(a + b, g)

    def _products(self, n: Tensor, layer: IntegerLayer) -> Tensor:
        """Sums of products with a layer's weights: int64 H x W x K -> H x W x outputs."""
        return (n.double() @ layer.weight.double().t()).long()

    def depthwise(self, x: Activation, layer: IntegerLayer) -> Sum:
        n = x.values.long()
        height, width, channels = n.shape
        padded = n.new_zeros(height + 2, width + 2, channels)
        padded[1:-1, 1:-1] = n
        taps = layer.weight.long().t()
        total = torch.zeros_like(n)
        for tap in range(9):
            row, column = divmod(tap, 3)
            total += padded[row : row + height, column : column + width] * taps[tap]
        return Sum((total << layer.left) + layer.bias_for(x.exponent), x.exponent + layer.exponent, SUM_BITS)

    def scale(self, x: Activation, factors: IntegerVector) -> Sum:
        return Sum(x.values.long() * factors.weight.to(self.device), x.exponent + factors.exponent, SUM_BITS)

    def join(self, *parts: Part) -> Sum:
        g, values = align(*parts)
        return Sum(torch.cat(values, dim=-1), g, ALIGNED_BITS)

    def attend(self, q: Activation, k: Activation, v: Activation, heads: Heads) -> Sum:
        rows, keys, values = (_tokens(x.values, heads).double() for x in (q, k, v))
        scores = (rows @ keys.transpose(-1, -2)).long()
        below = scores.amax(dim=-1, keepdim=True) - scores
        weights = softmax_weights(below * heads.factor, q.exponent + k.exponent).double()
        total = weights.sum(dim=-1, keepdim=True).long()
        mixed = (weights @ values).long()
        out = torch.div((mixed << (ATTENTION_FRACTION + 1)) + total, 2 * total, rounding_mode="floor")
        height, width, channels = v.values.shape
        w = heads.window
        out = out.view(height // w, width // w, heads.number, w, w, channels // heads.number)
        out = out.permute(0, 3, 1, 4, 2, 5).reshape(height, width, channels)
        return Sum(out, v.exponent - ATTENTION_FRACTION, ATTENTION_BITS)

    def shift(self, x: Sum) -> Activation:
        s = block_shift(peak_of(x.values) if x.peak is None else x.peak, x.exponent)
        return Activation(rnd(x.values, s), x.exponent + s)


def softmax_weights(below: Tensor, exponent: int) -> Tensor:
    """2^-t for t = below * 2^(exponent - 14) >= 0: int64 -> int64 of scale 2^16, same shape."""
    shift = tables.FACTOR_BITS - tables.POWER_BITS - exponent
    limit = tables.OCTAVES << tables.POWER_BITS
    if shift >= 0:
        steps = rnd(below, shift).clamp(max=limit)
    else:
        steps = (below.clamp(max=limit) << min(-shift, SHIFT_MAX - 32)).clamp(max=limit)
    octave = steps >> tables.POWER_BITS
    power = tables.powers().to(below.device)[steps & ((1 << tables.POWER_BITS) - 1)]
    half = (1 << octave) >> 1
    return torch.where(steps < limit, (power + half) >> octave, 0)


def _tokens(x: Tensor, heads: Heads) -> Tensor:
    """H x W x C -> rows of windows x columns of windows x heads x positions x channels of a head."""
    height, width, channels = x.shape
    w = heads.window
    x = x.view(height // w, w, width // w, w, heads.number, channels // heads.number)
    return x.permute(0, 2, 4, 1, 3, 5).reshape(height // w, width // w, heads.number, w * w, channels // heads.number)
