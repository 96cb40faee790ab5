"""Latents of one picture changed step by step until its file is smaller at the same fidelity: the same decoder, and an
encoder that takes its time.

Stochastic Gumbel annealing (Yang, Bamler and Mandt, "Improving Inference for Neural Image Compression", NeurIPS 2020):
on the way every value is a random mixture of the two integers beside it, which ever more becomes one of them. Gradients
that pass rounding as if it were not there gain nothing with such context models (docs/measurements.md).
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from hpcm_core.entropy import ggm
from hpcm_core.entropy.model import drive
from hpcm_core.transform.distortion import distortion
from hpcm_core.transform.relaxed import Params

RATE = 0.01
"""Of Adam, in quantization steps."""
_HOT, _COLD = 0.5, 0.025
"""Temperature at the beginning and at the end."""
_HOLD = 0.2
"""Share of the steps at the first temperature."""
_FULL = 0.6
"""Share of the steps at the full rate, which then falls to nothing."""
_EDGE = 1e-4


class Latents(NamedTuple):
    """y: 1xMxhxw and z: 1xNxh/4xw/4, before rounding; float32."""

    y: Tensor
    z: Tensor


def refine(
    decoder: Any, start: Latents, x: Tensor, lmbda: float, steps: int, report: Callable[[float], None]
) -> Latents:
    """Latents that cost less. Each lies where its distribution has a whole number, so that rounding is safe.

    decoder: float networks at one rate, as relaxed.HyperCodec; its g_s gives pixels in [0, 1] of latents without gains.
    start: what the encoder gives. x: the picture, 1x3xHxW in [0, 1], without padding; 1x1xHxW if it is grey. lmbda: the
    weight of the distortion beside bits per pixel. report: told the fraction done; raises to stop.
    """
    y, z = (part.clone().requires_grad_() for part in start)
    optimizer = torch.optim.Adam([y, z], lr=RATE)
    generator = torch.Generator().manual_seed(0)
    pixels = x.shape[2] * x.shape[3]
    for step in range(steps):
        done = step / steps
        report(done)
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (1 - done) / (1 - _FULL))
        heat = _HOT * (_COLD / _HOT) ** max(0.0, (done - _HOLD) / (1 - _HOLD))
        with torch.enable_grad():
            y_hat, bits = _coded(decoder, y, z, partial(_mixed, heat=heat, generator=generator))
            x_hat = _shown(decoder.g_s(y_hat), x)
            loss = bits / pixels + lmbda * distortion(x_hat, x)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        z_hat = torch.round(z - decoder.means_hyper) + decoder.means_hyper
        return Latents(_coded(decoder, y, z, torch.round)[0], z_hat)


def _coded(decoder: Any, y: Tensor, z: Tensor, rounded: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """What a decoder has of latents, and the bits for it."""
    symbols = rounded(z - decoder.means_hyper)
    bits = _bits(symbols, decoder.scales_hyper)

    def answer(params: Params) -> Tensor:
        nonlocal bits
        symbols = rounded(params.place.pack(y) - params.means)
        bits = bits + _bits(symbols, params.scales)
        return symbols + params.means

    y_hat = drive(decoder.steps(decoder.h_s(symbols + decoder.means_hyper)), answer)
    return y_hat, bits


def _bits(values: Tensor, scales: Tensor) -> Tensor:
    return -torch.log2(ggm.likelihood(values, scales)).sum()


def _mixed(values: Tensor, heat: float, generator: torch.Generator) -> Tensor:
    """A random mixture of the integers below and above: near one of them the likelier, the colder the purer."""
    low = torch.floor(values).detach()
    above = (values - low).clamp(_EDGE, 1 - _EDGE)
    # A mixture of two by Gumbel noise is a sigmoid of logistic noise, the difference of two Gumbel variables.
    uniform = torch.rand(values.shape, generator=generator).clamp_(1e-7, 1 - 1e-7)
    logits = (torch.atanh(above) - torch.atanh(1 - above)) / heat
    return low + torch.sigmoid((logits + torch.logit(uniform)) / heat)


def _shown(x_hat: Tensor, x: Tensor) -> Tensor:
    """What of the padded picture counts, in as many channels as the picture has."""
    x_hat = x_hat[..., : x.shape[2], : x.shape[3]]
    return x_hat if x.shape[1] == 3 else x_hat.mean(dim=1, keepdim=True)
