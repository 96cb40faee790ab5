"""What users take for a picture and is none, damaged files, and limits."""

import errno
import io
import os
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hpcm_core.errors import LimitExceeded, PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture.picture import Picture

pytestmark = pytest.mark.trust

RNG = np.random.default_rng(8)


def noise(*shape, dtype=np.uint8):
    return RNG.integers(0, int(np.iinfo(dtype).max) + 1, shape).astype(dtype)


def test_what_cannot_be_opened(tmp_path):
    (tmp_path / "text.png").write_text("Dear diary")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    reasons = {
        "text.png": "not a picture",
        "a.svg": "a file of kind SVG",
        "empty.png": "empty",
        "folder.png": "a folder",
    }
    for name, reason in {**reasons, "missing.png": "does not exist"}.items():
        with pytest.raises(PictureError, match=f"{name}.*{reason}"):
            Picture.open(tmp_path / name)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_bytes_are_read_as_their_file_is(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    Picture(noise(20, 30, 3), icc=None).save(path)
    data = path.read_bytes()
    for given in (data, bytearray(data), memoryview(data)):
        assert np.array_equal(Picture.from_bytes(given).pixels, Picture.open(path).pixels)
    with pytest.raises(LimitExceeded, match="The data has 30 x 20 pixels"):
        Picture.from_bytes(data, Limits(side=29))
    with pytest.raises(PictureError, match=r"^The data is damaged"):
        Picture.from_bytes(data[: len(data) // 3])


@pytest.mark.parametrize(("data", "reason"), [(b"", "is empty"), (b"Dear diary", "not a picture")])
def test_bytes_that_are_no_picture(data, reason):
    with pytest.raises(PictureError, match=f"^The data .*{reason}"):
        Picture.from_bytes(data)


def test_without_permission(tmp_path, monkeypatch):
    """The refusal is made up: an administrator may read every file, also in tests."""
    Image.new("L", (3, 3)).save(tmp_path / "a.png")

    def refuse(*_args):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PictureError, match="may not be read"):
        Picture.open(tmp_path / "a.png")


def test_a_device_is_no_picture():
    with pytest.raises(PictureError, match="is not a file"):
        Picture.open(os.devnull)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp", ".avif", ".gif"])
def test_truncated_and_damaged_files_are_refused_or_read_but_never_crash(tmp_path, suffix):
    whole = io.BytesIO()
    Image.fromarray(noise(60, 60, 3)).save(whole, Image.registered_extensions()[suffix])
    data, path = whole.getvalue(), tmp_path / f"a{suffix}"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(PictureError, match="damaged"):
        Picture.open(path)
    for position in range(0, len(data), max(1, len(data) // 60)):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        path.write_bytes(damaged)
        try:
            Picture.open(path, Limits(pixels=10**6))
        except (PictureError, LimitExceeded) as error:
            assert "\n" not in str(error)  # noqa: PT017


def test_limits_are_checked_before_decoding(tmp_path):
    """The file says 60000 x 60000 pixels and holds none."""
    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(p)) + k + p + struct.pack(">I", zlib.crc32(k + p)) for k, p in chunks)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(LimitExceeded, match="60000 x 60000"):
        Picture.open(tmp_path / "a.png")
    Image.new("L", (30, 20)).save(tmp_path / "b.png")
    assert Picture.open(tmp_path / "b.png", Limits(pixels=600, side=30)).width == 30
    for limits in (Limits(pixels=599), Limits(side=29)):
        with pytest.raises(LimitExceeded):
            Picture.open(tmp_path / "b.png", limits)


def test_our_limits_replace_pillows_guard_and_leave_it_in_place(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    Image.fromarray(noise(20, 20)).save(tmp_path / "a.png")
    threads = [threading.Thread(target=Picture.open, args=(tmp_path / "a.png",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert Picture.open(tmp_path / "a.png").width == 20
    for thread in threads:
        thread.join()
    assert Image.MAX_IMAGE_PIXELS == 10


def test_pictures_that_make_no_sense():
    good = np.zeros((2, 3, 3), np.uint8)
    bad = [good.astype(np.int16), good[:, :, 0], good[:, :, :2], good[:0]]
    for pixels in bad:
        with pytest.raises(ValueError, match="pixels"):
            Picture(pixels)
    for alpha in (np.zeros((3, 2), np.uint8), np.zeros((2, 3), np.uint16)):
        with pytest.raises(ValueError, match="alpha"):
            Picture(good, alpha)


def test_png_without_pixels_is_not_black():
    chunks = (b"\0\0\0\rIHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)), (b"\0\0\0\0IEND", b"")
    data = b"".join(head + body + struct.pack(">I", zlib.crc32(head[4:] + body)) for head, body in chunks)
    with pytest.raises(PictureError, match="is damaged"):
        Picture.from_bytes(b"\x89PNG\r\n\x1a\n" + data)
