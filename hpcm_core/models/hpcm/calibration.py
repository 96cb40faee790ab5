"""What a float network's layers give on pictures: the ranges that profile 2's exponents are chosen by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from hpcm_core.layers.blocks import DWConvBlock, PConvBlock
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.quantize import HEADROOM
from hpcm_core.transform.relaxed import forward

Floats = dict[str, npt.NDArray[np.float64]]


def maxima(network: HPCM, crops: Iterable[tuple[Tensor, Tensor]]) -> Floats:
    """Largest magnitude of each channel that a convolution or block gives, and of "g_s.input", by the module's name.

    crops: batches Bx3xHxW in [0, 1] with their rates q (B values).
    """
    with watched(network) as seen, torch.inference_mode():
        for x, q in crops:
            forward(network, x, q, None)
    return seen()


@contextmanager
def watched(network: nn.Module, prefix: str = "") -> Iterator[Callable[[], Floats]]:
    """While this lasts, ranges are seen on whatever runs through the network; gives a function that tells them. prefix:
    of the names, for a part of a network. What a LeakyReLU makes small counts for less below zero: negative values only
    need to fit with all the headroom used up.
    """
    seen: dict[str, Tensor] = {}
    named = {".".join(filter(None, (prefix, name))): module for name, module in network.named_modules()}

    def note(name: str, x: Tensor, below: float = 1.0) -> None:
        largest = torch.maximum(x.amax(dim=(0, 2, 3)), -below * x.amin(dim=(0, 2, 3))).clamp(min=0)
        seen[name] = torch.maximum(seen[name], largest) if name in seen else largest

    def watch(name: str, module: nn.Module) -> Any:
        block = named.get(name.removesuffix(".branch.1"))
        below = 1 / HEADROOM if name.endswith(".branch.1") and isinstance(block, PConvBlock | DWConvBlock) else 1.0
        return module.register_forward_hook(lambda _m, _inputs, output: note(name, output.detach(), below))

    hooks = [
        watch(name, module)
        for name, module in named.items()
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | PConvBlock | DWConvBlock) or name == "h_s"
    ]
    if "g_s" in named:
        hooks.append(named["g_s"].register_forward_pre_hook(lambda _m, inputs: note("g_s.input", inputs[0].detach())))
    try:
        yield lambda: {name: value.double().numpy() for name, value in seen.items()}
    finally:
        for hook in hooks:
            hook.remove()
