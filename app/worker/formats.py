"""JPEG, WebP and AVIF on the picture that is open, for the rate-distortion chart: measured as the codec's own results
are.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hpcm_core.progress import Cancel, Progress

FORMATS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("JPEG", ".jpg", (5, 10, 20, 35, 50, 65, 80, 90)),
    ("WebP", ".webp", (1, 5, 15, 30, 50, 70, 80, 90)),
    ("AVIF", ".avif", (10, 20, 30, 40, 50, 60, 70, 80)),
)
"""Name, extension and the qualities that are tried."""


def measure(job: object, report: Progress, cancel: Cancel) -> object:
    """Encode with every format and quality: (name, quality, Metrics) of each. A format that fails is left out."""
    from PIL import Image

    from app.worker.protocol import FormatsJob
    from hpcm_core import metrics
    from hpcm_core.errors import Cancelled, Phrase, PictureError
    from hpcm_core.picture.picture import Picture

    assert isinstance(job, FormatsJob)
    # Colours alone: these formats hold 8 bits, and metrics leave alpha out.
    pixels = job.picture.pixels if job.picture.bit_depth == 8 else (job.picture.pixels >> 8).astype(np.uint8)
    small = replace(job.picture, pixels=pixels, alpha=None)
    total = sum(len(qualities) for _, _, qualities in FORMATS)
    found, done = [], 0
    for name, suffix, qualities in FORMATS:
        for quality in qualities:
            if cancel():
                raise Cancelled("The measurement was cancelled.")
            report(Phrase("Measuring {format}", format=name), done / total)
            done += 1
            try:
                data = small.encode(suffix, quality)
            except PictureError:
                continue
            with Image.open(io.BytesIO(data)) as image:
                back = np.asarray(image.convert("L" if small.channels == 1 else "RGB"))
            back = back[:, :, None] if back.ndim == 2 else back
            found.append((name, quality, metrics.compare(job.picture, Picture(back), len(data))))
    return tuple(found)
