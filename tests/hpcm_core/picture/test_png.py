"""Odd PNG files: what is damaged beside the pixels, XMP without end, profiles in text."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from hpcm_core.errors import PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture.colour import from_codes
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.picture.made_elsewhere import RAMPS
from tests.hpcm_core.picture.opening import opened


def png_with(*chunks, broken=()):
    """A PNG file of RAMPS with chunks behind its header; those in `broken` have a wrong checksum."""
    file = io.BytesIO()
    Image.fromarray(RAMPS).save(file, "PNG")
    data = file.getvalue()
    extra = b""
    for kind, payload in chunks:
        crc = zlib.crc32(kind + payload) ^ (1 if kind in broken else 0)
        extra += struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", crc)
    return data[:33] + extra + data[33:]


def test_a_wrong_checksum_beside_the_pixels_is_no_reason_to_refuse(tmp_path):
    data = png_with((b"tEXt", b"Title\0A title"), (b"tIME", bytes(7)), broken=(b"tEXt", b"tIME"))
    picture = opened(tmp_path, data)
    np.testing.assert_array_equal(picture.pixels, RAMPS)
    assert picture.texts == (("Title", "A title"),)
    damaged = bytearray(data)
    damaged[-20] ^= 1
    with pytest.raises(PictureError, match="damaged"):
        opened(tmp_path, damaged)


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"acTL", struct.pack(">II", 2, 0)), (b"fdAT", bytes(8))],
        [(b"acTL", struct.pack(">II", 2, 0)), (b"fcTL", bytes(3))],
    ],
    ids=["no frame", "a short one"],
)
def test_a_damaged_animation_is_no_reason_to_refuse_the_picture(tmp_path, chunks):
    picture = opened(tmp_path, png_with(*chunks))
    np.testing.assert_array_equal(picture.pixels, RAMPS)
    assert (picture.frames, picture.left_out) == (1, ("an animation that is damaged",))
    with pytest.raises(PictureError, match="damaged"):
        opened(tmp_path, png_with(*chunks)[:-40])


def test_xmp_of_two_megabytes(tmp_path):
    xmp = b"<x:xmpmeta>" + b" " * (2 << 20) + b"</x:xmpmeta>"
    payload = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp)
    assert opened(tmp_path, png_with((b"iTXt", payload))).xmp == xmp
    small = opened(tmp_path, png_with((b"iTXt", payload)), limits=Limits(metadata=1 << 20))
    assert small.xmp is None
    assert small.left_out


def test_exif_and_xmp_in_raw_profiles(tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A maker"
    icc = from_codes(12, 13)
    parts = {"exif": exif.tobytes(), "xmp": b"<x:xmpmeta/>", "icc": icc}
    info = PngImagePlugin.PngInfo()
    for name, data in parts.items():
        info.add_text(f"Raw profile type {name}", f"\n{name}\n{len(data):8}\n{data.hex()}\n", zip=True)
    Image.fromarray(RAMPS[:8]).save(tmp_path / "a.png", pnginfo=info)
    picture = Picture.open(tmp_path / "a.png")
    assert (picture.width, picture.height) == (8, 16)
    assert (picture.xmp, picture.icc) == (b"<x:xmpmeta/>", icc)
    assert b"A maker" in picture.exif
    assert picture.left_out == ()
