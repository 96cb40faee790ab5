"""What Pillow does not know of AVIF: all bits of deep samples, and colour by codes."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from hpcm_core.errors import Phrase
from hpcm_core.limits import Limits
from hpcm_core.picture import heif
from hpcm_core.picture.parts import Parts, split_alpha, to_16_bits


def add_of_avif(data: bytes, parts: Parts, frame: int, count: int, limits: Limits) -> None:
    """All bits of samples of more than 8, and colour by its codes. Pillow knows neither. count: of pictures in it."""
    told = heif.told_by(data, grey=False)
    if told is None:
        return
    if parts.icc is None:
        parts.icc = told.icc
    parts.left_out += told.left_out
    if told.bits <= 8:
        return
    small = count * parts.pixels.shape[0] * parts.pixels.shape[1] <= limits.pixels
    deep = _deep_avif(data, frame) if small else None
    if deep is None or deep.shape[:2] != parts.pixels.shape[:2]:
        parts.left_out.append(Phrase("the lower bits of its {bits}", bits=told.bits))
        return
    parts.pixels, parts.alpha = split_alpha(to_16_bits(deep, told.bits))


def _deep_avif(data: bytes, frame: int) -> np.ndarray[Any, Any] | None:
    """H x W x C of uint16 in which the lower bits are used; None where imagecodecs is missing or cannot."""
    if find_spec("imagecodecs") is None:
        return None
    from imagecodecs import avif_decode

    try:
        # Of several pictures always all: asked for one, it makes room for one and writes them all.
        samples = np.asarray(avif_decode(data))
    except Exception:  # Its errors have no common type; the picture at 8 bits is there already.
        return None
    if samples.ndim == 4:
        samples = samples[min(frame, len(samples) - 1)]
    if samples.ndim == 2:
        samples = samples[:, :, np.newaxis]
    return samples if samples.dtype == np.uint16 and samples.ndim == 3 else None
