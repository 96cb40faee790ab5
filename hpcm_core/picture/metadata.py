"""What picture files carry beside pixels: repairs of EXIF and XMP, in place so that nothing else in them changes.

EXIF is kept as the bytes from its TIFF header on, without the "Exif\\0\\0" that JPEG puts in front.
"""

from __future__ import annotations

import re
import struct

from PIL import ExifTags, Image

PREFIX = b"Exif\x00\x00"
_INTEGER_TYPES = {1: "B", 3: "H", 4: "I"}
_XMP_ORIENTATION = re.compile(rb'(tiff:Orientation(?:="|>))([0-9])')


def strip_prefix(exif: bytes | None) -> bytes | None:
    """EXIF from its TIFF header on; None if nothing is there."""
    if exif is None:
        return None
    return exif.removeprefix(PREFIX) or None


def reset_orientation(exif: bytes) -> bytes:
    """The same EXIF with its orientation, if it has one, set to 1. Damaged EXIF comes back as it is."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        return exif
    patched = bytearray(exif)
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, directory)
        for entry in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, kind, values = struct.unpack_from(order + "HHI", exif, entry)
            if tag == ExifTags.Base.Orientation and kind in _INTEGER_TYPES and values == 1:
                struct.pack_into(order + _INTEGER_TYPES[kind], patched, entry + 8, 1)
    except struct.error:
        return exif
    return bytes(patched)


def reset_xmp_orientation(xmp: bytes) -> bytes:
    """The same XMP with its tiff:Orientation, if it has one, set to 1."""
    return _XMP_ORIENTATION.sub(rb"\g<1>1", xmp)


def xmp_orientation(xmp: bytes | None) -> int:
    """The tiff:Orientation of XMP; 1 where there is none."""
    found = _XMP_ORIENTATION.search(xmp) if xmp is not None else None
    return int(found[2]) if found else 1


def without_orientation(exif: bytes) -> bytes:
    """The same EXIF without the entry of its orientation, no value moved. Damaged EXIF comes back as it is."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        return exif
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, directory)
        end = directory + 2 + 12 * count
        for entry in range(directory + 2, end, 12):
            if struct.unpack_from(order + "H", exif, entry) == (ExifTags.Base.Orientation,):
                # The entries behind it and the place of the next directory move up.
                head = exif[:directory] + struct.pack(order + "H", count - 1) + exif[directory + 2 : entry]
                return head + exif[entry + 12 : end + 4] + bytes(12) + exif[end + 4 :]
    except struct.error:
        pass
    return exif


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation of a loaded picture; 1 where there is none or it makes no sense."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # Pillow meets damaged EXIF with many kinds of exception; pixels need none of it.
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
