"""Previews in files, and the thumbnails that file managers make of them."""

from __future__ import annotations

import configparser
import dataclasses
import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageCms

from hpcm_core import codec
from hpcm_core.cli import thumbnail as thumbnails
from hpcm_core.cli.thumbnail import thumbnail
from hpcm_core.errors import CorruptFile, HpcmError, LimitExceeded, NotHpcm
from hpcm_core.format import container
from hpcm_core.format.preview import SHARE, cheap_preview, encode_preview, small_image
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.format.chunks import PLAIN
from tests.hpcm_core.test_codec import photo
from tests.paths import ROOT

PICTURE = Picture(photo(320, 200))


def file_with(preview, **changes):
    header = dataclasses.replace(PLAIN.header, width=320, height=200, tile_rows=1, tile_cols=2)
    content = dataclasses.replace(PLAIN, header=dataclasses.replace(header, **changes), preview=preview)
    return container.write(content)


def image_of(data):
    return Image.open(io.BytesIO(data))


def jpeg(width, height, kind="JPEG"):
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 60)).save(out, kind)
    return out.getvalue()


# The preview


def test_a_preview_may_cost_half_a_percent_and_no_more():
    for size in (100_000, 400_000, 700_000, 1_500_000, 10_000_000):
        preview = cheap_preview(PICTURE, size)
        assert preview is None or len(preview) + 12 <= SHARE * size
    assert cheap_preview(PICTURE, 100_000) is None
    assert [max(image_of(cheap_preview(PICTURE, size)).size) for size in (400_000, 10_000_000)] == [96, 256]


def test_a_picture_too_large_to_be_decoded_for_a_thumbnail_may_pay_one_percent():
    small, large = (Picture(np.zeros((2048, 2048 + more, 3), np.uint8)) for more in (0, 1))
    size = 190_000
    assert cheap_preview(small, size // 2) is None
    preview = cheap_preview(large, size // 2)
    assert SHARE < (len(preview) + 12) / (size // 2) <= 2 * SHARE


def test_only_files_in_which_it_is_cheap_get_a_preview_unasked(monkeypatch):
    plain = codec.encode(PICTURE, Recipe(), reconstruct=False).data
    assert container.read(plain).preview is None
    monkeypatch.setattr("hpcm_core.format.preview.SHARE", 2.0)
    with_preview = codec.encode(PICTURE, Recipe(), reconstruct=False).data
    read = container.read(with_preview)
    assert max(image_of(read.preview).size) == 256
    assert len(with_preview) == len(plain) + 12 + len(read.preview)
    assert np.array_equal(codec.decode(with_preview).picture.pixels, codec.decode(plain).picture.pixels)


def test_previews_show_white_where_a_picture_is_transparent():
    alpha = np.zeros((64, 64), np.uint8)
    alpha[:, 32:] = 255
    picture = Picture(np.zeros((64, 64, 3), np.uint8), alpha)
    for preview in (encode_preview(picture), cheap_preview(picture, 10_000_000)):
        shown = np.array(Image.open(io.BytesIO(preview)).convert("L")).astype(int)
        assert shown[:, :28].min() > 250
        assert shown[:, 36:].max() < 5


def test_small_pictures_keep_their_shape():
    assert small_image(Picture(photo(200, 2)), 64).size == (64, 1)
    assert small_image(Picture(photo(40, 30)), 64).size == (40, 30)
    assert small_image(Picture(photo(40, 30)[:, :, :1]), 16).mode == "RGB"
    deep = Picture(photo(40, 30).astype(np.uint16) * 257)
    assert np.array_equal(np.array(small_image(deep, 32)), np.array(small_image(Picture(photo(40, 30)), 32)))


def test_a_preview_is_in_srgb():
    """In Lab, whose profile Pillow can make, and by a damaged profile, which is passed over."""
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = np.array(small_image(Picture(PICTURE.pixels, icc=swapped), 64)).astype(int)
    plain = np.array(small_image(PICTURE, 64)).astype(int)
    assert abs(same - plain).max() <= 2
    assert np.array_equal(np.array(small_image(Picture(PICTURE.pixels, icc=b"none"), 64)), plain)


# Thumbnails


def test_a_preview_is_scaled_to_the_size_asked_for():
    data = file_with(encode_preview(PICTURE))
    for size, expected in ((256, (256, 160)), (64, (64, 40)), (1024, (320, 200)), (1, (1, 1))):
        assert image_of(thumbnail(data, size)).size == expected
    shown = np.array(image_of(thumbnail(data, 64)).convert("RGB")).astype(int)
    assert abs(shown - np.array(small_image(PICTURE, 64)).astype(int)).mean() < 12


def test_a_png_preview_keeps_its_transparency():
    out = io.BytesIO()
    Image.new("RGBA", (32, 20), (9, 8, 7, 0)).save(out, "PNG")
    image = image_of(thumbnail(file_with(out.getvalue()), 32))
    assert (image.mode, image.getpixel((3, 3))[3]) == ("RGBA", 0)


def test_without_a_preview_the_file_is_decoded():
    plane = np.full((200, 320), 255, np.uint8)
    plane[:, :160] = 0
    data = codec.encode(Picture(PICTURE.pixels, plane), Recipe(), reconstruct=False).data
    image = image_of(thumbnail(data, 128))
    assert image.size == (128, 80)
    assert (image.getpixel((5, 5))[3], image.getpixel((120, 5))[3]) == (0, 255)
    difference = np.array(image.convert("RGB")).astype(int) - np.array(small_image(PICTURE, 128)).astype(int)
    assert abs(difference[:, 66:]).mean() < 6


def test_decoding_ends_when_its_time_is_up():
    data = codec.encode(PICTURE, Recipe(), reconstruct=False).data
    with pytest.raises(LimitExceeded, match="takes too long"):
        thumbnail(data, 128, seconds=0)


def test_a_large_picture_without_a_preview_is_not_decoded(monkeypatch):
    monkeypatch.setattr(codec, "decode", lambda *_, **__: pytest.fail("decoded"))
    data = file_with(None, width=5000, height=1000, tile_rows=1, tile_cols=2)
    with pytest.raises(LimitExceeded, match="too large to be decoded"):
        thumbnail(data)


@pytest.mark.parametrize("size", [0, -1, 1025])
def test_senseless_sizes(size):
    with pytest.raises(ValueError, match="size must be"):
        thumbnail(file_with(encode_preview(PICTURE)), size)


def test_damage_is_refused():
    data = file_with(encode_preview(PICTURE))
    for position in range(0, len(data), 37):
        damaged = bytearray(data)
        damaged[position] ^= 0x41
        if position == 9:
            continue  # The minor version is for readers of a later one.
        with pytest.raises(HpcmError):
            thumbnail(bytes(damaged), 64)
    for length in (0, 5, 60, len(data) // 2, len(data) - 1):
        with pytest.raises((CorruptFile, NotHpcm)):
            thumbnail(data[:length], 64)


@pytest.mark.parametrize(
    "preview", [b"", b"GIF89a", jpeg(40, 30)[:200], jpeg(40, 30, "WEBP"), jpeg(40, 30, "PNG")[:60] + bytes(40)]
)
def test_a_preview_that_is_none_is_refused(preview):
    with pytest.raises(CorruptFile, match="preview cannot be read"):
        thumbnail(file_with(preview))


@pytest.mark.trust
def test_a_huge_preview_is_refused_before_it_is_decoded(monkeypatch):
    data = file_with(jpeg(4097, 8))
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("decoded"))
    with pytest.raises(LimitExceeded, match="4097 x 8"):
        thumbnail(data)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    source = tmp_path / "huge.hpcm"
    with source.open("wb") as file:
        file.truncate(thumbnails.MAX_FILE + 1)
    monkeypatch.setattr("builtins.open", lambda *_: pytest.fail("read"))
    with pytest.raises(LimitExceeded, match="too many for a thumbnail"):
        thumbnails.write_thumbnail(source, tmp_path / "out.png")


# The command


def run(*arguments):
    code = "import sys, hpcm_core.cli.main\n"
    code += "try: hpcm_core.cli.main.main()\n"
    code += "finally: print([name for name in ('torch', 'PySide6', 'numpy') if name in sys.modules])"
    command = [sys.executable, "-c", code, "thumbnail", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_the_command_needs_neither_torch_nor_qt_nor_numpy(tmp_path):
    source, target = tmp_path / "Größe 1.hpcm", tmp_path / "out"
    source.write_bytes(file_with(encode_preview(PICTURE)))
    result = run(source, target, "--size", 128)
    assert (result.returncode, result.stdout, result.stderr) == (0, "[]\n", "")
    with Image.open(target) as image:
        assert (image.format, image.size) == ("PNG", (128, 80))


def test_the_command_says_plainly_what_is_wrong(tmp_path):
    source, target = tmp_path / "a.hpcm", tmp_path / "out.png"
    source.write_bytes(file_with(encode_preview(PICTURE))[:-5])
    for path, message in ((source, "cut short"), (tmp_path / "none", "cannot be read"), (tmp_path, "cannot be read")):
        result = run(path, target)
        assert result.returncode == 1
        assert message in result.stderr
        assert "Traceback" not in result.stderr
        assert result.stderr.count("\n") == 1
    assert not target.exists()
    source.write_bytes(file_with(encode_preview(PICTURE)))
    assert "cannot be written" in run(source, tmp_path / "no" / "out.png").stderr
    assert run(source, target, "--size", 0).returncode == 2


@pytest.mark.parametrize("name", ["a.hpcm", "photo.JPG", "scan.tif"])
def test_no_file_of_another_kind_is_overwritten(tmp_path, name):
    source, target = tmp_path / "a.hpcm", tmp_path / name
    source.write_bytes(file_with(encode_preview(PICTURE)))
    before = target.write_bytes(b"a photograph") if name != "a.hpcm" else source.stat().st_size
    result = run(source, target)
    assert (result.returncode, target.stat().st_size) == (2, before)
    assert "a thumbnail is a PNG file" in result.stderr


def test_the_file_itself_is_not_overwritten(tmp_path):
    source, other = tmp_path / "download", tmp_path / "link"
    source.write_bytes(file_with(encode_preview(PICTURE)))
    other.symlink_to(source)
    before = source.read_bytes()
    for target in (source, other):
        result = run(source, target)
        assert (result.returncode, source.read_bytes()) == (2, before)
        assert "is the input and would be overwritten" in result.stderr


def test_the_thumbnailer_of_the_desktop_names_the_command(tmp_path):
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(ROOT / "installers/linux/hpcm-studio.thumbnailer", "utf-8")
    section = dict(entry["Thumbnailer Entry"])
    assert section["MimeType"] == "image/x-hpcm;"
    source, target = tmp_path / "a b.hpcm", tmp_path / "out.png"
    source.write_bytes(file_with(encode_preview(PICTURE)))
    values = {"%s": "64", "%i": str(source), "%o": str(target)}
    program, command, *arguments = [values.get(word, word) for word in section["Exec"].split()]
    assert (program, command) == (section["TryExec"], "thumbnail")
    assert run(*arguments).returncode == 0
    with Image.open(target) as image:
        assert image.size == (64, 40)
