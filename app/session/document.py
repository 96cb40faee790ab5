"""What the window has open: an original, what coding made of it, or both.

Plain values; they change only by being replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from app.canvas.difference import Difference, difference_of
from app.canvas.scene import Scene
from app.canvas.tiles import Pyramid, pyramid_of
from app.ui.translation import tr
from app.ui.words import describe_recipe, pretty_model, quality_in_words
from hpcm_core.advice import is_candidate, of_jpeg
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.format.gain import QualityMap
from hpcm_core.format.header import FIXED_RATE, Header
from hpcm_core.look import FAITHFUL, has_look, reach
from hpcm_core.models.registry import lossless_coder
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.results import BitMaps, Decoded, Encoded, Metrics, decode_seconds, encode_seconds


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture with its mip levels. path: the file that it came from; pixels: its fingerprint, empty if not taken;
    frame: which of the file's pictures it is; file_bytes: size of the file.
    """

    picture: Picture
    pyramid: Pyramid
    path: Path | None = None
    pixels: bytes = b""
    frame: int = 0
    file_bytes: int | None = None

    @property
    def nbytes(self) -> int:
        """Memory of the picture and its mip levels."""
        alpha = self.picture.alpha
        planes = [self.picture.pixels, *([] if alpha is None else [alpha])]
        own = [level for level in self.pyramid.levels.values() if not np.may_share_memory(level, self.picture.pixels)]
        return sum(array.nbytes for array in (*planes, *own))


@dataclass(frozen=True, eq=False)
class Outcome:
    """A .hpcm file in memory and what it decodes to. Times are seconds, None while nobody measured them.

    bits and header are None for a file of another format, which is only compared.
    """

    data: bytes
    shown: Shown
    bits: BitMaps | None
    header: Header | None
    recipe: Recipe | None = None
    metrics: Metrics | None = None
    difference: Difference | None = None
    encode_seconds: float | None = None
    decode_seconds: float | None = None
    stages: dict[str, float] = field(default_factory=dict)
    payload_bytes: int | None = None
    """Bytes of all code streams, as counted in the file: what the bit maps must add up to."""
    advice: Phrase | None = None
    """Why another codec is the better choice for this picture, where it is."""
    advice_due: bool = False
    """Another codec could be the better choice, which nobody has tried yet."""
    quality_map: QualityMap | None = None
    """Where the picture was coded better or worse than the rest."""
    look_weights: bool = False
    """Whether there are weights here for a natural picture of the file."""
    natural: Shown | None = None
    """The natural picture, where it was decoded with the faithful one."""
    wished: int = FAITHFUL
    """The look that the file wishes."""

    @property
    def nbytes(self) -> int:
        """Memory of the file, what it decodes to and what showing that needs."""
        bits = self.bits.steps.nbytes if self.bits is not None else 0
        return len(self.data) + self.shown.nbytes + bits + (self.difference.nbytes if self.difference else 0)

    @property
    def has_steps(self) -> bool:
        """Whether it is a file with coding steps, which can be looked into and decoded one by one."""
        return self.header is not None and self.bits is not None and not self.bits.colours

    @property
    def has_look(self) -> bool:
        """Whether there can be a natural picture of the file."""
        return self.look_weights and not self.is_beyond_look

    @property
    def is_beyond_look(self) -> bool:
        """Whether its quality is too high: nothing is missing that a natural picture could invent."""
        return self.look_weights and self.header is not None and reach(self.header.quality) == FAITHFUL

    @property
    def size_bytes(self) -> int:
        return len(self.data)

    @property
    def bpp(self) -> float:
        """Bits per pixel of the whole file, header and metadata included."""
        return 8 * len(self.data) / (self.shown.picture.width * self.shown.picture.height)

    @property
    def lossless_coder(self) -> str | None:
        """What kept every pixel in the file; None where there is loss, or nobody knows."""
        return None if self.header is None else lossless_coder(self.header.model_name, self.header.profile)

    @property
    def description(self) -> str:
        """Model and rate in a few words, for the label on the canvas."""
        if self.header is None:
            return self.shown.path.name if self.shown.path is not None else "picture"
        painted = "" if self.quality_map is None else " · " + tr("painted")
        if self.recipe is not None and not self.recipe.has_target and self.lossless_coder is None:
            return describe_recipe(self.recipe) + painted
        name = pretty_model(self.header.model_name)
        rate = "" if self.header.quality == FIXED_RATE else f" · {quality_in_words(self.header.quality)}"
        return name + rate + painted


MOST_APART = 25.0
"""Root mean square in 8-bit levels, between coarse means of a picture and of what coding made of it."""


def offers_frames(original: Shown | None, outcome: Outcome | None) -> bool:
    """Whether the original's file has several pictures to choose from, and none of two that are compared is meant."""
    if original is None or original.path is None or original.picture.frames == 1:
        return False
    return outcome is None or outcome.recipe is not None


Place: TypeAlias = Callable[[Picture], Picture]
"""Gives a picture its place in memory: the same picture, in memory that the codec process can look into."""


def load_picture(path: Path, place: Place, frame: int = 0) -> Shown:
    """Open a picture and make its mip levels; takes seconds for large ones. Raises HpcmError."""
    try:
        picture = Picture.open(path, frame=frame)
    except HpcmError as error:
        # The window's user chose the file by name: its folder would only make the sentence long.
        raise type(error)(error.phrase.with_value(str(path), path.name)) from error
    return replace(shown_of(place(picture), path), frame=frame, file_bytes=size_of(path))


def size_of(path: Path) -> int | None:
    """Bytes of a file; None if it is gone by now."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def shown_of(picture: Picture, path: Path | None) -> Shown:
    """A picture with what showing and remembering it needs; takes seconds for large ones."""
    return Shown(picture, pyramid_of(picture), path, fingerprint(picture))


def look_alike(a: Shown, b: Shown) -> bool:
    """Whether two pictures of one size are the same in large: means over some 30 squares a side are within 25 of 255,
    of which the coarsest coding stays far below.
    """

    def means(shown: Shown) -> npt.NDArray[np.float32]:
        pyramid = shown.pyramid
        pixels = pyramid.levels[max(pyramid.levels)][:, :, :3].mean(axis=2, dtype=np.float32)
        side = max(1, max(pixels.shape) // 32)
        height, width = (max(length // side, 1) for length in pixels.shape)
        squares = pixels[: height * side, : width * side].reshape(height, -1, width, min(side, pixels.shape[1]))
        return np.asarray(squares.mean(axis=(1, 3)))

    return float(np.sqrt(np.mean(np.square(means(a) - means(b))))) < MOST_APART


def fingerprint(picture: Picture) -> bytes:
    """A digest of all that ends up in a file: samples, shape, depth and metadata."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((picture.pixels.shape, picture.pixels.dtype.str, picture.alpha is not None)).encode())
    digest.update(np.ascontiguousarray(picture.pixels).data)
    if picture.alpha is not None:
        digest.update(np.ascontiguousarray(picture.alpha).data)
    digest.update(repr((picture.icc, picture.metadata)).encode("utf-8", "replace"))
    return digest.digest()


def outcome_of_encoding(encoded: Encoded, recipe: Recipe, original: Shown) -> Outcome:
    """Prepare a finished encoding for showing."""
    picture = encoded.reconstruction
    if picture is None:
        raise ValueError("the encoding came without a reconstruction")
    advice = of_jpeg(original.picture, encoded.header)
    return Outcome(
        data=encoded.data,
        shown=Shown(picture, pyramid_of(picture)),
        bits=encoded.bits,
        header=encoded.header,
        recipe=recipe,
        metrics=encoded.metrics,
        difference=difference_of(original.picture, picture),
        encode_seconds=encode_seconds(encoded.times),
        stages=dict(encoded.times),
        payload_bytes=encoded.stream_bytes,
        advice=advice,
        advice_due=advice is None and is_candidate(original.picture),
        quality_map=recipe.quality_map,
        look_weights=has_look(encoded.header.model_name, encoded.header.model_hash),
        wished=recipe.look,
    )


def outcome_of_decoding(decoded: Decoded, data: bytes, path: Path | None) -> Outcome:
    """Prepare a decoded file for showing; there is no original to compare with."""
    return Outcome(
        data=data,
        shown=Shown(decoded.picture, pyramid_of(decoded.picture), path),
        bits=decoded.bits,
        header=decoded.header,
        decode_seconds=decode_seconds(decoded.times),
        stages=dict(decoded.times),
        payload_bytes=decoded.stream_bytes,
        quality_map=decoded.quality_map,
        look_weights=has_look(decoded.header.model_name, decoded.header.model_hash),
        natural=None if decoded.natural is None else Shown(decoded.natural, pyramid_of(decoded.natural)),
        wished=decoded.wished,
    )


def scene_of(original: Shown | None, outcome: Outcome | None, stale: bool) -> Scene:
    """What the canvas shall show."""
    if outcome is None:
        pyramid, samples = (original.pyramid, original.picture.pixels) if original else (None, None)
        return Scene(original=pyramid, original_samples=samples, original_name=tr("Original"))
    name = tr("Reconstruction") + f" · {outcome.description}" + (" · " + tr("outdated") if stale else "")
    first = tr("Original")
    if outcome.header is None and original is not None:  # Two files that are compared: each is called by its name.
        name = outcome.description
        first = original.path.name if original.path is not None else first
    return Scene(
        original=original.pyramid if original else None,
        reconstruction=outcome.shown.pyramid,
        difference=outcome.difference,
        bits=outcome.bits,
        original_samples=original.picture.pixels if original else None,
        reconstruction_samples=outcome.shown.picture.pixels,
        original_name=first,
        reconstruction_name=name,
    )
