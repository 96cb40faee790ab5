"""HEIC and HEIF through pi-heif, and what that finds out about AVIF, whose pixels others decode."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hpcm_core.errors import Phrase, PictureError, shown
from hpcm_core.limits import Limits
from hpcm_core.picture import bmff, colour
from hpcm_core.picture.parts import Parts, at_full_range, check_frame, check_size, split_alpha, unmultiplied

_BESIDE = {
    "moov": Phrase("all but one of the pictures of its animation"),
    "mpvd": Phrase("the video beside the picture"),
}
"""What boxes beside the picture's are: tracks, the video of a "motion photo"."""
_CHANNELS = {"L": 1, "I": 1, "LA": 2, "RGB": 3, "RGBA": 4, "RGBa": 4, "La": 2}


@dataclass
class Told:
    """What a file says about a picture in it. bits: of a sample."""

    bits: int = 8
    icc: bytes | None = None
    left_out: list[Phrase] = field(default_factory=list)


def read(data: bytes, name: str, limits: Limits, frame: int = 0) -> Parts:
    """A HEIF file's picture; frame: counted from 0, the primary picture first."""
    from pi_heif import open_heif

    found = bmff.contents(data)
    damaged = _unreadable(name, found)
    try:
        file = open_heif(data, convert_hdr_to_8bit=False, hdr_to_16bit=False)
    except (EOFError, ValueError, SyntaxError, RuntimeError, OSError) as error:
        raise damaged from error
    if len(file) == 0:
        raise damaged
    order = [file.primary_index, *(i for i in range(len(file)) if i != file.primary_index)]
    check_frame(name, frame, len(order))
    image = file[order[frame]]
    check_size(name, image.size[0], image.size[1], limits)
    told = _told(image.info, image.mode, found)
    try:
        samples = _samples(image)
    except (EOFError, ValueError, SyntaxError, RuntimeError, OSError) as error:
        raise damaged from error
    told.left_out += [phrase for kind, phrase in _BESIDE.items() if kind in found.boxes]
    if len(order) > 1:
        told.left_out.insert(0, Phrase("all but one of the {count} pictures in it", count=len(order)))
    samples = at_full_range(samples, told.bits)
    if image.mode.split(";")[0] in ("RGBa", "La"):
        samples = unmultiplied(samples)
    pixels, alpha = split_alpha(samples)
    # Its boxes say how it is turned, and pi-heif has turned it: EXIF repeats that only.
    parts = Parts(pixels, alpha, told.icc, image.info.get("exif") or None, image.info.get("xmp") or None)
    if parts.exif is not None:
        parts.exif = parts.exif.removeprefix(b"Exif\0\0")
    parts.left_out, parts.frames = told.left_out, len(order)
    return parts


def told_by(data: bytes, grey: bool) -> Told | None:
    """What an AVIF file says; None where pi-heif does not understand it."""
    from pi_heif import open_heif

    try:
        file = open_heif(data, convert_hdr_to_8bit=False, hdr_to_16bit=False)
        image = file[file.primary_index]
    except (EOFError, ValueError, SyntaxError, RuntimeError, OSError, IndexError):
        return None
    return _told(image.info, "L" if grey else image.mode, bmff.contents(data))


def _told(info: dict[str, Any], mode: str, found: bmff.Contents) -> Told:
    told = Told(int(info.get("bit_depth", 8)), info.get("icc_profile") or None)
    nclx = info.get("nclx_profile")
    if told.icc is None and nclx:
        grey = mode.split(";")[0] in ("L", "LA", "La", "I")
        told.icc = colour.from_codes(int(nclx["color_primaries"]), int(nclx["transfer_characteristics"]), grey)
    kinds = " ".join(info.get("aux", {})).lower()
    if "hdrgainmap" in kinds or "tmap" in found.kinds:
        told.left_out.append(Phrase("the gain map for brighter screens"))
    if info.get("depth_images"):
        told.left_out.append(Phrase("the depth map"))
    if "matte" in kinds:
        told.left_out.append(Phrase("the mattes of a portrait"))
    return told


def _samples(image: Any) -> np.ndarray[Any, Any]:
    """H x W x C, uint8, or uint16 that use the lower bits only."""
    image.load()
    deep = ";" in image.mode
    channels = _CHANNELS[image.mode.split(";")[0]]
    width, height = image.size
    rows = np.frombuffer(image.data, np.uint8).reshape(height, image.stride)
    rows = rows[:, : width * channels * (2 if deep else 1)]
    samples = np.ascontiguousarray(rows).view("<u2" if deep else np.uint8).reshape(height, width, channels)
    return samples.astype(np.uint16 if deep else np.uint8)


def _unreadable(name: str, found: bmff.Contents) -> PictureError:
    if found.coding and found.coding != "HEVC":
        return PictureError(
            "{name} is a HEIF file of kind {kind}, which this program does not read.",
            name=name,
            kind=shown(found.coding),
        )
    return PictureError("{name} is damaged, cut short or of a kind that this program does not read.", name=name)
