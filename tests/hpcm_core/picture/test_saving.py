"""Saving pictures: nothing lost that the format can hold, and a whole file or none."""

import errno
import io
import os

import numpy as np
import png
import pytest
from PIL import Image, ImageCms

from hpcm_core import files
from hpcm_core.errors import PictureError
from hpcm_core.picture import colour, spaces, writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import to_8_bits

RNG = np.random.default_rng(9)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = '<x:xmpmeta title="é"/>'.encode()


def noise(*shape, dtype=np.uint8):
    return RNG.integers(0, int(np.iinfo(dtype).max) + 1, shape).astype(dtype)


def picture_of(channels, alpha, dtype, **metadata):
    plane = noise(37, 53, dtype=dtype) if alpha else None
    return Picture(noise(37, 53, channels, dtype=dtype), plane, **metadata)


def exif():
    tags = Image.Exif()
    tags[0x010F] = "A maker"
    tags[0x8769] = {0x9003: "2020:01:02 03:04:05", 0x829A: 0.01}
    tags[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    return tags.tobytes().removeprefix(b"Exif\0\0")


def assert_equal(a, b):
    np.testing.assert_array_equal(a.pixels, b.pixels)
    assert a.pixels.dtype == b.pixels.dtype
    assert (a.alpha is None) == (b.alpha is None)
    if a.alpha is not None:
        np.testing.assert_array_equal(a.alpha, b.alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("suffix", [".png", ".PNG", ".tif", ".tiff"])
def test_lossless_formats(tmp_path, suffix, channels, alpha, dtype):
    picture = picture_of(channels, alpha, dtype)
    picture.save(tmp_path / f"a{suffix}")
    opened = Picture.open(tmp_path / f"a{suffix}")
    if suffix.startswith(".tif") and (channels, alpha, dtype) == (1, True, np.uint16):
        picture = Picture(picture.rgb(), picture.alpha)  # such a TIFF is written as RGB
    assert_equal(opened, picture)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_png_as_another_program_reads_it(channels):
    samples = noise(30, 500, channels, dtype=np.uint16)
    samples[10:20] = np.arange(500, dtype=np.uint16)[:, None] * 131  # rows that Paeth predicts
    picture = Picture(samples[:, :, : 1 if channels < 3 else 3], samples[:, :, -1] if channels in (2, 4) else None)
    width, height, rows, info = png.Reader(bytes=picture.encode(".png")).read()
    assert (width, height, info["bitdepth"], info["planes"]) == (500, 30, 16, channels)
    np.testing.assert_array_equal(np.array([list(row) for row in rows]).reshape(samples.shape), samples)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (3000, 700)])
def test_16_bit_files_of_one_and_of_many_strips(tmp_path, size):
    picture = Picture(noise(*size, 3, dtype=np.uint16) // 64)
    for name in ("a.png", "a.tif"):
        picture.save(tmp_path / name)
        assert_equal(Picture.open(tmp_path / name), picture)


@pytest.mark.parametrize("alpha", [False, True])
def test_webp_without_quality_is_lossless(tmp_path, alpha):
    picture = picture_of(3, alpha, np.uint8)
    if alpha:
        picture.alpha[:20] = 0  # the colour of what cannot be seen is kept too
    picture.save(tmp_path / "a.webp")
    assert_equal(Picture.open(tmp_path / "a.webp"), picture)


def test_large_webp_is_swift_and_lossless(monkeypatch, tmp_path):
    """Above a size with another effort, whose bytes are others and whose pixels are the same."""
    ramp = np.add.outer(np.arange(60), np.arange(80)).astype(np.uint8)[..., None]
    picture = Picture(ramp + noise(60, 80, 3) % 8)
    usual = picture.encode(".webp")
    monkeypatch.setattr(writing, "_SWIFT_FROM", 1000)
    picture.save(tmp_path / "a.webp")
    assert_equal(Picture.open(tmp_path / "a.webp"), picture)
    assert (tmp_path / "a.webp").read_bytes() != usual


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_quality_moves_the_size(suffix):
    picture = picture_of(3, False, np.uint8)
    assert len(picture.encode(suffix, 20)) < len(picture.encode(suffix, 80)) < len(picture.encode(suffix))
    for quality in (-1, 101):
        with pytest.raises(PictureError, match="quality"):
            picture.encode(suffix, quality)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".bmp", ".webp"])
def test_16_bits_are_rounded_to_8(tmp_path, suffix):
    pixels = np.repeat(np.array([0, 128, 129, 32767, 32768, 65406, 65407, 65535], np.uint16), 48).reshape(8, 16, 3)
    Picture(pixels).save(tmp_path / f"a{suffix}")
    opened = Picture.open(tmp_path / f"a{suffix}").pixels
    expected = np.round(pixels / 257)
    assert opened.dtype == np.uint8
    assert np.abs(opened - expected).max() <= (20 if suffix.startswith(".jp") else 0)


@pytest.mark.parametrize(("dtype", "peak"), [(np.uint8, 255), (np.uint16, 65535)])
def test_formats_without_alpha_are_laid_over_white(tmp_path, dtype, peak):
    pixels = np.full((1, 3, 3), peak // 5, dtype)
    alpha = np.array([[0, peak // 3, peak]], dtype)
    picture = Picture(pixels, alpha)
    picture.save(tmp_path / "a.bmp")
    opened = Picture.open(tmp_path / "a.bmp")
    assert opened.alpha is None
    assert opened.pixels[0, :, 0].tolist() == [255, 187, 51]
    assert picture.alpha is alpha


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".avif"])
def test_metadata_is_written(tmp_path, suffix, dtype):
    picture = picture_of(3, True, dtype, icc=SRGB, exif=exif(), xmp=XMP)
    picture.save(tmp_path / f"a{suffix}")
    opened = Picture.open(tmp_path / f"a{suffix}")
    assert opened.icc == SRGB
    assert opened.xmp == XMP
    tags = Image.Exif()
    tags.load(opened.exif)
    assert tags[0x010F] == "A maker"
    assert tags.get_ifd(0x8769) == {0x9003: "2020:01:02 03:04:05", 0x829A: 0.01}
    assert tags.get_ifd(0x8825) == {1: "N", 2: (1.0, 2.0, 3.0)}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("damaged", [b"", b"garbage", b"II*\0\x08\0\0\0\xff\xff"])
def test_damaged_exif_is_no_reason_not_to_save(tmp_path, suffix, damaged):
    Picture(noise(4, 4, 3), exif=damaged).save(tmp_path / f"a{suffix}")
    assert Picture.open(tmp_path / f"a{suffix}").width == 4


# Whole or not at all


@pytest.mark.parametrize("name", ["a", "a.xyz", "a.hpcm", "a.gif", "a.pdf"])
def test_unknown_extensions(tmp_path, name):
    with pytest.raises(PictureError, match=r"\.png"):
        picture_of(3, False, np.uint8).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder(tmp_path):
    with pytest.raises(PictureError, match=r"folder .*nowhere does not exist"):
        picture_of(3, False, np.uint8).save(tmp_path / "nowhere" / "a.png")


def test_a_name_that_is_a_folder(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(PictureError, match="cannot be written"):
        picture_of(3, False, np.uint8).save(tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(PictureError, match="No space left"):
        picture_of(3, False, np.uint8).save(tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"old"


def test_what_a_format_cannot_hold():
    with pytest.raises(PictureError, match=r"cannot be saved as \.webp"):
        Picture(np.zeros((1, 20000, 3), np.uint8)).encode(".webp")


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "a.bin"
    files.atomic_write(path, b"old")
    if os.name != "nt":
        umask = os.umask(0)
        os.umask(umask)
        assert path.stat().st_mode & 0o777 == 0o666 & ~umask
        path.chmod(0o640)
    files.atomic_write(path, memoryview(b"new"))
    assert path.read_bytes() == b"new"
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_writing_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link.bin").symlink_to(tmp_path / "real" / "a.bin")
    files.atomic_write(tmp_path / "link.bin", b"x")
    assert (tmp_path / "link.bin").is_symlink()
    assert (tmp_path / "real" / "a.bin").read_bytes() == b"x"


def test_names_of_the_greatest_length(tmp_path):
    name = "é" * 125 + ".bin"
    files.atomic_write(tmp_path / name, b"x")
    assert (tmp_path / name).read_bytes() == b"x"


def test_encode_gives_the_file_that_save_writes(tmp_path):
    picture = picture_of(3, False, np.uint8)
    picture.save(tmp_path / "a.png")
    data = picture.encode(".png")
    assert (tmp_path / "a.png").read_bytes() == data
    assert Image.open(io.BytesIO(data)).size == (53, 37)


@pytest.mark.parametrize("suffix", [".jpg", ".avif"])
def test_chroma_is_whole_from_quality_90_on(suffix):
    """Lines of one pixel that differ in colour alone keep their colours, and below lose them."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[::2], pixels[1::2] = (200, 60, 60), (40, 105, 200)
    spread = {}
    for quality in (89, 90):
        again = Picture.from_bytes(Picture(pixels).encode(suffix, quality)).pixels
        spread[quality] = np.abs(again[::2].mean(axis=(0, 1)) - again[1::2].mean(axis=(0, 1)))[0]
    assert spread[90] > 140
    assert spread[89] < 100


def greys(picture):
    """CIE L*a*b* that the picture's profile means by equal samples from black to white."""
    return spaces._lab_of(picture.icc, picture.channels)[:256]


GREY_PROFILES = {
    "a curve": colour.profile(colour.SRGB_PRIMARIES, (1.8,), None, True),
    "linear": spaces.profile_of(5, 1),
    "HLG": spaces.profile_of(7, 1),
}


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("profile", GREY_PROFILES)
@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif", ".tif", ".jxl"])
def test_grey_of_a_profile_is_shown_alike(suffix, profile, dtype, alpha):
    """Also where a format has colours alone: its profile is one for RGB then."""
    ramp = np.arange(0, 256, 4, dtype=dtype) * dtype(np.iinfo(dtype).max // 255)
    opaque = np.full((64, 64), np.iinfo(dtype).max, dtype) if alpha else None
    picture = Picture(np.tile(ramp, (64, 1))[:, :, np.newaxis], opaque, icc=GREY_PROFILES[profile])
    data, left_out = writing.encoded(picture, suffix)
    again = Picture.from_bytes(data)
    missed = " ".join((*left_out, *again.left_out))
    if suffix == ".jxl" and "the colour profile, which needs the package pillow-jxl-plugin" in missed:
        return
    assert "profile" not in missed
    assert again.hdr == picture.hdr
    np.testing.assert_allclose(greys(again), greys(picture), atol=0.3)
    off = np.abs(to_8_bits(again.rgb()).astype(int) - to_8_bits(picture.rgb())).max()
    assert off <= (8 if suffix == ".avif" else 0)


def test_a_grey_profile_without_a_curve_is_missed():
    profile = GREY_PROFILES["a curve"].replace(b"kTRC", b"none")
    data, left_out = writing.encoded(Picture(noise(8, 8, 1), icc=profile), ".webp")
    assert "the colour profile" in " ".join(left_out)
    assert Picture.from_bytes(data).icc is None
