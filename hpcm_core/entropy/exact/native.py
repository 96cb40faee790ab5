"""The fast engine for CPUs: native kernels on int16 activations, int16 digits of weights and int64 sums."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock

import torch
from torch import Tensor
from torch.nn.functional import pad

from coder import _exact
from hpcm_core.entropy.exact import tables
from hpcm_core.entropy.exact.engine import Heads, Part
from hpcm_core.entropy.exact.integers import (
    ALIGNED_BITS,
    SHIFT_MAX,
    SUM_BITS,
    Activation,
    Sum,
    block_shift,
    common_exponent,
    peak_of,
)
from hpcm_core.entropy.exact.reference import ATTENTION_BITS, ATTENTION_FRACTION
from hpcm_core.entropy.exact.weights import IntegerLayer, IntegerVector

_KEPT = 4
"""Sums whose memory is kept: one being made, one being added to it, and some to spare for other threads."""


class FastEngine:
    """Values of activations are int16 tensors, those of sums int64, all contiguous and on the CPU. It uses as many
    threads as torch did when it was made, and gives the same integers with any number. `shift` uses a sum up: its
    memory, fresh pages of which cost more than the rounding, serves a later one.

    instruction_set: one of the names that `instruction_sets` gives; the best one by default.
    """

    name = "fast"
    device = torch.device("cpu")

    def __init__(self, instruction_set: str | None = None) -> None:
        self.instruction_set = instruction_set or instruction_sets()[0]
        self._native = _exact.Engine(self.instruction_set, torch.get_num_threads())
        self._free: list[Tensor] = []
        self._lock = Lock()

    @contextmanager
    def session(self) -> Iterator[None]:
        """Torch on one thread: its idle threads would keep the kernels' threads from the cores, and what is left for
        torch is small.
        """
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)

    def prepare(self, layer: IntegerLayer) -> IntegerLayer:
        packed = _exact.pack(_even(layer.weight).contiguous().numpy())
        return replace(layer, weight=torch.from_numpy(packed))

    def prepare_depthwise(self, layer: IntegerLayer) -> IntegerLayer:
        return replace(layer, weight=layer.weight.t().contiguous())

    def linear(self, x: Activation, layer: IntegerLayer, *, leaky: bool = False, plus: Part | None = None) -> Sum:
        exponent = g = x.exponent + layer.exponent
        bits, addend, addend_shift = SUM_BITS, None, 0
        if plus is not None:
            g, bits = common_exponent((exponent, SUM_BITS), (plus.exponent, plus.bits)), ALIGNED_BITS + 1
            addend, addend_shift = plus.values.contiguous().numpy(), _clamped(plus.exponent - g)
        out = self._sums(*x.values.shape[:2], len(layer.left))
        peak = self._native.linear(
            _even(x.values).contiguous().numpy(),
            layer.weight.numpy(),
            layer.left.numpy(),
            layer.bias_for(x.exponent).numpy(),
            leaky,
            addend,
            addend_shift,
            _clamped(exponent - g),
            out.numpy(),
        )
        return Sum(out, g, bits, peak)

    def depthwise(self, x: Activation, layer: IntegerLayer) -> Sum:
        out = self._sums(*x.values.shape)
        peak = self._native.depthwise(
            x.values.contiguous().numpy(),
            layer.weight.numpy(),
            layer.left.numpy(),
            layer.bias_for(x.exponent).numpy(),
            out.numpy(),
        )
        return Sum(out, x.exponent + layer.exponent, SUM_BITS, peak)

    def scale(self, x: Activation, factors: IntegerVector) -> Sum:
        out = self._sums(*x.values.shape)
        peak = self._native.scale(x.values.contiguous().numpy(), factors.weight.numpy(), out.numpy())
        return Sum(out, x.exponent + factors.exponent, SUM_BITS, peak)

    def join(self, *parts: Part) -> Sum:
        g = common_exponent(*((part.exponent, part.bits) for part in parts))
        height, width, _ = parts[0].values.shape
        out = self._sums(height, width, sum(part.values.shape[2] for part in parts))
        peak, channel = 0, 0
        for part in parts:
            values = part.values.contiguous().numpy()
            peak = max(peak, self._native.place(values, _clamped(part.exponent - g), out.numpy(), channel))
            channel += part.values.shape[2]
        return Sum(out, g, ALIGNED_BITS, peak)

    def attend(self, q: Activation, k: Activation, v: Activation, heads: Heads) -> Sum:
        out = self._sums(*v.values.shape)
        self._native.attend(
            q.values.contiguous().numpy(),
            k.values.contiguous().numpy(),
            v.values.contiguous().numpy(),
            heads.number,
            heads.window,
            heads.factor,
            _clamped(tables.FACTOR_BITS - tables.POWER_BITS - q.exponent - k.exponent),
            tables.powers().numpy(),
            out.numpy(),
        )
        return Sum(out, v.exponent - ATTENTION_FRACTION, ATTENTION_BITS)

    def shift(self, x: Sum) -> Activation:
        s = block_shift(peak_of(x.values) if x.peak is None else x.peak, x.exponent)
        out = torch.empty(x.values.shape, dtype=torch.int16)
        sums = x.values.contiguous()
        self._native.round(sums.numpy(), _clamped(s), out.numpy())
        # All of the memory, of which these sums may have used a part.
        memory = torch.empty(0, dtype=torch.int64).set_(sums.untyped_storage())
        with self._lock:
            self._free = sorted([*self._free, memory], key=Tensor.numel)[-_KEPT:]
        return Activation(out, x.exponent + s)

    def _sums(self, *shape: int) -> Tensor:
        """Memory for sums, values undefined: the smallest free one that is large enough, or new."""
        count = math.prod(shape)
        with self._lock:
            for i, buffer in enumerate(self._free):
                if buffer.numel() >= count:
                    return self._free.pop(i)[:count].view(shape)
        return torch.empty(shape, dtype=torch.int64)


def instruction_sets() -> list[str]:
    """What this machine has kernels for, best first."""
    return _exact.instruction_sets()


def _clamped(shift: int) -> int:
    return max(-SHIFT_MAX, min(SHIFT_MAX, shift))


def _even(x: Tensor) -> Tensor:
    """With an even number of channels, the added one zero: the kernels take them in pairs."""
    return x if x.shape[-1] % 2 == 0 else pad(x, (0, 1))
