"""The boxes of HEIF and AVIF files: what kind of file it is, and of what kinds the things in it are. No pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_CODINGS = {
    "hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "avc1": "H.264", "vvc1": "VVC", "j2k1": "JPEG 2000", "jpeg": "JPEG",
    "unci": "unci", "evc1": "EVC", "lhv1": "L-HEVC", "mski": "mski",
}  # fmt: skip
_DEEPEST = 4
_MOST = 1 << 16


@dataclass(frozen=True)
class Contents:
    """brands: the major one first. coding: of the primary picture, "" if not found. kinds: of all items."""

    brands: tuple[str, ...]
    coding: str
    kinds: tuple[str, ...]


def is_heif(head: bytes) -> bool:
    """Whether a file that begins so is HEIF or AVIF: still pictures or sequences of them, and no film."""
    brands = _brands(head)
    return bool(set(brands) & {"mif1", "msf1", "heic", "heix", "heim", "heis", "hevc", "hevx", "avif", "avis", "mif2"})


def is_avif(head: bytes) -> bool:
    return bool({"avif", "avis"} & set(_brands(head)))


def contents(data: bytes) -> Contents:
    """What is in a file; damaged boxes end the search."""
    items: dict[int, str] = {}
    derived: dict[int, list[int]] = {}
    primary = 0
    try:
        for kind, body in _boxes(data):
            if kind != "meta":
                continue
            for name, part in _boxes(body[4:]):
                if name == "pitm":
                    primary = int.from_bytes(part[4:6] if part[0] == 0 else part[4:8], "big")
                elif name == "iinf":
                    items = _items(part)
                elif name == "iref":
                    derived = _derivations(part)
            break
    except (struct.error, IndexError):
        pass
    item = primary
    for _ in range(_DEEPEST):
        if items.get(item) in _CODINGS or not derived.get(item):
            break
        item = derived[item][0]
    coding = items.get(item, "")
    return Contents(_brands(data), _CODINGS.get(coding, coding), tuple(items.values()))


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
        yield kind.decode("latin-1"), bytes(view[position + head : position + size]) if kind != b"mdat" else b""
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
