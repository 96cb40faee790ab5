"""CHARM* on the transforms of Base and Lite, as data.

CHARM is "Channel-wise Autoregressive Entropy Models for Learned Image Compression" (Minnen and Singh, ICIP 2020). The
star is the HPCM paper's (ICCV 2025, table 1): the same entropy model on HPCM-Base's transforms, 495.75 kMAC a pixel and
58.53 M parameters, +0.86, +1.55 and -1.32 % BD-rate against VTM-22.0 on Kodak, CLIC and Tecnick.

From the CHARM authors' code (tensorflow/compression, models/ms2020.py): ten slices, at most five of them support later
ones (the first five), a mean, a scale and a latent residual prediction (LRP) network a slice with 224 and 128 hidden
channels, y_hat + tanh(LRP) / 2. Guesses, of which only this combination meets both figures of the HPCM paper: kernels
of 3x3 instead of 5x5, and two hyper syntheses, one for means and one for scales, each Base's h_s with M outputs. That
the activations are LeakyReLU and the distribution is the generalized Gaussian, as everywhere here, are choices of this
project; the original has ReLU and a Gaussian.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hpcm_core.layers.spec import Conv
from hpcm_core.models.hpcm.config import BASE, WIDE_LITE, HPCMConfig
from hpcm_core.models.hyperprior.config import HyperConfig, taken_from
from hpcm_core.models.hyperprior.slots import Sampling, Slot


@dataclass(frozen=True, kw_only=True)
class CharmConfig(HyperConfig):
    """h_s is the description of each of the two hyper syntheses: N to M channels."""

    slices: int
    """Equal parts of the latents' channels, coded one after the other."""
    support: int = 5
    """Later slices see the first so many."""
    hidden: tuple[int, int] = (224, 128)
    """Channels between the three convolutions of a slice's networks."""

    @property
    def samplings(self) -> tuple[Sampling, ...]:
        """Of each step: one slice at every position."""
        return tuple(Sampling(self.slices, 1, (Slot(i, 0, 0),)) for i in range(self.slices))

    @property
    def labels(self) -> tuple[str, ...]:
        return ("z", *(str(i + 1) for i in range(self.slices)))

    def stream_of(self, index: int) -> int:
        """The first fifth of the slices, those up to the middle, and the rest: 2, 3 and 5 of ten."""
        return 1 if 5 * index < self.slices else 2 if 2 * index < self.slices else 3


def charm_on(root: HPCMConfig, slices: int, **changes: Any) -> CharmConfig:
    last = max(i for i, layer in enumerate(root.h_s.layers) if isinstance(layer, Conv))
    layers = list(root.h_s.layers)
    end = layers[last]
    assert isinstance(end, Conv)
    layers[last] = replace(end, channels=root.latent_channels)
    h_s = replace(root.h_s, layers=tuple(layers))
    return CharmConfig(**{**taken_from(root), "name": f"{root.name}-charm", "h_s": h_s}, slices=slices, **changes)


CONFIGS = {config.name: config for config in (charm_on(BASE, 10), charm_on(WIDE_LITE, 8, hidden=(96, 64)))}
"""Slices of 32 channels both times; the networks are narrower in Lite, as its own context networks are."""
