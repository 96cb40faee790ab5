"""Mip levels, tiles and their cache."""

from __future__ import annotations

import numpy as np
import pytest

from app.tiles import TILE, Pyramid, TileCache, difference_of, image_of, pyramid_of, to_8_bit
from hpcm_core.picture import Picture


def noise(height, width, channels=3, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def colour_at(image, x, y):
    colour = image.pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def test_levels_halve_until_one_tile_is_enough():
    pyramid = Pyramid(noise(700, 1100))
    assert [level.shape[:2] for level in pyramid.levels] == [(700, 1100), (350, 550), (175, 275), (88, 138)]
    mean = pyramid.levels[0][:2, :2].astype(int).reshape(4, 3).mean(axis=0)
    assert np.abs(pyramid.levels[1][0, 0] - mean).max() <= 0.5


@pytest.mark.parametrize(("scale", "level"), [(4.0, 0), (1.0, 0), (0.51, 0), (0.5, 1), (0.3, 1), (0.25, 2), (0.001, 3)])
def test_the_level_is_never_enlarged(scale, level):
    assert Pyramid(noise(700, 1100)).level_for(scale) == level


@pytest.mark.parametrize("channels", [1, 3])
def test_a_tile_image_has_the_pictures_pixels(channels):
    pixels = noise(40, 33, channels)
    image = image_of(pixels)
    for x, y in ((0, 0), (32, 39), (17, 5)):
        assert colour_at(image, x, y) == tuple(np.broadcast_to(pixels[y, x], 3))


def test_gain_multiplies_and_stops_at_white():
    image = image_of(np.array([[[1, 20, 200]]], np.uint8), gain=16)
    assert colour_at(image, 0, 0) == (16, 255, 255)


def test_16_bit_samples_show_their_upper_byte():
    assert to_8_bit(np.array([0, 255, 256, 65535], np.uint16)).tolist() == [0, 0, 1, 255]


def test_alpha_becomes_a_fourth_channel():
    picture = Picture(noise(8, 9, 1), alpha=noise(8, 9, 1, seed=2)[:, :, 0])
    pyramid = pyramid_of(picture)
    assert pyramid.has_alpha
    assert np.array_equal(pyramid.levels[0][:, :, 3], picture.alpha)
    assert image_of(pyramid.levels[0]).hasAlphaChannel()


def test_difference_is_absolute_and_does_not_cancel_out_when_small():
    base = np.full((600, 600, 3), 100, np.uint8)
    other = base.copy()
    other[::2] += 4
    other[1::2] -= 4
    pyramid = difference_of(Picture(base), Picture(other))
    assert all((level == 4).all() for level in pyramid.levels)
    with pytest.raises(ValueError, match="shape"):
        difference_of(Picture(base), Picture(other[:-1]))


def test_the_cache_makes_a_tile_once_and_keeps_to_its_memory():
    pyramid = Pyramid(noise(4 * TILE, 4 * TILE))
    cache = TileCache(capacity_bytes=5 * TILE * TILE * 4)
    first = cache.image(pyramid, 0, 0, 0)
    assert cache.image(pyramid, 0, 0, 0) is first
    assert cache.made == 1
    for column in range(4):
        for row in range(4):
            cache.image(pyramid, 0, column, row)
    assert len(cache) == cache.capacity == 5
    cache.forget(pyramid)
    assert len(cache) == 0
