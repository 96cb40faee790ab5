"""When a picture had better be kept another way: measured on the picture, said in one sentence.

A learned codec is made for photographs. Drawn pictures (screenshots, text, line art) and tiny ones are where older
codecs are smaller or sharper, so for those, and only those, an older codec is tried. Trying takes as long as encoding a
small picture does: whoever shows advice asks for it, when the file is there.
"""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from PIL import Image, features

from hpcm_core import metrics
from hpcm_core.errors import Phrase
from hpcm_core.format.header import Header
from hpcm_core.models.registry import lossless_coder
from hpcm_core.picture import writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Raster
from hpcm_core.progress import Job

_DRAWN = 0.5
"""Share of pixels equal to their left neighbour from which a picture counts as drawn: photographs, with their noise,
mostly stay under 0.3, and screenshots begin at 0.6. What is then measured decides.
"""
_TINY = 128 * 128
"""Pixels up to which what a file has to say about itself weighs much."""
_LARGEST = 1 << 23
"""Pixels up to which trying costs less than encoding did: screens up to 3840 x 2160."""
_STEP = 5
"""Between the qualities that are tried: half the tries, for a few tenths of a dB."""
_LARGEST_SIDE = 16383
"""WebP's limit."""
_CLEARLY = 1.0
"""dB by which the other codec must be better."""


def is_candidate(picture: Picture) -> bool:
    """Whether another codec could be the better choice; without trying any."""
    pixels = picture.width * picture.height
    if picture.bit_depth != 8 or pixels > _LARGEST or max(picture.width, picture.height) > _LARGEST_SIDE:
        return False
    return pixels <= _TINY or is_drawn(picture)


def better_choice(picture: Picture, size_bytes: int, psnr: float, job: Job | None = None) -> Phrase | None:
    """What to do instead of keeping a file of `size_bytes` with `psnr` dB; None where the file is a good choice.

    size_bytes: without metadata (container.picture_bytes), as the others are tried.
    job: hears of each codec that is tried, and may end the trying between two tries. Raises Cancelled.
    """
    job = job or Job()
    if not is_candidate(picture):
        return None
    job.report(Phrase("Measuring {format}", format="WebP"), 0.0)
    lossless = len(_webp(picture, lossless=True, method=2, quality=50, exact=True))
    if lossless <= size_bytes:
        return Phrase("Lossless WebP is the better choice here: {size:,} bytes, every pixel as it was.", size=lossless)
    if picture.alpha is not None or math.isinf(psnr):
        return None
    found = [_lossy(picture, size_bytes, job, *codec) for codec in _codecs()]
    name, size, best = max((one for one in found if one is not None), key=lambda one: one[2], default=("", 0, 0.0))
    if best <= psnr + _CLEARLY:
        return None
    return Phrase(
        "{codec} is the better choice here: {psnr:.1f} dB in {size:,} bytes.", codec=name, psnr=best, size=size
    )


def of_jpeg(picture: Raster, header: Header) -> Phrase | None:
    """What is to be said of a file that keeps the pixels of a JPEG; None for others."""
    if not picture.from_jpeg or lossless_coder(header.model_name, header.profile) is None:
        return None
    return Phrase(
        "The picture comes from a JPEG file: its pixels are kept, the file itself is not, and that is usually smaller."
    )


def is_drawn(picture: Picture) -> bool:
    """Large parts have one colour, as nothing has that a camera saw."""
    if picture.width < 2:
        return True
    equal = np.all(picture.pixels[:, 1:] == picture.pixels[:, :-1], axis=2)
    return float(equal.mean()) >= _DRAWN


def _codecs() -> list[tuple[str, str, dict[str, Any]]]:
    """Name, Pillow's format and options of the codecs to try, each tuned for PSNR, by which they are judged."""
    # Slower settings of AVIF save little here, and take forty times as long.
    avif: dict[str, Any] = {"speed": 8, "subsampling": "4:4:4", "advanced": {"tune": "psnr"}}
    both: list[tuple[str, str, dict[str, Any]]] = [("WebP", "WEBP", {"method": 4}), ("AVIF (tune=psnr)", "AVIF", avif)]
    return both if features.check("avif") else both[:1]


def _lossy(
    picture: Picture, size_bytes: int, job: Job, name: str, kind: str, options: dict[str, Any]
) -> tuple[str, int, float] | None:
    """Name, bytes and PSNR of the best file of at most that size, by bisection over its quality; None where none is."""
    best, low, high = None, 0, 100 // _STEP
    while low <= high:
        job.report(Phrase("Measuring {format}", format=name), 0.5)
        quality = (low + high) // 2
        try:
            data = writing.by_pillow(Raster(picture.pixels), kind, quality=quality * _STEP, **options)
        except ValueError:  # An encoder without that tuning.
            return None
        if len(data) <= size_bytes:
            best, low = data, quality + 1
        else:
            high = quality - 1
    if best is None:
        return None
    with Image.open(io.BytesIO(best)) as image:
        decoded = np.asarray(Image.Image.convert(image, "RGB"))
    return name, len(best), metrics.psnr(np.ascontiguousarray(picture.rgb()), decoded)


def _webp(picture: Picture, **options: int | bool) -> bytes:
    return writing.by_pillow(Raster(picture.pixels, picture.alpha), "WEBP", **options)
