"""The difference of two pictures: every mode beside a naive computation in float64."""

from __future__ import annotations

import itertools
import weakref
from functools import cache

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from app.canvas import perception
from app.canvas.difference import FULL, OF_ALL_CHANNELS, UNIT, Difference, Mode, Style, difference_of
from app.canvas.renderer import Look, Renderer
from app.canvas.scene import Scene, View
from app.canvas.tiles import Pyramid, TileCache
from app.canvas.viewport import Viewport
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import LUMA

WEIGHTS = np.array(LUMA)


def noise(height, width, channels=3, seed=1, dtype=np.uint8):
    rng = np.random.default_rng(seed)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype=dtype)


def naive(first, second, mode, luma, side):
    """In 8-bit levels; relative as a factor."""
    scale = 257 if first.dtype == np.uint16 else 1
    a, b = first / scale, second / scale
    change = b - a
    if luma and a.shape[2] == 3:
        change = (change @ WEIGHTS)[:, :, None]
    if mode is not Mode.SIGNED:
        change = np.abs(change)
    base = (a @ WEIGHTS)[:, :, None] if luma and a.shape[2] == 3 else a
    rows, columns = first.shape[0] // side, first.shape[1] // side

    def blocks(x):
        return x.reshape(rows, side, columns, side, -1).mean(axis=(1, 3))

    if mode is Mode.RELATIVE:
        return np.minimum(blocks(change) / (blocks(base) + 2.55), 1.0)
    return blocks(change)


@cache
def compared(channels, dtype):
    """Two pictures and their difference, whose levels are made once."""
    first, second = noise(960, 1200, channels, 1, dtype), noise(960, 1200, channels, 2, dtype)
    return first, second, Difference(first, second)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("luma", [False, True])
@pytest.mark.parametrize("mode", [mode for mode in Mode if mode not in OF_ALL_CHANNELS])
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_every_mode_and_level_is_what_it_says(dtype, channels, luma, mode, level):
    first, second, difference = compared(channels, dtype)
    assert difference.count == 4
    seen = np.s_[: 256 << level, : 256 << level]  # by the first tile
    expected = naive(first[seen], second[seen], mode, luma, 1 << level)
    values = difference.values(level, 0, 0, mode, luma).astype(np.float64)
    if mode is Mode.RELATIVE:
        assert np.abs(values / FULL - expected).max() < 0.01
    else:
        assert np.abs(values / UNIT - expected).max() < 0.03


def test_nothing_cancels_out_when_small():
    base = np.full((600, 2600, 3), 100, np.uint8)
    other = base.copy()
    other[::2] += 4
    other[1::2] -= 4
    difference = difference_of(Picture(base), Picture(other))
    for level in range(difference.count):
        assert (difference.values(level, 0, 0, Mode.ABSOLUTE, False) == 4 * UNIT).all()
    assert (difference.values(4, 0, 0, Mode.SIGNED, False) == 0).all()
    with pytest.raises(ValueError, match="shape"):
        difference_of(Picture(base), Picture(other[:-1]))


def test_odd_sizes_keep_their_last_row_and_column():
    first = np.zeros((1027, 1025, 1), np.uint8)
    second = first.copy()
    second[-1, -1] = 200
    difference = Difference(first, second)
    corner = difference.values(2, 1, 1, Mode.ABSOLUTE, False)
    assert corner.shape == (1, 1, 1)
    assert corner[0, 0, 0] == 100 * UNIT  # The last two of its rows repeat the picture's last.


def pixel(style, change, base=100):
    first = np.full((1, 1, 3), base, np.uint8)
    image = Difference(first, (first.astype(int) + change).astype(np.uint8)).tile_image(0, 0, 0, style)
    return image.pixelColor(0, 0).getRgb()[:3]


def test_gain_multiplies_and_stops_at_white():
    assert pixel(Style(Mode.ABSOLUTE, gain=16), [1, -3, 100]) == (16, 48, 255)


def test_signed_is_grey_where_nothing_changed():
    for gain in (1, 8, 64):
        assert pixel(Style(Mode.SIGNED, gain=gain), [0, 0, 0]) == (128, 128, 128)
    red, green, blue = pixel(Style(Mode.SIGNED, gain=8), [4, -4, 0])
    assert (red, green, blue) == (144, 112, 128)


def test_relative_is_against_the_original():
    assert pixel(Style(Mode.RELATIVE, gain=1), [10, 10, 10], base=10)[0] == round(255 * 10 / 12.55)
    assert pixel(Style(Mode.RELATIVE, gain=1), [10, 10, 10], base=200)[0] == round(255 * 10 / 202.55)


def test_luma_of_both_signs_is_blue_and_orange():
    lower, higher = pixel(Style(Mode.SIGNED, True, 8), [-20] * 3), pixel(Style(Mode.SIGNED, True, 8), [20] * 3)
    assert lower[2] > lower[0] + 30
    assert higher[0] > higher[2] + 30
    assert pixel(Style(Mode.SIGNED, True, 8), [0] * 3) == (247, 247, 247)


def test_a_tile_of_flip_is_made_in_strips_that_a_paint_has_time_for(monkeypatch):
    first, second = noise(600, 300), noise(600, 300, seed=2)
    difference, other = Difference(first, second), Difference(second, first)
    style, computed = Style(Mode.FLIP), []
    flip = perception.flip

    def noted(*parts):
        computed.append(parts[0].shape)
        return flip(*parts)

    monkeypatch.setattr("app.canvas.difference.flip", noted)
    cache = TileCache()
    asked = [cache.image(difference, 0, 0, 1, style, until=0) for _ in range(9)]
    assert asked[:8] == [None] * 8
    assert computed == [(32 + 20, 256 + 20, 3)] * 8
    assert asked[8] == difference.tile_image(0, 0, 1, style)
    assert cache.image(difference, 0, 0, 1, style, until=0) is asked[8]
    assert cache.image(difference, 1, 0, 0, style).height() == 256, "without an end it is made at once"
    assert cache.image(difference, 0, 0, 2, style).height() == 600 - 512
    values = difference.values(0, 0, 1, Mode.FLIP, False)
    whole = flip(
        *(np.pad(p, ((0, 0), (10, 0), (0, 0)), "edge")[246:522, :276].astype(np.float32) for p in (first, second))
    )
    assert np.abs(values[:, :, 0] - whole * FULL).max() <= 1

    computed.clear()
    cache.image(difference, 0, 1, 0, style, until=0)
    cache.image(other, 0, 1, 0, style, until=0)
    cache.image(difference, 0, 1, 0, style, until=0)
    assert len(computed) == 3, "another wish took its place: it began again"
    reference = weakref.ref(difference)
    cache.forget(difference)
    del difference
    assert reference() is None


@pytest.mark.parametrize("mode", [Mode.ABSOLUTE, Mode.SIGNED, Mode.RELATIVE, Mode.STRUCTURE])
def test_a_tile_of_a_reduced_level_that_is_not_kept_is_made_in_strips_too(mode):
    first, second = noise(1100, 1300), noise(1100, 1300, seed=2)
    difference, style, cache = Difference(first, second), Style(mode), TileCache()
    asked = [cache.image(difference, 1, 0, 0, style, until=0) for _ in range(3)]
    assert asked[:2] == [None, None], "two strips of 128 rows"
    assert asked[2] is not None
    values = difference.values(1, 0, 1, mode, False)
    assert values.shape[:2] == (256, 256)
    halves = [p[512:1024, :512].astype(int) for p in (first, second)]
    if mode is Mode.SIGNED:
        mean = (halves[1] - halves[0]).reshape(256, 2, 256, 2, 3).mean(axis=(1, 3))
        assert np.abs(values - mean * (FULL / 255)).max() <= 1


def test_a_paint_begins_no_work_that_may_take_longer_than_is_left(monkeypatch, qapp):
    """A piece of 20 ms is followed by none in a paint of 30 ms, by a clock that only this work moves."""
    clock = [0.0]
    monkeypatch.setattr("app.canvas.tiles.time.perf_counter", lambda: clock[0])
    flip = perception.flip

    def slow(*parts):
        clock[0] += 0.02
        return flip(*parts)

    monkeypatch.setattr("app.canvas.difference.flip", slow)
    scene = Scene(difference=Difference(noise(600, 600), noise(600, 600, seed=2)))
    renderer, shot = Renderer(), QImage(600, 600, QImage.Format.Format_RGB888)
    took, look = [], Look(view=View.DIFFERENCE, mode=Mode.FLIP)
    while not took or renderer.incomplete:
        start = clock[0]
        renderer.begin()
        with QPainter(shot) as painter:
            renderer.paint(painter, QRect(0, 0, 600, 600), scene, Viewport(), look)
        took.append(clock[0] - start)
        assert len(took) < 1000
    assert max(took) == pytest.approx(0.02)
    assert renderer.cache.made == 9


def test_where_drawing_takes_all_the_time_the_tiles_are_made_all_the_same(monkeypatch, qapp):
    """By a clock that goes on by more than a paint's budget whenever it is looked at."""
    clock = itertools.count()
    monkeypatch.setattr("app.canvas.renderer.time.perf_counter", lambda: 0.1 * next(clock))
    scene = Scene(original=Pyramid(noise(600, 600)), reconstruction=Pyramid(noise(600, 600, seed=2)))
    renderer, shot, paints = Renderer(), QImage(600, 600, QImage.Format.Format_RGB888), 0
    while not paints or renderer.incomplete:
        renderer.begin()
        with QPainter(shot) as painter:
            renderer.paint(painter, QRect(0, 0, 600, 600), scene, Viewport(), Look(view=View.WIPE, divider=300))
        paints += 1
        assert paints < 100
    assert renderer.cache.made == 14, "six of each picture, and two that stood in for them"


@pytest.mark.parametrize("mode", list(Mode))
def test_before_the_first_tile_is_made_there_is_no_bare_ground(mode, qapp):
    """What a paint has no time for shows the legend's colour of no difference, inside the picture and nowhere else."""
    difference = Difference(noise(200, 200), noise(200, 200))
    renderer, shot = Renderer(), QImage(300, 300, QImage.Format.Format_RGB888)
    shot.fill(QColor(255, 0, 255))
    renderer.budget = 0
    renderer.begin()
    look = Look(view=View.DIFFERENCE, mode=mode)
    with QPainter(shot) as painter:
        renderer.paint(painter, QRect(0, 0, 300, 300), Scene(difference=difference), Viewport(), look)
    assert renderer.incomplete
    seen = shot.pixelColor(100, 100)
    made = difference.tile_image(0, 0, 0, look.difference)
    assert seen.rgb() == made.pixelColor(100, 100).rgb(), "two pictures that are the same: no difference"
    assert shot.pixelColor(199, 199) == seen
    assert shot.pixelColor(201, 201) == QColor(255, 0, 255)
