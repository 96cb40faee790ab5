"""The context model of integer weights (profile 2) in floating point: what gradients can be taken of.

quantize.py the other way round. Integers of a channel stand for values * 2^exponent; within a network only the
differences between such exponents are in the weights, so features stay in integers, and what goes in and comes out has
its true size. Clamps and roundings are left out.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from hpcm_core.entropy.ggm import scale_table
from hpcm_core.layers.spec import Blocks, TransformSpec
from hpcm_core.models.hpcm.config import HPCMConfig
from hpcm_core.models.hpcm.integer import CONTEXT_BITS, LATENT_BITS, Weights
from hpcm_core.models.hpcm.integer_weights import NETS, layers_of
from hpcm_core.models.hpcm.network import HPCM

Array = npt.NDArray[Any]
Named = Iterator[tuple[str, Array]]


def float_decoder(config: HPCMConfig, weights: Weights, quality: int) -> HPCM:
    """The whole decoder at one quality: g_s takes latents without gains and gives samples of 8 bits in [0, 1]; the
    encoder's networks have no memory.
    """
    reader = _Reader(config, weights)
    return _network(config, [*reader.all(), *reader.g_s(quality), *reader.hyperprior()])


def float_context(config: HPCMConfig, weights: Weights) -> HPCM:
    """A network of which h_s and everything from there to the distributions computes; the others have no memory."""
    return _network(config, _Reader(config, weights).all())


def _network(config: HPCMConfig, named: Iterable[tuple[str, Array]]) -> HPCM:
    with torch.device("meta"):
        network = HPCM(config)
    tensors = {name: torch.from_numpy(np.ascontiguousarray(value, np.float32)) for name, value in named}
    network.load_state_dict(tensors, strict=False, assign=True)
    return network.eval().requires_grad_(False)


class _Reader:
    def __init__(self, config: HPCMConfig, weights: Weights) -> None:
        self._config, self._weights = config, weights

    def all(self) -> Named:
        config, m = self._config, self._config.latent_channels
        context = self._weights["context.exponent"].astype(int)
        context = np.ldexp(1.0, context)
        latent = np.full(m, 2.0**CONTEXT_BITS)
        both = np.concatenate((1 / context, latent))
        yield from self._transform("h_s", config.h_s, np.full(config.hyper_channels, 2.0**LATENT_BITS), context)
        for i in range(len(config.schedule.stages) - 1):
            yield from self._matrix(f"context_net.{i}", 1 / context, context)
        for i, stage in enumerate(config.schedule.stages):
            for j in range(max(1, len(stage.samplings) - (i == 0))):
                yield from self._matrix(f"y_spatial_prior_adaptor_list_s{i + 1}.{j}", both)
        for i in range(len(config.schedule.steps) - 1):
            name = f"adaptive_params_list.{i}"
            yield name, self._scale(name).reshape(1, -1, 1, 1)
        for key, net in zip(NETS, config.nets, strict=True):
            for branch, depth in ((1, net.branch_1), (2, net.branch_2)):
                for i in range(depth):
                    yield from self._depthwise_block(f"{key}.branch_{branch}.{i}")
            yield from self._matrix(f"{key}.branch_2.{net.branch_2}", outputs=context)

    def g_s(self, quality: int) -> Named:
        gains = self._scale("rate_gain_dec")[quality] * 2.0**LATENT_BITS
        yield from self._transform("g_s", self._config.g_s, gains, np.full(3, 1 / 255), last=".narrow")

    def hyperprior(self) -> Named:
        """The distributions of z: of a table one of the scales that choose it."""
        means = np.ldexp(self._weights["means_hyper"].astype(np.float64), -LATENT_BITS)
        yield "means_hyper", means.reshape(1, -1, 1, 1)
        yield "scales_hyper", scale_table().numpy()[self._weights["z.table"]].reshape(1, -1, 1, 1)

    def _transform(self, name: str, spec: TransformSpec, factors: Array, units: Array, last: str = "") -> Named:
        """One that begins with a convolution. factors, units: inputs and outputs of `_matrix`. last: which of two its
        last layer is.
        """
        number = 0
        layers = layers_of(spec)
        inputs: Array | None = factors
        for i, layer in enumerate(layers):
            if isinstance(layer, Blocks):
                assert inputs is None, "it begins with a convolution"
                for _ in range(layer.count):
                    key = f"{name}.branch.{number}"
                    yield from self._matrix(f"{key}.branch.0.pconv", kernel=3)
                    yield from self._matrix(f"{key}.branch.1")
                    yield from self._matrix(f"{key}.branch.3")
                    number += 1
                continue
            is_last = i == len(layers) - 1
            key = f"{name}.branch.{number}"
            matrix = self._matrix(
                key + last if is_last else key, inputs, units if is_last else None, layer.kernel, layer.transposed
            )
            yield from ((part.replace(last, ""), value) for part, value in matrix)
            inputs, number = None, number + 1

    def _matrix(
        self,
        key: str,
        inputs: Array | None = None,
        outputs: Array | None = None,
        kernel: int = 1,
        transposed: bool = False,
    ) -> Named:
        """A convolution. inputs: what makes the integers that it takes of its channels' true sizes, outputs: what makes
        true sizes of those that it gives; where these shall stay integers, None.
        """
        weight, bias = self._scaled(key)
        cells = kernel * kernel if transposed else 1
        bias = bias[: len(bias) // cells]  # every phase of a transposed one has the same
        weight = weight.reshape(kernel, kernel, len(bias), -1) if transposed else (
            weight.reshape(len(bias), kernel, kernel, -1).transpose(1, 2, 0, 3)
        )  # fmt: skip
        if inputs is not None:
            weight = weight * inputs
        if outputs is not None:
            weight, bias = weight * outputs[:, np.newaxis], bias * outputs
        yield f"{key}.weight", weight.transpose(3, 2, 0, 1) if transposed else weight.transpose(2, 3, 0, 1)
        yield f"{key}.bias", bias

    def _depthwise_block(self, key: str) -> Named:
        weight = self._weights[f"{key}.branch.0.weight"].astype(np.float64)
        shift = self._weights[f"{key}.branch.0.shift"].astype(int)
        yield f"{key}.branch.0.weight", np.ldexp(weight, -shift).T.reshape(-1, 1, 3, 3)
        yield f"{key}.branch.0.bias", np.ldexp(self._weights[f"{key}.branch.0.bias"].astype(np.float64), -shift)
        yield from self._matrix(f"{key}.branch.1")
        yield from self._matrix(f"{key}.branch.3")

    def _scale(self, key: str) -> Array:
        factor, shift = (self._weights[f"{key}.{part}"].astype(int) for part in ("factor", "shift"))
        return np.asarray(np.ldexp(factor.astype(np.float64), -shift))

    def _scaled(self, key: str) -> tuple[Array, Array]:
        """Weight (outputs x inputs) and bias by which integers become integers."""
        weight, bias, shift = (self._weights[f"{key}.{part}"] for part in ("weight", "bias", "shift"))
        left = -shift.astype(int)
        return np.ldexp(weight.astype(np.float64), left[:, np.newaxis]), np.ldexp(bias.astype(np.float64), left)
