"""What JPEG and other files have beside their picture that Pillow does not hand over, or not as it is."""

from __future__ import annotations

import struct
from typing import IO

from PIL import ImageFile
from PIL.JpegImagePlugin import MARKER

from hpcm_core.errors import Phrase
from hpcm_core.limits import Limits
from hpcm_core.picture import metadata
from hpcm_core.picture import xmp as packets
from hpcm_core.picture.iptc import PHOTOSHOP, iptc_of
from hpcm_core.picture.parts import Parts
from hpcm_core.picture.samples import COMMENT, Resolution

_PROFILE = b"ICC_PROFILE\0"
_APP1, _SCAN = b"\xe1", b"\xda"
_MOST_EXIF = 256
"""Segments; as many full ones hold the 16 MiB that are the limit."""
_BITMAP_HEADER, _BITMAP_V5 = 14, 124
"""Where the second header of a bitmap begins, and its length in version 5."""
_GAIN_MAPS = (b"ns.adobe.com/hdr-gain-map", b"HDRGainMap", b"urn:iso:std:iso:ts:21496")


def has_endless_exif(file: IO[bytes]) -> bool:
    """Whether a JPEG file has EXIF in more segments than any program writes. Pillow, whose way from one to the next
    this is, puts them together one by one, in a time that grows as the square of their number.
    """
    file.seek(0)
    if file.read(2) != b"\xff\xd8":
        return False
    count = 0
    while count <= _MOST_EXIF and (byte := file.read(1)):
        if byte != b"\xff":
            continue
        while (code := file.read(1)) == b"\xff":
            pass
        _, _, reader = MARKER.get(int.from_bytes(b"\xff" + code, "big"), ("", "", None))
        if code in (b"", _SCAN):
            break
        if reader is not None:  # Others are markers alone.
            head = file.read(2)
            start = file.tell()
            count += code == _APP1 and file.read(len(metadata.PREFIX)) == metadata.PREFIX
            file.seek(start + max(0, int.from_bytes(head, "big") - 2))
    return count > _MOST_EXIF


def other_pictures(image: ImageFile.ImageFile, count: int) -> tuple[list[Phrase], int]:
    """What to say of a file's other pictures, and how many there are to choose from. Leaves a JPEG file's `image` at
    another of them.
    """
    if image.format != "MPO":
        return [Phrase("all but one of the {count} pictures of its animation", count=count)], count
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
    return found, count - gains


def add_of_jpeg(image: ImageFile.ImageFile, parts: Parts) -> None:
    """Extended XMP, IPTC, comments and resolution."""
    applist: list[tuple[str, bytes]] = getattr(image, "applist", [])
    start = len(packets.EXTENSION)
    pieces = [data[start:] for name, data in applist if name == "APP1" and data.startswith(packets.EXTENSION)]
    if parts.xmp is not None:
        parts.xmp, whole = packets.joined(parts.xmp, pieces)
        if not whole:
            parts.left_out.append(Phrase("a part of XMP that is damaged"))
    if parts.icc is None and any(name == "APP2" and data.startswith(_PROFILE) for name, data in applist):
        parts.left_out.append(Phrase("the colour profile, which is damaged or larger than the limit"))
    photoshop = b"".join(data[len(PHOTOSHOP) :] for _, data in applist if data.startswith(PHOTOSHOP))
    parts.iptc = iptc_of(photoshop)
    comments = (metadata.text_of(data) for name, data in applist if name == "COM")
    parts.texts = tuple((COMMENT, comment) for comment in comments if comment)
    if "jfif_density" in image.info:
        unit, (x, y) = image.info.get("jfif_unit"), image.info["jfif_density"]
        scale = 2.54 if unit == 2 else 1
        parts.resolution = Resolution(x * scale, y * scale, unit in (1, 2))


def add_of_others(image: ImageFile.ImageFile, file: IO[bytes], parts: Parts, limits: Limits) -> None:
    """Comment, resolution and a bitmap's profile of files of other kinds (GIF, BMP)."""
    if comment := image.info.get("comment"):
        parts.texts = ((COMMENT, metadata.text_of(comment)),)
    if image.format == "BMP":
        parts.icc = _profile_of_bitmap(file, limits)
        if "dpi" in image.info:
            parts.resolution = Resolution(*image.info["dpi"])


def _profile_of_bitmap(file: IO[bytes], limits: Limits) -> bytes | None:
    """The ICC profile in a bitmap with a header of version 5 (BITMAPV5HEADER), None where there is none. One that is
    larger than the limit is read as far as shows that.
    """
    file.seek(_BITMAP_HEADER)
    head = file.read(_BITMAP_V5)
    if len(head) < _BITMAP_V5 or int.from_bytes(head[:4], "little") < _BITMAP_V5 or head[56:60] != b"DEBM":
        return None
    start, size = struct.unpack_from("<II", head, 112)
    file.seek(_BITMAP_HEADER + start)
    return file.read(min(size, limits.icc + 1)) or None
