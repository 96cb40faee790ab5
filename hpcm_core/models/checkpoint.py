"""Checkpoints from outside: read safely, checked against the network they are said to be of, kept as safetensors.

Nothing in a file is executed: only tensors are loaded. Importing this module imports no torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hpcm_core.errors import ModelError
from hpcm_core.files import atomic_write, reason_of
from hpcm_core.models.catalogue import ModelInfo, installed_path, list_models, model_name
from hpcm_core.models.registry import METRICS, config_of, family_of, variants
from hpcm_core.models.weights import Array, arrays, read_weights, strict_weights

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
    from safetensors.numpy import save

    tensors = strict_weights(read_tensors(path), family_of(variant).shapes(config), config.name, path)

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


def read_tensors(path: Path) -> dict[str, Array]:
    """The tensors of a checkpoint file, unwrapped, without derived buffers; floats as float32. Raises ModelError."""
    if not path.is_file():
        raise ModelError("There is no file {path}.", path=path)
    if path.stat().st_size > MAX_CHECKPOINT:
        raise ModelError("{name} is larger than any HPCM checkpoint.", name=path.name)
    try:
        content = read_weights(path) if path.suffix == ".safetensors" else _read_pickled(path)
    except ModelError:
        raise
    except Exception:
        raise ModelError("{name} is not a checkpoint that can be loaded safely.", name=path.name) from None
    tensors = {str(key).removeprefix("module."): value for key, value in content.items()}
    return {key: value for key, value in tensors.items() if not key.startswith(_BUFFERS)}


def _read_pickled(path: Path) -> dict[str, Array]:
    """What torch.save wrote, tensors alone. Raises ModelError for other content, and what torch raises."""
    import torch

    content: Any = torch.load(path, map_location="cpu", weights_only=True)
    while isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not all(isinstance(v, torch.Tensor) for v in content.values()):
        raise ModelError("{name} does not hold the parameters of a network.", name=path.name)
    return arrays(content)
