"""JPEG XL at full depth and in its own colours, seen by libjxl: samples by imagecodecs, profiles by Pillow's plugin."""

import imagecodecs
import numpy as np
import pytest

from hpcm_core.picture import colour, jxl, jxl_head, jxl_header, spaces
from hpcm_core.picture.picture import Picture

Y, X = np.mgrid[0:37, 0:61]
RAMPS = np.dstack((X * 4, Y * 6, (X + Y) * 2)).astype(np.uint8)
DEEP = RAMPS.astype(np.uint16) * 257 + 3
PROPHOTO = colour.Primaries((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585))
SIZE = (61, 37)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("shape", ["grey", "grey and alpha", "RGB", "RGB and alpha"])
def test_heads_are_those_that_libjxl_writes(depth, shape):
    """Of the spaces that the coder can be told, bit by bit."""
    grey, alpha = "grey" in shape, "alpha" in shape
    samples = np.dstack((RAMPS[:, :, : 1 if grey else 3], *([RAMPS[:, :, 1]] if alpha else [])))
    if depth == 16:
        samples = samples.astype(np.uint16) * 257
    stream = jxl.codestream(bytes(imagecodecs.jpegxl_encode(samples.squeeze(), lossless=True, usecontainer=False)))
    head = jxl_header.Samples(*SIZE, depth, grey, depth if alpha else 0)
    space = next(one for one in spaces.SPACES.values() if one.name == ("sRGB" if depth == 8 else "linear sRGB"))
    assert jxl_header.with_head(stream, head, space) == stream


def pictures(depth, channels, alpha, icc):
    samples = RAMPS if depth == 8 else DEEP
    return Picture(samples[:, :, :channels].copy(), samples[:, :, 1].copy() if alpha else None, icc)


@pytest.mark.parametrize("number", [0, *spaces.SPACES])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("alpha", [False, True])
def test_without_loss_everything_comes_back(tmp_path, number, depth, channels, alpha):
    picture = pictures(depth, channels, alpha, spaces.profile_of(number, channels))
    assert picture.save(tmp_path / "a.jxl") == ()
    again = Picture.open(tmp_path / "a.jxl")
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    assert again.alpha is None if not alpha else np.array_equal(again.alpha, picture.alpha)
    expected = spaces.space_of(picture.icc, channels)
    # sRGB needs no profile.
    assert spaces.space_of(again.icc, channels) == (0 if expected == spaces.SRGB else expected)
    assert again.left_out == ()
    decoded = imagecodecs.jpegxl_decode((tmp_path / "a.jxl").read_bytes())
    assert decoded.dtype == picture.pixels.dtype


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("alpha", [False, True])
def test_with_loss_depth_and_colours_are_kept(tmp_path, number, depth, channels, alpha):
    picture = pictures(depth, channels, alpha, spaces.profile_of(number, channels))
    assert picture.save(tmp_path / "a.jxl", 95) == ()
    again = Picture.open(tmp_path / "a.jxl")
    assert (again.bit_depth, again.channels) == (depth, channels)
    expected = spaces.space_of(picture.icc, channels)
    assert spaces.space_of(again.icc, channels) == (0 if expected == spaces.SRGB else expected)
    peak = np.iinfo(picture.pixels.dtype).max
    difference = np.abs(again.pixels.astype(float) - picture.pixels) / peak
    assert difference.mean() < 0.01
    assert difference.max() < 0.1
    assert again.alpha is None if not alpha else np.abs(again.alpha.astype(int) - picture.alpha).max() <= peak // 250


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("signature", [b"", b"APPL", b"MSFT", b"SGI ", b"SUNW", b"Sxyz", b"ABCD"])
def test_profiles_are_put_into_the_file(channels, signature):
    pillow_jxl = pytest.importorskip("pillow_jxl")
    icc = colour.from_gamma(1 / 1.8, PROPHOTO, channels == 1)
    icc = icc[:4] + b"lcms" + icc[8:40] + signature.ljust(4, b"\0") + icc[44:]
    data = pictures(16, channels, True, icc).encode(".jxl")
    assert bytes(pillow_jxl.Decoder(num_threads=1)(data)[3]) == icc
    head = jxl_head.head_of(jxl.codestream(data))
    assert (head.has_profile, head.grey, head.bits) == (True, channels == 1, 16)


@pytest.mark.parametrize("size", [128, 129, 5000, 300_000])
def test_profiles_of_any_size(size):
    pillow_jxl = pytest.importorskip("pillow_jxl")
    plain = colour.from_gamma(1 / 1.8, PROPHOTO)
    icc = (plain + bytes(np.random.default_rng(0).integers(0, 256, size, np.uint8)))[: max(size, len(plain))]
    icc = len(icc).to_bytes(4, "big") + icc[4:]
    assert bytes(pillow_jxl.Decoder(num_threads=1)(Picture(RAMPS, icc=icc).encode(".jxl"))[3]) == icc


def test_what_loss_cannot_keep_is_said(tmp_path):
    for icc in (spaces.profile_of(6, 3), colour.from_gamma(1 / 1.8, PROPHOTO)):
        assert Picture(DEEP, icc=icc).save(tmp_path / "a.jxl", 90) == ("colours outside sRGB",)
        assert Picture.open(tmp_path / "a.jxl").icc is None


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (513, 1), (3, 9000)])
def test_sizes(shape):
    rng = np.random.default_rng(1)
    picture = Picture(rng.integers(0, 65536, (*shape, 3), np.uint16), icc=spaces.profile_of(3, 3))
    assert np.array_equal(Picture.from_bytes(picture.encode(".jxl")).pixels, picture.pixels)


def test_out_of_srgb_is_not_cut_off():
    """The green of BT.2020, which sRGB has not, with loss."""
    green = np.zeros((64, 64, 3), np.uint16)
    green[:, :, 1] = 60000
    again = Picture.from_bytes(Picture(green, icc=spaces.profile_of(4, 3)).encode(".jxl", 95))
    assert np.abs(again.pixels.astype(int) - green).max() < 1500


def test_a_head_of_another_kind_is_not_guessed():
    for stream in (b"", b"\xff\x0a", b"junk" * 10):
        with pytest.raises(ValueError, match=r"JPEG XL|cut short"):
            jxl_head.frames_at(stream)
