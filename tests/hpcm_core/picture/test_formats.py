"""Names and kinds of files: what is read, what is named and refused, and what reading takes."""

import io
import struct
import subprocess
import sys

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from hpcm_core.errors import LimitExceeded, PictureError
from hpcm_core.files import PICTURE_SUFFIXES
from hpcm_core.limits import Limits
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.picture import made_elsewhere as made
from tests.hpcm_core.picture.made_elsewhere import RAMPS
from tests.hpcm_core.picture.opening import opened


def test_names_that_pictures_have():
    assert {".jfif", ".jpe", ".heic", ".heif", ".jxl", ".dng", ".cr3", ".nef"} <= set(PICTURE_SUFFIXES)
    picture = Picture(RAMPS)
    assert picture.encode(".jfif") == picture.encode(".jpe") == picture.encode(".jpg")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\0\0\0\x18ftypisom", r"MP4 \(QuickTime\)"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"P6 1 1 255 abc", "Netpbm"),
        (b"v/1\1", "OpenEXR"),
    ],
)
def test_kinds_that_are_not_read_are_named(tmp_path, data, kind):
    with pytest.raises(PictureError, match=f"of kind {kind}, which this program does not read"):
        opened(tmp_path, data.ljust(200, b" "))


SMALL = np.arange(64).reshape(8, 8)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (imagecodecs.jpeg8_encode(SMALL.astype(np.uint16), bitspersample=12), r"JPEG \(12 bits\)"),
        (imagecodecs.jpeg8_encode(SMALL.astype(np.uint16), lossless=True, bitspersample=16), r"JPEG \(16 bits\)"),
        (imagecodecs.jpegls_encode(SMALL.astype(np.uint8)), "JPEG-LS"),
        (b"\xff\xd8\xff\xc0\0\x0e\x08\0\1\0\1\2" + bytes(30), r"JPEG \(2 components\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 2, 2, 1, 64, 0) + bytes(60), r"BMP \(64 bits\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 2, 2, 1, 0, 4) + bytes(60), r"BMP \(JPEG\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 2, 2, 1, 0, 5) + bytes(60), r"BMP \(PNG\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 56, 2, 2, 1, 16, 3) + bytes(60), r"BMP \(bit fields\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 16, 2, 2, 1, 8, 0) + bytes(60), r"BMP \(OS/2\)"),
    ],
    ids=["12", "16", "ls", "components", "bmp", "bmp of jpeg", "bmp of png", "fields", "os2"],
)
def test_rare_forms_of_common_kinds_are_named(tmp_path, data, kind):
    with pytest.raises(PictureError, match=f"of kind {kind}, which this program does not read"):
        opened(tmp_path, data)


@pytest.mark.parametrize("kind", ["JPEG", "BMP"])
def test_common_forms_that_are_damaged_are_called_so(tmp_path, kind):
    file = io.BytesIO()
    Image.fromarray(RAMPS).save(file, kind)
    for length in (10, 20, 60, len(file.getvalue()) // 2):
        with pytest.raises(PictureError, match="is damaged"):
            opened(tmp_path, file.getvalue()[:length])


@pytest.mark.parametrize("data", [made.HEIC_10, made.HEIC_TWO, made.JXL_16, made.JXL_ANIMATED, made.JXL_OF_JPEG])
def test_damaged_files_are_refused_or_read_but_never_crash(tmp_path, data):
    if data is not made.JXL_ANIMATED:  # Half of that is the first picture and more.
        with pytest.raises(PictureError, match="damaged"):
            opened(tmp_path, data[: len(data) // 2])
    for position in range(0, len(data), max(1, len(data) // 60)):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        try:
            opened(tmp_path, damaged, limits=Limits(pixels=10**6))
        except (PictureError, LimitExceeded) as error:
            assert "\n" not in str(error)  # noqa: PT017


def test_packages_of_rare_formats_are_loaded_when_needed():
    code = (
        "import sys, hpcm_core.picture.reading, hpcm_core.picture.writing;"
        "print({'pi_heif', 'imagecodecs', 'rawpy', 'pillow_jxl'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_memory_of_a_large_picture_is_not_cleared_at_once(kind, tmp_path, monkeypatch):
    """Pillow's allocation clears it while no other thread of the interpreter runs."""
    pixels = np.random.default_rng(0).integers(0, 256, (70, 50, 3), np.uint8)
    path = tmp_path / "a"
    Image.fromarray(pixels).save(path, kind)
    with Image.open(path) as image:
        expected = np.asarray(image)
    taken = []
    allocate = Image.core.new

    def noted(mode, size):
        taken.append(size)
        return allocate(mode, size)

    monkeypatch.setattr(Image.core, "new", noted)
    assert np.array_equal(Picture.open(path).pixels, expected)
    assert (50, 70) not in taken
