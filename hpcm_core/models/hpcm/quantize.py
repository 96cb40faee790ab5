"""From float weights to the integers of profile 2: which exponent every channel gets, and the weights rounded to it.

A program for whoever makes a model; nothing of it runs when pictures are coded, so it may use floating point. How a
sum is kept within 32 bits decides how fine weights can be: every output channel has the largest weights for which no
input, however unlikely, lets its sum overflow. That is 11 to 13 bits in practice; 8 bits would cost 0.2 to 1.8 dB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import ModelError
from hpcm_core.integer.layers import FEATURE_MAX, LATENT_MAX, SHIFT_MAX
from hpcm_core.layers.spec import Blocks, TransformSpec
from hpcm_core.models.hpcm.config import HPCMConfig
from hpcm_core.models.hpcm.integer import CONTEXT_BITS, DEEP_OFFSET, LATENT_BITS, table_of
from hpcm_core.models.hpcm.integer_weights import NETS, fits, kinds, layers_of, look_kinds

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Maxima = Mapping[str, Floats]
"""Largest magnitude of each output channel of a module, by the module's name (calibration.maxima)."""

HEADROOM = 4.0
"""Features may become this many times what calibration has seen before they are clamped."""
SPREAD = 3
"""The quietest channel of a tensor has an exponent at most so much below the loudest's."""
CONTEXT_HEADROOM, CONTEXT_SPREAD = 2.0, 8
"""Of the context, which is also what means and scales are read from: finer, since a clamp there costs only bits."""
_CONTEXT_MIN = -9
_SUM_MAX = (1 << 31) - (1 << 25)
"""What weights and bias may add up to; the rest is for rounding."""


def quantize(
    config: HPCMConfig, tensors: Mapping[str, Array], maxima: Maxima, rates: Sequence[float]
) -> dict[str, Array]:
    """The integer tensors (integer_weights.kinds) of float weights, given what calibration has seen.

    rates: the place q in the table of lambdas of each quality, 0 to 100. Raises ModelError.
    """
    if not fits(config):
        raise ModelError("There is no arithmetic in integers alone for {model}.", model=config.name)
    made = _Quantizer(config, {k: np.asarray(v, np.float64) for k, v in tensors.items()}, maxima, rates).all()
    wanted = kinds(config)
    return {name: np.ascontiguousarray(made[name].astype(kind.dtype)) for name, kind in wanted.items()}


def quantize_look(
    config: HPCMConfig, tensors: Mapping[str, Array], maxima: Maxima, entering: Array
) -> dict[str, Array]:
    """The tensors of a second g_s (integer_weights.look_kinds) of float weights, given what calibration has seen.

    entering: the exponents of what it is given. Raises ModelError.
    """
    quantizer = _Quantizer(config, {k: np.asarray(v, np.float64) for k, v in tensors.items()}, maxima, ())
    made, wanted = quantizer.look(entering), look_kinds(config)
    return {name: np.ascontiguousarray(made[name].astype(kind.dtype)) for name, kind in wanted.items()}


def gain(logs: Floats, q: float) -> Floats:
    """Of each channel at a place q in the table of lambdas, of a table of logarithms."""
    row = min(int(q), len(logs) - 2)
    mixed: Floats = np.exp((1 + row - q) * logs[row] + (q - row) * logs[row + 1])
    return mixed


class _Quantizer:
    def __init__(
        self, config: HPCMConfig, tensors: Mapping[str, Floats], maxima: Maxima, rates: Sequence[float]
    ) -> None:
        self._config, self._tensors, self._maxima, self._rates = config, tensors, maxima, rates
        self._made: dict[str, Array] = {}

    def all(self) -> dict[str, Array]:
        config = self._config
        m = config.latent_channels
        latent = np.full(m, -CONTEXT_BITS)
        y = self._transform("g_a", config.g_a, None)
        z = self._transform("h_a", config.h_a, latent, LATENT_MAX, floor=-LATENT_BITS)
        self._made["z.exponent"] = z
        ends = ["h_s", *(f"context_net.{i}" for i in range(len(config.schedule.stages) - 1))]
        ends += [f"{key}.branch_2.{net.branch_2}" for key, net in zip(NETS, config.nets, strict=True)]
        context = self._exponents(ends, CONTEXT_HEADROOM, CONTEXT_SPREAD).clip(_CONTEXT_MIN)
        self._made["context.exponent"] = context
        self._transform("h_s", config.h_s, np.full(config.hyper_channels, -LATENT_BITS), LATENT_MAX, end=context)
        for i in range(len(config.schedule.stages) - 1):
            self._matrix(f"context_net.{i}", context, context)
        self._context_networks(context, latent)
        self._hyperprior()
        seen = self._exponents(["g_s.input"])
        self._transform("g_s", config.g_s, seen, to_samples=True)
        self._gains(y, seen)
        return self._made

    def look(self, entering: Array) -> dict[str, Array]:
        self._transform("g_s", self._config.g_s, entering, to_samples=True)
        return self._made

    def _transform(
        self,
        name: str,
        spec: TransformSpec,
        inputs: Array | None,
        limit: int = FEATURE_MAX,
        *,
        floor: int = -30,
        end: Array | None = None,
        to_samples: bool = False,
    ) -> Array:
        """All layers of a transform; gives the exponents of what it ends with. inputs: those of what comes in, of
        magnitude `limit`; None for samples. end: those it has to end with.
        """
        streams = [*_streams(name, spec)]
        for conv, transposed, blocks in streams:
            last = conv == streams[-1][0]
            if not conv:  # the blocks work on what comes in
                outputs = inputs
            elif last and to_samples:
                assert inputs is not None
                self._to_samples(conv, inputs)
                return np.zeros(3, int)
            else:
                outputs = end if last and end is not None else self._exponents([conv, *blocks]).clip(floor)
                if inputs is None:
                    self._from_samples(conv, outputs)
                else:
                    self._matrix(conv, inputs, outputs, limit, transposed)
                limit = FEATURE_MAX
            assert outputs is not None
            for block in blocks:
                self._partial_block(block, outputs, limit)
            inputs = outputs
        assert inputs is not None
        return inputs

    def _partial_block(self, key: str, stream: Array, limit: int) -> None:
        conv, expand = f"{key}.branch.0.pconv", f"{key}.branch.1"
        split = self._tensors[f"{conv}.weight"].shape[0]
        mixed, hidden = self._exponents([conv]), self._exponents([expand])
        self._matrix(conv, stream[:split], mixed, limit)
        self._matrix(expand, np.concatenate((mixed, stream[split:])), hidden, limit)
        self._matrix(f"{key}.branch.3", hidden, stream)

    def _context_networks(self, context: Array, latent: Array) -> None:
        config = self._config
        both = np.concatenate((context, latent))
        for number, (key, net) in enumerate(zip(NETS, config.nets, strict=True)):
            stages = [i for i, stage in enumerate(config.schedule.stages) if stage.net == number]
            adaptors = [
                f"y_spatial_prior_adaptor_list_s{i + 1}.{j}"
                for i in stages
                for j in range(max(1, len(config.schedule.stages[i].samplings) - (i == 0)))
            ]
            before = [f"{key}.branch_1.{i}" for i in range(net.branch_1)]
            after = [f"{key}.branch_2.{i}" for i in range(net.branch_2)]
            entering = self._exponents(adaptors + before)
            steps = [step for step in config.schedule.steps[1:] if step.stage in stages]
            factors = [self._tensors[f"adaptive_params_list.{step.number - 2}"].reshape(-1) for step in steps]
            loudest = np.max([np.abs(f) for f in factors], axis=0) * self._largest([(before or adaptors)[-1]])
            leaving = _exponents(np.maximum(loudest, self._largest(after) if after else loudest))
            for adaptor in adaptors:
                self._matrix(adaptor, both, entering, LATENT_MAX)
            for block in before:
                self._depthwise_block(block, entering)
            for step, factor in zip(steps, factors, strict=True):
                name = f"adaptive_params_list.{step.number - 2}"
                self._scale(name, np.ldexp(factor, entering - leaving))
            for block in after:
                self._depthwise_block(block, leaving)
            self._matrix(f"{key}.branch_2.{net.branch_2}", leaving, context)

    def _depthwise_block(self, key: str, stream: Array) -> None:
        conv, expand = f"{key}.branch.0", f"{key}.branch.1"
        mixed, hidden = self._exponents([conv]), self._exponents([expand])
        weight = self._tensors[f"{conv}.weight"].reshape(len(mixed), 9)
        self._store(conv, np.ldexp(weight, stream[:, np.newaxis]), self._tensors[f"{conv}.bias"], mixed, FEATURE_MAX)
        self._made[f"{conv}.weight"] = self._made[f"{conv}.weight"].T
        self._matrix(expand, mixed, hidden)
        self._matrix(f"{key}.branch.3", hidden, stream)

    def _hyperprior(self) -> None:
        self._made["means_hyper"] = np.rint(np.ldexp(self._tensors["means_hyper"].reshape(-1), LATENT_BITS))
        self._made["z.table"] = table_of(self._tensors["scales_hyper"].reshape(-1))

    def _gains(self, y: Array, seen: Array) -> None:
        """A row a quality: latents to multiples of 2^-LATENT_BITS, and these to what g_s sees."""
        for side, exponents in (("enc", y + LATENT_BITS), ("dec", -LATENT_BITS - seen)):
            logs = self._tensors[f"rate_gain_{side}"]
            rows = np.array([np.ldexp(gain(logs, q), exponents) for q in self._rates])
            self._scale(f"rate_gain_{side}", rows)

    def _from_samples(self, key: str, outputs: Array) -> None:
        """The first layer of g_a: of 2 p - 255, or of p - 32768; a pixel is p / 255 or p / 65535, less the shift."""
        shift = self._config.input_shift
        for name, unit, start, limit in (
            ("narrow", 1 / 510, 0.5 - shift, 255),
            ("wide", 1 / 65535, DEEP_OFFSET / 65535 - shift, DEEP_OFFSET),
        ):
            weight = self._tensors[f"{key}.weight"]
            bias = self._tensors[f"{key}.bias"] + start * weight.sum(axis=(1, 2, 3))
            self._store(f"{key}.{name}", _rows(weight * unit, False), bias, outputs, limit)

    def _to_samples(self, key: str, inputs: Array) -> None:
        weight = _rows(np.ldexp(self._tensors[f"{key}.weight"], inputs[:, None, None, None]), True)
        cells = len(weight) // len(self._tensors[f"{key}.bias"])
        bias = np.tile(self._tensors[f"{key}.bias"] + self._config.input_shift, cells)
        for name, unit, offset in (("narrow", 255, 0), ("wide", 65535, DEEP_OFFSET)):
            self._store(f"{key}.{name}", weight * unit, bias * unit - offset, np.zeros(len(bias), int), FEATURE_MAX)

    def _matrix(
        self, key: str, inputs: Array, outputs: Array, limit: int = FEATURE_MAX, transposed: bool = False
    ) -> None:
        weight, bias = self._tensors[f"{key}.weight"], self._tensors[f"{key}.bias"]
        scaled = np.ldexp(weight, inputs[:, None, None, None] if transposed else inputs[None, :, None, None])
        rows = _rows(scaled, transposed)
        cells = len(rows) // len(bias)
        self._store(key, rows, np.tile(bias, cells), np.tile(outputs, cells), limit)

    def _store(self, key: str, weight: Floats, bias: Floats, outputs: Array, limit: int) -> None:
        """Weights outputs x inputs, in units of the inputs' integers, on the finest grid that keeps sums in 32 bits."""
        largest = limit * np.abs(weight).sum(axis=1) + np.abs(bias)
        rounding = limit * weight.shape[1] / 2 + 1  # what rounding every weight may add
        fine = np.ceil(np.log2(np.maximum(largest, 2.0**-60) / (_SUM_MAX - rounding))).astype(int)
        fine = np.maximum(fine, np.ceil(np.log2(np.maximum(np.abs(weight).max(axis=1), 2.0**-60) / 32767)).astype(int))
        fine = np.maximum(fine, outputs - SHIFT_MAX + 4)
        if (fine > outputs).any():
            raise ModelError("The weights {name} are too large for profile {profile}.", name=key, profile=2)
        self._made[f"{key}.weight"] = np.rint(np.ldexp(weight, -fine[:, np.newaxis]))
        self._made[f"{key}.bias"] = np.rint(np.ldexp(bias, -fine))
        self._made[f"{key}.shift"] = outputs - fine

    def _scale(self, key: str, factors: Floats) -> None:
        """Factors as 15 bits and a shift each."""
        shift = (15 - np.frexp(factors)[1]).clip(0, SHIFT_MAX)
        factor = np.rint(np.ldexp(factors, shift))
        if (np.abs(factor) > 32768).any():
            raise ModelError("The weights {name} are too large for profile {profile}.", name=key, profile=2)
        self._made[f"{key}.factor"], self._made[f"{key}.shift"] = factor.clip(-32767, 32767), shift

    def _largest(self, modules: Iterable[str]) -> Floats:
        largest: Floats = np.max([self._maxima[module] for module in modules], axis=0)
        return largest

    def _exponents(self, modules: Iterable[str], headroom: float = HEADROOM, spread: int = SPREAD) -> Array:
        return _exponents(self._largest(modules), headroom, spread)


def _exponents(largest: Floats, headroom: float = HEADROOM, spread: int = SPREAD) -> Array:
    """Of each channel, so that `headroom` times its largest value fits."""
    exponents = np.ceil(np.log2(headroom * np.maximum(largest, 1e-12) / FEATURE_MAX)).astype(int)
    return np.maximum(exponents, exponents.max() - spread)


def _rows(weight: Floats, transposed: bool) -> Floats:
    """A kernel as a matrix: outputs x (row, column, channel), or (row, column, output) x channels."""
    if transposed:
        return weight.transpose(2, 3, 1, 0).reshape(-1, weight.shape[0])
    return weight.transpose(0, 2, 3, 1).reshape(len(weight), -1)


def _streams(name: str, spec: TransformSpec) -> Iterator[tuple[str, bool, list[str]]]:
    """The layers in groups that work on one residual stream: the convolution that begins it ("" where what comes in
    does), whether it is a transposed one, and its blocks.
    """
    conv, transposed, blocks, number = "", False, list[str](), 0
    for layer in layers_of(spec):
        if isinstance(layer, Blocks):
            blocks += [f"{name}.branch.{number + i}" for i in range(layer.count)]
            number += layer.count
            continue
        if conv or blocks:
            yield conv, transposed, blocks
        conv, transposed, blocks, number = f"{name}.branch.{number}", layer.transposed, [], number + 1
    yield conv, transposed, blocks
