"""What a duel gives, as values: contestants, their figures as rows, and what is to be said of them.

No codec is met here, so the window can have them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from hpcm_core import table
from hpcm_core.errors import Phrase
from hpcm_core.picture.picture import Picture
from hpcm_core.results import Metrics

At: TypeAlias = Literal["bytes", "psnr", "ms-ssim"]
"""What of the .hpcm file the others are held to."""
TOLERANCE: dict[At, float] = {"bytes": 0.005, "psnr": 0.02, "ms-ssim": 0.02}
"""How far from it they may be: a share of the bytes, or dB. Where an encoder has no step there, the nearest counts."""


FORMATS = {"jpeg": "JPEG", "webp": "WebP", "avif": "AVIF", "jxl": "JPEG XL"}
"""The other formats by the names that options take, and as they are called."""


@dataclass(frozen=True, eq=False)
class Contestant:
    """A file and what it decodes to. Times are seconds, without loading a model; None where nobody measured them."""

    name: str
    """"hpcm", the model and rate of another .hpcm file ("lite-20"), or one of encoders.NAMES."""
    title: str
    settings: str
    suffix: str
    data: bytes
    picture: Picture
    metrics: Metrics
    encode_seconds: float | None = None
    decode_seconds: float | None = None
    miss: float | None = 0.0
    """How much larger or better than what was asked for, in the units of TOLERANCE; of the .hpcm file 0. None of one
    that takes part as it is."""

    def is_near(self, at: At) -> bool:
        """Whether it is what was asked for, not only the nearest that its encoder can make."""
        return self.miss is None or abs(self.miss) <= TOLERANCE[at]


@dataclass(frozen=True, eq=False)
class Duel:
    """contestants: the .hpcm file first. left_out: who could not take part and why."""

    at: At
    contestants: tuple[Contestant, ...]
    left_out: tuple[Phrase, ...] = ()


COLUMNS = (
    "picture", "at", "codec", "settings", "bytes", "bpp", "psnr", "ms_ssim", "ms_ssim_db", "ssimulacra2",
    "encode_seconds", "decode_seconds", "miss", "is_near",
)  # fmt: skip
"""Of a report: figures as in Metrics; miss and is_near as in Contestant."""


def rows(picture: str, found: Duel) -> list[dict[str, Any]]:
    """A row of COLUMNS for each contestant; picture: its name. Figures that are infinite or not measured are None."""
    out = []
    for one in found.contestants:
        m = one.metrics
        figures = (m.bpp, m.psnr, m.ms_ssim, m.ms_ssim_db, m.ssimulacra2, one.encode_seconds, one.decode_seconds)
        known = (None if figure is None or math.isinf(figure) else round(figure, 6) for figure in figures)
        values = (
            picture,
            found.at,
            one.title,
            one.settings,
            m.size_bytes,
            *known,
            None if one.miss is None else round(one.miss, 6),
        )
        out.append(dict(zip(COLUMNS, (*values, one.is_near(found.at)), strict=True)))
    return out


def to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV, with their columns first."""
    return table.to_csv(COLUMNS, rows)


def miss_in_words(one: Contestant, at: At) -> Phrase | None:
    """What is to be said of a contestant that is only the nearest; None for others."""
    if one.miss is None or one.is_near(at):
        return None
    if at == "bytes":
        return Phrase("{codec} misses the bytes by {percent:+.1f} %: no step of its encoder is nearer.",
                      codec=one.title, percent=100 * one.miss)  # fmt: skip
    return Phrase(
        "{codec} misses the {measure} by {decibels:+.2f} dB: no step of its encoder is nearer.",
        codec=one.title,
        decibels=one.miss,
        measure="PSNR" if at == "psnr" else "MS-SSIM",
    )
