"""What a .hpcm file without loss is made of where JPEG XL codes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from hpcm_core.format.header import JPEG_XL_PROFILE


@dataclass(frozen=True)
class JpegXlConfig:
    """Tiles are codestreams of their own; nothing is padded, and nothing is known of where the bits went."""

    stride: ClassVar[int] = 1
    units: ClassVar[tuple[int, ...]] = (1,)
    rates: ClassVar[Literal["none"]] = "none"
    rate_lambdas: ClassVar[tuple[float, ...]] = ()
    profile: ClassVar[int] = JPEG_XL_PROFILE
    streams: ClassVar[int] = 1
    labels: ClassVar[tuple[str, ...]] = ()

    name: str
    tile: int
    """Pixels a side at most. Between tiles a job can be stopped, and one bounds the memory; tiles of 512 make files 0.5
    % larger than whole pictures of 768 x 512.
    """


LOSSLESS = JpegXlConfig("lossless", tile=1024)
