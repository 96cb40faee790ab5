"""Metadata that is made to take for ever, or all memory."""

from __future__ import annotations

import io
import struct
import time
import zlib
from contextlib import suppress
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms

from hpcm_core.errors import HpcmError, LimitExceeded, PictureError
from hpcm_core.format.preview import small_image
from hpcm_core.limits import Limits
from hpcm_core.picture import colour, jxl, jxl_head, metadata, xmp
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.png_chunks import chunk as png_chunk
from tests.fuzz.many import memory

pytestmark = pytest.mark.trust

MANY = 4096
EXIF_POINTER, GPS_POINTER = 0x8769, 0x8825
SECONDS = 3.0
"""What took half a minute and more takes hundredths; machines that are busy with other tests get some more."""


def overlapping(pointer: int) -> bytes:
    """EXIF of 150 KB with thousands of pointers to as many directories, each of thousands of tags."""
    second = 8 + 2 + 12 * MANY + 4
    first = struct.pack("<H", MANY) + b"".join(
        struct.pack("<HHII", pointer, 4, 1, second + 12 * i) for i in range(MANY)
    )
    return b"II*\0\x08\0\0\0" + first + bytes(4) + struct.pack("<HHII", MANY, 7, 0, 0) * (2 * MANY + 2) + bytes(4)


def claiming(size: int) -> bytes:
    """EXIF whose thumbnail's directory has thousands of tags that each claim all that follows."""
    second = 8 + 2 + 4
    tags = struct.pack("<H", MANY) + struct.pack("<HHII", 0xA002, 7, size, 1 << 16) * MANY + bytes(4)
    data = b"II*\0\x08\0\0\0" + bytes(2) + struct.pack("<I", second) + tags
    return data + b"x" * (size - len(data))


@pytest.fixture
def soon():
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


@pytest.mark.usefixtures("soon")
def test_thousands_of_directories():
    data = overlapping(EXIF_POINTER)
    assert metadata.is_sound(data)
    assert metadata.made_upright(data, 6, 30, 20) == data
    assert metadata.without_location(overlapping(GPS_POINTER)) == b"", "what cannot be searched does not stay"


@pytest.mark.usefixtures("soon")
def test_thousands_of_tags_that_claim_everything():
    upright = metadata.made_upright(claiming(16 << 20), 6, 30, 20)
    assert not any(upright[1 << 16 :])
    assert b"x" in upright, "what nobody claims stays"


def test_ranges_that_overlap_are_all_blanked():
    """One begins before the header's end and counts as none; of the others no byte stays."""
    gps = 8 + 2 + 12 + 4
    after = gps + 2 + 3 * 12
    directory = struct.pack("<HHHII", 3, 1, 7, 60, 0) + struct.pack("<HHII", 2, 7, 20, after)
    directory += struct.pack("<HHII", 3, 7, 20, after + 10)
    data = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, GPS_POINTER, 4, 1, gps) + bytes(4) + directory + b"x" * 40
    kept = metadata.without_location(data)
    assert kept[gps:] == bytes(2 + 3 * 12 + 30) + b"x" * 10


@pytest.mark.usefixtures("soon")
def test_entities_are_nothing_but_bytes():
    """No parser of XML reads XMP, so that nothing in it unfolds: a billion laughs stay a kilobyte."""
    laughs = b'<!DOCTYPE x [<!ENTITY l0 "lol">'
    laughs += b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 10))
    bomb = (
        laughs + b']><x:xmpmeta xmlns:x="adobe:ns:meta/"><a>&l9;</a><!ENTITY f SYSTEM "file:///etc/passwd"></x:xmpmeta>'
    )
    assert xmp.upright(bomb) == bomb
    assert xmp.without_location(bomb) == bomb
    assert xmp.without_attachments(bomb) == (bomb, [])


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "part",
    [
        b'xmlns:a="http://ns.adobe.com/exif/1.0/" ',
        b'xmlns:exif="http://ns.adobe.com/exif/1.0/" <exif:GPSLatitude>',
        b'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude=\'',
        b"tiff:Orientation   ",
        b"<rdf:RDF <rdf:RDF",
        b"HasExtendedXMP = ",
    ],
)
def test_megabytes_of_openings(part):
    data = part * ((2 << 20) // len(part))
    xmp.without_location(data)
    xmp.without_attachments(xmp.upright(data))
    xmp.joined(data, [data])
    xmp.split(data)


@pytest.mark.usefixtures("soon")
def test_thousands_of_names_for_one_thing():
    """Each of which would be looked for everywhere."""
    names = b"".join(b' xmlns:a%d="http://ns.adobe.com/exif/1.0/"' % number for number in range(20_000))
    data = b"<x" + names + b">" + b" a19999:GPS" * 20_000 + b"</x>"
    assert xmp.without_location(data) == b"", "what cannot be searched does not stay"


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("kind", "before"),
    [(b"iCCP", b"sRGB\0\0"), (b"zTXt", b"Comment\0\0"), (b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0")],
)
def test_what_unfolds_in_a_png_file(kind, before):
    """256 MiB in 250 KB: left out and named, and never in memory."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    data = out.getvalue()
    bomb = before + zlib.compress(bytes(256 << 20), 9)
    chunk = struct.pack(">I", len(bomb)) + kind + bomb + struct.pack(">I", zlib.crc32(kind + bomb))
    at = data.index(b"IDAT") - 4
    start = memory(reset=True)
    picture = Picture.from_bytes(data[:at] + chunk + data[at:], Limits(metadata=1 << 20, icc=1 << 20))
    assert memory() - start < 64 << 20
    assert (picture.icc, picture.xmp, picture.texts) == (None, None, ())
    assert picture.left_out


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(("number", "size"), [(256, 1 << 20), (4096, (4 << 20) + 1)])
def test_many_small_texts_that_unfold(number, size):
    """Each within the limit, or just beyond; together they are gigabytes."""
    bomb = b"Comment\0\0" + zlib.compress(bytes(size), 9)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    data = out.getvalue()
    start = memory(reset=True)
    picture = Picture.from_bytes(data[:33] + png_chunk(b"zTXt", bomb) * number + data[33:], Limits(metadata=4 << 20))
    assert memory() - start < 64 << 20
    assert picture.left_out
    assert picture.pixels.shape == (8, 8, 3)


@pytest.mark.usefixtures("soon")
def test_pixels_of_png_in_thousands_of_pieces():
    """A comment before each: what comes next in the file is not looked for from its beginning."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(out, "PNG")
    data = out.getvalue()
    at = data.index(b"IDAT") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    pixels = data[at + 8 : at + 8 + size]
    pieces = [pixels[:5], *[b""] * 20_000, pixels[5:]]
    parts = b"".join(png_chunk(b"tEXt", b"a\0b") + png_chunk(b"IDAT", piece) for piece in pieces)
    picture = Picture.from_bytes(data[:at] + parts + png_chunk(b"IEND", b""))
    assert (picture.pixels == (0, 128, 0)).all()


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("behind", [b"", b"junk\xff\xff", b"\xff\xf0", b"\xff\xe2\0\0", b"\xff\xfe\0\6\xff\xe1Ex"])
def test_exif_in_thousands_of_segments(behind):
    """As far as a limit it is put together; more is refused before that takes minutes."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    data = out.getvalue()
    segment = b"\xff\xe1\0\x6cExif\0\0" + bytes(100) + behind
    with pytest.raises(PictureError, match="damaged"):
        Picture.from_bytes(data[:2] + 40_000 * segment + data[2:])
    if not behind:  # Decoders are stricter than what reads the beginning.
        assert Picture.from_bytes(data[:2] + 256 * segment + data[2:]).left_out == ("EXIF, which is damaged",)


@pytest.mark.usefixtures("soon")
def test_many_boxes_that_unfold_in_jpeg_xl():
    """16 MiB in 38 bytes, a thousand times: the first counts."""
    plain = Picture(np.zeros((8, 8, 3), np.uint8), xmp=b"<x/>").encode(".jxl")
    bomb = imagecodecs.brotli_encode(bytes(16 << 20))
    box = struct.pack(">I", len(bomb) + 12) + b"brobxml " + bomb
    assert Picture.from_bytes(plain + 1000 * box).xmp == b"<x/>"


def test_more_channels_of_jpeg_xl_than_memory(monkeypatch):
    """Refused by what its head says of them, before the decoder takes memory for them."""
    data = Picture(np.zeros((8, 8, 3), np.uint8)).encode(".jxl")
    monkeypatch.setattr(jxl, "head_of", lambda start: replace(jxl_head.head_of(start), extra=(6,) * 64))
    with pytest.raises(LimitExceeded, match="more samples"):
        Picture.from_bytes(data, Limits(pixels=8 * 8))


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_a_profile_larger_than_the_limit(suffix):
    """Left out and named, whatever file it comes in."""
    profile = colour.from_gamma(1 / 1.8, None)
    assert profile is not None
    data = Picture(np.zeros((8, 8, 3), np.uint8), icc=profile).encode(suffix)
    for limit, kept in ((len(profile), True), (len(profile) - 1, False)):
        picture = Picture.from_bytes(data, Limits(icc=limit))
        assert (picture.icc is not None, picture.left_out == ()) == (kept, kept)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("claimed", [1 << 20, 1 << 28, (1 << 32) - 1])
def test_a_profile_whose_parts_claim_everything(claimed):
    """Every size and count in a small profile, one after the other: pictures are read, and shown through it, in little
    memory, or end in one sentence.
    """
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack_from(">I", profile, 128)[0]
    tags = [struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(count)]
    places = [128, *(132 + 12 * number + 8 for number in range(count)), *(start + 8 for _, start, _ in tags)]
    start = memory(reset=True)
    for place in places:
        bomb = profile[:place] + struct.pack(">I", claimed) + profile[place + 4 :]
        with suppress(HpcmError):
            small_image(Picture(np.zeros((8, 8, 3), np.uint8), icc=bomb), 4)
    assert len(places) > 20
    assert memory() - start < 64 << 20
