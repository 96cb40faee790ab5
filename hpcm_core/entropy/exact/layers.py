"""Networks on integers: the layers of a float network read once, then run on an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from hpcm_core.entropy.exact.engine import Engine, Heads
from hpcm_core.entropy.exact.integers import Activation, Sum
from hpcm_core.entropy.exact.tables import softmax_factor
from hpcm_core.entropy.exact.weights import IntegerLayer, convolution, transposed
from hpcm_core.layers.blocks import ConvStack, DWConvBlock, PartialConv, PConvBlock, WindowAttention

Layer = Callable[[Activation], Sum]
"""A layer up to its block shift."""


class Chain:
    """Layers one after the other, a block shift between each two."""

    def __init__(self, engine: Engine, layers: Sequence[Layer]) -> None:
        self._engine = engine
        self._layers = layers

    def __call__(self, x: Activation) -> Sum:
        *first, last = self._layers
        for layer in first:
            x = self._engine.shift(layer(x))
        return last(x)


class LayerReader:
    """Makes integer layers of float ones, for one engine. Raises ModelError where sums could be too large.

    drop: a layer that was read gives up its float weights, before the next is read.
    """

    def __init__(self, engine: Engine, drop: bool = False) -> None:
        self.engine = engine
        self._drop = drop

    def chain(self, module: nn.Module) -> Chain:
        """Any module that takes one tensor and is made of layers in READERS, in order."""
        return Chain(self.engine, [self._layer(part) for part in _flatten(module)])

    def _layer(self, module: nn.Module) -> Layer:
        return READERS[type(module)](self, module)

    def _pointwise(self, conv: nn.Module) -> Layer:
        engine, layer = self.engine, self.matrix(conv)
        return lambda x: engine.linear(x, layer)

    def matrix(self, conv: nn.Module) -> IntegerLayer:
        """A convolution as a matrix, in the engine's form."""
        return self.engine.prepare(self._read(conv, convolution))

    def _read(self, conv: nn.Module, read: Callable[[nn.Module], IntegerLayer]) -> IntegerLayer:
        layer = read(conv)
        if self._drop:
            conv.to("meta")
        return layer

    def _upsample(self, conv: nn.ConvTranspose2d) -> Layer:
        engine, layer = self.engine, self.engine.prepare(self._read(conv, transposed))

        def run(x: Activation) -> Sum:
            height, width, _ = x.values.shape
            total = engine.linear(x, layer)
            phases = total.values.view(height, width, 2, 2, -1).permute(0, 2, 1, 3, 4)
            return replace(total, values=phases.reshape(2 * height, 2 * width, -1))

        return run

    def _depthwise_block(self, block: DWConvBlock) -> Layer:
        engine = self.engine
        spatial, expand, _, project = block.branch
        taps = engine.prepare_depthwise(self._read(spatial, convolution))
        wide, narrow = self.matrix(expand), self.matrix(project)

        def run(x: Activation) -> Sum:
            t = engine.shift(engine.depthwise(x, taps))
            return engine.linear(engine.shift(engine.linear(t, wide, leaky=True)), narrow, plus=x)

        return run

    def _partial_block(self, block: PConvBlock) -> Layer:
        engine = self.engine
        partial, expand, _, project = block.branch
        assert isinstance(partial, PartialConv)
        split = partial.split
        spatial, wide, narrow = self.matrix(partial.pconv), self.matrix(expand), self.matrix(project)

        def run(x: Activation) -> Sum:
            moved = engine.linear(Activation(_neighbourhoods(x.values[..., :split]), x.exponent), spatial)
            rest = Activation(x.values[..., split:], x.exponent)
            t = engine.shift(engine.join(moved, rest))
            return engine.linear(engine.shift(engine.linear(t, wide, leaky=True)), narrow, plus=x)

        return run

    def _conv_stack(self, stack: ConvStack) -> Layer:
        engine = self.engine
        *first, last = [self.matrix(conv) for conv in stack.convs]

        def around(x: Activation) -> Activation:
            return Activation(_neighbourhoods(x.values), x.exponent)

        def run(x: Activation) -> Sum:
            for layer in first:
                x = engine.shift(engine.linear(around(x), layer, leaky=True))
            return engine.linear(around(x), last)

        return run

    def attention(self, module: WindowAttention) -> Attention:
        return Attention(self.engine, [self.matrix(conv) for conv in _projections(module)], _heads(module))


class Attention:
    """Progressive context fusion: what the new context asks of the old one, plus a projection of the new one."""

    def __init__(self, engine: Engine, projections: Sequence[IntegerLayer], heads: Heads) -> None:
        self._engine, self._projections, self._heads = engine, projections, heads

    def __call__(self, psi: Activation, context: Activation) -> Activation:
        engine = self._engine
        query, key, value, out = self._projections
        q, k, v = (engine.shift(engine.linear(x, w)) for x, w in ((psi, query), (context, key), (context, value)))
        return engine.shift(engine.linear(psi, out, plus=engine.attend(q, k, v, self._heads)))


READERS: dict[type[nn.Module], Callable[[LayerReader, Any], Layer]] = {
    nn.Conv2d: LayerReader._pointwise,
    nn.ConvTranspose2d: LayerReader._upsample,
    DWConvBlock: LayerReader._depthwise_block,
    PConvBlock: LayerReader._partial_block,
    ConvStack: LayerReader._conv_stack,
}
"""How each kind of layer is read. A family with layers of its own adds them here."""


def _projections(module: WindowAttention) -> tuple[nn.Module, ...]:
    return module.conv_q, module.conv_k, module.conv_v, module.conv_out


def _heads(module: WindowAttention) -> Heads:
    return Heads(module.heads, module.window, softmax_factor(module.conv_q.out_channels // module.heads))


def _flatten(module: nn.Module) -> list[nn.Module]:
    """The layers of nested containers in the order that they run."""
    if type(module) in READERS:
        return [module]
    return [part for child in module.children() for part in _flatten(child)]


def _neighbourhoods(x: Tensor) -> Tensor:
    """The 3x3 neighbourhood of every position, zeros outside: H x W x C -> H x W x 9C, row, column, channel."""
    height, width, channels = x.shape
    padded = x.new_zeros(height + 2, width + 2, channels)
    padded[1:-1, 1:-1] = x
    return torch.cat([padded[r : r + height, c : c + width] for r in range(3) for c in range(3)], dim=-1)
