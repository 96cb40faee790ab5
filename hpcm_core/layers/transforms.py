"""Analysis, synthesis and hyper transforms, built from their configuration."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from hpcm_core.layers.blocks import PConvBlock
from hpcm_core.models.hpcm.config import Blocks, Conv, Network


class Transform(nn.Module):
    """A chain of layers whose parameter keys are those of the published checkpoints. BxCxHxW -> BxC'xH'xW'."""

    def __init__(self, network: Network, partial: int) -> None:
        super().__init__()
        layers: list[nn.Module | list[nn.Module]] = []
        channels = network.channels_in
        for spec in network.layers:
            if isinstance(spec, Blocks):
                layers.append([PConvBlock(channels, partial) for _ in range(spec.count)])
            else:
                layers.append(_conv(channels, spec))
                channels = spec.channels
        if network.names:
            named = zip(network.names, layers, strict=True)
            children = OrderedDict(
                (name, nn.Sequential(*layer) if isinstance(layer, list) else layer) for name, layer in named
            )
        else:
            flat = [part for layer in layers for part in (layer if isinstance(layer, list) else [layer])]
            children = OrderedDict((str(i), part) for i, part in enumerate(flat))
            if network.prefix:
                children = OrderedDict([(network.prefix, nn.Sequential(children))])
        for name, child in children.items():
            self.add_module(name, child)

    def forward(self, x: Tensor) -> Tensor:
        for child in self.children():
            x = child(x)
        return x


def _conv(channels_in: int, spec: Conv) -> nn.Module:
    kind = nn.ConvTranspose2d if spec.transposed else nn.Conv2d
    return kind(channels_in, spec.channels, spec.kernel, spec.stride, spec.padding)
