"""JPEG, WebP and AVIF on the picture that is open, for the rate-distortion chart: measured as the codec's own results
are.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hpcm_core.picture.picture import Picture
from hpcm_core.results import Metrics

FORMATS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("JPEG", ".jpg", (5, 10, 20, 35, 50, 65, 80, 90)),
    ("WebP", ".webp", (1, 5, 15, 30, 50, 70, 80, 90)),
    ("AVIF", ".avif", (10, 20, 30, 40, 50, 60, 70, 80)),
)
"""Name, extension and the qualities that are tried."""


def measure(
    picture: Picture, report: Callable[[str, float], None], cancel: Callable[[], bool]
) -> tuple[tuple[str, int, Metrics], ...]:
    """Encode with every format and quality: (name, quality, Metrics) of each. A format that fails is left out."""
    from PIL import Image

    from hpcm_core import metrics
    from hpcm_core.errors import Cancelled, PictureError

    # Colours alone: these formats hold 8 bits, and metrics leave alpha out.
    pixels = picture.pixels if picture.bit_depth == 8 else (picture.pixels >> 8).astype(np.uint8)
    small = replace(picture, pixels=pixels, alpha=None)
    total = sum(len(qualities) for _, _, qualities in FORMATS)
    found, done = [], 0
    for name, suffix, qualities in FORMATS:
        for quality in qualities:
            if cancel():
                raise Cancelled("The measurement was cancelled.")
            report(f"Measuring {name}", done / total)
            done += 1
            try:
                data = small.encode(suffix, quality)
            except PictureError:
                continue
            with Image.open(io.BytesIO(data)) as image:
                back = np.asarray(image.convert("L" if small.channels == 1 else "RGB"))
            back = back[:, :, None] if back.ndim == 2 else back
            found.append((name, quality, metrics.compare(picture, Picture(back), len(data))))
    return tuple(found)
