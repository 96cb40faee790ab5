"""What a variant costs: parameters, and multiply-accumulates a pixel by part of the network.

The rule is that of the HPCM paper's tables, found by counting its published networks (0.03 of 918.57 kMAC a pixel
apart): convolutions and the two products of attention, nothing elementwise, a picture of 768 x 512. It includes the
fusion after the last step, whose result nobody reads: this program skips it, so it is a part of its own here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcm_core.models.registry import trainable

if TYPE_CHECKING:
    from torch import Tensor, nn

HEIGHT, WIDTH = 512, 768
UNREAD = "unread"
"""The part that the rule counts and this program leaves out."""
_TRANSFORMS = ("g_a", "g_s", "h_a", "h_s")


@dataclass(frozen=True)
class Cost:
    """parameters of the whole network; kmacs: thousands of multiply-accumulates a pixel by part, of an encoder that
    reconstructs: g_a, g_s, h_a and h_s where there are such, "context" for the rest, and UNREAD.
    """

    parameters: int
    kmacs: dict[str, float]

    @property
    def total(self) -> float:
        """Thousands of multiply-accumulates a pixel, as the paper counts."""
        return sum(self.kmacs.values())


def cost(variant: str) -> Cost:
    """What a variant costs, counted without memory for its weights. Raises KeyError for an unknown one, and
    for one that no training makes."""
    import torch

    family, config = trainable(variant)
    counts: dict[str, int] = {}
    meta = torch.device("meta")
    with meta:
        network = family.build(config)
    x, q = torch.empty(1, 3, HEIGHT, WIDTH, device=meta), torch.zeros(1, device=meta)
    with torch.no_grad(), _shapes_only(network):
        with _counting(network, counts):
            family.forward(network, x, q, None)
        unread: dict[str, int] = {}
        with _counting(network, unread):
            family.unread(network, HEIGHT, WIDTH)
    if unread:
        counts[UNREAD] = sum(unread.values())
    kmacs = {part: macs / (HEIGHT * WIDTH) / 1000 for part, macs in counts.items()}
    return Cost(sum(parameter.numel() for parameter in network.parameters()), kmacs)


@contextmanager
def _shapes_only(network: nn.Module) -> Iterator[None]:
    """Activations leave out what counts for nothing: torch works out the shapes of elementwise operations in Python."""
    from torch import nn

    layers = [module for module in network.modules() if isinstance(module, nn.LeakyReLU)]
    for layer in layers:
        layer.__dict__["forward"] = _same
    try:
        yield
    finally:
        for layer in layers:
            del layer.__dict__["forward"]


def _same(x: Tensor) -> Tensor:
    return x


@contextmanager
def _counting(network: nn.Module, counts: dict[str, int]) -> Iterator[None]:
    """Add what each layer multiplies to its part's count."""
    handles = []
    for name, module in network.named_modules():
        top = name.partition(".")[0]
        part = top if top in _TRANSFORMS else "context"

        def add(module: nn.Module, inputs: tuple[Any, ...], output: Any, part: str = part) -> None:
            if macs := _macs(module, inputs[0].shape, output):
                counts[part] = counts.get(part, 0) + macs

        handles.append(module.register_forward_hook(add))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _macs(module: nn.Module, shape: Any, output: Any) -> int:
    """Of one layer for an input of that shape, BxCxHxW, without those of layers in it."""
    from torch import nn

    from hpcm_core.layers.blocks import WindowAttention
    from hpcm_core.layers.masked import MaskedConv

    batch, channels, height, width = shape if len(shape) == 4 else (0, 0, 0, 0)
    if isinstance(module, nn.ConvTranspose2d):
        return int(batch * height * width * module.weight.numel())
    if isinstance(module, (nn.Conv2d, MaskedConv)):
        return int(output.shape[0] * output.shape[2] * output.shape[3] * module.weight.numel())
    if isinstance(module, WindowAttention):
        return int(2 * batch * height * width * module.window**2 * channels)
    return 0
