"""What Pillow does not know of AVIF: all bits of deep samples, colour by codes, and the part that is to be seen."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from hpcm_core.errors import Phrase
from hpcm_core.limits import Limits
from hpcm_core.picture import bmff, heif
from hpcm_core.picture.parts import Parts, at_full_range, split_alpha


def add_of_avif(data: bytes, parts: Parts, frame: int, count: int, limits: Limits) -> None:
    """All bits of samples of more than 8, colour by its codes, the clean aperture. count: of pictures in it."""
    _add_told(data, parts, frame, count, limits)
    seen = bmff.part_seen(bmff.contents(data).aperture, parts.pixels.shape[1], parts.pixels.shape[0])
    if count == 1 and seen is not None:
        parts.pixels, parts.alpha = parts.pixels[seen], None if parts.alpha is None else parts.alpha[seen]


def _add_told(data: bytes, parts: Parts, frame: int, count: int, limits: Limits) -> None:
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
    parts.pixels, parts.alpha = split_alpha(at_full_range(deep, told.bits))


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
