"""The ways of looking at a picture and its reconstruction, and which of them a document can offer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QRect

from app.canvas.difference import Difference
from app.canvas.mixed import Mixture
from app.canvas.tiles import Levels, Pyramid, Tiles
from hpcm_core.picture.samples import Samples
from hpcm_core.results import BitMaps


class View(Enum):
    """One way of looking. The value is its name on the command line and in the settings."""

    ORIGINAL = "original"
    WIPE = "wipe"
    RECONSTRUCTION = "reconstruction"
    SIDE = "side"
    DIFFERENCE = "difference"
    BITS = "bits"


@dataclass(frozen=True, eq=False)
class Part:
    """Another reconstruction of some of the picture, over the one of the whole: rect is its pixels."""

    rect: QRect
    pyramid: Pyramid
    name: str


@dataclass(frozen=True, eq=False)
class Scene:
    """All that the canvas may have to paint; names are painted as labels."""

    original: Pyramid | None = None
    reconstruction: Tiles | None = None
    difference: Difference | None = None
    bits: BitMaps | None = None
    original_samples: Samples | None = None
    reconstruction_samples: Samples | Mixture | None = None
    """The codec's own samples (H x W x C) of the two pictures, to be read at high zoom."""
    part: Part | None = None
    original_name: str = "Original"
    reconstruction_name: str = "Reconstruction"
    look: str = ""
    """What the reconstruction is called where it is not the faithful one; empty where it is."""
    difference_look: str = ""
    """The same of the picture whose difference it is."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture; (0, 0) while there is none."""
        shown = self.reconstruction or self.original
        return shown.size if shown is not None else (0, 0)

    @property
    def samples_on_show(self) -> Samples | Mixture | None:
        """Those of the reconstruction; None while a part of another one lies over it."""
        return self.reconstruction_samples if self.part is None else None

    @property
    def painted(self) -> tuple[Levels, ...]:
        """All that is painted in tiles."""
        part = self.part.pyramid if self.part is not None else None
        found = (self.original, self.reconstruction, self.difference, part)
        return tuple(levels for levels in found if levels is not None)

    @property
    def is_empty(self) -> bool:
        return self.original is None and self.reconstruction is None

    def offers(self, view: View) -> bool:
        """Whether there is all that this view needs."""
        both = self.original is not None and self.reconstruction is not None
        if view is View.ORIGINAL:
            return self.original is not None
        if view is View.RECONSTRUCTION:
            return self.reconstruction is not None
        if view is View.DIFFERENCE:
            return both and self.difference is not None
        if view is View.BITS:
            return self.bits is not None
        return both

    def nearest(self, wanted: View) -> View:
        """The wanted view if it is on offer, else the one that comes closest."""
        if self.offers(wanted):
            return wanted
        return View.RECONSTRUCTION if self.reconstruction is not None else View.ORIGINAL
