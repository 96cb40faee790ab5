"""Which engine serves, and the check that a fast one passes before it does."""

from __future__ import annotations

import logging
import os
from functools import cache

import torch

from hpcm_core.entropy.exact.digits import DigitEngine
from hpcm_core.entropy.exact.engine import Engine, Heads
from hpcm_core.entropy.exact.integers import ACTIVATION_MAX, EXPONENT_MIN, Activation, Sum
from hpcm_core.entropy.exact.native import FastEngine
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.entropy.exact.tables import softmax_factor
from hpcm_core.entropy.exact.weights import EXPONENT_SPAN, WEIGHT_MAX, IntegerLayer

ENVIRONMENT = "HPCM_ENGINE"
"""Environment variable that forces an engine."""
ENGINES = ("fast", "reference")

_log = logging.getLogger(__name__)


def choose(name: str | None = None, device: str = "cpu") -> Engine:
    """The engine of that name, else of the environment's choice, else the fast one, for a device. A fast engine that
    fails its check is replaced by the reference, and the log says so. Raises ValueError for other names.
    """
    name = name or os.environ.get(ENVIRONMENT) or ENGINES[0]
    if name not in ENGINES:
        raise ValueError(f"There is no engine called {name!r}; there are {', '.join(ENGINES)}.")
    return _reference(device) if name == "reference" else _checked_fast(device, torch.get_num_threads())


@cache
def _reference(device: str) -> Engine:
    return ReferenceEngine(device)


@cache
def _checked_fast(device: str, threads: int) -> Engine:
    cpu = torch.device(device).type == "cpu"
    engine: FastEngine | DigitEngine = FastEngine() if cpu else DigitEngine(device)
    if fault := self_check(engine):
        _log.warning("The fast engine fails its check of %s on this machine; the reference serves.", fault)
        return _reference(device)
    _log.info("The fast engine serves, with %s.", f"{threads} threads" if cpu else device)
    return engine


def self_check(engine: Engine) -> str | None:
    """Compare an engine with the reference on random operands of full range. Returns the layer that differs, or None.

    A few milliseconds; the inputs are more than one chunk of products and more than one block of positions.
    """
    reference = ReferenceEngine()
    generator = torch.Generator().manual_seed(1)

    def draw(*shape: int, limit: int) -> torch.Tensor:
        return torch.randint(-limit, limit + 1, shape, generator=generator)

    def activation(channels: int) -> Activation:
        return Activation(draw(8, 8, channels, limit=ACTIVATION_MAX).to(torch.int16), -12)

    def layer(outputs: int, inputs: int) -> IntegerLayer:
        left = torch.randint(0, EXPONENT_SPAN + 1, (outputs,), generator=generator)
        weight = draw(outputs, inputs, limit=WEIGHT_MAX).to(torch.int16)
        return IntegerLayer(weight, left, draw(outputs, limit=1 << 40), EXPONENT_MIN)

    x, matrix, taps = activation(1100), layer(72, 1100), layer(1100, 9)
    small = [activation(72) for _ in range(3)]
    # Queries small enough that many weights are neither zero nor one.
    small[0] = Activation((small[0].values // 4096).to(torch.int16), -4)
    heads = Heads(4, 8, softmax_factor(18))

    def sums(on: Engine) -> dict[str, Sum]:
        product = on.prepare(matrix)
        return {
            "matrix products": on.linear(x, product, plus=small[0]),
            "LeakyReLU": on.linear(x, product, leaky=True),
            "depthwise convolution": on.depthwise(x, on.prepare_depthwise(taps)),
            "alignment": on.join(small[0], Sum(small[1].values.long(), -30, 24)),
            "attention": on.attend(small[0], small[1], small[2], heads),
        }

    wanted = sums(reference)
    for name, got in sums(engine).items():
        if got.exponent != wanted[name].exponent or not torch.equal(got.values.cpu().long(), wanted[name].values):
            return name
        rounded, expected = engine.shift(got), reference.shift(wanted[name])
        if rounded.exponent != expected.exponent or not torch.equal(rounded.values.cpu().long(), expected.values):
            return f"rounding after {name}"
    return None
