"""Analysis, synthesis and hyper transforms, built from their configuration."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from hpcm_core.layers.blocks import PConvBlock
from hpcm_core.layers.spec import Blocks, Conv, TransformSpec


class Transform(nn.Module):
    """A chain of layers whose parameter keys are those of the published checkpoints. BxCxHxW -> BxC'xH'xW'."""

    def __init__(self, spec: TransformSpec, partial: int) -> None:
        super().__init__()
        layers: list[nn.Module | list[nn.Module]] = []
        channels = spec.channels_in
        for layer in spec.layers:
            if isinstance(layer, Blocks):
                layers.append([PConvBlock(channels, partial) for _ in range(layer.count)])
            else:
                layers.append(_conv(channels, layer))
                channels = layer.channels
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

    def forward(self, x: Tensor) -> Tensor:
        for child in self.children():
            x = child(x)
        return x


def _conv(channels_in: int, spec: Conv) -> nn.Module:
    kind = nn.ConvTranspose2d if spec.transposed else nn.Conv2d
    return kind(channels_in, spec.channels, spec.kernel, spec.stride, spec.padding)
