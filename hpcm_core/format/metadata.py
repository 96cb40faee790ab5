"""A .hpcm file without its metadata, or without the place alone: what codes the picture stays byte by byte."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hpcm_core.format import container
from hpcm_core.format.notes import pack_texts, parse_texts
from hpcm_core.limits import DEFAULT_LIMITS, Limits
from hpcm_core.picture.metadata import bare, without_place
from hpcm_core.picture.samples import Raster


def without_metadata(
    data: bytes | bytearray | memoryview, place_only: bool = False, limits: Limits = DEFAULT_LIMITS
) -> bytes:
    """The file without EXIF, XMP, IPTC, texts and resolution; place_only: without what says where it was taken.

    What its colours mean stays. Raises CorruptFile, LimitExceeded.
    """
    file = container.read(data, limits)
    # A raster carries metadata, whatever its pixels are.
    carrier = Raster(
        np.zeros((1, 1, 1), np.uint8), exif=file.exif, xmp=file.xmp, iptc=file.iptc, texts=parse_texts(file.texts)
    )
    kept = without_place(carrier) if place_only else bare(carrier)
    return container.write(
        replace(
            file,
            exif=kept.exif,
            xmp=kept.xmp,
            iptc=kept.iptc,
            texts=pack_texts(kept.texts),
            resolution=file.resolution if place_only else None,
        ),
        limits,
    )
