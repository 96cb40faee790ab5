"""From float weights to the integers of profile 3: which exponent every channel gets, and the weights rounded to it.

A program for whoever makes a model; nothing of it runs when pictures are coded, so it may use floating point. Every
channel has an exponent of its own, which the weights around it take in, so a decoder knows of none. A clamp costs
bits only, never the picture: HEADROOM can be small.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from hpcm_core.errors import ModelError
from hpcm_core.integer.layers import SHIFT_MAX
from hpcm_core.layers.blocks import SLOPE
from hpcm_core.models.lossless.config import COLOURS, LosslessConfig
from hpcm_core.models.lossless.counts import LOGIT_BITS, MEAN_BITS, SCALE_BITS
from hpcm_core.models.lossless.integers import (
    COEFFICIENT_BITS,
    CONSTANTS,
    FEATURE_MAX,
    MIDDLE,
    PLANE_MAX,
    PLANES,
    THREE_MAX,
    BlockConstants,
    kinds,
)
from hpcm_core.models.lossless.mixture import LEVEL_UNIT
from hpcm_core.models.lossless.network import UNIT, GatedBlock, Lossless

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

HEADROOM = 2.0
"""Features may become this many times what calibration has seen before they are clamped."""
BOUND = FEATURE_MAX
"""Of features: a bit more here is a bit less for the weights that read them, as sums have 31. Measured on 24 crops of
photographs: 0.02 % more bits than in floats, with a bit less here 0.07, with two 0.6.
"""
SPREAD = 5
"""The quietest channel of a tensor has an exponent at most so much below the loudest's."""
_SUM_MAX = (1 << 31) - (1 << 25)
"""What weights and bias may add up to; the rest is for rounding."""


def quantize(network: Lossless, crops: Iterable[Tensor]) -> dict[str, Array]:
    """The integer tensors (integers.kinds) of a network in float32, with ranges seen on pictures Bx3xHxW in [0, 1], in
    steps of 1/255. Raises ModelError.
    """
    tensors = {name: tensor.detach().double().numpy() for name, tensor in network.state_dict().items()}
    made = _Quantizer(network.config, tensors, maxima(network, crops)).all()
    return {name: np.ascontiguousarray(made[name].astype(kind.dtype)) for name, kind in kinds(network.config).items()}


@torch.inference_mode()
def maxima(network: Lossless, crops: Iterable[Tensor]) -> dict[str, Floats]:
    """Largest magnitude of each channel: "h" through all blocks, "hidden" of the head, and by "blocks.i." those of a,
    m, g, u, p and f. What a LeakyReLU makes small counts for less below zero.
    """
    seen: dict[str, Tensor] = {}

    def note(name: str, x: Tensor, below: float = 1.0) -> None:
        largest = torch.maximum(x.amax(dim=(0, 2, 3)), -below * x.amin(dim=(0, 2, 3)))
        seen[name] = torch.maximum(seen[name], largest) if name in seen else largest

    for crop in crops:
        h = network.embed(network.planes(network.samples(crop)))
        note("h", h)
        for i, block in enumerate(network.blocks):
            assert isinstance(block, GatedBlock)
            a = block.conv_a(h)
            m, u = block.context(a), block.conv_v(h)
            g = 6 * F.hardswish(m)
            h = h + block.conv_out(g * u)
            f = block.mlp[0](h)
            note("h", h)
            for letter, x in zip("amgup", (a, m, g, u, g * u), strict=True):
                note(f"blocks.{i}.{letter}", x)
            note(f"blocks.{i}.f", f, 1 / HEADROOM)
            h = h + block.mlp[2](F.leaky_relu(f, SLOPE))
            note("h", h)
        note("hidden", network.head[0](h), 1 / HEADROOM)
    return {name: value.double().numpy() for name, value in seen.items()}


class _Quantizer:
    def __init__(self, config: LosslessConfig, tensors: Mapping[str, Floats], seen: Mapping[str, Floats]) -> None:
        self._config, self._tensors, self._seen = config, tensors, seen
        self._made: dict[str, Array] = {}

    def all(self) -> dict[str, Array]:
        config = self._config
        stream, hidden = _exponents(self._seen["h"]), _exponents(self._seen["hidden"])
        planes = np.full(PLANES, -round(math.log2(UNIT)))
        near = np.repeat(planes, sum(config.before))
        self._matrix("embed", near, stream, PLANE_MAX)
        self._prediction(near)
        constants = [BOUND]
        for i in range(config.blocks):
            constants += self._block(f"blocks.{i}", stream)
        self._matrix("head.0", stream, hidden, BOUND)
        self._head(hidden)
        self._made[CONSTANTS] = np.array([*constants, BOUND])
        return self._made

    def _block(self, key: str, stream: Array) -> BlockConstants:
        a, u, f = (_exponents(self._seen[f"{key}.{letter}"]) for letter in "auf")
        # One exponent for all channels: `three` is on the grid of m.
        m, g = (int(_exponents(self._seen[f"{key}.{letter}"]).max()) for letter in "mg")
        m = max(m, math.ceil(math.log2(3 / THREE_MAX)))
        # p has those of u, and all are moved by as much.
        p = u + int((_exponents(self._seen[f"{key}.p"]) - u).max())
        self._matrix(f"{key}.conv_a", stream, a, BOUND)
        weight = self._tensors[f"{key}.context.weight"][:, 0]
        self._store(f"{key}.context", np.ldexp(weight, a[:, None]), self._tensors[f"{key}.context.bias"], m, BOUND)
        self._matrix(f"{key}.conv_v", stream, u, BOUND)
        self._matrix(f"{key}.conv_out", p, stream, BOUND)
        self._matrix(f"{key}.mlp.0", stream, f, BOUND)
        self._matrix(f"{key}.mlp.2", f, stream, BOUND)
        three = round(math.ldexp(3, -m))
        return BlockConstants(BOUND, BOUND, BOUND, BOUND, BOUND, BOUND, three, g - 2 * m, int((p - u)[0]) - g)

    def _prediction(self, near: Array) -> None:
        """In levels, 2^-MEAN_BITS."""
        weight = self._tensors["predict.weight"].reshape(COLOURS, -1)
        bias = MIDDLE + LEVEL_UNIT * self._tensors["predict.bias"]
        self._store("predict", LEVEL_UNIT * np.ldexp(weight, near), bias, -MEAN_BITS, PLANE_MAX)

    def _head(self, hidden: Array) -> None:
        k = self._config.mixtures
        counts = (k, COLOURS * k, COLOURS * k, COLOURS * k)
        units = np.repeat([math.log2(math.e), LEVEL_UNIT, 1, 1], counts)
        exponents = -np.repeat([LOGIT_BITS, MEAN_BITS, SCALE_BITS, COEFFICIENT_BITS], counts)
        weight, bias = self._tensors["head.2.weight"][:, :, 0, 0], self._tensors["head.2.bias"]
        self._store("head.2", np.ldexp(units[:, None] * weight, hidden), units * bias, exponents, BOUND)

    def _matrix(self, key: str, inputs: Array, outputs: Array, limit: int) -> None:
        weight = self._tensors[f"{key}.weight"]
        self._store(
            key, np.ldexp(weight.reshape(len(weight), -1), inputs), self._tensors[f"{key}.bias"], outputs, limit
        )

    def _store(self, key: str, weight: Floats, bias: Floats, outputs: Array | int, limit: int) -> None:
        """Weights outputs x inputs, in units of the inputs' integers, on the finest grid that keeps sums in 32 bits."""
        rounding = limit * weight.shape[1] / 2 + 1  # what rounding every weight may add
        sums = (limit * np.abs(weight).sum(axis=1) + np.abs(bias)) / (_SUM_MAX - rounding)
        finest = np.maximum(np.maximum(sums, np.abs(weight).max(axis=1) / 32767), 2.0**-60)
        fine = np.maximum(np.ceil(np.log2(finest)).astype(int), outputs - SHIFT_MAX + 4)
        if (fine > outputs).any():
            raise ModelError("The weights {name} are too large for profile {profile}.", name=key, profile=3)
        self._made[f"{key}.weight"] = np.rint(np.ldexp(weight, -fine[:, np.newaxis]))
        self._made[f"{key}.bias"] = np.rint(np.ldexp(bias, -fine))
        self._made[f"{key}.shift"] = outputs - fine


def _exponents(largest: Floats) -> Array:
    """Of each channel, so that HEADROOM times its largest value fits."""
    exponents = np.ceil(np.log2(HEADROOM * np.maximum(largest, 1e-12) / BOUND)).astype(int)
    return np.maximum(exponents, exponents.max() - SPREAD)
