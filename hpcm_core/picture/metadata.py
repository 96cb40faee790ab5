"""What picture files carry beside pixels: repairs of EXIF, in place so that nothing else in it changes.

EXIF is kept as the bytes from its TIFF header on, without the "Exif\\0\\0" that JPEG puts in front.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from PIL import ExifTags, Image

from hpcm_core.picture import iptc
from hpcm_core.picture import xmp as packets
from hpcm_core.picture.samples import Raster

R = TypeVar("R", bound=Raster)

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
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}
"""TIFF's types of whole numbers: any of them may be where one of 1 to 8 is said."""
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_WIDTHS = (ExifTags.Base.ImageWidth, ExifTags.Base.ExifImageWidth)
_HEIGHTS = (ExifTags.Base.ImageLength, ExifTags.Base.ExifImageHeight)
_UPRIGHT = (3, 1, 1, 0)
"""Type, count and value of an orientation."""
_ELSEWHERE = (700, 33723, 34377)
"""XMP, IPTC, resources of Photoshop: as tags of EXIF where a program has copied all those of a TIFF file."""
_HEADER = 8
_MOST_ENTRIES = 4096
_MOST_POINTERS = 16
"""To directories of one kind: there is one. With thousands of thousands each, looking at all would take for ever."""
_PLACE = re.compile(r"gps|geotag|location|latitude|longitude|\bcity|\bstate|province|country", re.IGNORECASE)
"""In keywords of texts, as "exif:GPSLatitude"."""


@dataclass(frozen=True)
class _Entry:
    """A tag in a directory; place: where its 12 bytes are."""

    place: int
    tag: int
    kind: int
    count: int


def strip_prefix(exif: bytes | None) -> bytes | None:
    """EXIF from its TIFF header on; None if nothing is there."""
    if exif is None:
        return None
    return exif.removeprefix(PREFIX) or None


def is_sound(exif: bytes) -> bool:
    """Whether EXIF has a header and a first directory; what is in that may still be damaged."""
    try:
        order = _order(exif)
        next(_entries(exif, order, _first(exif, order)), None)
    except (struct.error, ValueError):
        return False
    return True


def made_upright(exif: bytes, orientation: int, width: int, height: int) -> bytes:
    """EXIF of a picture that was turned by `orientation` and is now so many pixels wide and high: its orientation is 1.

    Where something was turned, sizes are the new ones, and the thumbnail, which lies as the picture did, is taken out.
    """
    patched = bytearray(exif)
    try:
        order = _order(exif)
        first = _first(exif, order)
        for entry in _entries(exif, order, first):
            if entry.tag != ExifTags.Base.Orientation:
                continue
            if entry.kind in _INTEGERS and entry.count == 1:
                _set(patched, order, entry, 1)
            else:  # Of a type that it cannot have; some readers take the number all the same.
                struct.pack_into(order + "HIHH", patched, entry.place + 2, *_UPRIGHT)
        if orientation == 1:
            return bytes(patched)
        _set_sizes(patched, exif, width, height)
        return _without_thumbnail(patched, order, first)
    except (struct.error, ValueError):
        return bytes(patched)


def upright(picture: R) -> R:
    """The picture with EXIF and XMP that say it is upright, as every raster is: what somebody put there by hand, or
    another program into a .hpcm file, may say otherwise, and would turn it wherever it is saved and opened again.
    """
    exif = picture.exif and made_upright(picture.exif, 1, picture.width, picture.height)
    xmp = picture.xmp and packets.upright(picture.xmp)
    return picture if (exif, xmp) == (picture.exif, picture.xmp) else replace(picture, exif=exif, xmp=xmp)


def of_size(exif: bytes, width: int, height: int) -> bytes:
    """EXIF of a picture that is so many pixels wide and high now. Damaged EXIF stays as it is from the damage on."""
    patched = bytearray(exif)
    with suppress(struct.error, ValueError):
        _set_sizes(patched, exif, width, height)
    return bytes(patched)


def _set_sizes(patched: bytearray, exif: bytes, width: int, height: int) -> None:
    """Say another size wherever `exif` says one. Raises as its reading does."""
    order = _order(exif)
    first = _first(exif, order)
    subs = [_value(exif, order, one) for one in _entries(exif, order, first) if one.tag == ExifTags.IFD.Exif]
    if len(subs) > _MOST_POINTERS:
        raise ValueError("too many directories")
    for directory in (first, *subs):
        for entry in _entries(exif, order, directory):
            if entry.tag in _WIDTHS or entry.tag in _HEIGHTS:
                _set(patched, order, entry, width if entry.tag in _WIDTHS else height)


def without_location(exif: bytes) -> bytes:
    """The same EXIF without its GPS directory: neither a pointer to it nor what was in it stays. Nor do tags that are
    XMP or IPTC, which may say it again.
    """
    patched = bytearray(exif)
    try:
        order = _order(exif)
        first = _first(exif, order)
        entries = list(_entries(exif, order, first))
        directories = [entry for entry in entries if entry.tag == ExifTags.IFD.GPSInfo]
        if len(directories) > _MOST_POINTERS:
            raise ValueError("too many directories")
        for one in directories:
            _blank(patched, order, _value(exif, order, one))
        _blank_values(patched, order, [entry for entry in entries if entry.tag in _ELSEWHERE])
        places = [entry for entry in entries if entry.tag in (ExifTags.IFD.GPSInfo, *_ELSEWHERE)]
        end = first + 2 + 12 * len(entries) + 4
        for gone, place in enumerate(places):
            at = place.place - 12 * gone
            patched[at:end] = patched[at + 12 : end] + bytes(12)
        struct.pack_into(order + "H", patched, first, len(entries) - len(places))
    except (struct.error, ValueError):
        # What cannot be read cannot be searched for places either: none of it stays.
        return b""
    return bytes(patched)


def bare(picture: R) -> R:
    """The picture without all metadata; what its colours mean is none."""
    return replace(picture, exif=None, xmp=None, iptc=None, texts=(), resolution=None)


def without_place(picture: R) -> R:
    """The picture without what says where it was taken: in EXIF, XMP, IPTC and texts."""
    return replace(
        picture,
        exif=None if picture.exif is None else without_location(picture.exif) or None,
        xmp=None if picture.xmp is None else packets.without_location(picture.xmp),
        iptc=None if picture.iptc is None else iptc.without_location(picture.iptc) or None,
        texts=tuple(one for one in picture.texts if not _PLACE.search(one[0])),
    )


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation of a loaded picture; 1 where there is none or it makes no sense."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # Pillow meets damaged EXIF with many kinds of exception; pixels need none of it.
        return 1
    if isinstance(orientation, bytes) and len(orientation) == 1:
        orientation = orientation[0]
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def says_resolution(exif: bytes | None) -> bool:
    """Whether EXIF says how many samples there are per inch."""
    try:
        order = _order(exif or b"")
        return any(
            one.tag == ExifTags.Base.XResolution for one in _entries(exif or b"", order, _first(exif or b"", order))
        )
    except (struct.error, ValueError):
        return False


def text_of(data: bytes) -> str:
    """Text of unknown encoding: UTF-8 where it can be that, else Latin-1."""
    data = data.rstrip(b"\0")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def orientation_in(exif: bytes | None, xmp: bytes | None) -> int:
    """The orientation that EXIF says, or else XMP; 1 where neither does."""
    try:
        order = _order(exif or b"")
        for entry in _entries(exif or b"", order, _first(exif or b"", order)):
            if entry.tag == ExifTags.Base.Orientation and entry.kind in _INTEGERS and entry.count == 1:
                value = _value(exif or b"", order, entry)
                return value if 1 <= value <= 8 else 1
    except (struct.error, ValueError):
        pass
    return packets.orientation_of(xmp or b"")


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


def exif_of_tags(source: Image.Exif) -> bytes | None:
    """EXIF made of a TIFF file's own tags: who, when and with what, not how its pixels are stored. None if there are
    none of these, or they are damaged.
    """
    exif = Image.Exif()
    try:
        for tag in _TAKEN_FROM_TIFF:
            if tag in source:
                exif[tag] = source[tag]
        for directory in SUB_DIRECTORIES:
            if values := source.get_ifd(directory):
                exif[directory] = dict(values)
        return strip_prefix(exif.tobytes()) if exif else None
    except Exception:  # As above.
        return None


def _order(exif: bytes) -> str:
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        raise ValueError("no TIFF header")
    return order


def _first(exif: bytes, order: str) -> int:
    return int(struct.unpack_from(order + "I", exif, 4)[0])


def _entries(exif: bytes | bytearray, order: str, directory: int) -> Iterator[_Entry]:
    (count,) = struct.unpack_from(order + "H", exif, directory)
    if count > _MOST_ENTRIES:
        raise ValueError("too many tags")
    for place in range(directory + 2, directory + 2 + 12 * count, 12):
        yield _Entry(place, *struct.unpack_from(order + "HHI", exif, place))


def _value(exif: bytes | bytearray, order: str, entry: _Entry) -> int:
    return int(struct.unpack_from(order + _INTEGERS.get(entry.kind, "I"), exif, entry.place + 8)[0])


def _set(exif: bytearray, order: str, entry: _Entry, value: int) -> None:
    if entry.kind in _INTEGERS and entry.count == 1:
        exif[entry.place + 8 : entry.place + 12] = bytes(4)
        try:
            struct.pack_into(order + _INTEGERS[entry.kind], exif, entry.place + 8, value)
        except struct.error:  # A size that this type cannot say: better none.
            return


def _blank(exif: bytearray, order: str, directory: int) -> None:
    """Overwrite a directory and what it points to with zeros."""
    entries = list(_entries(exif, order, directory))
    _blank_values(exif, order, entries, (directory, 2 + 12 * len(entries)))


def _blank_values(exif: bytearray, order: str, entries: list[_Entry], *more: tuple[int, int]) -> None:
    """Overwrite what entries point to, and more ranges of start and length, with zeros."""
    ranges = [*more]
    for entry in entries:
        size = _BYTES.get(entry.kind, 1) * entry.count
        if size > 4:
            (start,) = struct.unpack_from(order + "I", exif, entry.place + 8)
            ranges.append((start, size))
    done = 0  # No byte twice, however many tags claim it.
    for start, size in sorted(ranges):
        if start >= _HEADER:
            _zero(exif, max(start, done), start + size)
            done = max(done, start + size)


def _zero(exif: bytearray, start: int, end: int) -> None:
    end = min(end, len(exif))
    if _HEADER <= start < end:
        exif[start:end] = bytes(end - start)


def _without_thumbnail(exif: bytearray, order: str, first: int) -> bytes:
    """Unlink the second directory, which is the thumbnail's, and remove its picture, or blank it inside."""
    (count,) = struct.unpack_from(order + "H", exif, first)
    link = first + 2 + 12 * count
    (second,) = struct.unpack_from(order + "I", exif, link)
    if second == 0:
        return bytes(exif)
    struct.pack_into(order + "I", exif, link, 0)
    try:
        found = {entry.tag: _value(exif, order, entry) for entry in _entries(bytes(exif), order, second)}
        start, size = found.get(ExifTags.Base.JpegIFOffset, 0), found.get(ExifTags.Base.JpegIFByteCount, 0)
        _blank(exif, order, second)
    except (struct.error, ValueError):
        return bytes(exif)
    if start > second and start + size >= len(exif):
        del exif[start:]
    else:
        _zero(exif, start, start + size)
    return bytes(exif)
