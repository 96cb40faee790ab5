"""TIFF files made tag by tag, with values put in bit by bit."""

import io
import struct

import numpy as np
import tifffile

RNG = np.random.default_rng(3)
LONGS = (256, 257, 273, 278, 279, 322, 323, 324, 325, 330)
ASCII = {270, 271, 305, 315, 33432}


def noise(*shape, dtype=np.uint16):
    return RNG.integers(0, int(np.iinfo(dtype).max) + 1, shape).astype(dtype)


def packed(rows, bits):
    """Rows of numbers as bytes, highest bit first, each row padded to whole bytes: by way of text."""
    text = ["".join(f"{value:0{bits}b}" for value in row) for row in rows]
    padded = [row + "0" * (-len(row) % 8) for row in text]
    return b"".join(bytes(int(row[i : i + 8], 2) for i in range(0, len(row), 8)) for row in padded)


def tiff(*pages, order="<", big=False):
    """A TIFF file: pages are (tags, segments), tags by number as integers, tuples or bytes; written tag by tag."""
    count, entry, pointer, inline = ("Q", "HHQ", "Q", 8) if big else ("H", "HHI", "I", 4)
    start = 16 if big else 8
    out = b"II" if order == "<" else b"MM"
    out += struct.pack(order + "HHHQ", 43, 8, 0, start) if big else struct.pack(order + "HI", 42, start)
    for tags, segments in pages:
        tags = dict(tags)
        offsets, counts = (324, 325) if 322 in tags else (273, 279)
        tags |= {offsets: (0,) * len(segments), counts: tuple(map(len, segments))}
        size = struct.calcsize(order + count) + len(tags) * (struct.calcsize(order + entry) + inline) + inline
        values = {}
        for tag, value in tags.items():
            if isinstance(value, bytes):
                values[tag] = (2 if tag in ASCII else 7, len(value), value)
                continue
            value = value if isinstance(value, tuple) else (value,)
            kind, letter = (4, "I") if tag in LONGS else (3, "H")
            values[tag] = (kind, len(value), struct.pack(f"{order}{len(value)}{letter}", *value))
        tail_at = len(out) + size
        data_at = tail_at + sum(len(data) + len(data) % 2 for *_, data in values.values() if len(data) > inline)
        places = tuple(data_at + sum(map(len, segments[:i])) for i in range(len(segments)))
        values[offsets] = (4, len(places), struct.pack(f"{order}{len(places)}I", *places))
        head, tail = struct.pack(order + count, len(tags)), b""
        for tag in sorted(values):
            kind, number, data = values[tag]
            if len(data) > inline:
                at = struct.pack(order + pointer, tail_at + len(tail))
                tail += data + bytes(len(data) % 2)
                data = at
            head += struct.pack(order + entry, tag, kind, number) + data.ljust(inline, b"\0")
        end = data_at + sum(map(len, segments))
        end += end % 2
        following = 0 if (tags, segments) == pages[-1] or segments is pages[-1][1] else end
        out = (out + head + struct.pack(order + pointer, following) + tail + b"".join(segments)).ljust(end, b"\0")
    return out


def tags(width, height, bits=8, photometric=1, samples=1, compression=1, **more):
    found = {256: width, 257: height, 258: (bits,) * samples, 259: compression, 262: photometric, 277: samples}
    return {**found, 278: height, **{int(tag[1:]): value for tag, value in more.items()}}


def written(samples, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, samples, **options)
    return file.getvalue()
