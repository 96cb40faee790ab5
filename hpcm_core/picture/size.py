"""Sizes of smaller pictures. No numpy: thumbnails that need none are there sooner."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hpcm_core.errors import PictureError

_SAID = re.compile(r"(\d{1,9})|(\d{1,3}(?:\.\d{1,9})?)\s*%")


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """The largest size of the same shape, in pixels, that is no larger than it was and has no side above `side`."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


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

    def __str__(self) -> str:
        """What `parse` takes; empty for a picture as it is."""
        if self.longest is not None:
            return str(self.longest)
        return "" if self.percent is None else f"{self.percent:g}%"

    def of(self, width: int, height: int) -> tuple[int, int]:
        """Width and height that a picture becomes, each at least 1."""
        if self.longest is not None:
            return fit(width, height, self.longest)
        scale = 1 if self.percent is None else self.percent / 100
        return max(1, round(width * scale)), max(1, round(height * scale))


AS_IT_IS = Size()
