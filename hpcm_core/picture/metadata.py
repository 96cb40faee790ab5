"""What picture files carry beside pixels: repairs of EXIF and XMP, in place so that nothing else in them changes.

EXIF is kept as the bytes from its TIFF header on, without the "Exif\\0\\0" that JPEG puts in front.
"""

from __future__ import annotations

import re
import struct

from PIL import ExifTags, Image

PREFIX = b"Exif\x00\x00"
_TAKEN_FROM_TIFF = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.Software,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
)
SUB_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_INTEGER_TYPES = {1: "B", 3: "H", 4: "I"}
_XMP_ORIENTATION = re.compile(rb'(tiff:Orientation(?:="|>))[0-9]')


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


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation of a loaded picture; 1 where there is none or it makes no sense."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # Pillow meets damaged EXIF with many kinds of exception; pixels need none of it.
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def exif_of_tiff(image: Image.Image) -> bytes | None:
    """EXIF made of a loaded TIFF file's own tags: who, when and with what, not how its pixels are stored.

    None if it has none of these tags or they are damaged.
    """
    exif = Image.Exif()
    try:
        source = image.getexif()
        for tag in _TAKEN_FROM_TIFF:
            if tag in source:
                exif[tag] = source[tag]
        for directory in SUB_DIRECTORIES:
            if values := source.get_ifd(directory):
                exif[directory] = dict(values)
        return strip_prefix(exif.tobytes()) if exif else None
    except Exception:  # As above.
        return None
