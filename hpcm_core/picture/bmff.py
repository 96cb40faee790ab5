"""The boxes of HEIF and AVIF files: what kind of file it is, and of what kinds the things in it are. No pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_CODINGS = {
    "hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "avc1": "H.264", "vvc1": "VVC", "j2k1": "JPEG 2000", "jpeg": "JPEG",
    "unci": "unci", "evc1": "EVC", "lhv1": "L-HEVC", "mski": "mski",
}  # fmt: skip
_STILL = {"mif1", "msf1", "miaf", "heic", "heix", "heim", "heis", "hevc", "hevx", "avif", "avis", "mif2"}
_LARGE = (b"mdat", b"moov", b"mpvd", b"free")
"""Boxes whose content is no matter here."""
_DEEPEST = 4
_MOST = 1 << 16


@dataclass(frozen=True)
class Contents:
    """brands: the major one first. coding: of the primary picture, "" if not found. kinds: of all items. aperture: what
    its "clap" box says of the part of it that is to be seen, empty where there is none. boxes: kinds of the file's own.
    """

    brands: tuple[str, ...]
    coding: str
    kinds: tuple[str, ...]
    aperture: bytes
    boxes: tuple[str, ...]


def is_heif(head: bytes) -> bool:
    """Whether a file that begins so is HEIF or AVIF: still pictures or sequences of them, and no film."""
    return bool(_STILL & set(_brands(head)))


def is_avif(head: bytes) -> bool:
    return bool({"avif", "avis"} & set(_brands(head)))


def called_avif(data: bytes) -> bytes:
    """The file with a major brand by which AVIF is known: it may stand among the others only, or not at all."""
    brands = _brands(data)
    if brands[:1] in (("avif",), ("avis",)):
        return data
    brand = b"avis" if "avis" in brands and "avif" not in brands else b"avif"
    return b"".join((data[:8], brand, memoryview(data)[12:]))


def contents(data: bytes) -> Contents:
    """What is in a file; damaged boxes end the search."""
    items: dict[int, str] = {}
    derived: dict[int, list[int]] = {}
    apertures: dict[int, bytes] = {}
    primary = 0
    beside: list[str] = []
    try:
        for kind, body in _boxes(data):
            beside.append(kind)
            if kind != "meta" or items:
                continue
            for name, part in _boxes(body[4:]):
                if name == "pitm":
                    primary = int.from_bytes(part[4:6] if part[0] == 0 else part[4:8], "big")
                elif name == "iinf":
                    items = _items(part)
                elif name == "iref":
                    derived = _derivations(part)
                elif name == "iprp":
                    apertures = _apertures(part)
    except (struct.error, IndexError):
        pass
    item = primary
    for _ in range(_DEEPEST):
        if items.get(item) in _CODINGS or not derived.get(item):
            break
        item = derived[item][0]
    coding = items.get(item, "")
    name = _CODINGS.get(coding, coding)
    aperture = apertures.get(primary, b"")
    return Contents(_brands(data), name, tuple(items.values()), aperture, tuple(dict.fromkeys(beside)))


def part_seen(aperture: bytes, width: int, height: int) -> tuple[slice, slice] | None:
    """Rows and columns of the clean aperture in a picture of this size as it is coded; None where all of it is seen.

    ISO/IEC 14496-12, 12.1.4: width, height and the middle's distance from that of the picture, each a fraction. One
    that is no whole number of pixels or lies beyond the picture counts for nothing.
    """
    if len(aperture) < 32:
        return None
    numbers = struct.unpack(">IIIIiIiI", aperture[:32])
    if 0 in numbers[1::2]:
        return None
    across, down, x, y = (Fraction(a, b) for a, b in zip(numbers[::2], numbers[1::2], strict=True))
    left, top = (width - across) / 2 + x, (height - down) / 2 + y
    edges = (left, top, left + across, top + down)
    if any(edge.denominator > 1 for edge in edges) or not (
        0 <= left < edges[2] <= width and 0 <= top < edges[3] <= height
    ):
        return None
    rows, columns = slice(int(top), int(edges[3])), slice(int(left), int(edges[2]))
    return None if (rows, columns) == (slice(0, height), slice(0, width)) else (rows, columns)


def _brands(data: bytes) -> tuple[str, ...]:
    if data[4:8] != b"ftyp":
        return ()
    body = data[8 : min(int.from_bytes(data[:4], "big"), 512)]
    found = [body[:4], *(body[i : i + 4] for i in range(8, len(body) - 3, 4))]
    return tuple(brand.decode("latin-1") for brand in found)


def _boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    view, position = memoryview(data), 0
    for _ in range(_MOST):
        if position + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, position)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, position + 8), 16
        elif size == 0:
            size = len(data) - position
        if size < head:
            return
        yield kind.decode("latin-1"), bytes(view[position + head : position + size]) if kind not in _LARGE else b""
        position += size


def _items(body: bytes) -> dict[int, str]:
    found = {}
    for name, part in _boxes(body[6:] if body[0] == 0 else body[8:]):
        if name == "infe" and part[0] >= 2:
            wide = part[0] >= 3
            number = int.from_bytes(part[4:8] if wide else part[4:6], "big")
            found[number] = part[10 if wide else 8 : 14 if wide else 12].decode("latin-1")
    return found


def _derivations(body: bytes) -> dict[int, list[int]]:
    """The items that each derived item (a grid, say) is made of."""
    size = 2 if body[0] == 0 else 4
    found = {}
    for name, part in _boxes(body[4:]):
        if name == "dimg":
            numbers = [int.from_bytes(part[i : i + size], "big") for i in (0, *range(size + 2, len(part), size))]
            found[numbers[0]] = numbers[1:]
    return found


def _apertures(body: bytes) -> dict[int, bytes]:
    """The clean aperture of each item that has one."""
    properties: list[tuple[str, bytes]] = []
    found = {}
    for name, part in _boxes(body):
        if name == "ipco":
            properties = list(_boxes(part))
        elif name == "ipma":
            for item, indices in _associations(part):
                for index in indices:
                    if 0 < index <= len(properties) and properties[index - 1][0] == "clap":
                        found[item] = properties[index - 1][1]
    return found


def _associations(body: bytes) -> Iterator[tuple[int, list[int]]]:
    """Items, and the properties that they have, by number from 1 on."""
    wide, long = body[0] > 0, body[3] & 1
    position = 8
    for _ in range(min(int.from_bytes(body[4:8], "big"), _MOST)):
        size = 4 if wide else 2
        item, count = int.from_bytes(body[position : position + size], "big"), body[position + size]
        start, step = position + size + 1, 2 if long else 1
        position = start + step * count
        mask = 0x7FFF if long else 0x7F  # The highest bit says that it matters.
        indices = [int.from_bytes(body[i : i + step], "big") & mask for i in range(start, position, step)]
        yield item, indices
