"""What the codec knows about a job when it ends. Faces show these values and never compute them again."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hpcm_core.format.container import Header
from hpcm_core.picture.picture import Picture

STEPS = 11
"""Coding steps of the hierarchical schedule; index 0 of a bit map is the hyperprior."""


@dataclass(frozen=True)
class Metrics:
    """Fidelity of a reconstruction and the size of its file.

    psnr in dB over all channels (infinite when equal); ms_ssim in [0, 1] or None where the picture is too small for
    five scales.
    """

    size_bytes: int | None
    bpp: float | None
    psnr: float
    ms_ssim: float | None
    ms_ssim_db: float | None


@dataclass(frozen=True, eq=False)
class BitMaps:
    """Where the bits went: float32, 12 x ceil(H/16) x ceil(W/16), in bits.

    Index 0 is the hyperprior z (each of its values spread over the latents that it describes), 1 to 11 are the coding
    steps. The sum over everything is 8 times the bytes of all code streams: a stream's few closing bytes are shared out
    in proportion.
    """

    steps: npt.NDArray[np.float32]

    @property
    def total(self) -> npt.NDArray[np.float32]:
        """All steps added up, H/16 x W/16, in bits."""
        return np.asarray(self.steps.sum(axis=0), dtype=np.float32)

    @property
    def per_step(self) -> npt.NDArray[np.float64]:
        """Bits of z and of each step, 12 values."""
        return np.asarray(self.steps.sum(axis=(1, 2), dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Encoded:
    """A finished encoding. `data` is the whole file; times are seconds by stage; advice is a sentence for pictures that
    had better be kept another way.
    """

    data: bytes
    header: Header
    bits: BitMaps
    reconstruction: Picture | None = None
    metrics: Metrics | None = None
    times: dict[str, float] = field(default_factory=dict)
    advice: str | None = None


@dataclass(frozen=True, eq=False)
class Decoded:
    """A finished decoding. Times are seconds by stage."""

    picture: Picture
    header: Header
    bits: BitMaps
    times: dict[str, float] = field(default_factory=dict)
