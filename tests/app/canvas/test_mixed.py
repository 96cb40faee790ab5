"""A picture between two: what is mixed where it is seen, and what stands in meanwhile."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from app.canvas.difference import Difference, Mode, Style
from app.canvas.mixed import KEPT_TILES, Mixed, Mixture
from app.canvas.renderer import Look, Renderer
from app.canvas.scene import Scene, View
from app.canvas.tiles import Pyramid, TileCache, pyramid_of
from app.canvas.tone import Tone
from app.canvas.viewport import Viewport
from hpcm_core.picture.picture import Picture


def noise(height, width, channels=3, seed=1, dtype=np.uint8):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (height, width, channels), dtype, endpoint=True)


def mixed_by_definition(faithful, natural, look):
    f, n = faithful.astype(np.int64), natural.astype(np.int64)
    return ((f * (256 - look) + n * look + 128) >> 8).astype(faithful.dtype)


def pixels_of(image):
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def painted(renderer, scene, size=(700, 300), view=View.RECONSTRUCTION):
    """One paint at 100 %, on magenta."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(0xFFFF00FF)
    with QPainter(image) as painter:
        renderer.begin()
        renderer.paint(painter, QRect(0, 0, *size), scene, Viewport(1.0, 0.0, 0.0), Look(view))
    return pixels_of(image)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("look", [0, 1, 100, 256])
def test_a_mixture_is_indexed_as_the_array_that_it_stands_for(look, dtype):
    faithful, natural = noise(130, 70, dtype=dtype), noise(130, 70, seed=2, dtype=dtype)
    whole, mixture = mixed_by_definition(faithful, natural, look), Mixture(faithful, natural, look)
    assert (mixture.shape, mixture.dtype) == (whole.shape, whole.dtype)
    for part in (np.s_[:], np.s_[3:99, 5:6], np.s_[129, 69], np.s_[60:70]):
        assert np.array_equal(mixture[part], whole[part])


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tiles_are_mixed_of_tiles_on_every_level(channels):
    pictures = []
    for seed in (1, 2):
        alpha = noise(600, 1100, 1, seed=9)[:, :, 0] if channels == 4 else None
        pictures.append(pyramid_of(Picture(noise(600, 1100, min(channels, 3), seed=seed), alpha)))
    for look in (0, 77, 256):
        mixed = Mixed(*pictures, look)
        for level, column, row in ((0, 4, 2), (1, 1, 0), (2, 0, 0), (3, 0, 0)):
            sources = [picture.tile(level, column, row) for picture in pictures]
            assert np.array_equal(mixed.tile(level, column, row), mixed_by_definition(*sources, look))
        part = np.s_[100:105, 20:90]
        wanted = mixed_by_definition(*(picture.levels[0][part] for picture in pictures), look)
        assert np.array_equal(mixed.pixels(part), wanted)


def test_a_tone_is_that_of_the_mixture():
    pictures = [Pyramid(noise(50, 60, seed=seed)) for seed in (1, 2)]
    mixed, tone = Mixed(*pictures, 100), Tone(exposure=1.0)
    wanted = tone.apply(mixed_by_definition(*(picture.levels[0] for picture in pictures), 100))
    assert np.array_equal(pixels_of(mixed.tile_image(0, 0, 0, tone)), wanted)


def test_moving_makes_no_tile_of_the_two_pictures_twice(monkeypatch):
    made = []
    real = Pyramid.tile
    monkeypatch.setattr(Pyramid, "tile", lambda self, *place: made.append(place) or real(self, *place))
    mixed = Mixed(Pyramid(noise(600, 600)), Pyramid(noise(600, 600, seed=2)), 10)
    for look in (20, 30, 256, 40, 0, 50):
        mixed = mixed.at(look)
        mixed.tile(1, 0, 0)
    assert len(made) == 2 + 2, "once of both, and at each of the ends the one that is shown"
    for number in range(KEPT_TILES):
        mixed.tile(0, number % 3, number // 3 % 3)
    assert len(mixed._sources) <= KEPT_TILES


def test_what_was_there_stands_in_until_time_is_found():
    """Neither the ground nor a coarse tile flashes up when the look changes."""
    pictures = [Pyramid(noise(300, 700, seed=seed)) for seed in (1, 2)]
    whole = [picture.levels[0] for picture in pictures]
    renderer = Renderer()
    renderer.budget = math.inf
    assert np.array_equal(painted(renderer, Scene(reconstruction=pictures[0])), whole[0])
    mixed = Mixed(*pictures, 100)
    renderer.budget = -1.0
    assert np.array_equal(painted(renderer, Scene(reconstruction=mixed)), whole[0])
    assert renderer.incomplete
    renderer.budget = math.inf
    assert np.array_equal(painted(renderer, Scene(reconstruction=mixed)), mixed_by_definition(*whole, 100))
    assert not renderer.incomplete
    renderer.budget = -1.0
    other = mixed.at(200)
    assert np.array_equal(painted(renderer, Scene(reconstruction=other)), mixed_by_definition(*whole, 100))
    renderer.budget = math.inf
    assert np.array_equal(painted(renderer, Scene(reconstruction=other)), mixed_by_definition(*whole, 200))
    assert np.array_equal(painted(renderer, Scene(reconstruction=pictures[0])), whole[0]), "not the other's tiles"


def test_one_tile_is_kept_of_a_place_whatever_looks_it_had():
    mixed, cache = Mixed(Pyramid(noise(200, 200)), Pyramid(noise(200, 200, seed=2)), 1), TileCache()
    for look in range(2, 40):
        mixed = mixed.at(look)
        assert cache.image(mixed, 0, 0, 0) is not None
        assert cache.kept(mixed, 0, 0, 0) is not None
    assert (len(cache), cache.made) == (1, 38)
    cache.forget(mixed)
    assert cache.before(mixed, 0, 0, 0) is None


def test_a_tile_that_was_begun_for_another_look_is_begun_again():
    """FLIP is made in pieces: those of another picture must not be joined to these."""
    original, faithful, natural = (noise(200, 100, seed=seed) for seed in (1, 2, 3))
    first = Difference(original, Mixture(faithful, natural, 50))
    second = Difference(original, Mixture(faithful, natural, 250))
    second.succeed(first)
    cache, style = TileCache(), Style(Mode.FLIP)
    assert cache.image(first, 0, 0, 0, style, until=-1.0) is None
    image = cache.image(second, 0, 0, 0, style)
    assert np.array_equal(pixels_of(image), pixels_of(second.tile_image(0, 0, 0, style)))
    assert not np.array_equal(pixels_of(image), pixels_of(first.tile_image(0, 0, 0, style)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_difference_of_a_mixture_is_that_of_the_picture(dtype):
    original, faithful, natural = (noise(1100, 900, seed=seed, dtype=dtype) for seed in (1, 2, 3))
    lazy = Difference(original, Mixture(faithful, natural, 99))
    eager = Difference(original, mixed_by_definition(faithful, natural, 99))
    for mode in Mode:
        for level, luma in ((0, False), (1, True), (2, False), (3, True)):
            assert np.array_equal(lazy.values(level, 0, 0, mode, luma), eager.values(level, 0, 0, mode, luma))
