"""Alpha planes from strangers, and our own."""

import io
import struct
import zlib
from types import SimpleNamespace

import numpy as np
import png
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hpcm_core import plain_decoder
from hpcm_core.errors import CorruptFile
from hpcm_core.format.alpha import decode_alpha, encode_alpha
from tests.hpcm_core.picture.test_damage import noise


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_plane_is_lossless(dtype):
    plane = noise(31, 47, dtype=dtype)
    depth = 8 * plane.itemsize
    data = encode_alpha(plane)
    decoded = decode_alpha(memoryview(data), 47, 31, depth)
    np.testing.assert_array_equal(decoded, plane)
    assert decoded.dtype == dtype
    for width, height, bits in ((48, 31, depth), (47, 30, depth), (47, 31, 24 - depth)):
        with pytest.raises(CorruptFile):
            decode_alpha(data, width, height, bits)


def test_damaged_alpha_planes():
    data = encode_alpha(noise(31, 47))
    jpeg = io.BytesIO()
    Image.new("L", (47, 31)).save(jpeg, "JPEG")
    colour = io.BytesIO()
    Image.new("RGB", (47, 31)).save(colour, "PNG")
    for damaged in (b"", b"alpha", data[: len(data) // 2], jpeg.getvalue(), colour.getvalue()):
        with pytest.raises(CorruptFile, match="alpha"):
            decode_alpha(damaged, 47, 31, 8)


SIDES = 4, 3
PLANE = np.arange(12, dtype=np.uint8).reshape(3, 4)
ROWS = b"".join(b"\0" + line.tobytes() for line in PLANE)
PACKED = zlib.compress(ROWS)


def chunk(kind, content, crc=None):
    crc = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


END = chunk(b"IEND", b"")


def written(*between, depth=8, colour=0, interlace=0, packed=PACKED, behind=END):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *SIDES, depth, colour, 0, 0, interlace))
    return plain_decoder.SIGNATURE + head + b"".join(between) + chunk(b"IDAT", packed) + behind


def by_both(data, bits=8):
    """What the program makes of a plane, and the decoder in one file: None where it is refused."""

    def one(read):
        try:
            return read().tolist()
        except (CorruptFile, plain_decoder.Refused):
            return None

    header = SimpleNamespace(width=SIDES[0], height=SIDES[1], depth=bits)
    return [one(lambda: decode_alpha(data, *SIDES, bits)), one(lambda: plain_decoder.read_alpha(bytes(data), header))]


NO_PLANES = {
    "4 bits": written(depth=4, packed=zlib.compress(3 * b"\0\x12\x34")),
    "2 bits": written(depth=2, packed=zlib.compress(3 * b"\0\x1b")),
    "palette": written(chunk(b"PLTE", bytes(768)), colour=3),
    "transparency": written(chunk(b"tRNS", b"\0\1")),
    "another interlacing": written(interlace=2),
    "stream without its end": written(packed=PACKED[:-4]),
    "more behind the stream": written(packed=PACKED + b"more"),
    "more rows": written(packed=zlib.compress(ROWS + bytes(9))),
    "fewer pixels": written(packed=zlib.compress(ROWS[:-1])),
    "unknown filter": written(packed=zlib.compress(b"\5" + ROWS[1:])),
    "bomb": written(packed=zlib.compress(bytes(1 << 24))),
    "no pixels": written(packed=b""),
    "checksum of a text": written(chunk(b"tEXt", b"a\0b", 1)),
    "checksum of pixels": written(chunk(b"IDAT", PACKED, 1)),
    "no end": written(behind=b""),
    "something before": b"more" + written(),
}
PLANES = {
    "plain": written(),
    "more behind the end": written(behind=END + b"more"),
    "unknown chunks": written(chunk(b"gAMA", bytes(4)), chunk(b"quUx", b"x")),
    "in pieces": written(chunk(b"IDAT", PACKED[:7]), chunk(b"IDAT", b""), chunk(b"tEXt", b"a\0b"), packed=PACKED[7:]),
    "animation that begins smaller": written(
        chunk(b"acTL", struct.pack(">II", 1, 0)),
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 2, 2, 0, 0, 1, 1, 0, 0)),
    ),
}


@pytest.mark.parametrize("name", NO_PLANES)
def test_what_is_no_plane_is_refused(name):
    assert by_both(NO_PLANES[name]) == [None, None]


@pytest.mark.parametrize("name", PLANES)
def test_what_stands_beside_the_plane_changes_nothing(name):
    assert by_both(PLANES[name]) == [PLANE.tolist()] * 2


@given(st.data())
@settings(max_examples=150)
def test_any_plane_ends_alike(data):
    bits, interlaced = data.draw(st.sampled_from((8, 16))), data.draw(st.booleans())
    out = io.BytesIO()
    plane = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, 1 << bits, 12)
    png.Writer(*SIDES, greyscale=True, bitdepth=bits, interlace=interlaced).write_array(out, plane.tolist())
    assert by_both(out.getvalue(), bits) == [plane.reshape(3, 4).tolist()] * 2
    rows = bytearray(zlib.decompress(out.getvalue()[41:-16]))
    for _ in range(data.draw(st.integers(0, 3))):
        rows[data.draw(st.integers(0, len(rows) - 1))] = data.draw(st.integers(0, 5))
    del rows[data.draw(st.sampled_from((len(rows), len(rows), len(rows) - 1))) :]
    mine, other = by_both(written(depth=bits, interlace=int(interlaced), packed=zlib.compress(bytes(rows))), bits)
    assert mine == other
