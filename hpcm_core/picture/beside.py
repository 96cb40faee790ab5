"""What JPEG and AVIF files have beside their first picture that Pillow does not hand over, or not as it is."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageFile

from hpcm_core.errors import Phrase, PictureError
from hpcm_core.picture import metadata
from hpcm_core.picture import xmp as packets
from hpcm_core.picture.parts import Parts, split_alpha, to_16_bits
from hpcm_core.picture.pngfile import resolution

_IPTC = 0x0404
_GAIN_MAPS = (b"ns.adobe.com/hdr-gain-map", b"HDRGainMap", b"urn:iso:std:iso:ts:21496")


def check_frame(name: str, frame: int, count: int) -> None:
    """Raises PictureError for a picture that a file has not."""
    if not 0 <= frame < count:
        raise PictureError(
            "{name} has no picture {frame}: it has {count}, counted from 0.", name=name, frame=frame, count=count
        )


def other_pictures(image: ImageFile.ImageFile, count: int) -> list[Phrase]:
    """What to say of a file's other pictures. Leaves a JPEG file's `image` at another of them."""
    if image.format == "TIFF":
        return [Phrase("all but one of its {count} pages", count=count)]
    if image.format != "MPO":
        return [Phrase("all but one of the {count} pictures of its animation", count=count)]
    gains = 0
    try:
        for number in range(1, count):
            image.seek(number)
            applist: list[tuple[str, bytes]] = getattr(image, "applist", [])
            gains += any(mark in data for _, data in applist for mark in _GAIN_MAPS)
    except Exception:  # A damaged second picture is no reason to refuse the first.
        gains = 0
    found = [Phrase("the gain map for brighter screens")] if gains else []
    if count - gains > 1:
        found.append(Phrase("all but one of the {count} pictures in it", count=count - gains))
    return found


def add_of_jpeg(image: ImageFile.ImageFile, parts: Parts) -> None:
    """Extended XMP, and what is left out: IPTC, comment, resolution."""
    applist: list[tuple[str, bytes]] = getattr(image, "applist", [])
    start = len(packets.EXTENSION)
    pieces = [data[start:] for name, data in applist if name == "APP1" and data.startswith(packets.EXTENSION)]
    if parts.xmp is not None:
        parts.xmp, whole = packets.joined(parts.xmp, pieces)
        if not whole:
            parts.left_out.append(Phrase("a part of XMP that is damaged"))
    if image.info.get("photoshop", {}).get(_IPTC):
        parts.left_out.append(Phrase("IPTC"))
    if image.info.get("comment"):
        parts.left_out.append(Phrase("the comment"))
    if image.info.get("jfif_unit") in (1, 2) and not _says_resolution(parts.exif):
        note = resolution(float(image.info.get("dpi", (0, 0))[0]))
        if note is not None:
            parts.left_out.append(note)


def add_of_avif(data: bytes, parts: Parts, frame: int) -> None:
    """All bits of samples of more than 8, and colour by its codes. Pillow knows neither."""
    from hpcm_core.picture import heif

    told = heif.told_by(data, grey=False)
    if told is None:
        return
    if parts.icc is None:
        parts.icc = told.icc
    parts.left_out += told.left_out
    if told.bits <= 8:
        return
    deep = _deep_avif(data, frame)
    if deep is None or deep.shape[:2] != parts.pixels.shape[:2]:
        parts.left_out.append(Phrase("the lower bits of its {bits}", bits=told.bits))
        return
    parts.pixels, parts.alpha = split_alpha(to_16_bits(deep, told.bits))


def _deep_avif(data: bytes, frame: int) -> np.ndarray[Any, Any] | None:
    """H x W x C of uint16 in which the lower bits are used; None where imagecodecs is missing or cannot."""
    if find_spec("imagecodecs") is None:
        return None
    from imagecodecs import avif_decode

    try:
        samples = np.asarray(avif_decode(data, index=frame))
    except Exception:  # Its errors have no common type; the picture at 8 bits is there already.
        return None
    if samples.ndim == 2:
        samples = samples[:, :, np.newaxis]
    return samples if samples.dtype == np.uint16 and samples.ndim == 3 else None


def _says_resolution(exif: bytes | None) -> bool:
    if exif is None or not metadata.is_sound(exif):
        return False
    tags = Image.Exif()
    try:
        tags.load(exif)
        return ExifTags.Base.XResolution in tags
    except Exception:  # Pillow meets damaged EXIF with many kinds of exception.
        return False
