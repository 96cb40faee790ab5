"""Drive a network's context model as an encoder does, in whatever precision it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from hpcm_core.entropy import ggm
from hpcm_core.entropy import model as entropy_model
from hpcm_core.models.hpcm.network import HPCM


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
def forward(model: HPCM, x: Tensor, q: float = 0.0, given: list[Tensor] | None = None) -> Run:
    """x: Bx3xHxW in [0, 1], H and W multiples of 256. given: symbols seen instead of its own."""
    y = model.analysis(x, q)
    z_symbols = torch.round(model.h_a(y) - model.means_hyper)
    hyper = model.h_s(z_symbols + model.means_hyper)
    bits_z = -torch.log2(ggm.likelihood(z_symbols, model.scales_hyper)).sum().item()
    run = Run(y, z_symbols, hyper, x, 0.0, bits_z)

    def answer(params):
        residual = params.place.pack(y) - params.means
        symbols = torch.round(residual)
        run.residuals.append(residual)
        run.symbols.append(symbols)
        run.scales.append(params.scales)
        run.bits_y -= torch.log2(ggm.likelihood(symbols, params.scales)).sum().item()
        sent = symbols if given is None else given[len(run.symbols) - 1]
        return sent + params.means

    run.x_hat = model.synthesis(entropy_model.drive(model.steps(hyper), answer), q)
    return run
