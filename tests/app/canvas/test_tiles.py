"""Mip levels, tiles and their cache."""

from __future__ import annotations

import numpy as np
import pytest

from app.canvas.colour import to_8_bit
from app.canvas.tiles import TILE, Pyramid, TileCache, image_of, pyramid_of
from hpcm_core.picture.picture import Picture


def noise(height, width, channels=3, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def colour_at(image, x, y):
    colour = image.pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def test_levels_halve_until_one_tile_is_enough():
    pyramid = Pyramid(noise(700, 1100))
    assert pyramid.count == 4
    assert {number: level.shape[:2] for number, level in pyramid.levels.items()} == {
        0: (700, 1100), 2: (175, 275), 3: (88, 138)
    }  # fmt: skip
    for level, tolerance in ((1, 0.5), (2, 0.5), (3, 1)):
        side = 1 << level
        means = pyramid.levels[0][: 64 * side, : 64 * side].reshape(64, side, 64, side, 3).mean(axis=(1, 3))
        assert np.abs(pyramid.tile(level, 0, 0)[:64, :64] - means).max() <= tolerance


def test_tiles_of_a_level_that_is_not_kept_meet_without_a_seam():
    pixels = noise(701, 1101)
    pyramid = Pyramid(pixels)
    rows = [np.concatenate([pyramid.tile(1, column, row) for column in range(3)], axis=1) for row in range(2)]
    whole = np.concatenate(rows)
    assert whole.shape == (351, 551, 3)
    means = pixels[:700, :1100].reshape(350, 2, 550, 2, 3).mean(axis=(1, 3))
    assert np.abs(whole[:350, :550] - means).max() <= 0.5


@pytest.mark.parametrize(("scale", "level"), [(4.0, 0), (1.0, 0), (0.51, 0), (0.5, 1), (0.3, 1), (0.25, 2), (0.001, 3)])
def test_the_level_is_never_enlarged(scale, level):
    assert Pyramid(noise(700, 1100)).level_for(scale) == level


@pytest.mark.parametrize("channels", [1, 3])
def test_a_tile_image_has_the_pictures_pixels(channels):
    pixels = noise(40, 33, channels)
    image = image_of(pixels)
    for x, y in ((0, 0), (32, 39), (17, 5)):
        assert colour_at(image, x, y) == tuple(np.broadcast_to(pixels[y, x], 3))


def test_16_bit_samples_are_rounded_to_8():
    samples = np.array([0, 128, 129, 257, 385, 386, 65406, 65407, 65535], np.uint16)
    assert to_8_bit(samples).tolist() == [round(int(v) / 257) for v in samples]
    assert pyramid_of(Picture(samples.reshape(3, 3, 1))).levels[0].ravel().tolist() == to_8_bit(samples).tolist()


def test_alpha_becomes_a_fourth_channel():
    picture = Picture(noise(8, 9, 1), alpha=noise(8, 9, 1, seed=2)[:, :, 0])
    pyramid = pyramid_of(picture)
    assert pyramid.has_alpha
    assert np.array_equal(pyramid.levels[0][:, :, 3], picture.alpha)
    assert image_of(pyramid.levels[0]).hasAlphaChannel()


def test_unseen_colour_does_not_tint_reduced_pictures():
    pixels = np.zeros((600, 600, 3), np.uint8)
    pixels[:, 0::2], pixels[:, 1::2] = (200, 100, 50), (0, 255, 0)
    alpha = np.zeros((600, 600), np.uint8)
    alpha[:, 0::2] = 255
    reduced = pyramid_of(Picture(pixels, alpha)).tile(1, 0, 0)
    assert np.abs(reduced[10, 10].astype(int) - (200, 100, 50, 128)).max() <= 2


def test_strips_make_the_same_levels_as_the_whole(monkeypatch):
    pixels = noise(701, 1101)
    whole = Pyramid(pixels).levels
    monkeypatch.setattr("app.canvas.colour.STRIP", 10_000)
    again = Pyramid(pixels).levels
    assert whole.keys() == again.keys()
    assert all(np.array_equal(whole[level], again[level]) for level in whole)


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
