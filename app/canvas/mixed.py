"""A picture between two, mixed where it is looked at: moving from one to the other costs no more than what is in sight.

The two are a faithful and a natural picture of one file (hpcm_core.look).
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

from app.canvas.tiles import Pixels, Pyramid, Tiles
from hpcm_core.look import FAITHFUL, NATURAL, mix

KEPT_TILES = 128
"""Tiles whose two sources are kept, those seen last: of a level that is made anew each time, mixing is the least."""


class Mixture:
    """Samples at a look, H x W x C: to be indexed as an array, which mixes what is asked for and no more."""

    def __init__(self, faithful: npt.NDArray[Any], natural: npt.NDArray[Any], look: int) -> None:
        """Two arrays of one shape and depth."""
        self._faithful, self._natural, self._look = faithful, natural, look

    @property
    def shape(self) -> tuple[int, ...]:
        return self._faithful.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._faithful.dtype

    def __getitem__(self, part: Any) -> npt.NDArray[Any]:
        return mix(self._faithful[part], self._natural[part], self._look)


class Mixed(Tiles):
    """Mip levels at a look: means of both pictures, mixed in the colours of the screen."""

    def __init__(self, faithful: Pyramid, natural: Pyramid, look: int) -> None:
        """Two pyramids of one size. The faithful one's tiles stand in until these are made."""
        super().__init__(*faithful.size, faithful.has_alpha)
        self.succeed(faithful)
        self.faithful, self.natural, self.look = faithful, natural, look
        self._sources: OrderedDict[tuple[int, int, int], tuple[Pixels, Pixels]] = OrderedDict()

    def at(self, look: int) -> Mixed:
        """The same two at another look; this one's tiles stand in until those are made."""
        other = Mixed(self.faithful, self.natural, look)
        other._sources = self._sources
        return other

    def tile(self, level: int, column: int, row: int) -> Pixels:
        if self.look in (FAITHFUL, NATURAL):
            end = self.natural if self.look else self.faithful
            return end.tile(level, column, row)
        place = level, column, row
        sources = self._sources.pop(place, None)
        if sources is None:
            sources = self.faithful.tile(*place), self.natural.tile(*place)
        self._sources[place] = sources
        while len(self._sources) > KEPT_TILES:
            self._sources.popitem(last=False)
        return mix(*sources, self.look)

    def pixels(self, part: tuple[slice, slice]) -> Pixels:
        return mix(self.faithful.pixels(part), self.natural.pixels(part), self.look)
