"""Transforms as data: which layers a network has, and how far one of its values sees."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Conv:
    """A convolution that changes the resolution: stride down, or up where transposed."""

    channels: int
    kernel: int = 2
    stride: int = 2
    padding: int = 0
    transposed: bool = False


@dataclass(frozen=True)
class Blocks:
    """Residual blocks with a partial 3x3 convolution, or a depthwise one, at the channels C that come in."""

    count: int
    depthwise: bool = False
    hidden: int = 0
    """Channels between the two 1x1 convolutions; 0 for the usual 4C, or 2C in depthwise ones."""

    def hidden_of(self, channels: int) -> int:
        """Channels between the two 1x1 convolutions of a block with so many."""
        return self.hidden or (2 if self.depthwise else 4) * channels


@dataclass(frozen=True)
class Shuffle:
    """Squares of `side` samples a side become channels of one, or the reverse."""

    side: int
    up: bool = False


@dataclass(frozen=True)
class Gain:
    """Where the rate's gains multiply the channels."""


Layer = Conv | Blocks | Shuffle | Gain


@dataclass(frozen=True)
class TransformSpec:
    """A transform as a list of layers.

    Keys of the parameters: without `names` the layers are numbered under `prefix` with every block counted; with
    `names` each layer has its own name and the blocks of one layer are numbered under it.
    """

    channels_in: int
    layers: tuple[Layer, ...]
    prefix: str = "branch"
    names: tuple[str, ...] = ()


def reach(spec: TransformSpec) -> int:
    """Latents that one value of the deeper end sees beyond its own 16x16 pixels, rounded up.

    Walks from the pixel end; a block's 3x3 reaches one sample at its resolution, a padded convolution reaches `padding`
    samples.
    """
    layers = spec.layers
    if any(isinstance(layer, Conv) and layer.transposed for layer in layers):
        layers = layers[::-1]
    pixels, reach = 1, 0
    for layer in layers:
        if isinstance(layer, Blocks):
            reach += layer.count * pixels
        elif isinstance(layer, Shuffle):
            pixels *= layer.side
        elif isinstance(layer, Conv):
            reach += layer.padding * pixels
            pixels *= layer.stride
    return math.ceil(reach / pixels)


def up(channels: int, kernel: int = 2, stride: int = 2, padding: int = 0) -> Conv:
    """A convolution that raises the resolution."""
    return Conv(channels, kernel, stride, padding, transposed=True)
