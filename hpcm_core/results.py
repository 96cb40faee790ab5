"""What the codec knows about a job when it ends. Faces show these values and never compute them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import Phrase
from hpcm_core.format.container import Header
from hpcm_core.format.gain import QualityMap
from hpcm_core.format.look import FAITHFUL
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job


@dataclass(frozen=True)
class Metrics:
    """Fidelity of a reconstruction and the size of its file.

    psnr in dB over all channels (infinite when equal); ms_ssim in [0, 1] or None where the picture is too small for
    five scales. ssimulacra2: at most 100, which is equal; None where it was not asked for, or the picture is too small.
    """

    size_bytes: int | None
    bpp: float | None
    psnr: float
    ms_ssim: float | None
    ms_ssim_db: float | None
    ssimulacra2: float | None = None


@dataclass(frozen=True)
class AlphaMetrics:
    """How close one picture's alpha is to another's.

    state: "equal", "differs" or "only in one". The largest difference is of 255, or of 65535 where one has 16 bits;
    psnr in dB, infinite when equal.
    """

    state: str
    max_difference: int
    psnr: float


@dataclass(frozen=True, eq=False)
class BitMaps:
    """Where the bits went: a map in bits for each thing that was coded, in coding order. Made by the model's family,
    read by whoever shows it.

    steps: float32, one map a label, ceil(H/cell) x ceil(W/cell). The sum over everything is 8 times the bytes of all
    code streams: a stream's few closing bytes are shared out in proportion.
    """

    steps: npt.NDArray[np.float32]
    labels: tuple[str, ...]
    """Short names of the maps: "z" for a hyperprior (each of its values spread over what it describes), a number for a
    coding step; a colour, or Y for grey.
    """
    cell: int
    """Pixels a side that one value of a map stands for."""
    colours: bool = False
    """Whether the maps are of the samples' colours, which are coded side by side, and not of steps that follow one
    another.
    """

    @property
    def total(self) -> npt.NDArray[np.float32]:
        """All maps added up, in bits."""
        return np.asarray(self.steps.sum(axis=0), dtype=np.float32)

    @property
    def per_step(self) -> npt.NDArray[np.float64]:
        """Bits of each map."""
        return np.asarray(self.steps.sum(axis=(1, 2), dtype=np.float64))


NOT_CODING = frozenset({"model", "metrics"})
"""Stages that are no part of coding: loading weights happens once, measuring is for the reader."""


def encode_seconds(times: dict[str, float]) -> float:
    """Time from pixels to file: without loading the model, and without the synthesis that only shows the result."""
    return sum(seconds for stage, seconds in times.items() if stage not in NOT_CODING | {"synthesis"})


def decode_seconds(times: dict[str, float]) -> float:
    """Time from file to pixels, without loading the model."""
    return sum(seconds for stage, seconds in times.items() if stage not in NOT_CODING)


@dataclass(frozen=True, eq=False)
class Coded:
    """What a family makes of a picture or of a file's tiles. Made by Family.encode and decode, read by codec.py.

    tiles: the payloads of the TILE chunks. stream_bytes: of their code streams, without framing.
    """

    tiles: tuple[bytes, ...]
    stream_bytes: int
    bits: BitMaps | None
    """None where nobody can say where they went."""
    pixels: Callable[[Job], npt.NDArray[np.generic]]
    """Makes what a decoder shows: H x W x channels, uint8 or uint16 as the header says. Costs a synthesis, so only on
    demand.
    """
    natural: Callable[[Job], npt.NDArray[np.generic]] | None = None
    """The same of the natural look, where the model was given one."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """A finished encoding. data: the whole file; stream_bytes: of its code streams; times: seconds by stage."""

    data: bytes
    header: Header
    bits: BitMaps | None
    stream_bytes: int
    """Of all code streams: what the bit maps must add up to."""
    reconstruction: Picture | None = None
    metrics: Metrics | None = None
    times: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Decoded:
    """A finished decoding. stream_bytes: of the file's code streams. Times are seconds by stage."""

    picture: Picture
    header: Header
    bits: BitMaps | None
    stream_bytes: int
    """Of all code streams: what the bit maps must add up to."""
    times: dict[str, float] = field(default_factory=dict)
    quality_map: QualityMap | None = None
    """Where the picture was coded better or worse than the rest."""
    look: int = FAITHFUL
    """How the picture was made: faithful, natural or between (hpcm_core.look)."""
    wished: int = FAITHFUL
    """What the file's maker wished."""
    without_look: Phrase | None = None
    """Why the picture is faithful although the file wishes another look, and nobody asked for a certain one."""
    natural: Picture | None = None
    """The same by the natural look, where both ends were asked for and the file wishes one."""
