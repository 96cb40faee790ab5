"""What a float network's layers give on pictures: the ranges that profile 2's exponents are chosen by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from hpcm_core.layers.blocks import DWConvBlock, PConvBlock
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.quantize import HEADROOM
from hpcm_core.transform.relaxed import forward


def maxima(network: HPCM, crops: Iterable[tuple[Tensor, Tensor]]) -> dict[str, npt.NDArray[np.float64]]:
    """Largest magnitude of each channel that a convolution or block gives, and of "g_s.input", by the module's name.

    crops: batches Bx3xHxW in [0, 1] with their rates q (B values). What a LeakyReLU makes small counts for less below
    zero: negative values only need to fit with all the headroom used up.
    """
    seen: dict[str, Tensor] = {}

    def note(name: str, x: Tensor, below: float = 1.0) -> None:
        largest = torch.maximum(x.amax(dim=(0, 2, 3)), -below * x.amin(dim=(0, 2, 3))).clamp(min=0)
        seen[name] = torch.maximum(seen[name], largest) if name in seen else largest

    def watch(name: str, module: nn.Module) -> Any:
        below = (
            1 / HEADROOM if name.endswith(".branch.1") and isinstance(parents[name], PConvBlock | DWConvBlock) else 1.0
        )
        return module.register_forward_hook(lambda _m, _inputs, output: note(name, output.detach(), below))

    parents = {name: network.get_submodule(name.rsplit(".branch.", 1)[0]) for name, _ in network.named_modules()}
    hooks = [
        watch(name, module)
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | PConvBlock | DWConvBlock) or name == "h_s"
    ]
    hooks.append(network.g_s.register_forward_pre_hook(lambda _m, inputs: note("g_s.input", inputs[0].detach())))
    try:
        with torch.inference_mode():
            for x, q in crops:
                forward(network, x, q, None)
    finally:
        for hook in hooks:
            hook.remove()
    return {name: value.double().numpy() for name, value in seen.items()}
