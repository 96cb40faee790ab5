"""Contestants with what showing them needs."""

from __future__ import annotations

from dataclasses import dataclass

from app.canvas.difference import Difference, difference_of
from app.canvas.scene import Scene
from app.canvas.tiles import Pyramid, pyramid_of
from app.ui.translation import number
from hpcm_core.evaluation.contestants import Contestant, Duel
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Raster, to_8_bits


@dataclass(frozen=True, eq=False)
class Side:
    """One contestant. name: what its pane is called while names may be seen."""

    contestant: Contestant
    scene: Scene
    name: str


def sides_of(found: Duel, original: Picture, shown: Pyramid) -> list[Side]:
    """Mip levels and differences of all contestants; takes seconds for large pictures. shown: those of the original."""
    sides = []
    for one in found.contestants:
        difference = _difference(original, one.picture)
        scene = Scene(original=shown, reconstruction=pyramid_of(one.picture), difference=difference)
        sides.append(Side(one, scene, f"{one.title} · {number(one.metrics.size_bytes or 0)} B"))
    return sides


def _difference(original: Raster, other: Raster) -> Difference:
    """Of pictures that may have other depths and channels: the others have 8 bits, and some have grey as RGB."""
    a, b = (original, other) if original.channels == other.channels else (_rgb(original), _rgb(other))
    if a.bit_depth != b.bit_depth:
        a, b = Raster(to_8_bits(a.pixels)), Raster(to_8_bits(b.pixels))
    return difference_of(Picture(a.pixels), Picture(b.pixels))


def _rgb(picture: Raster) -> Raster:
    return Raster(picture.rgb())
