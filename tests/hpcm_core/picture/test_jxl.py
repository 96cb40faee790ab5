"""JPEG XL: read, and its head; what is written comes back."""

import numpy as np
import pytest
from PIL import Image

from hpcm_core.errors import LimitExceeded, PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture import jxl
from hpcm_core.picture.jxl_head import head_of
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.picture import made_elsewhere as made
from tests.hpcm_core.picture.made_elsewhere import RAMPS
from tests.hpcm_core.picture.opening import opened, text_of


def test_jxl_of_16_bits_is_exact(tmp_path):
    picture = opened(tmp_path, made.JXL_16)
    np.testing.assert_array_equal(picture.pixels, RAMPS.astype(np.uint16) * 257)
    assert (picture.icc, picture.left_out) == (None, ())


def test_jxl_without_imagecodecs_names_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(jxl, "find_spec", lambda name: None)
    with pytest.raises(PictureError, match="imagecodecs must be installed"):
        opened(tmp_path, made.JXL_16)


def test_jxl_animations(tmp_path):
    for frame, colour in enumerate(((255, 0, 0), (0, 128, 0), (0, 0, 255))):
        picture = opened(tmp_path, made.JXL_ANIMATED, frame=frame)
        assert picture.frames == 0  # Nobody counts them.
        assert (picture.pixels == colour).all()
        assert "animation" in text_of(picture)
    for frame in (3, 70):
        with pytest.raises(PictureError, match=f"no picture {frame}"):
            opened(tmp_path, made.JXL_ANIMATED, frame=frame)


def test_a_jpeg_file_inside_jxl_is_upright(tmp_path):
    picture = opened(tmp_path, made.JXL_OF_JPEG)
    assert (picture.width, picture.height) == (16, 24)
    exif = Image.Exif()
    exif.load(picture.exif)
    assert exif[0x0112] == 1


def test_no_memory_of_others_is_shown_for_a_jxl_file_that_is_cut_short(tmp_path):
    """The decoder leaves what it does not decode as it finds it."""
    for length in range(len(made.JXL_ANIMATED)):
        try:
            picture = opened(tmp_path, made.JXL_ANIMATED[:length] or b"\xff\x0a")
        except PictureError:
            continue
        assert (picture.pixels == (255, 0, 0)).all()


def test_jxl_limits_come_before_decoding(tmp_path, monkeypatch):
    monkeypatch.setattr(jxl, "_decoded", None)
    for limits in (Limits(side=15), Limits(pixels=255)):
        with pytest.raises(LimitExceeded, match="16 x 16"):
            opened(tmp_path, made.JXL_16, limits=limits)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (7, 300), (300, 400), (256, 256), (1080, 1920), (3, 2000)])
def test_jxl_head(shape):
    data = Picture(np.zeros((*shape, 3), np.uint8)).encode(".jxl", 50)
    head = head_of(data)
    assert (head.height, head.width, head.bits, head.animated, head.floating) == (*shape, 8, False, False)


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_jxl_is_written_without_loss_and_with_metadata(tmp_path, channels, alpha):
    exif = Image.Exif()
    exif[0x010F] = "A maker"
    metadata = {"exif": exif.tobytes().removeprefix(b"Exif\0\0"), "xmp": b"<x:xmpmeta/>"}
    picture = Picture(RAMPS[:, :, :channels].copy(), RAMPS[:, :, 1].copy() if alpha else None, **metadata)
    assert picture.save(tmp_path / "a.jxl") == ()
    again = Picture.open(tmp_path / "a.jxl")
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    assert (again.exif, again.xmp, again.icc) == (picture.exif, picture.xmp, None)
    assert again.alpha is None if not alpha else (again.alpha == picture.alpha).all()
    assert len(picture.encode(".jxl", 20)) < len(picture.encode(".jxl", 90))
