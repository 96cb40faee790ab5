"""The directories of TIFF files and EXIF blocks: reading and writing tags, their values as the bytes they are.

Neither Pillow's reader of tags is used nor tifffile's. Pillow makes text of ASCII tags and "?" of what is not ASCII in
it when it writes them again; both read every value of every directory, which a small hostile file can make gigabytes
of. Here a value is read when it is asked for, it must lie in the file, and the number of entries is bounded.
"""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from hpcm_core.limits import MIB

EXIF, GPS, INTEROPERABILITY = 0x8769, 0x8825, 0xA005
SUB_DIRECTORIES = (EXIF, GPS, INTEROPERABILITY)
Order: TypeAlias = Literal["<", ">"]
"""Of bytes, as struct and numpy write it."""
_ORDERS: dict[bytes, Order] = {b"II": "<", b"MM": ">"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one value by its type's number; those from 16 on are BigTIFF's."""
_INTEGERS = {1: "u1", 3: "u2", 4: "u4", 6: "i1", 8: "i2", 9: "i4", 13: "u4", 16: "u8", 17: "i8", 18: "u8"}
_ENTRIES = 1 << 19
"""What a whole file may have: more than 10 000 pages of the usual 20 to 40 tags."""
_MOST_VALUES = 1 << 18
_COPIED = 16 * MIB
"""Bytes of all values of EXIF together."""
_LONG = 4


class Damaged(ValueError):
    """A directory or a value that does not lie in the file or makes no sense. No sentence for users."""


@dataclass(frozen=True)
class Entry:
    """A tag's value: `count` values of type number `kind`, as bytes in the order of their file."""

    kind: int
    count: int
    data: bytes


Tree: TypeAlias = "dict[int, Entry | Tree]"
"""A directory by tags, with the directories below it."""


def integers(order: Order, kind: int, *values: int) -> Entry:
    """An entry of integers; kind is 1 (BYTE), 3 (SHORT) or 4 (LONG)."""
    return Entry(kind, len(values), np.array(values, order + _INTEGERS[kind]).tobytes())


def pack(tree: Tree, order: Order, start: int) -> bytes:
    """A classic directory that will lie at byte `start`, with its values and sub-directories behind it, even in length.

    No other directory follows it. Its length does not depend on the values of integers.
    """
    head = bytearray(struct.pack(order + "H", len(tree)))
    tail = bytearray()
    behind = start + 2 + 12 * len(tree) + 4
    for tag in sorted(tree):
        entry = tree[tag]
        at = behind + len(tail)
        if isinstance(entry, dict):
            tail += pack(entry, order, at)
            entry = integers(order, _LONG, at)
        elif len(entry.data) > 4:
            tail += entry.data + bytes(len(entry.data) % 2)
            entry = Entry(entry.kind, entry.count, struct.pack(order + "I", at))
        head += struct.pack(order + "HHI4s", tag, entry.kind, entry.count, entry.data)
    return bytes(head + bytes(4) + tail)


def header(order: Order) -> bytes:
    """The eight bytes before the first directory, which follows at once."""
    return (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)


def exif_tree(exif: bytes) -> tuple[Order, Tree]:
    """Byte order and first directory of an EXIF block. Raises Damaged."""
    file = File(io.BytesIO(exif))
    return file.order, file.directory(file.first).tree()


class File:
    """A TIFF file or EXIF block that is open. Raises Damaged for what is none."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = file.seek(0, io.SEEK_END)
        self._left = _ENTRIES
        self.copied = 0
        start = self.read(0, 8)
        if start[:2] not in _ORDERS:
            raise Damaged("no byte order")
        self.order = _ORDERS[start[:2]]
        version, self.first = struct.unpack(self.order + "HI", start[2:])
        self.big = version == 43
        if self.big:
            if start[4:] != struct.pack(self.order + "HH", 8, 0):
                raise Damaged("BigTIFF of another offset size")
            (self.first,) = struct.unpack(self.order + "Q", self.read(8, 8))
        elif version != 42:
            raise Damaged("no TIFF version")

    def read(self, at: int, length: int) -> bytes:
        """`length` bytes at `at`, all of which must be there."""
        if at < 0 or at + length > self.size:
            raise Damaged("beyond the end of the file")
        self.file.seek(at)
        data = self.file.read(length)
        if len(data) != length:
            raise Damaged("cut short")
        return data

    def directory(self, at: int) -> Directory:
        """The directory at a byte."""
        return Directory(self, at)

    def chain(self) -> tuple[list[Directory], bool]:
        """All main directories in their order, and whether no damage cut the chain short. At least one, or Damaged."""
        directories = [self.directory(self.first)]
        seen = {0, self.first}
        while (at := directories[-1].next) not in seen:
            seen.add(at)
            try:
                directories.append(self.directory(at))
            except Damaged:
                return directories, False
        return directories, at == 0

    def spend(self, entries: int) -> None:
        """Count entries that are about to be read."""
        self._left -= entries + 1
        if self._left < 0:
            raise Damaged("too many entries")


class Directory:
    """Tags of one directory. Values are read from the file when they are asked for.

    next: where the next directory lies, 0 after the last. next_at: where that is written.
    """

    def __init__(self, file: File, at: int) -> None:
        self.file, self.at = file, at
        counter, entry, offset = ("Q", "HHQ8s", "Q") if file.big else ("H", "HHI4s", "I")
        counter, entry, offset = (file.order + letters for letters in (counter, entry, offset))
        (count,) = struct.unpack(counter, file.read(at, struct.calcsize(counter)))
        file.spend(count)
        start = at + struct.calcsize(counter)
        data = file.read(start, count * struct.calcsize(entry))
        self._inline = struct.calcsize(offset)
        self._offset = offset
        self._entries: dict[int, tuple[int, int, bytes]] = {}
        for tag, kind, values, value in struct.iter_unpack(entry, data):
            self._entries.setdefault(tag, (kind, values, value))
        self.next_at = start + len(data)
        try:
            (self.next,) = struct.unpack(offset, file.read(self.next_at, self._inline))
        except Damaged:  # EXIF blocks are often cut here.
            self.next = 0

    def __contains__(self, tag: int) -> bool:
        return tag in self._entries

    def count(self, tag: int) -> int:
        """The number of values of a tag, 0 where it is missing."""
        return self._entries[tag][1] if tag in self._entries else 0

    def entry(self, tag: int, copied: int = 0) -> Entry | None:
        """The value of a tag as bytes, None where it is missing. copied: bytes that others took of what is allowed."""
        if tag not in self._entries:
            return None
        kind, count, value = self._entries[tag]
        if kind not in _SIZES:
            raise Damaged("unknown type of value")
        length = count * _SIZES[kind]
        if length <= self._inline:
            return Entry(kind, count, value[:length])
        if copied and copied + length > _COPIED:
            raise Damaged("too many bytes")
        (at,) = struct.unpack(self._offset, value)
        return Entry(kind, count, self.file.read(at, length))

    def raw(self, tag: int) -> bytes | None:
        """The bytes of a tag; None where it is missing or empty."""
        entry = self.entry(tag)
        return entry.data or None if entry is not None else None

    def array(self, tag: int) -> npt.NDArray[np.int64]:
        """The integers of a tag, empty where it is missing."""
        if self.count(tag) > _MOST_VALUES:
            raise Damaged("too many values")
        entry = self.entry(tag)
        if entry is None:
            return np.zeros(0, np.int64)
        if entry.kind not in _INTEGERS:
            raise Damaged("not integers")
        # Above 2^63 they become negative, which no offset is.
        return np.frombuffer(entry.data, self.file.order + _INTEGERS[entry.kind]).astype(np.int64)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The integers of a tag, for tags of few."""
        return tuple(self.array(tag).tolist())

    def number(self, tag: int, default: int) -> int:
        """The first integer of a tag."""
        values = self.array(tag)
        return int(values[0]) if len(values) else default

    def tree(self, tags: tuple[int, ...] | None = None, depth: int = 0) -> Tree:
        """The directory with its sub-directories of EXIF, or only these tags of it; damaged values are left out."""
        found: Tree = {}
        for tag in self._entries if tags is None else tags:
            with suppress(Damaged):
                if tag in SUB_DIRECTORIES:
                    at = self.number(tag, 0)
                    if at and depth < 2 and (below := self.file.directory(at).tree(depth=depth + 1)):
                        found[tag] = below
                elif (
                    self._entries.get(tag, (99,))[0] <= 13 and (entry := self.entry(tag, self.file.copied)) is not None
                ):
                    # Many entries may share one large value.
                    self.file.copied += len(entry.data)
                    found[tag] = entry
        return found
