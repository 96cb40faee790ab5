"""Colours of the screen: through the profile of the picture, and never into what is measured."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from PySide6.QtGui import QColorSpace

from app.canvas import colour
from app.canvas.tiles import pyramid_of
from app.session.document import load_picture
from hpcm_core.picture.colour import from_codes
from hpcm_core.picture.picture import Picture


def profile(name):
    return QColorSpace(name).iccProfile().data()


ADOBE = profile(QColorSpace.NamedColorSpace.AdobeRgb)
P3 = profile(QColorSpace.NamedColorSpace.DisplayP3)
LINEAR = profile(QColorSpace.NamedColorSpace.SRgbLinear)


def patches(dtype=np.uint8):
    """Colours inside sRGB, also seen from wider spaces."""
    pixels = np.array([[[128, 128, 128], [150, 120, 100], [90, 130, 110], [255, 255, 255], [0, 0, 0]]], np.uint8)
    return pixels.astype(dtype) * (257 if dtype is np.uint16 else 1)


def by_lcms(pixels, icc):
    srgb = ImageCms.createProfile("sRGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    return np.asarray(ImageCms.profileToProfile(Image.fromarray(pixels), source, srgb)).astype(int)


@pytest.mark.parametrize("icc", [ADOBE, P3])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_rgb_goes_through_its_profile(icc, dtype):
    shown = pyramid_of(Picture(patches(dtype), icc=icc)).levels[0].astype(int)
    assert np.abs(shown - by_lcms(patches(), icc)).max() <= 2
    assert (shown[0, 1] != patches()[0, 1]).any()


def test_16_linear_bits_keep_their_shadows():
    """With 8 bits taken first, all of these would be black."""
    dark = np.array([[[40] * 3, [80] * 3, [120] * 3]], np.uint16)
    shown = pyramid_of(Picture(dark, icc=LINEAR)).levels[0][0, :, 0].astype(int)
    expected = [round(255 * 12.92 * v / 65535) for v in (40, 80, 120)]
    assert np.abs(shown - expected).max() <= 1
    assert len(set(shown)) == 3


def test_srgb_is_shown_as_it_is_without_a_copy():
    pixels = patches()
    for icc in (None, profile(QColorSpace.NamedColorSpace.SRgb)):
        assert np.shares_memory(pyramid_of(Picture(pixels, icc=icc)).levels[0], pixels)


@pytest.mark.parametrize("icc", [b"nonsense", ADOBE[:200], b"\0" * 4000])
def test_a_damaged_profile_is_left_aside(icc):
    assert np.array_equal(pyramid_of(Picture(patches(), icc=icc)).levels[0], patches())


def test_large_pictures_are_converted_tile_by_tile(monkeypatch):
    pixels = np.random.default_rng(1).integers(0, 256, (700, 600, 3), dtype=np.uint8)
    picture = Picture(pixels, icc=P3)
    whole = pyramid_of(picture)
    monkeypatch.setattr("app.canvas.tiles.CONVERT_BYTES", 1000)
    by_tile = pyramid_of(picture)
    assert np.shares_memory(by_tile.levels[0], pixels)
    assert np.array_equal(by_tile.tile(0, 1, 1), whole.tile(0, 1, 1))
    assert np.array_equal(by_tile.tile(1, 0, 0), whole.tile(1, 0, 0))


def test_the_samples_that_are_measured_stay_what_they_are(tmp_path):
    path = tmp_path / "p3.png"
    Picture(patches(), icc=P3).save(path)
    shown = load_picture(path, lambda picture: picture)
    assert np.array_equal(shown.picture.pixels, patches())
    assert (shown.pyramid.levels[0] != patches()).any()


def test_strips_do_not_show(monkeypatch):
    pixels = np.random.default_rng(1).integers(0, 65536, (50, 30, 3), dtype=np.uint16)
    whole = pyramid_of(Picture(pixels, icc=P3)).levels[0]
    monkeypatch.setattr(colour, "STRIP", 200)
    assert np.array_equal(pyramid_of(Picture(pixels, icc=P3)).levels[0], whole)


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_toned_down_not_cut_off(transfer):
    """All of it up to 1000 nits has its own place below white."""
    icc = from_codes(9, transfer)
    codes = np.arange(2, 190 if transfer == 16 else 250, 4, dtype=np.uint8)
    pixels = np.repeat(codes[np.newaxis, :, np.newaxis], 3, axis=2)
    shown = colour.shown(pixels, colour.converter(icc, 3)).astype(int)
    assert np.ptp(shown, axis=2).max() <= 3
    assert (np.diff(shown[0, :, 1]) >= 0).all()
    assert (shown[0, -4:, 1] < 255).all()
    deep = colour.shown(pixels.astype(np.uint16) * 257, colour.converter(icc, 3))
    np.testing.assert_array_equal(deep, shown)
