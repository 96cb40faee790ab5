"""Checkpoints from outside: read safely, checked against the network they are said to be of, kept as safetensors.

Nothing in a file is executed: only tensors are loaded. Importing this module imports no torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcm_core.errors import ModelError
from hpcm_core.files import atomic_write, reason_of
from hpcm_core.models.catalogue import ModelInfo, installed_path, list_models, model_name
from hpcm_core.models.registry import METRICS, config_of, family_of, variants

if TYPE_CHECKING:
    from torch import Tensor

MAX_CHECKPOINT = 8 << 30
"""Bytes; the largest published checkpoint has 4 GiB."""
_BUFFERS = ("scale_table", "quantized_cdf_", "cdf_length_", "offset_", "entropy_estimation.")
"""Beginnings of the keys in a published checkpoint that are derived from the parameters or constant."""


def import_checkpoint(path: Path, variant: str, metric: str, lmbda: float | None) -> ModelInfo:
    """Check a checkpoint (the authors' .pth.tar or a safetensors file), write it as safetensors to the models folder.

    Nothing in the file is executed: only tensors are loaded. Raises ModelError where it is not a checkpoint of
    `variant`. lmbda: what a model of one rate was trained for; others have none.
    """
    return install(*convert_checkpoint(path, variant, metric, lmbda))


def convert_checkpoint(path: Path, variant: str, metric: str, lmbda: float | None) -> tuple[str, bytes]:
    """The name of a checkpoint's model and its weights as a safetensors file; as import_checkpoint, but writes
    nothing.
    """
    config = config_of(variant)
    if config is None:
        raise ModelError(
            "There is no variant called {variant!r}; there are {names}.", variant=variant, names=", ".join(variants())
        )
    if metric not in METRICS:
        raise ModelError(
            "There is no metric called {metric!r}; there are {names}.", metric=metric, names=", ".join(METRICS)
        )
    if config.rates != "fixed" and variant in variants():
        raise ModelError("The model {variant} is bundled with this program and is not imported.", variant=variant)
    if config.rates != "fixed":
        lmbda = None
    elif lmbda is None or not 0 < lmbda < float("inf"):
        raise ModelError("The lambda must be a positive number.")
    import torch
    from safetensors.torch import save

    with torch.device("meta"):
        network = family_of(variant).build(config)
    tensors = strict_tensors(read_tensors(path), network, path)

    lambdas = config.rate_lambdas if lmbda is None else (lmbda,)
    return model_name(variant, metric, lmbda), save(
        tensors, {"variant": variant, "metric": metric, "lambda": ",".join(f"{value:g}" for value in lambdas)}
    )


def install(name: str, weights: bytes | memoryview) -> ModelInfo:
    """Write what convert_checkpoint gave to the models folder. Needs no torch. Raises ModelError where it cannot be
    written, as on Windows over weights that a program has in use.
    """
    target = installed_path(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(target, weights)
    except OSError as error:
        raise ModelError(
            "The model {name} cannot be written to {folder}: {reason}.",
            name=name,
            folder=target.parent,
            reason=reason_of(error),
        ) from None
    return next(info for info in list_models() if info.name == name)


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


def strict_tensors(tensors: dict[str, Tensor], network: Any, path: Path) -> dict[str, Tensor]:
    """The tensors as contiguous float32, if they are exactly the parameters of `network` (which may have no memory:
    built on "meta") and finite. Raises ModelError.
    """
    import torch

    wanted = {key: value.shape for key, value in network.state_dict().items()}
    if wrong := sorted(set(wanted) ^ set(tensors)) or sorted(k for k in wanted if wanted[k] != tensors[k].shape):
        raise ModelError(
            "{name} is not a checkpoint of {variant}: {count} tensors differ, such as {example}.",
            name=path.name,
            variant=network.config.name,
            count=len(wrong),
            example=wrong[0],
        )
    result = {key: tensor.detach().float().contiguous() for key, tensor in tensors.items()}
    if not all(bool(torch.isfinite(tensor).all()) for tensor in result.values()):
        raise ModelError("{name} holds numbers that are not finite.", name=path.name)
    return result
