"""When a picture had better be kept another way: measured on the picture, said in one sentence.

A learned codec is made for photographs. Drawn pictures (screenshots, text, line art) and tiny ones are where older
codecs are smaller or sharper, so for those, and only those, an older codec is tried.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from hpcm_core import metrics
from hpcm_core.errors import Phrase
from hpcm_core.picture import writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Raster

_DRAWN = 0.5
"""Share of pixels equal to their left neighbour from which a picture counts as drawn: photographs, with their noise,
mostly stay under 0.3, and screenshots begin at 0.6. What is then measured decides.
"""
_TINY = 128 * 128
"""Pixels up to which what a file has to say about itself weighs much."""
_LARGEST = 1 << 24
"""Pixels up to which trying costs less than encoding did."""
_LARGEST_SIDE = 16383
"""WebP's limit."""
_CLEARLY = 1.0
"""dB by which the other codec must be better."""


def better_choice(picture: Picture, size_bytes: int, psnr: float) -> Phrase | None:
    """What to do instead of keeping a file of `size_bytes` with `psnr` dB; None where the file is a good choice."""
    pixels = picture.width * picture.height
    if picture.bit_depth != 8 or pixels > _LARGEST or max(picture.width, picture.height) > _LARGEST_SIDE:
        return None
    if pixels > _TINY and not is_drawn(picture):
        return None
    lossless = len(_webp(picture, lossless=True, method=2, quality=50, exact=True))
    if lossless <= size_bytes:
        return Phrase("Lossless WebP is the better choice here: {size:,} bytes, every pixel as it was.", size=lossless)
    if picture.alpha is None and (found := _lossy(picture, size_bytes)) is not None and found[1] > psnr + _CLEARLY:
        return Phrase("WebP is the better choice here: {psnr:.1f} dB in {size:,} bytes.", psnr=found[1], size=found[0])
    return None


def is_drawn(picture: Picture) -> bool:
    """Large parts have one colour, as nothing has that a camera saw."""
    if picture.width < 2:
        return True
    equal = np.all(picture.pixels[:, 1:] == picture.pixels[:, :-1], axis=2)
    return float(equal.mean()) >= _DRAWN


def _lossy(picture: Picture, size_bytes: int) -> tuple[int, float] | None:
    """Bytes and PSNR of the best WebP of at most that size, by bisection over its quality; None where none is."""
    best, low, high = None, 0, 100
    while low <= high:
        quality = (low + high) // 2
        data = _webp(picture, quality=quality, method=4)
        if len(data) <= size_bytes:
            best, low = data, quality + 1
        else:
            high = quality - 1
    if best is None:
        return None
    with Image.open(io.BytesIO(best)) as image:
        decoded = np.asarray(Image.Image.convert(image, "RGB"))
    return len(best), metrics.psnr(np.ascontiguousarray(picture.rgb()), decoded)


def _webp(picture: Picture, **options: int | bool) -> bytes:
    return writing.by_pillow(Raster(picture.pixels, picture.alpha), "WEBP", **options)
