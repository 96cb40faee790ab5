"""Which engine serves."""

from __future__ import annotations

import os
from functools import lru_cache

from hpcm_core.entropy.exact.engine import Engine
from hpcm_core.entropy.exact.model import ExactEntropy
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.models.hpcm import HPCM

ENVIRONMENT = "HPCM_ENGINE"
"""Environment variable that forces an engine."""
ENGINES = ("fast", "reference")


def choose(name: str | None = None) -> Engine:
    """The engine of that name, or of the environment's choice, or the fast one. Raises ValueError for other names."""
    name = name or os.environ.get(ENVIRONMENT) or ENGINES[0]
    if name not in ENGINES:
        raise ValueError(f"There is no engine called {name!r}; there are {', '.join(ENGINES)}.")
    return ReferenceEngine()


def exact_entropy(network: HPCM, engine: str | None = None) -> ExactEntropy:
    """The exact entropy model of a loaded network. The last two are kept: making one takes about as long as coding a
    small picture. Raises ModelError.
    """
    return _exact_entropy(network, choose(engine).name)


@lru_cache(maxsize=2)
def _exact_entropy(network: HPCM, engine: str) -> ExactEntropy:
    return ExactEntropy(network, choose(engine))
