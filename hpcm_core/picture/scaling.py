"""Pictures made smaller, for files that are shown elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from hpcm_core.errors import PictureError
from hpcm_core.picture import metadata
from hpcm_core.picture.samples import Raster, Samples
from hpcm_core.picture.size import fit

R = TypeVar("R", bound=Raster)

_SAID = re.compile(r"(\d{1,9})|(\d{1,3}(?:\.\d{1,9})?)\s*%")


@dataclass(frozen=True)
class Size:
    """How large a picture is to become: no side above `longest` pixels, or `percent` of what it is along each side.
    Never larger than it was. Neither: as it is. Raises PictureError for what is no size.
    """

    longest: int | None = None
    percent: float | None = None

    def __post_init__(self) -> None:
        whole = 100 if self.percent is None else self.percent
        if (self.longest is not None and self.longest < 1) or not 0 < whole <= 100:
            raise PictureError("A size is a number of pixels, or a percentage above 0 and at most 100.")

    @classmethod
    def parse(cls, text: str) -> Size:
        """A size as a user says it: "2048" (pixels of the longest side) or "50%". Raises PictureError."""
        found = _SAID.fullmatch(text.strip())
        if found is None:
            raise PictureError('A size is the longest side in pixels, as "2048", or a percentage, as "50%".')
        return cls(longest=int(found[1])) if found[1] else cls(percent=float(found[2]))

    def of(self, width: int, height: int) -> tuple[int, int]:
        """Width and height that a picture becomes, each at least 1."""
        if self.longest is not None:
            return fit(width, height, self.longest)
        scale = 1 if self.percent is None else self.percent / 100
        return max(1, round(width * scale)), max(1, round(height * scale))


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
