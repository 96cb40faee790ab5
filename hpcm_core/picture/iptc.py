"""IPTC-IIM (captions, keywords, places, of news agencies first), and the resources of Photoshop that it stands in.

Records are kept byte by byte. A data set is 0x1C, the numbers of record and data set, a length of two bytes, the value.
"""

from __future__ import annotations

from collections.abc import Iterator

PHOTOSHOP = b"Photoshop 3.0\0"
"""What stands before the resources in a JPEG file."""
_RESOURCE, _IPTC, _MARKER = b"8BIM", 0x0404, 0x1C
_PLACES = frozenset((26, 27, 90, 92, 95, 100, 101))
"""Data sets of record 2: content location (code, name), city, sublocation, state, country (code, name)."""


def iptc_of(data: bytes) -> bytes | None:
    """The records in `data`, which are such or resources of Photoshop; None where there are none."""
    data = data.removeprefix(PHOTOSHOP)
    if data[:1] == bytes((_MARKER,)):
        return data
    position = 0
    while data[position : position + 4] == _RESOURCE:
        number = int.from_bytes(data[position + 4 : position + 6], "big")
        # A name of Pascal's kind, its length included even in length.
        position += 6 + (data[position + 6 : position + 7] or b"\0")[0] // 2 * 2 + 2
        length = int.from_bytes(data[position : position + 4], "big")
        content = data[position + 4 : position + 4 + length]
        if number == _IPTC:
            return content if content[:1] == bytes((_MARKER,)) else None
        position += 4 + length + length % 2
    return None


def resources(iptc: bytes) -> bytes:
    """The records as a resource of Photoshop."""
    head = _RESOURCE + _IPTC.to_bytes(2, "big") + b"\0\0" + len(iptc).to_bytes(4, "big")
    return head + iptc + bytes(len(iptc) % 2)


def without_location(iptc: bytes) -> bytes:
    """The same records without those that say where; what cannot be read is cut off with all behind it."""
    return b"".join(data for record, number, data in _data_sets(iptc) if record != 2 or number not in _PLACES)


def _data_sets(iptc: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    while position + 5 <= len(iptc) and iptc[position] == _MARKER:
        record, number = iptc[position + 1], iptc[position + 2]
        length, start = int.from_bytes(iptc[position + 3 : position + 5], "big"), position + 5
        if length & 0x8000:  # The length of the length, for values of 32 KB and more.
            size = length & 0x7FFF
            length, start = int.from_bytes(iptc[start : start + size], "big"), start + size
        if start + length > len(iptc):
            return
        yield record, number, iptc[position : start + length]
        position = start + length
