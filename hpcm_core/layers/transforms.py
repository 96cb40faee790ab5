"""Analysis, synthesis and hyper transforms, built from their configuration."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from hpcm_core.layers.blocks import DWConvBlock, PConvBlock
from hpcm_core.layers.spec import Conv, Gain, Layer, Shuffle, TransformSpec


class Transform(nn.Module):
    """A chain of layers whose parameter keys are those of the published checkpoints. BxCxHxW -> BxC'xH'xW'."""

    def __init__(self, spec: TransformSpec, partial: int) -> None:
        super().__init__()
        layers: list[nn.Module | list[nn.Module]] = []
        channels = spec.channels_in
        for layer in spec.layers:
            made, channels = _made(layer, channels, partial)
            layers.append(made)
        if spec.names:
            named = zip(spec.names, layers, strict=True)
            children = OrderedDict(
                (name, nn.Sequential(*part) if isinstance(part, list) else part) for name, part in named
            )
        else:
            flat = [part for entry in layers for part in (entry if isinstance(entry, list) else [entry])]
            children = OrderedDict((str(i), part) for i, part in enumerate(flat))
            if spec.prefix:
                children = OrderedDict([(spec.prefix, nn.Sequential(children))])
        for name, child in children.items():
            self.add_module(name, child)

    def forward(self, x: Tensor, gains: Tensor | None = None) -> Tensor:
        """gains: 1xCx1x1, BxCx1x1 or, on the latents' grid, BxCxhxw, for a transform that takes them."""
        for child in self.children():
            x = child(x) if gains is None or not isinstance(child, GainPlace) else x * spread(gains, x)
        return x


def spread(gains: Tensor, x: Tensor) -> Tensor:
    """Gains on the grid of what they multiply: each of BxCxhxw for a square of BxCxHxW."""
    side = x.shape[3] // gains.shape[3]
    if gains.shape[3] == 1 or side == 1:
        return gains
    return gains.repeat_interleave(side, dim=2).repeat_interleave(side, dim=3)


class GainPlace(nn.Identity):
    """Where a transform multiplies gains, which have no weights of their own. A named layer, never one of a group."""


class TransformPair(nn.Module):
    """Two transforms of one description with weights of their own, and their results one behind the other. BxCxHxW ->
    Bx2C'xH'xW'.
    """

    def __init__(self, spec: TransformSpec, partial: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList([Transform(spec, partial) for _ in range(2)])

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([part(x) for part in self.parts], dim=1)


def _made(layer: Layer, channels: int, partial: int) -> tuple[nn.Module | list[nn.Module], int]:
    """A layer, or the blocks that it stands for, and the channels that it gives."""
    if isinstance(layer, Conv):
        return _conv(channels, layer), layer.channels
    if isinstance(layer, Shuffle):
        if layer.up:
            return nn.PixelShuffle(layer.side), channels // layer.side**2
        return nn.PixelUnshuffle(layer.side), channels * layer.side**2
    if isinstance(layer, Gain):
        return GainPlace(), channels
    hidden = layer.hidden_of(channels)
    blocks = (
        DWConvBlock(channels, hidden) if layer.depthwise else PConvBlock(channels, partial, hidden)
        for _ in range(layer.count)
    )
    return list(blocks), channels


def _conv(channels_in: int, spec: Conv) -> nn.Module:
    kind = nn.ConvTranspose2d if spec.transposed else nn.Conv2d
    return kind(channels_in, spec.channels, spec.kernel, spec.stride, spec.padding)
