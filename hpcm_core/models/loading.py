"""Weights into networks."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hpcm_core.errors import ModelError
from hpcm_core.files import reason_of
from hpcm_core.models.catalogue import find
from hpcm_core.models.family import Model
from hpcm_core.models.registry import config_of, family_of, variant_of
from hpcm_core.models.weights import IDENTITY_BYTES, identity, read_weights, strict_weights


def load(name: str) -> Model:
    """The named model, ready to compute. Raises MissingModel or ModelError. The last two models loaded are kept."""
    path = find(name)
    return _load(name, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _load(name: str, path: Path, _modified: int) -> Model:
    variant = variant_of(name)
    assert variant is not None, "find() has found it"
    family, config = family_of(variant), config_of(variant)
    assert config is not None
    try:
        tensors = read_weights(path)
    except Exception as error:
        raise ModelError(
            "The weights of {name} in {path} are damaged: {reason}", name=name, path=path, reason=reason_of(error)
        ) from None
    try:
        weights = strict_weights(tensors, family.shapes(config), config.name, path)
        hashed = identity(weights, family.arithmetic(config))[:IDENTITY_BYTES]
        return Model(name, family, config, family.restore(config, weights), hashed)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ModelError("The model {name} needs PyTorch, which is not part of this installation.", name=name) from None
