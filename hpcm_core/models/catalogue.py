"""Models by name: which there are, where their weights lie, and where missing ones can be had.

A name says all to whoever encodes: "lite", or variant, metric and lambda as in "base-mse-0.013". A file names its
weights too, by their identity, since there can be several of one name: the newest, which the name stands for, are
called NAME.safetensors, others NAME@IDENTITY.safetensors, among the program's own models and among the user's alike.
Beside them lie the weights of their natural look, if they have one: NAME.natural.safetensors, which say themselves what
they belong to.
Importing this module imports no torch.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import appdirs

from hpcm_core import pytorch
from hpcm_core.errors import MissingModel, ModelError, Phrase
from hpcm_core.format.header import MAX_NAME
from hpcm_core.models.family import Rates
from hpcm_core.models.published import model_name, published
from hpcm_core.models.registry import METRICS, config_of, edition_of, family_of, rates_of, variant_of, variants
from hpcm_core.models.released import Released, released_as
from hpcm_core.models.said import metadata_of
from hpcm_core.models.trainable import without_coder
from hpcm_core.resources import resource

_LOOK = ".natural"
State = Literal["bundled", "installed", "missing"]


@dataclass(frozen=True)
class ModelInfo:
    """A model that this program knows. path is where its weights are, None where it has none; source where a missing
    one can be had.
    """

    name: str
    variant: str
    metric: str
    lmbda: float | None
    rates: Rates
    state: State
    path: Path | None
    source: str


def models_folder() -> Path:
    """Where imported weights are kept; HPCM_DATA_DIR replaces the user's data folder."""
    return Path(os.environ.get("HPCM_DATA_DIR") or appdirs.user_data_dir("hpcm-studio", False)) / "models"


def name_for(variant: str, metric: str, lmbda: float | None) -> str:
    """The model of that variant, and, where each has one rate, of that metric and lambda. Raises MissingModel where
    there is none.
    """
    config = config_of(variant)
    if config is None:
        raise MissingModel(
            "There is no model called {model!r}; there are {names}.", model=variant, names=", ".join(variants())
        )
    if config.rates != "fixed":
        return variant
    name = model_name(variant, metric, lmbda)
    if name not in {info.name for info in list_models()}:
        known = sorted(i.lmbda for i in list_models() if (i.variant, i.metric) == (variant, metric) and i.lmbda)
        if not known:
            raise MissingModel("There is no {model} model for {metric}.", model=variant, metric=metric)
        raise MissingModel(
            "No {model} model for {metric} has lambda {lmbda:g}; there are {known}.",
            model=variant,
            metric=metric,
            lmbda=lmbda,
            known=", ".join(f"{lmbda:g}" for lmbda in known),
        )
    return name


def list_models(look: bool = True) -> list[ModelInfo]:
    """The bundled models, every published checkpoint and every imported one, with its state.

    Without `look` the models folder is left alone: imported ones are not listed, published ones count as missing.
    """
    infos: list[ModelInfo] = []
    without_rate: list[ModelInfo] = []
    files = sorted(models_folder().glob("*.safetensors")) if look else []
    # A variant that is not listed has its place here as soon as its weights are there.
    stems = {path.stem: config_of(path.stem) for path in files if path.stem not in variants()}
    for name, config in {**variants(), **{name: config for name, config in stems.items() if config}}.items():
        if not family_of(name).needs_weights:
            info = ModelInfo(name, name, "mse", None, config.rates, "bundled", None, "part of this program")
            without_rate.append(info)
        elif config.rates != "fixed":
            bundled, path = bundled_path(name) is not None, _path(name)
            state: State = "bundled" if bundled else "installed" if look and path.is_file() else "missing"
            source = "bundled with this program" if bundled else "imported"
            info = ModelInfo(name, name, "mse", None, config.rates, state, path, source)
            (without_rate if config.rates == "none" else infos).append(info)
    pages = {name: one.page for name, one in published().items()}
    imported = {path.stem: "imported" for path in files if path.stem not in pages}
    for name, source in {**pages, **imported}.items():
        if parsed := parse(name):
            path = _path(name)
            state = "installed" if look and path.is_file() else "missing"
            infos.append(ModelInfo(name, *parsed, "fixed", state, path, source))
    return infos + without_rate


def find(name: str) -> Path:
    """Path of the named model's weights. Raises MissingModel, which says where to get it."""
    path = _path(name)
    if not path.is_file():
        raise MissingModel("The model {name} is not installed. {how}", name=name, how=how_to_get(name))
    return path


def obstacle(name: str) -> ModelError | None:
    """What to raise or say because this installation cannot make files with the named model, or any of a variant, even
    if its weights were here; None where it can.
    """
    edition = edition_of(variant_of(name) or name)
    if edition is None:
        return None
    if not edition.family.has_coder:
        return without_coder(edition.config.name)
    if not edition.family.needs_torch or pytorch.is_here():
        return None
    return pytorch.absent(Phrase("The model {name}", name=name))


def find_all(name: str, identity: bytes) -> list[Path]:
    """Where the named model's weights of that identity may lie, the likeliest first: files called by it, then those
    that the name alone stands for, whatever they are. Raises MissingModel for no model's name.
    """
    installed = installed_path(name)
    plain = (_bundled(name), installed)
    return [path for path in (*(with_identity(path, identity) for path in plain), *plain) if path.is_file()]


def with_identity(path: Path, identity: bytes) -> Path:
    """The name that weights have beside newer ones of their name."""
    return path.with_name(f"{path.stem}@{identity.hex()}{path.suffix}")


def find_look(name: str, identity: bytes | None = None) -> Path | None:
    """Where the weights of the natural look are that belong to the named model's weights of that identity, without one
    to its newest; None where there are none. The user's own come first.
    """
    try:
        plain = (_bundled(name), installed_path(name))
    except MissingModel:
        return None
    if identity is None:
        newest = next((path for path in plain if path.is_file()), None)
        wanted = "" if newest is None else metadata_of(newest).get("identity", "")
    else:
        wanted = identity.hex()
    own_first = plain[::-1]
    named = () if identity is None else tuple(with_identity(path, identity) for path in own_first)
    looks = (path.with_name(f"{path.stem}{_LOOK}{path.suffix}") for path in named + own_first)
    return next((path for path in looks if wanted and metadata_of(path).get("model_hash") == wanted), None)


def missing(name: str, identity: bytes) -> MissingModel:
    """What to raise where a file's model is there with other weights only, or not at all."""
    earlier = released_as(name, identity)
    return MissingModel(
        "The file needs the weights {identity} of the model {model}, which are not installed. {how}",
        identity=identity.hex(),
        model=name,
        how=how_to_get(name) if earlier is None else _how_to_recover(earlier),
    )


def how_to_get(name: str) -> Phrase:
    """One or two sentences that tell a user how to bring the named model."""
    parsed = parse(name)
    if name in published() and parsed is not None:
        return Phrase(
            "This downloads it from its authors: {command}", command=f"hpcm models get {_options(parsed, '')}"
        )
    if config_of(name) is not None:
        command = f"hpcm models import FILE --variant {name}"
    elif parsed is not None:
        command = f"hpcm models import FILE {_options(parsed, '--variant ')}"
    else:
        command = "hpcm models import FILE"
    return Phrase(
        "It is none of the published ones; ask whoever made it for its checkpoint and run: {command}",
        command=command,
    )


def _how_to_recover(earlier: Released) -> Phrase:
    return Phrase(
        "An earlier version of this program brought them along. In a clone of its repository run: {recovery} and then: "
        "{command}",
        recovery=earlier.recovery,
        command=f"hpcm models import {earlier.file} --variant {earlier.model}",
    )


def _options(parsed: tuple[str, str, float], before: str) -> str:
    variant, metric, lmbda = parsed
    return f"{before}{variant} --metric {metric} --lambda {lmbda:g}"


def _path(name: str) -> Path:
    """Where a model's weights lie or would lie, what is bundled first. Raises MissingModel for no model's name."""
    return bundled_path(name) or installed_path(name)


def bundled_path(name: str) -> Path | None:
    """Where the bundled weights are that the name stands for; None where there are none."""
    path = _bundled(name)
    return path if rates_of(name) != "fixed" and path.is_file() else None


def _bundled(name: str) -> Path:
    return resource(f"models/{name}.safetensors")


def installed_path(name: str) -> Path:
    """Where an imported model is kept. Raises MissingModel for what is no name of one."""
    if parse(name) is None and rates_of(name) == "fixed":
        raise MissingModel("There is no model called {name!r}.", name=name)
    return models_folder() / f"{name}.safetensors"


_NAME = re.compile(rf"([a-z0-9.-]+)-({'|'.join(METRICS)})-(\d+(?:\.\d+)?(?:e-?\d+)?)")


def parse(name: str) -> tuple[str, str, float] | None:
    """Variant, metric and lambda of the name of a model of one rate; None for any other name, and for one that files
    have no room for.
    """
    match = _NAME.fullmatch(name) if len(name) <= MAX_NAME else None
    config = None if match is None else config_of(match[1])
    if match is None or config is None or config.rates != "fixed":
        return None
    return match[1], match[2], float(match[3])
