"""Weights from a formula, so that large networks can be tested without files: name and index are hashed to a number."""

from __future__ import annotations

import math
import zlib

import numpy as np
import torch


def formula_tensor(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """The float32 tensor of this name and shape."""
    count = math.prod(shape)
    v = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(zlib.crc32(name.encode()))
    v ^= v >> np.uint32(16)
    v *= np.uint32(0x85EBCA6B)
    v ^= v >> np.uint32(13)
    v *= np.uint32(0xC2B2AE35)
    v ^= v >> np.uint32(16)
    u = v / 2.0**32
    if name == "means_hyper" or name.endswith(".bias"):
        values = (2 * u - 1) * 0.5
    elif name == "scales_hyper":
        values = 0.5 + 2 * u
    elif name.startswith("adaptive_params_list"):
        values = 0.5 + u
    else:
        values = (2 * u - 1) * np.sqrt(3 / (count / shape[0]))
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def formula_state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """A state dict for the model."""
    return {key: formula_tensor(key, tuple(value.shape)) for key, value in model.state_dict().items()}
