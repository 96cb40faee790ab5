"""Comparing two files that exist, without encoding: pictures of any format, or .hpcm files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.canvas.difference import Difference, difference_of
from app.session.document import Outcome, Place, Shown, load_picture, outcome_of_decoding, shown_of
from app.ui.notices import named
from hpcm_core.errors import HpcmError, PictureError
from hpcm_core.files import reading
from hpcm_core.format.container import SIGNATURE
from hpcm_core.picture.picture import Picture
from hpcm_core.results import Decoded


class SizesDiffer(PictureError):
    """The two pictures do not have one size."""


def read_either(path: Path, place: Place, frame: int = 0) -> Shown | bytes:
    """A picture, or the bytes of a .hpcm file; told apart by content. Of what is only called .hpcm the beginning, since
    it may have no end. Raises PictureError.
    """
    with reading(path.name), path.open("rb") as file:
        beginning = file.read(len(SIGNATURE))
        if beginning == SIGNATURE:
            return beginning + file.read()
        if path.suffix.lower() == ".hpcm":
            return beginning
    return load_picture(path, place, frame)


def read_both(paths: tuple[Path, Path], place: Place) -> tuple[Shown | bytes, Shown | bytes]:
    """Two of those. Raises PictureError, which says of which file."""

    def read(path: Path) -> Shown | bytes:
        try:
            return read_either(path, place)
        except HpcmError as error:
            raise type(error)(named(error.phrase, path.name)) from error

    return read(paths[0]), read(paths[1])


def pair_of(
    first: Shown | tuple[bytes, Decoded], second: Shown | tuple[bytes, Decoded], paths: tuple[Path, Path]
) -> tuple[Shown, Outcome]:
    """The first as the original, the second as what became of it. Raises SizesDiffer."""
    original = first if isinstance(first, Shown) else shown_of(first[1].picture, paths[0])
    if isinstance(second, Shown):
        outcome = Outcome(paths[1].read_bytes(), second, None, None)
    else:
        outcome = outcome_of_decoding(second[1], second[0], paths[1])
    ours, theirs = original.picture, outcome.shown.picture
    if (ours.width, ours.height) != (theirs.width, theirs.height):
        raise SizesDiffer(
            "{first} is {width} × {height} pixels and {second} {other_width} × {other_height}; "
            "only pictures of one size can be compared.",
            first=paths[0].name,
            width=ours.width,
            height=ours.height,
            second=paths[1].name,
            other_width=theirs.width,
            other_height=theirs.height,
        )
    return original, replace(outcome, difference=difference_between(ours, theirs))


def pair_with(outcome: Outcome, path: Path, place: Place) -> tuple[Shown, Outcome]:
    """A picture as the original of an opened .hpcm file. Raises PictureError where it cannot be."""
    shown = load_picture(path, place)
    ours, theirs = outcome.shown.picture, shown.picture
    if theirs.pixels.shape != ours.pixels.shape:
        raise PictureError(
            "{name} is {width} × {height} pixels with {channels} channels; "
            "the file was made from {other_width} × {other_height} with {other_channels}.",
            name=path.name,
            width=theirs.width,
            height=theirs.height,
            channels=theirs.channels,
            other_width=ours.width,
            other_height=ours.height,
            other_channels=ours.channels,
        )
    return shown, replace(outcome, difference=difference_of(theirs, ours))


def difference_between(a: Picture, b: Picture) -> Difference:
    """The difference of two pictures of one size whose channels or depths may differ."""
    if a.channels != b.channels:
        a, b = Picture(np.array(a.rgb())), Picture(np.array(b.rgb()))
    if a.bit_depth != b.bit_depth:
        a, b = _deep(a), _deep(b)
    return difference_of(a, b)


def _deep(picture: Picture) -> Picture:
    pixels = picture.pixels
    return Picture(pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * np.uint16(257))
