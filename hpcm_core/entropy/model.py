"""The seam of the entropy model: what lies between z and the indices of the tables, as one generator.

Encoder and decoder drive the same generator, so they cannot drift apart in code. Each arithmetic profile is one
implementation.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from hpcm_core.models.hpcm.schedule import Step

SYMBOL_MAX = 32767
"""Largest magnitude of a symbol; an encoder clips before it forms y_hat."""


def quantize(residual: Tensor) -> Tensor:
    """Round half to even and clip to what the coder can carry: float -> int32."""
    return torch.nan_to_num(residual).round_().clamp_(-SYMBOL_MAX, SYMBOL_MAX).to(torch.int32)


class Request(NamedTuple):
    """What one step needs coded. Tensors are packed: 1 x M/parts x h x w.

    indices: uint8, the table of each symbol. means: what an encoder subtracts from y before rounding.
    """

    step: Step
    indices: Tensor
    means: Tensor


Steps = Generator[Request, Tensor, Tensor]
"""Yields requests, receives int32 symbols of the same shape, returns y_hat (1xMxhxw, float32)."""


class EntropyModel(Protocol):
    """One arithmetic profile of the entropy model. It works on one tile at a time, each as a plane of its own."""

    profile: int
    repeatable: bool
    """Whether every machine gives the same integers, so that an encoder need not decode what it has coded."""

    def session(self) -> AbstractContextManager[None]:
        """Held while a tile's steps run."""
        ...

    def hyper_symbols(self, y: Tensor) -> Tensor:
        """An encoder's choice of z: 1xMxhxw -> int32 1xNxh/4xw/4."""
        ...

    def hyper_indices(self, height: int, width: int) -> Tensor:
        """Tables of z for a tile of height x width latents: uint8 1xNxheight/4xwidth/4."""
        ...

    def steps(self, z_symbols: Tensor) -> Steps:
        """The 11 steps for int32 z symbols 1xNxh/4xw/4."""
        ...
