"""Codecs whose latents are coded in the four steps of a quadtree, as data: DCVC-DC intra* and Quad-Prior.

**DCVC-DC intra*** is what the HPCM paper (ICCV 2025, table 1) calls the intra entropy model of "Neural Video
Compression with Diverse Contexts" (Li, Li and Lu, CVPR 2023) on HPCM-Base's transforms: 542.14 kMAC a pixel and 45.51 M
parameters, -9.18, -8.54 and -10.18 % BD-rate against VTM-22.0 on Kodak, CLIC and Tecnick. The authors' code of DCVC-DC
has the four steps, with each quarter of the channels in an order of its own, and takes the hyperprior's parameters for
step 1 as they are. A guess: the layers between. Counting says that what runs three times has the weights of Base's
smaller context network and that 11.1 M more run once; here these are five depthwise blocks after h_s and an adaptor a
step, 0.07 and 0.20 % below the paper's figures. The original divides by a quantization step of its own making before
rounding; this does not.

**Quad-Prior** is "Learned Image Compression Framework with Quad-Prior Entropy Model" (Wang, Zhu, Tian and Shen). The
paper's: patches of 8x8 pixels become channels; DCBlocks of two residual blocks with depthwise convolutions, one at the
start, six, a convolution down, then up, twelve and one at the end; a table of gains by quantization parameter (QP) in
the encoder and one in the decoder; groups of channels and positions of 2x2 cells in four steps, the first from the
hyperprior alone, the others by an adaptor of their own each and a fusion that they share. Left open by the paper and
decided here: all widths (368, 256 is DCVC-RT's, whose main network it is), the hyper transforms, the depth of adaptors
and fusion, where Q_d multiplies (after the decoder's up-sampling, as the text and the figure have it), the number of
QPs (DCVC-RT's 64), and the range of lambdas, whose unit in the paper is another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hpcm_core.layers.spec import Blocks, Conv, Gain, Layer, Shuffle, TransformSpec, up
from hpcm_core.models.hpcm.config import BASE, WIDE_LITE, HPCMConfig
from hpcm_core.models.hyperprior.config import HyperConfig, taken_from
from hpcm_core.models.hyperprior.slots import Sampling, phases

ROTATED = ((0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1), (1, 0, 3, 2))
"""The phase of 2x2 cells (as in slots.FOUR) that each quarter of the channels codes, by step: the first quarter goes
top left, bottom right, bottom left, top right, the others begin elsewhere, so that every position has symbols of some
quarter from the first step on. It is DCVC-DC's.

Quad-Prior's text names two orders, top left, bottom right, top right, bottom left in the overview and top left, top
right, bottom left, bottom right in the detail, and says for both that channels of other groups that were partially
decoded help, which only a rotation gives. Another order is another constant like this one.
"""


@dataclass(frozen=True, kw_only=True)
class QuadtreeConfig(HyperConfig):
    """The transforms, and how the parameters of a step are made of the hyperprior's and the latents so far."""

    order: tuple[tuple[int, ...], ...] = ROTATED
    common_blocks: int = 0
    """Depthwise blocks on what h_s gives, before any step."""
    reduced: int | None = None
    """Channels to which a 1x1 convolution brings the hyperprior for the adaptors; None: they see it whole."""
    wide: int
    """Channels of adaptors and fusion."""
    adaptor_blocks: int = 0
    """Depthwise blocks of a step's adaptor after its 1x1 convolution."""
    prior_blocks: int
    """Depthwise blocks of the fusion, which the steps share, before its 1x1 convolution."""
    gains_inside: int | None = None
    """Channels of the gains where the transforms take them; None: they multiply the latents."""

    @property
    def samplings(self) -> tuple[Sampling, ...]:
        """Of each step."""
        return phases(self.order)

    @property
    def labels(self) -> tuple[str, ...]:
        return ("z", *(str(i + 1) for i in range(len(self.order))))

    def stream_of(self, index: int) -> int:
        """A quarter, a quarter, a half of the latents."""
        return min(index + 1, 3)

    @property
    def gain_channels(self) -> int:
        return self.latent_channels if self.gains_inside is None else self.gains_inside


def dcvc_dc_on(root: HPCMConfig) -> QuadtreeConfig:
    """DCVC-DC intra* on the transforms of an HPCM, with the width and depth of its smaller context network."""
    net = root.nets[0]
    return QuadtreeConfig(
        **{**taken_from(root), "name": f"{root.name}-dcvc-dc"},
        common_blocks=5,
        wide=root.context_channels or 3 * root.latent_channels,
        prior_blocks=net.branch_1 + net.branch_2,
    )


_PATCH = 8
"""Pixels a side that become channels."""


def _named(channels_in: int, **layers: Layer | None) -> TransformSpec:
    """A transform of named layers; None for one that is not there."""
    there = {name: layer for name, layer in layers.items() if layer is not None}
    return TransformSpec(channels_in, tuple(there.values()), names=tuple(there))


def _dc_blocks(count: int) -> Blocks:
    """DCBlocks: two residual blocks with depthwise convolutions each."""
    return Blocks(2 * count, depthwise=True)


def quad_prior(name: str, m: int, n: int, z: int, blocks: tuple[int, int] = (6, 12)) -> QuadtreeConfig:
    """m channels of the transforms, n of latents, z of the hyperprior; DCBlocks of encoder and decoder. A DCBlock that
    changes the channels begins with a 1x1 convolution.
    """
    patch = 3 * _PATCH**2
    one, change = Blocks(1, depthwise=True), m != patch
    return QuadtreeConfig(
        name=name,
        latent_channels=n,
        hyper_channels=z,
        g_a=_named(
            3,
            patchify=Shuffle(_PATCH),
            lift=Conv(m, 1, 1) if change else None,
            first=_dc_blocks(1),
            gain=Gain(),
            blocks=_dc_blocks(blocks[0]),
            down=Conv(n),
        ),
        g_s=_named(
            n,
            up=up(m),
            gain=Gain(),
            blocks=_dc_blocks(blocks[1]),
            lower=Conv(patch, 1, 1) if change else None,
            last=_dc_blocks(1),
            unpatchify=Shuffle(_PATCH, up=True),
        ),
        h_a=TransformSpec(n, (Conv(z, 1, 1), _dc_blocks(1), Conv(z), one, Conv(z), one)),
        h_s=TransformSpec(
            z,
            (up(z), one, up(z), one, Conv(n, 1, 1), _dc_blocks(1), Conv(2 * n, 1, 1), _dc_blocks(1), Conv(2 * n, 1, 1)),
        ),
        reduced=n,
        wide=2 * n,
        adaptor_blocks=1,
        prior_blocks=3,
        gains_inside=m,
        rate_lambdas=_LAMBDAS,
        input_shift=0.5,
        window=128,
    )


_QPS = 64
_LOWEST, _HIGHEST = 0.0009, 0.8
_LAMBDAS = tuple(
    float(f"{math.exp(math.log(_LOWEST) + i / (_QPS - 1) * math.log(_HIGHEST / _LOWEST)):.6g}") for i in range(_QPS)
)
"""The lambda of each QP, even on the log scale as the paper has them; one model for all rates instead of its three."""

QUAD_PRIOR = quad_prior("quad-prior", 192, 192, 96)

CONFIGS = {
    config.name: config
    for config in (
        dcvc_dc_on(BASE),
        dcvc_dc_on(WIDE_LITE),
        QUAD_PRIOR,
        quad_prior("quad-prior-368", 368, 256, 128),
        quad_prior("quad-prior-256", 256, 192, 96),
        quad_prior("quad-prior-4-8", 192, 192, 96, blocks=(4, 8)),
        quad_prior("quad-prior-160", 160, 128, 64),
    )
}
"""Quad-Prior in five sizes: 192 channels, its paper's kin, and others by their channels or their blocks."""
