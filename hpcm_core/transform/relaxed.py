"""What training passes through instead of files: noise for rounding, likelihoods for code streams.

For every codec with an analysis transform, a hyperprior, steps and a synthesis transform.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar, NamedTuple, Protocol

import torch
from torch import Tensor

from hpcm_core.entropy import ggm
from hpcm_core.entropy.model import Place, drive
from hpcm_core.transform.placed import Codec
from hpcm_core.transform.tiling import CodecConfig


class Params(Protocol):
    """The distributions of one step's symbols, as a network's float steps give them; packed as `place` packs."""

    @property
    def place(self) -> Place: ...

    @property
    def scales(self) -> Tensor: ...

    @property
    def means(self) -> Tensor: ...


class HyperConfig(CodecConfig, Protocol):
    """With a hyperprior of z at a quarter of the latents' height and width."""

    @property
    def hyper_channels(self) -> int: ...


class HyperCodec(Codec, Protocol):
    """A codec's network with a hyperprior and float steps."""

    PREDICTS_REST: ClassVar[bool]
    means_hyper: Any
    scales_hyper: Any
    h_a: Any
    h_s: Any

    def steps(self, hyper: Tensor) -> Generator[Any, Tensor, Tensor]:
        """Yields Params, receives the reconstructed latents of each, packed alike; returns y_hat."""
        ...


class Noise(NamedTuple):
    """Uniform noise in [-1/2, 1/2] in the shapes of z and y: quantization as a differentiable likelihood sees it."""

    z: Tensor
    y: Tensor


class Relaxed(NamedTuple):
    """What a pass gives: the reconstruction Bx3xHxW, not clamped, and the bits of y and of z, B values each."""

    x_hat: Tensor
    bits_y: Tensor
    bits_z: Tensor


def straight_through_round(x: Tensor) -> Tensor:
    """Rounds; its gradient is that of the identity."""
    return x + (torch.round(x) - x).detach()


def draw_noise(config: HyperConfig, batch: int, side: int, generator: torch.Generator) -> Noise:
    """Noise for square crops of `side` pixels, on the generator's device."""
    latents = side // config.stride
    shapes = (
        (batch, config.hyper_channels, latents // 4, latents // 4),
        (batch, config.latent_channels, latents, latents),
    )
    z, y = (torch.rand(shape, generator=generator, device=generator.device) - 0.5 for shape in shapes)
    return Noise(z, y)


def forward(network: HyperCodec, x: Tensor, q: Tensor, noise: Noise | None) -> Relaxed:
    """Crops Bx3xHxW in [0, 1] at rates q, B values. Without noise, with real rounding."""
    # Latents are as exact as the parameters whatever the convolutions are: bfloat16 cannot tell 200 from 201.
    exact = network.means_hyper.dtype
    y = network.analysis(x, q).to(exact)
    z = network.h_a(y).to(exact) - network.means_hyper
    z_symbols, z_values = _quantize(z, noise.z if noise else None)
    bits_z = _bits(z_values, network.scales_hyper)
    bits_y = torch.zeros_like(bits_z)
    latents = y if noise is None else torch.cat((y, noise.y))

    def answer(params: Params) -> Tensor:
        nonlocal bits_y
        means = params.means.to(exact)
        packed, *packed_noise = torch.split(params.place.pack(latents), len(y))
        symbols, values = _quantize(packed - means, *packed_noise)
        bits_y = bits_y + _bits(values, params.scales.to(exact))
        return symbols + means

    y_hat = drive(network.steps(network.h_s(z_symbols + network.means_hyper)), answer)
    if not network.PREDICTS_REST and not _moves(network):
        # All gradients would cancel on their way back (training/parts.py); they need not set out.
        y_hat = y_hat.detach()
    return Relaxed(network.synthesis(y_hat, q), bits_y, bits_z)


def _moves(network: Any) -> bool:
    """Whether analysis or synthesis is trained."""
    return any(p.requires_grad for name, p in network.named_parameters() if name.startswith(network.TRANSFORMS))


def _quantize(residual: Tensor, noise: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """What the decoder gets, and the values whose likelihood counts."""
    if noise is None:
        symbols = torch.round(residual)
        return symbols, symbols
    return straight_through_round(residual), residual + noise


def _bits(values: Tensor, scales: Tensor) -> Tensor:
    """Bits of each sample of a batch."""
    return -torch.log2(ggm.likelihood(values, scales)).sum(dim=(1, 2, 3))
