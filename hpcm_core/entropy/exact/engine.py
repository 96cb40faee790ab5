"""What an engine computes. All engines give the same integers; they differ in speed and in where they run."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

import torch

from hpcm_core.entropy.exact.integers import Activation, Sum
from hpcm_core.entropy.exact.weights import IntegerLayer, IntegerVector

Part = Activation | Sum


class Heads(NamedTuple):
    """How attention divides its input: heads of equal contiguous channels, square windows of `window` positions a
    side, and the softmax's factor log2(e) / sqrt(channels of a head) * 2^14.
    """

    number: int
    window: int
    factor: int


class Engine(Protocol):
    """Layers on integer tensors of shape H x W x C. An engine may keep any form of a layer that it prepares."""

    name: str
    device: torch.device

    def __hash__(self) -> int: ...

    def session(self) -> AbstractContextManager[None]:
        """Held while a tile's steps run."""
        ...

    def prepare(self, layer: IntegerLayer) -> IntegerLayer:
        """The form of a matrix layer that `linear` takes; called once when a model is loaded."""
        ...

    def prepare_depthwise(self, layer: IntegerLayer) -> IntegerLayer:
        """The form of a 3x3 layer that `depthwise` takes."""
        ...

    def linear(self, x: Activation, layer: IntegerLayer, *, leaky: bool = False, plus: Part | None = None) -> Sum:
        """A 1x1 convolution, then LeakyReLU, or the aligned sum with another tensor of the result's shape."""
        ...

    def depthwise(self, x: Activation, layer: IntegerLayer) -> Sum:
        """A depthwise 3x3 convolution with zero padding."""
        ...

    def scale(self, x: Activation, factors: IntegerVector) -> Sum:
        """Channels times their factors."""
        ...

    def join(self, *parts: Part) -> Sum:
        """Tensors one behind the other along the channels, aligned."""
        ...

    def attend(self, q: Activation, k: Activation, v: Activation, heads: Heads) -> Sum:
        """Softmax attention within windows, without the term that is added to it."""
        ...

    def shift(self, x: Sum) -> Activation:
        """The block shift: round to 16 bits with the largest magnitude in range. Uses the sum up: an engine may write
        over its values afterwards.
        """
        ...
