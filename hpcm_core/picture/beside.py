"""What JPEG and other files have beside their picture that Pillow does not hand over, or not as it is."""

from __future__ import annotations

from PIL import ExifTags, Image, ImageFile

from hpcm_core.errors import Phrase
from hpcm_core.picture import metadata
from hpcm_core.picture import xmp as packets
from hpcm_core.picture.parts import Parts
from hpcm_core.picture.pngfile import resolution

_IPTC = 0x0404
_GAIN_MAPS = (b"ns.adobe.com/hdr-gain-map", b"HDRGainMap", b"urn:iso:std:iso:ts:21496")


def other_pictures(image: ImageFile.ImageFile, count: int) -> list[Phrase]:
    """What to say of a file's other pictures. Leaves a JPEG file's `image` at another of them."""
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


def _says_resolution(exif: bytes | None) -> bool:
    if exif is None or not metadata.is_sound(exif):
        return False
    tags = Image.Exif()
    try:
        tags.load(exif)
        return ExifTags.Base.XResolution in tags
    except Exception:  # Pillow meets damaged EXIF with many kinds of exception.
        return False
