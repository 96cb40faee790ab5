"""Models by name: which there are, where their weights lie, loading them and importing published checkpoints.

A name says all: "lite", or variant, metric and lambda as in "base-mse-0.013". Importing this module does not import
torch.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import appdirs

from hpcm_core.errors import MissingModel, ModelError
from hpcm_core.files import atomic_write
from hpcm_core.models.hpcm.config import CONFIGS, HPCMConfig
from hpcm_core.recipe import METRICS, Recipe
from hpcm_core.resources import resource

if TYPE_CHECKING:
    from torch import Tensor

    from hpcm_core.models.hpcm.network import HPCM

State = Literal["bundled", "installed", "missing"]
Rates = Literal["variable", "fixed", "none"]
"""How a model's rate is chosen: by quality or lambda, by taking the model of another lambda, or not at all."""

BUNDLED = "lite"
MAX_CHECKPOINT = 8 << 30
"""Bytes; the largest published checkpoint has 4 GiB."""
IDENTITY_BYTES = 8
_BUFFERS = ("scale_table", "quantized_cdf_", "cdf_length_", "offset_", "entropy_estimation.")
"""Beginnings of the keys in a published checkpoint that are derived from the parameters or constant."""


@dataclass(frozen=True)
class ModelInfo:
    """A model that this program knows. path is where its weights are, source where a missing one can be had."""

    name: str
    variant: str
    metric: str
    lmbda: float | None
    rates: Rates
    state: State
    path: Path | None
    source: str


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """Networks with weights, ready to compute, and the first bytes of their identity."""

    name: str
    network: HPCM
    identity: bytes


def models_folder() -> Path:
    """Where imported weights are kept; HPCM_DATA_DIR replaces the user's data folder."""
    return Path(os.environ.get("HPCM_DATA_DIR") or appdirs.user_data_dir("hpcm-studio", False)) / "models"


def model_name(variant: str, metric: str, lmbda: float | None) -> str:
    """The name of a model, as files and recipes carry it."""
    return variant if lmbda is None else f"{variant}-{metric}-{lmbda:g}"


def variants() -> dict[str, Rates]:
    """How the rate of each variant is chosen; all variants that this program knows, with or without weights."""
    return {name: "variable" if config.rate_lambdas else "fixed" for name, config in CONFIGS.items()}


def map_labels(variant: str) -> tuple[str, ...]:
    """The labels of the bit maps (see BitMaps) that a variant's files give."""
    from hpcm_core.models.hpcm.schedule import STEPS

    return ("z", *(str(step.number) for step in STEPS))


def name_for(recipe: Recipe) -> str:
    """The model that a recipe asks for. Raises MissingModel for a variant or lambda that no model has."""
    if recipe.model not in CONFIGS:
        raise MissingModel(
            "There is no model called {model!r}; there are {names}.", model=recipe.model, names=", ".join(CONFIGS)
        )
    if CONFIGS[recipe.model].rate_lambdas:
        return recipe.model
    name = model_name(recipe.model, recipe.metric, recipe.lmbda)
    if name not in {info.name for info in list_models()}:
        known = sorted(
            i.lmbda for i in list_models() if (i.variant, i.metric) == (recipe.model, recipe.metric) and i.lmbda
        )
        choice = f" there are {', '.join(f'{lmbda:g}' for lmbda in known)}" if known else " there is none"
        raise MissingModel(
            "No {model} model for {metric} has lambda {lmbda:g};{choice}.",
            model=recipe.model,
            metric=recipe.metric,
            lmbda=recipe.lmbda,
            choice=choice,
        )
    return name


def list_models(look: bool = True) -> list[ModelInfo]:
    """The bundled model, every published checkpoint and every imported one, with its state.

    Without `look` the models folder is left alone: imported ones are not listed, published ones count as missing.
    """
    infos = [
        ModelInfo(BUNDLED, BUNDLED, "mse", None, "variable", "bundled", _bundled_path(), "bundled with this program")
    ]
    published = dict(_published())
    files = sorted(models_folder().glob("*.safetensors")) if look else []
    imported = {path.stem: "imported" for path in files if path.stem not in published}
    for name, source in {**published, **imported}.items():
        if parsed := _parse(name):
            path = _installed_path(name)
            infos.append(
                ModelInfo(name, *parsed, "fixed", "installed" if look and path.is_file() else "missing", path, source)
            )
    return infos


def load(name: str) -> LoadedModel:
    """The named model on the CPU, float32. Raises MissingModel or ModelError. The last two models loaded are kept."""
    path = find(name)
    return _load(name, path, path.stat().st_mtime_ns)


def find(name: str) -> Path:
    """Path of the named model's weights. Raises MissingModel, which says where to get it."""
    path = _bundled_path() if name == BUNDLED else _installed_path(name)
    if not path.is_file():
        raise MissingModel("The model {name} is not installed. {how}", name=name, how=how_to_get(name))
    return path


def how_to_get(name: str) -> str:
    """One or two sentences that tell a user how to bring the named model."""
    source, parsed = dict(_published()).get(name), _parse(name)
    if source is None or parsed is None:
        return (
            "It is none of the published ones; ask whoever made it for its checkpoint and run: hpcm models import FILE"
        )
    variant, metric, lmbda = parsed
    return (
        f"Download it from {source} and run: "
        f"hpcm models import FILE --variant {variant} --metric {metric} --lambda {lmbda:g}"
    )


def import_checkpoint(path: Path, variant: str, metric: str, lmbda: float) -> ModelInfo:
    """Check a checkpoint (the authors' .pth.tar or a safetensors file), write it as safetensors to the models folder.

    Nothing in the file is executed: only tensors are loaded. Raises ModelError where it is not a checkpoint of
    `variant`.
    """
    return install(*convert_checkpoint(path, variant, metric, lmbda))


def convert_checkpoint(path: Path, variant: str, metric: str, lmbda: float) -> tuple[str, bytes]:
    """The name of a checkpoint's model and its weights as a safetensors file; as import_checkpoint, but writes
    nothing.
    """
    if variant not in CONFIGS:
        raise ModelError(
            "There is no variant called {variant!r}; there are {names}.", variant=variant, names=", ".join(CONFIGS)
        )
    if metric not in METRICS:
        raise ModelError(
            "There is no metric called {metric!r}; there are {names}.", metric=metric, names=", ".join(METRICS)
        )
    if CONFIGS[variant].rate_lambdas:
        raise ModelError("The model {variant} is bundled with this program and is not imported.", variant=variant)
    if not 0 < lmbda < float("inf"):
        raise ModelError("The lambda must be a positive number.")
    tensors = strict_tensors(read_tensors(path), CONFIGS[variant], path)
    from safetensors.torch import save

    return model_name(variant, metric, lmbda), save(
        tensors, {"variant": variant, "metric": metric, "lambda": f"{lmbda:g}"}
    )


def install(name: str, weights: bytes | memoryview) -> ModelInfo:
    """Write what convert_checkpoint gave to the models folder. Needs no torch. Raises ModelError where it cannot be
    written, as on Windows over weights that a program has in use.
    """
    target = _installed_path(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(target, weights)
    except OSError as error:
        raise ModelError(
            "The model {name} cannot be written to {parent}: {reason}.",
            name=name,
            parent=target.parent,
            reason=error.strerror,
        ) from None
    return next(info for info in list_models() if info.name == name)


def identity(tensors: Mapping[str, Tensor], config: HPCMConfig) -> bytes:
    """SHA-256 over the configuration and, sorted by name, each tensor's name, shape and float32 little-endian bytes.

    It names the weights, not a file: the same weights stored as float16 where that is exact have the same identity.
    """
    digest = hashlib.sha256(json.dumps(_arithmetic(config), sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(name.encode() + struct.pack(f"<{tensor.dim() + 1}I", tensor.dim(), *tensor.shape))
        digest.update(tensor.float().contiguous().cpu().numpy().astype("<f4").tobytes())
    return digest.digest()


def _arithmetic(config: HPCMConfig) -> dict[str, Any]:
    """What a decoder's result depends on beside the tensors."""
    return {
        "name": config.name,
        "partial": config.partial,
        "attention_heads": config.attention_heads,
        "aligned_fill": config.aligned_fill,
        "rate_lambdas": config.rate_lambdas,
        "input_shift": config.input_shift,
    }


@lru_cache(maxsize=2)
def _load(name: str, path: Path, _modified: int) -> LoadedModel:
    import torch
    from safetensors import safe_open

    from hpcm_core.models.hpcm.network import HPCM

    parsed = _parse(name)
    config = CONFIGS[parsed[0] if parsed else BUNDLED]
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
    except Exception as error:
        raise ModelError(
            "The weights of {name} in {path} are damaged: {error}", name=name, path=path, error=error
        ) from None
    tensors = strict_tensors(tensors, config, path)
    with torch.device("meta"):
        network = HPCM(config)
    network.load_state_dict(tensors, strict=True, assign=True)
    network.eval().requires_grad_(False)
    # Half the time of the planar layout for the 1x1 convolutions that make up most of the work.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return LoadedModel(name, network, identity(tensors, config)[:IDENTITY_BYTES])


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint file, unwrapped, without derived buffers. Raises ModelError."""
    import torch
    from safetensors.torch import load_file

    if not path.is_file():
        raise ModelError("There is no file {path}.", path=path)
    if path.stat().st_size > MAX_CHECKPOINT:
        raise ModelError("{name} is larger than any HPCM checkpoint.", name=path.name)
    try:
        if path.suffix == ".safetensors":
            content: Any = load_file(path)
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        raise ModelError("{name} is not a checkpoint that can be loaded safely.", name=path.name) from None
    while isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not all(isinstance(v, torch.Tensor) for v in content.values()):
        raise ModelError("{name} does not hold the parameters of a network.", name=path.name)
    tensors = {str(key).removeprefix("module."): value for key, value in content.items()}
    return {key: value for key, value in tensors.items() if not key.startswith(_BUFFERS)}


def strict_tensors(tensors: dict[str, Tensor], config: HPCMConfig, path: Path) -> dict[str, Tensor]:
    """The tensors as contiguous float32, if they are exactly the parameters of `config` and finite. Raises
    ModelError.
    """
    import torch

    from hpcm_core.models.hpcm.network import HPCM

    with torch.device("meta"):
        wanted = {key: value.shape for key, value in HPCM(config).state_dict().items()}
    if wrong := sorted(set(wanted) ^ set(tensors)) or sorted(k for k in wanted if wanted[k] != tensors[k].shape):
        raise ModelError(
            "{name} is not a checkpoint of {config_name}: {count} tensors differ, such as {example}.",
            name=path.name,
            config_name=config.name,
            count=len(wrong),
            example=wrong[0],
        )
    result = {key: tensor.detach().float().contiguous() for key, tensor in tensors.items()}
    if not all(bool(torch.isfinite(tensor).all()) for tensor in result.values()):
        raise ModelError("{name} holds numbers that are not finite.", name=path.name)
    return result


@cache
def _published() -> tuple[tuple[str, str], ...]:
    """Name and source of every published checkpoint."""
    catalogue = json.loads(resource("checkpoints.json").read_text("utf-8"))
    return tuple(
        (
            model_name(entry["variant"], entry["metric"], entry["lambda"]),
            f"https://drive.google.com/file/d/{entry['google_drive_id']}",
        )
        for entry in catalogue["checkpoints"]
    )


def _bundled_path() -> Path:
    return resource(f"models/{BUNDLED}.safetensors")


def _installed_path(name: str) -> Path:
    if _parse(name) is None:
        raise MissingModel("There is no model called {name!r}.", name=name)
    return models_folder() / f"{name}.safetensors"


_NAME = re.compile(rf"({'|'.join(CONFIGS)})-({'|'.join(METRICS)})-(\d+(?:\.\d+)?(?:e-?\d+)?)")


def _parse(name: str) -> tuple[str, str, float] | None:
    """Variant, metric and lambda of a name; None for a name that is not of this form."""
    match = _NAME.fullmatch(name)
    return (match[1], match[2], float(match[3])) if match else None
