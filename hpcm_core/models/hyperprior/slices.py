"""Reading and writing the slots of a sampling. Nothing is computed: values of any type arrive as they were."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from hpcm_core.models.hyperprior.slots import Sampling


def down(x: Tensor, sampling: Sampling) -> Tensor:
    """What stands in the slots, one behind the other: BxCxHxW -> B x (slots C/parts) x H/stride x W/stride."""
    return cast(Tensor, _Down.apply(x, sampling))  # type: ignore[no-untyped-call]


def up(x: Tensor, sampling: Sampling, into: Tensor | None = None) -> Tensor:
    """Inverse of down, over a copy of `into`, or over zeros where it is None."""
    return cast(Tensor, _Up.apply(x, into, sampling))  # type: ignore[no-untyped-call]


class _Down(torch.autograd.Function):
    """Slices, with `up` as their gradient: by itself autograd would fill a plane with zeros for every slice."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, sampling: Sampling) -> Tensor:
        ctx.sampling = sampling
        source, s = parts_of(x, sampling.parts), sampling.stride
        return torch.cat([source[:, part, :, row::s, column::s] for part, row, column in sampling.slots], dim=1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return up(grads[0], ctx.sampling), None


class _Up(torch.autograd.Function):
    """Copies into slices; the gradient is `down`, and for what was copied over, the rest."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, into: Tensor | None, sampling: Sampling) -> Tensor:
        ctx.sampling = sampling
        s = sampling.stride
        channels = x.shape[1] * sampling.parts // len(sampling.slots)
        out = x.new_zeros(x.shape[0], channels, s * x.shape[2], s * x.shape[3]) if into is None else into.clone()
        source, target = parts_of(x, len(sampling.slots)), parts_of(out, sampling.parts)
        for i, (part, row, column) in enumerate(sampling.slots):
            target[:, part, :, row::s, column::s] = source[:, i]
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor | None, None]:
        of_x = down(grads[0], ctx.sampling)
        of_into = up(torch.zeros_like(of_x), ctx.sampling, into=grads[0]) if ctx.needs_input_grad[1] else None
        return of_x, of_into, None


def parts_of(x: Tensor, parts: int) -> Tensor:
    """BxCxHxW -> B x parts x C/parts x H x W."""
    return x.view(x.shape[0], parts, -1, *x.shape[2:])
