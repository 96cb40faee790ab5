"""Which engine serves, and the check that a fast one passes before it does."""

from __future__ import annotations

import logging
import os
from functools import cache, lru_cache

import torch

from hpcm_core.entropy.exact.engine import Engine, Heads
from hpcm_core.entropy.exact.fast import FastEngine
from hpcm_core.entropy.exact.integers import ACTIVATION_MAX, EXPONENT_MIN, Activation, Sum
from hpcm_core.entropy.exact.model import ExactEntropy
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.entropy.exact.tables import softmax_factor
from hpcm_core.entropy.exact.weights import EXPONENT_SPAN, WEIGHT_MAX, IntegerLayer
from hpcm_core.models.hpcm import HPCM

ENVIRONMENT = "HPCM_ENGINE"
"""Environment variable that forces an engine."""
ENGINES = ("fast", "reference")

_log = logging.getLogger(__name__)


def choose(name: str | None = None) -> Engine:
    """The engine of that name, else of the environment's choice, else the fast one. A fast engine that fails its
    check is replaced by the reference, and the log says so. Raises ValueError for other names.
    """
    name = name or os.environ.get(ENVIRONMENT) or ENGINES[0]
    if name not in ENGINES:
        raise ValueError(f"There is no engine called {name!r}; there are {', '.join(ENGINES)}.")
    return ReferenceEngine() if name == "reference" else _checked_fast()


def exact_entropy(network: HPCM, engine: str | None = None) -> ExactEntropy:
    """The exact entropy model of a loaded network. The last two are kept: making one takes about as long as coding a
    small picture. Raises ModelError.
    """
    return _exact_entropy(network, choose(engine).name)


@lru_cache(maxsize=2)
def _exact_entropy(network: HPCM, engine: str) -> ExactEntropy:
    return ExactEntropy(network, choose(engine))


@cache
def _checked_fast() -> Engine:
    engine = FastEngine()
    if fault := self_check(engine):
        _log.warning("The fast engine (%s) fails its check of %s; the reference serves.", engine.instruction_set, fault)
        return ReferenceEngine()
    _log.info("The fast engine uses %s.", engine.instruction_set)
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
    small[0] = Activation((small[0].values // 4096).to(torch.int16), small[0].exponent)
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
        rounded, expected = engine.shift(got), reference.shift(wanted[name])
        if (got.exponent, rounded.exponent) != (wanted[name].exponent, expected.exponent):
            return name
        if not torch.equal(got.values.cpu().long(), wanted[name].values):
            return name
        if not torch.equal(rounded.values.cpu().long(), expected.values):
            return f"rounding after {name}"
    return None
