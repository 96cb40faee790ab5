"""The colour scale of bit maps."""

from __future__ import annotations

import numpy as np

from app.canvas import colormap
from hpcm_core.inspect import palette
from hpcm_core.results import BitMaps


def lightness(colours):
    return colours.astype(float) @ np.array([0.2126, 0.7152, 0.0722])


def test_more_bits_are_always_lighter():
    steps = lightness(palette.RISING[::8])
    assert (np.diff(steps) > 0).all()


def test_the_ends_are_fixed_whatever_the_values():
    assert colormap.colours(0.0).tolist() == [0, 0, 4]
    assert colormap.colours(colormap.MAX_BPP).tolist() == [252, 255, 164]
    assert colormap.colours(50.0).tolist() == [252, 255, 164]
    assert colormap.colours([[0.5, 1.0], [0.5, 1.0]]).shape == (2, 2, 3)


def test_bits_per_cell_become_bits_per_pixel():
    assert colormap.bits_per_pixel(np.array([[256.0, 64.0]], np.float32), 16).tolist() == [[1.0, 0.25]]
    assert colormap.bits_per_pixel(np.array([[256.0, 64.0]], np.float32), 8).tolist() == [[4.0, 1.0]]


def test_the_image_has_one_pixel_per_cell_in_the_scales_colours():
    cells = np.array([[0.0, 256.0, 1024.0], [64.0, 5000.0, 2.56]], np.float32)
    image = colormap.image(cells, 16)
    assert (image.width(), image.height()) == (3, 2)
    for y in range(2):
        for x in range(3):
            colour = image.pixelColor(x, y)
            expected = colormap.colours(cells[y, x] / 256).tolist()
            assert [colour.red(), colour.green(), colour.blue()] == expected


def test_the_bar_runs_from_end_to_end():
    bar = colormap.bar(256)
    assert bar.pixelColor(0, 0).getRgb()[:3] == (0, 0, 4)
    assert bar.pixelColor(255, 0).getRgb()[:3] == (252, 255, 164)


def test_ticks_lie_apart():
    places = colormap.position(colormap.TICKS)
    assert places[0] == 0.0
    assert places[-1] == 1.0
    assert (np.diff(places) > 0.06).all()


def test_files_without_loss_have_a_longer_scale_and_no_padding():
    """Of 3 x 2 cells of 8 pixels; the last ones have 4 x 8, 8 x 2 and 4 x 2 of the picture."""
    assert colormap.SAMPLES.end > 3 * 15 > colormap.STEPS.end
    places = colormap.position(colormap.SAMPLES.ticks, colormap.SAMPLES)
    assert (places[0], places[-1]) == (0, 1)
    assert np.diff(places).min() > 0.1
    cells = 12 * np.array([[64, 64, 32], [16, 16, 8]], np.float32)
    image = colormap.image(cells, 8, colormap.SAMPLES, (20, 10))
    found = {image.pixelColor(x, y).getRgb()[:3] for x in range(3) for y in range(2)}
    assert found == {tuple(colormap.colours(12.0, colormap.SAMPLES).tolist())}
    maps = [BitMaps(np.zeros((1, 1, 1), np.float32), ("Y",), 8, colours) for colours in (True, False)]
    assert [colormap.scale_of(one) for one in (*maps, None)] == [colormap.SAMPLES, colormap.STEPS, colormap.STEPS]
