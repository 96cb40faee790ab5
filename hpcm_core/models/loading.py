"""Weights into networks, and what names them."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcm_core.errors import ModelError
from hpcm_core.files import reason_of
from hpcm_core.models.catalogue import find
from hpcm_core.models.checkpoint import strict_tensors
from hpcm_core.models.family import Model
from hpcm_core.models.registry import config_of, family_of, variant_of

if TYPE_CHECKING:
    from torch import Tensor

IDENTITY_BYTES = 8


def load(name: str) -> Model:
    """The named model on the CPU, float32. Raises MissingModel or ModelError. The last two models loaded are kept."""
    path = find(name)
    return _load(name, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _load(name: str, path: Path, _modified: int) -> Model:
    import torch
    from safetensors import safe_open

    variant = variant_of(name)
    assert variant is not None, "find() has found it"
    family, config = family_of(variant), config_of(variant)
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
    except Exception as error:
        raise ModelError(
            "The weights of {name} in {path} are damaged: {reason}", name=name, path=path, reason=reason_of(error)
        ) from None
    with torch.device("meta"):
        network = family.build(config)
    tensors = strict_tensors(tensors, network, path)
    network.load_state_dict(tensors, strict=True, assign=True)
    network.eval().requires_grad_(False)
    # Half the time of the planar layout for the 1x1 convolutions that make up most of the work.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Model(name, family, config, network, identity(tensors, family.arithmetic(config))[:IDENTITY_BYTES])


def identity(tensors: Mapping[str, Tensor], arithmetic: Mapping[str, Any]) -> bytes:
    """SHA-256 over what Family.arithmetic gives and, sorted by name, each tensor's name, shape and float32
    little-endian bytes.

    It names the weights, not a file: the same weights stored as float16 where that is exact have the same identity.
    """
    digest = hashlib.sha256(json.dumps(arithmetic, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(name.encode() + struct.pack(f"<{tensor.dim() + 1}I", tensor.dim(), *tensor.shape))
        digest.update(tensor.float().contiguous().cpu().numpy().astype("<f4").tobytes())
    return digest.digest()
