"""Weights as NumPy arrays: out of safetensors files, checked against what a variant has, and named by their content."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import ModelError, shown

if TYPE_CHECKING:
    from torch import Tensor

Array = npt.NDArray[Any]
Shapes = Mapping[str, tuple[int, ...]]

IDENTITY_BYTES = 8


def read_weights(path: Path, most: int | None = None) -> dict[str, Array]:
    """The tensors of a safetensors file: float32 whatever floats are stored as, integers as they are. Raises
    whatever safetensors raises for a damaged file, and ModelError for one of more than `most` numbers.
    """
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        names = [*file.keys()]
        if most is not None and sum(math.prod(file.get_slice(name).get_shape()) for name in names) > most:
            raise ModelError("{name} holds more than the model's weights.", name=path.name)
        if all(file.get_slice(name).get_dtype() != "BF16" for name in names):
            return {name: _single(file.get_tensor(name)) for name in names}
    from safetensors.torch import load_file  # NumPy has no bfloat16

    return arrays(load_file(path))


def arrays(tensors: Mapping[str, Tensor]) -> dict[str, Array]:
    """Tensors as arrays, floats as float32."""
    plain = {name: tensor.detach() for name, tensor in tensors.items()}
    return {name: (tensor.float() if tensor.is_floating_point() else tensor).numpy() for name, tensor in plain.items()}


def strict_weights(tensors: Mapping[str, Array], shapes: Shapes, variant: str, path: Path) -> dict[str, Array]:
    """The tensors, contiguous and floats as float32, if they have exactly these names and shapes and are finite. Raises
    ModelError. variant and path: what they should be of, and where they are from.
    """
    if wrong := sorted(set(shapes) ^ set(tensors)) or sorted(k for k in shapes if shapes[k] != tensors[k].shape):
        raise ModelError(
            "{name} is not a checkpoint of {variant}: {count} tensors differ, such as {example}.",
            name=path.name,
            variant=variant,
            count=len(wrong),
            example=shown(wrong[0]),
        )
    result = {key: np.ascontiguousarray(_single(tensor)) for key, tensor in tensors.items()}
    if not all(np.isfinite(tensor).all() for tensor in result.values()):
        raise ModelError("{name} holds numbers that are not finite.", name=path.name)
    return result


def identity(tensors: Mapping[str, npt.ArrayLike], arithmetic: Mapping[str, Any]) -> bytes:
    """SHA-256 over what Family.arithmetic gives and, sorted by name, each tensor's name, shape and little-endian bytes:
    floats as float32, integers as their own type, whose name comes before them.

    It names the weights, not a file: the same weights stored as float16 where that is exact have the same identity.
    """
    digest = hashlib.sha256(json.dumps(arithmetic, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = _single(np.asarray(tensors[name]))
        digest.update(name.encode() + struct.pack(f"<{tensor.ndim + 1}I", tensor.ndim, *tensor.shape))
        if tensor.dtype.kind != "f":
            digest.update(tensor.dtype.name.encode())
        digest.update(tensor.astype(tensor.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.digest()


def _single(tensor: Array) -> Array:
    return tensor.astype(np.float32, copy=False) if tensor.dtype.kind == "f" else tensor
