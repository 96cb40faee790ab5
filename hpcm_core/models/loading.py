"""Weights into networks."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from hpcm_core import pytorch
from hpcm_core.errors import LimitExceeded, MissingModel, ModelError, Phrase, UnsupportedVersion
from hpcm_core.files import reason_of
from hpcm_core.limits import free_memory
from hpcm_core.models.catalogue import find, find_all, find_look, missing, obstacle
from hpcm_core.models.family import Family, Model
from hpcm_core.models.registry import edition_of, editions, variant_of
from hpcm_core.models.weights import IDENTITY_BYTES, identity, read_weights, strict_weights


def load(name: str, wanted: bytes | None = None) -> Model:
    """The named model, ready to compute: with the weights of the identity that a file names, otherwise the newest.
    Raises MissingModel or ModelError. The last two models loaded are kept.
    """
    if (fault := obstacle(name)) is not None:
        raise fault
    if (model := _of_no_weights(name, wanted)) is not None:
        return model
    if wanted is None:
        return _loaded(name, find(name), None)
    damaged = None
    for path in find_all(name, wanted):
        named = path.stem.endswith(wanted.hex())
        try:
            model = _loaded(name, path, wanted if named else None)
        except ModelError as error:
            damaged = damaged or error
            continue
        if model.identity == wanted:
            return model
    if damaged is not None:
        raise damaged
    raise missing(name, wanted)


def _of_no_weights(name: str, wanted: bytes | None) -> Model | None:
    """A model that is complete as it is: that of an identity, else the one that new files are made with; None where the
    name is one of weights.
    """
    known = editions(variant_of(name) or name)
    for family, config, _ in known[:1] if wanted is None else known:
        if not family.needs_weights:
            hashed = identity({}, family.arithmetic(config))[:IDENTITY_BYTES]
            if wanted in (None, hashed):
                return Model(name, family, config, family.restore(config, {}), hashed)
    if known and not any(edition.family.needs_weights for edition in known):
        raise UnsupportedVersion("The file needs a newer version of this program: its coder is unknown here.")
    return None


def with_look(model: Model) -> Model:
    """The model with the weights of its natural look, which its family then decodes with too. Raises MissingModel where
    there are none, ModelError where they are damaged or not what they should be. The last are kept.
    """
    path = find_look(model.name, model.identity)
    if path is None:
        if not model.family.look_shapes(model.config):
            raise MissingModel("The model {model} has one look, the faithful one.", model=model.name)
        raise MissingModel(
            "The weights of the natural look of {model} ({identity}) are not installed.",
            model=model.name,
            identity=model.identity.hex(),
        )
    return replace(model, look=_look(model, path, path.stat().st_mtime_ns))


@lru_cache(maxsize=1)
def _look(model: Model, path: Path, _modified: int) -> Any:
    """model: is compared by what object it is, and `load` keeps it."""
    shapes = model.family.look_shapes(model.config)
    try:
        tensors = read_weights(path, sum(map(math.prod, shapes.values())))
    except Exception as error:
        raise ModelError(
            "The weights of {name} in {path} are damaged: {reason}", name=model.name, path=path, reason=reason_of(error)
        ) from None
    return model.family.restore_look(model, strict_weights(tensors, shapes, model.name, path))


def _loaded(name: str, path: Path, identity: bytes | None) -> Model:
    return _load(name, path, path.stat().st_mtime_ns, identity)


def _check_memory(name: str, family: Family, config: Any) -> None:
    """Refuse weights that would not fit into this machine's memory, before any of it is taken. Raises LimitExceeded."""
    try:
        needed = family.weights(config)
    except ModuleNotFoundError:
        return  # said where they are restored
    free = free_memory()
    if free is not None and needed > free:
        raise LimitExceeded(
            "The model {name} needs about {needed:.1f} GiB of memory; this machine has {free:.1f} GiB free.",
            name=name,
            needed=needed / 2**30,
            free=free / 2**30,
        )


@lru_cache(maxsize=2)
def _load(name: str, path: Path, _modified: int, wanted: bytes | None) -> Model:
    """The model in a file; wanted: the identity that chooses its configuration, None for today's."""
    edition = edition_of(variant_of(name) or name, wanted)
    assert edition is not None, "find() has found it"
    _check_memory(name, edition.family, edition.config)
    try:
        tensors = read_weights(path)
    except Exception as error:
        raise ModelError(
            "The weights of {name} in {path} are damaged: {reason}", name=name, path=path, reason=reason_of(error)
        ) from None
    try:
        family, config = _edition(variant_of(name) or name, wanted, tensors)
        weights = strict_weights(tensors, family.shapes(config), config.name, path)
        hashed = identity(weights, family.arithmetic(config))[:IDENTITY_BYTES]
        return Model(name, family, config, family.restore(config, weights), hashed)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise pytorch.absent(Phrase("The model {name}", name=name)) from None


def _edition(variant: str, wanted: bytes | None, tensors: Collection[str]) -> tuple[Family, Any]:
    """What computes with these weights: of what the variant's name stands for, the first that has their tensors."""
    first = edition_of(variant, wanted)
    assert first is not None, "find() has found it"
    for family, config, _ in (first, *editions(variant)):
        if set(family.shapes(config)) == set(tensors):
            return family, config
    return first.family, first.config
