"""Checkpoints from outside: read safely, checked against the network they are said to be of, kept as safetensors.

Nothing in a file is executed: only tensors are loaded. Importing this module imports no torch.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import struct
from dataclasses import replace
from pathlib import Path

from hpcm_core import pytorch
from hpcm_core.errors import ModelError, Phrase
from hpcm_core.files import atomic_write, one_at_a_time, reason_of, replacing
from hpcm_core.models.catalogue import (
    ModelInfo,
    bundled_path,
    installed_path,
    list_models,
    obstacle,
    with_identity,
)
from hpcm_core.models.pickled import read_pickled
from hpcm_core.models.published import model_name
from hpcm_core.models.registry import METRICS, Edition, config_of, editions, family_of, variant_of, variants
from hpcm_core.models.trainable import without_coder
from hpcm_core.models.weights import IDENTITY_BYTES, Array, identity, read_weights, strict_weights

MAX_CHECKPOINT = 8 << 30
"""Bytes; the largest published checkpoint has 4 GiB."""
_IDENTITY = "identity"
"""Key of the identity (hex) in a file's metadata."""
_SHA256 = "sha256"
"""Key of the SHA-256 (hex) of the tensors alone: it stays as it is when their arithmetic changes."""
_MAX_HEAD = 100_000_000
"""Bytes of the head that safetensors reads."""
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
    if not family_of(variant).needs_weights:
        raise ModelError("{model} is part of this program and has no weights.", model=variant)
    if metric not in METRICS:
        raise ModelError(
            "There is no metric called {metric!r}; there are {names}.", metric=metric, names=", ".join(METRICS)
        )
    if config.rates != "fixed":
        lmbda = None
    elif lmbda is None or not 0 < lmbda < float("inf"):
        raise ModelError("The lambda must be a positive number.")
    if (fault := obstacle(variant)) is not None:
        raise fault
    from safetensors.numpy import save

    weights, edition, hashed = _fitting(read_tensors(path), variant, path)
    if not edition.family.has_coder:
        raise without_coder(variant)
    name = model_name(variant, metric, lmbda)
    if (bundled := bundled_path(name)) is not None and hashed == identity_of(bundled, variant):
        raise ModelError("These weights of {model} are bundled with this program already.", model=name)
    lambdas = edition.config.rate_lambdas if lmbda is None else (lmbda,)
    described = {"variant": variant, "metric": metric, "lambda": ",".join(f"{value:g}" for value in lambdas)}
    return name, save(weights, {**described, _IDENTITY: hashed.hex(), _SHA256: identity(weights, {}).hex()})


def _fitting(tensors: dict[str, Array], variant: str, path: Path) -> tuple[dict[str, Array], Edition, bytes]:
    """The tensors as weights of the variant, of today's or those that an earlier configuration is kept for, and their
    identity. Raises ModelError, for today's, where they are neither.
    """
    fault = None
    for edition in editions(variant):
        if edition.family.needs_torch:
            pytorch.check(_importing(path))
        try:
            weights = strict_weights(tensors, edition.family.shapes(edition.config), variant, path)
        except ModelError as error:
            fault = fault or error
            continue
        hashed = identity(weights, edition.family.arithmetic(edition.config))[:IDENTITY_BYTES]
        if edition.identity in (None, hashed):
            return weights, edition, hashed
    assert fault is not None
    raise fault


def identity_of(path: Path, variant: str) -> bytes:
    """What names the weights in a file of the variant, which import_checkpoint has written or the program brings: as it
    says itself, or else by looking at them. Raises ModelError for a damaged file.
    """
    from safetensors import safe_open

    try:
        with safe_open(path, "np") as file:
            said = (file.metadata() or {}).get(_IDENTITY)
        return _fitting(read_weights(path), variant, path)[2] if said is None else bytes.fromhex(said)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError("{name} is damaged: {reason}", name=path.name, reason=reason_of(error)) from None


def install(name: str, weights: bytes | memoryview) -> ModelInfo:
    """Write what convert_checkpoint gave to the models folder. Needs no torch. Raises ModelError where it cannot be
    written, as on Windows over weights that a program has in use.

    Other weights that the name stood for stay beside it under their identity, so that their files can be decoded. Where
    the name stands for bundled weights it goes on doing so, and these are found by files that name them.
    """
    target = installed_path(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        hashed = _said_identity(weights)
        with one_at_a_time(target.parent):
            if bundled_path(name) is not None:
                target = with_identity(target, hashed)
            elif target.is_file():
                _keep(target, name, hashed)
            atomic_write(target, weights)
    except OSError as error:
        raise ModelError(
            "The model {name} cannot be written to {folder}: {reason}.",
            name=name,
            folder=target.parent,
            reason=reason_of(error),
        ) from None
    return replace(next(info for info in list_models() if info.name == name), path=target)


def _keep(path: Path, name: str, newer: bytes) -> None:
    """Give weights their other name, before newer ones take this one, unless they are the same, or none. Until then
    they have both: nothing that happens in between leaves the name without any. Raises OSError.
    """
    try:
        hashed = identity_of(path, variant_of(name) or name)
    except ModelError:
        return
    kept = with_identity(path, hashed)
    if hashed == newer or kept.is_file():
        return
    if hasattr(os, "link"):
        with contextlib.suppress(OSError):  # on file systems that know no links
            os.link(path, kept)
            return
    with path.open("rb") as file, replacing(kept) as copy:
        shutil.copyfileobj(file, copy)


def _said_identity(weights: bytes | memoryview) -> bytes:
    return bytes.fromhex(_said(weights)[_IDENTITY])


def sha256_of(weights: bytes | memoryview) -> str:
    """The SHA-256 (hex) of the tensors in what convert_checkpoint gave, whatever file they came in."""
    return _said(weights)[_SHA256]


def sha256_in(path: Path) -> str:
    """The same of a file that `install` has written, as it says itself; empty for any other."""
    from safetensors import safe_open

    try:
        with safe_open(path, "np") as file:
            return (file.metadata() or {}).get(_SHA256, "")
    except Exception:
        return ""


def _said(weights: bytes | memoryview) -> dict[str, str]:
    """What convert_checkpoint has written into the head of a safetensors file: its length as u64, then JSON."""
    view = memoryview(weights)
    (length,) = struct.unpack_from("<Q", view)
    said: dict[str, str] = json.loads(bytes(view[8 : 8 + length]))["__metadata__"]
    return said


def read_tensors(path: Path) -> dict[str, Array]:
    """The tensors of a checkpoint file, unwrapped, without derived buffers; floats as float32. Raises ModelError."""
    if not path.is_file():
        raise ModelError("There is no file {path}.", path=path)
    if path.stat().st_size > MAX_CHECKPOINT:
        raise ModelError("{name} is larger than any HPCM checkpoint.", name=path.name)
    try:
        content = read_weights(path) if _is_safetensors(path) else read_pickled(path)
    except ModelError:
        raise
    except ModuleNotFoundError:
        raise pytorch.absent(_importing(path)) from None
    except Exception:
        raise ModelError("{name} is not a checkpoint that can be loaded safely.", name=path.name) from None
    tensors = {str(key).removeprefix("module."): value for key, value in content.items()}
    return {key: value for key, value in tensors.items() if not key.startswith(_BUFFERS)}


def _importing(path: Path) -> Phrase:
    return Phrase("Importing {name}", name=path.name)


def _is_safetensors(path: Path) -> bool:
    """Whether a file begins as these do, whatever it is called: the length of its head, then JSON. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(9)
    return len(start) == 9 and int.from_bytes(start[:8], "little") <= _MAX_HEAD and start[8:] == b"{"
