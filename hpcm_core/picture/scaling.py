"""Pictures made smaller, for files that are shown elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from hpcm_core.picture import metadata
from hpcm_core.picture.samples import Raster, Samples
from hpcm_core.picture.size import Size

R = TypeVar("R", bound=Raster)


def scaled(picture: R, size: Size) -> R:
    """The picture at a size, by Lanczos' filter over three lobes (Pillow's), at its own depth; sizes in EXIF follow.

    Samples are weighted as they are, not in linear light, as most programs do it. Colours count by their alpha, so that
    what is transparent gives nothing to its neighbours.
    """
    width, height = size.of(picture.width, picture.height)
    if (width, height) == (picture.width, picture.height):
        return picture
    pixels, alpha, kind = picture.pixels, picture.alpha, picture.pixels.dtype
    made = np.empty((height, width, picture.channels), kind)
    opaque = None if alpha is None else _resized(alpha, width, height)
    for channel in range(picture.channels):  # One at a time: numbers of 32 bits take four times the memory.
        plane = pixels[:, :, channel]
        if alpha is None or opaque is None:
            made[:, :, channel] = _rounded(_resized(plane, width, height), kind)
        else:
            weighted = _resized(plane * np.float32(1) * alpha, width, height)
            # Half a step of alpha rounds to nothing that could be seen.
            made[:, :, channel] = _rounded(weighted / np.maximum(opaque, np.float32(0.5)), kind)
    exif = None if picture.exif is None else metadata.of_size(picture.exif, width, height)
    return replace(picture, pixels=made, alpha=None if opaque is None else _rounded(opaque, kind), exif=exif)


def _resized(plane: npt.NDArray[Any], width: int, height: int) -> npt.NDArray[np.float32]:
    """A plane, H x W, at another size, not rounded."""
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS), np.float32)


def _rounded(values: npt.NDArray[np.float32], kind: np.dtype[Any]) -> Samples:
    return np.clip(np.rint(values), 0, np.iinfo(kind).max).astype(kind)
