"""Drive a network's context model as an encoder does, in whatever precision it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from hpcm_core.entropy import ggm
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.sampling import down, pack
from hpcm_core.models.hpcm.schedule import DOWN_TO_1, DOWN_TO_2


@dataclass
class Run:
    """What one forward pass of the codec's networks gives; steps in coding order, packed."""

    y: Tensor
    z_symbols: Tensor
    hyper: Tensor
    x_hat: Tensor
    bits_y: float
    bits_z: float
    symbols: list[Tensor] = field(default_factory=list)
    scales: list[Tensor] = field(default_factory=list)
    residuals: list[Tensor] = field(default_factory=list)
    """y - means, before rounding."""


@torch.inference_mode()
def forward(model: HPCM, x: Tensor, q: float = 0.0) -> Run:
    """x: Bx3xHxW in [0, 1], H and W multiples of 256."""
    y = model.analysis(x, q)
    z_symbols = torch.round(model.h_a(y) - model.means_hyper)
    hyper = model.h_s(z_symbols + model.means_hyper)
    y_2 = down(y, DOWN_TO_2)
    y_of_scale = {1: down(y_2, DOWN_TO_1), 2: y_2, 3: y}
    bits_z = -torch.log2(ggm.likelihood(z_symbols, model.scales_hyper)).sum().item()
    run = Run(y, z_symbols, hyper, x, 0.0, bits_z)
    steps = model.steps(hyper)
    params = next(steps)
    while True:
        residual = pack(y_of_scale[params.step.scale], params.step.sampling) - params.means
        symbols = torch.round(residual)
        run.residuals.append(residual)
        run.symbols.append(symbols)
        run.scales.append(params.scales)
        run.bits_y -= torch.log2(ggm.likelihood(symbols, params.scales)).sum().item()
        try:
            params = steps.send(symbols + params.means)
        except StopIteration as end:
            run.x_hat = model.synthesis(end.value, q)
            return run
