"""The canvas as a widget: what it paints and how it answers to pointer and keys."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas import colormap
from app.canvas.canvas import Canvas
from app.canvas.difference import difference_of
from app.canvas.renderer import Look
from app.canvas.scene import Scene, View
from app.canvas.tiles import Pyramid, pyramid_of
from app.ui import theme
from hpcm_core.picture.picture import Picture
from hpcm_core.results import BitMaps
from tests.app.conftest import pixels_of

WIDTH, HEIGHT = 320, 240


def noise(height=HEIGHT, width=WIDTH, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def scene_of(first, second):
    return Scene(
        pyramid_of(Picture(first)),
        pyramid_of(Picture(second)),
        difference_of(Picture(first), Picture(second)),
        maps_of(first.shape),
    )


def maps_of(shape, cell=16, count=12):
    """Maps of a picture of that shape with bits in one cell: row 2, column 5."""
    steps = np.zeros((count, -(-shape[0] // cell), -(-shape[1] // cell)), np.float32)
    steps[3, 2, 5] = 512.0
    steps[4, 2, 5] = 256.0
    return BitMaps(steps, ("z", *map(str, range(1, count))), cell)


@pytest.fixture
def canvas(qtbot):
    theme.apply("light")
    widget = Canvas()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    widget.renderer.budget = math.inf
    widget.set_scene(scene_of(noise(seed=1), noise(seed=2)))
    widget.one_to_one()
    return widget


def part(canvas, shot, x0, y0, x1, y1):
    """The part of a grab that shows a part of the picture, at 100 %."""
    view = canvas.viewport
    return shot[view.edge_y(y0) : view.edge_y(y1), view.edge_x(x0) : view.edge_x(x1)]


def move(canvas, x, y, buttons=Qt.MouseButton.NoButton, kind=QEvent.Type.MouseMove, button=Qt.MouseButton.NoButton):
    place = QPointF(x, y)
    event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def press(canvas, x, y):
    move(canvas, x, y, Qt.MouseButton.LeftButton, QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton)


def release(canvas, x, y):
    move(canvas, x, y, Qt.MouseButton.NoButton, QEvent.Type.MouseButtonRelease, Qt.MouseButton.LeftButton)


def wheel(canvas, x, y, notches):
    event = QWheelEvent(
        QPointF(x, y),
        canvas.mapToGlobal(QPointF(x, y)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


@pytest.mark.parametrize(("view", "seed"), [(View.ORIGINAL, 1), (View.RECONSTRUCTION, 2)])
def test_at_100_percent_every_pixel_is_shown_as_it_is(canvas, view, seed):
    canvas.set_view(view)
    shown = part(canvas, pixels_of(canvas), 0, 60, WIDTH, HEIGHT)  # Below the label.
    assert np.array_equal(shown, noise(seed=seed)[60:])


@pytest.mark.parametrize("scale", [2.0, 3.0, 2.7, 5.3])
def test_above_100_percent_pixels_are_blocks_between_their_edges(canvas, scale):
    canvas.set_view(View.ORIGINAL)
    canvas.set_viewport(canvas.viewport.at_scale(scale, 250.3, 200.8))
    shot, view = pixels_of(canvas), canvas.viewport
    for x, y in ((150, 120), (160, 130), (170, 110), (181, 142)):
        # An edge on the very middle of a device pixel may fall to either side in the painter's fixed-point numbers.
        slack = 0 if scale.is_integer() else 0.02
        rows = slice(round(view.to_pane(0, y)[1] + slack), round(view.to_pane(0, y + 1)[1] - slack))
        columns = slice(round(view.to_pane(x, 0)[0] + slack), round(view.to_pane(x + 1, 0)[0] - slack))
        block = shot[rows, columns]
        assert block.size
        assert (block == noise(seed=1)[y, x]).all()


@pytest.mark.parametrize("scale", [1.0, 4.7, 8.0])
def test_the_wipe_divides_on_a_pixel_edge(canvas, scale):
    canvas.set_view(View.WIPE)
    canvas.set_viewport(canvas.viewport.at_scale(scale, 250, 200))
    canvas.set_divider(161.4)
    assert canvas.look.divider == 161
    shot, view = pixels_of(canvas), canvas.viewport
    y = view.edge_y(140)  # Away from label and grip.
    for x, seed in ((156, 1), (160, 1), (161, 2), (166, 2)):
        if abs(x - 160.5) < 1 and scale < 2:
            continue  # Under the line itself.
        place = view.edge_x(x) if seed == 1 else view.edge_x(x + 1) - 1
        assert tuple(shot[y, place]) == tuple(noise(seed=seed)[140, x])


def test_dragging_the_divider_moves_it_and_not_the_picture(canvas):
    canvas.set_view(View.WIPE)
    before = canvas.viewport
    edge = before.edge_x(canvas.frame.look.divider)
    press(canvas, edge + 3, 200)
    move(canvas, edge + 43.4, 200, Qt.MouseButton.LeftButton)
    release(canvas, edge + 43.4, 200)
    assert canvas.viewport == before
    assert canvas.look.divider == WIDTH // 2 + 43
    move(canvas, edge, 200)
    assert canvas.look.divider == WIDTH // 2 + 43


def test_the_divider_stays_in_sight(canvas):
    canvas.set_view(View.WIPE)
    canvas.set_divider(10)
    canvas.set_viewport(canvas.viewport.at_scale(8.0, 400, 200))
    edge = canvas.viewport.edge_x(canvas.frame.look.divider)
    assert 0 <= edge <= canvas.width()


def test_the_wheel_zooms_at_the_pointer(canvas):
    for notches in (1, 1, -1, 3, -5):
        before = canvas.frame.picture_at(QPointF(301, 177))
        wheel(canvas, 301, 177, notches)
        assert canvas.frame.picture_at(QPointF(301, 177)) == pytest.approx(before, abs=1e-6)


def test_dragging_moves_the_picture_with_the_pointer(canvas):
    canvas.set_viewport(canvas.viewport.at_scale(4.0, 250, 200))
    before = canvas.frame.picture_at(QPointF(200, 150))
    press(canvas, 200, 150)
    move(canvas, 237, 128, Qt.MouseButton.LeftButton)
    release(canvas, 237, 128)
    assert canvas.frame.picture_at(QPointF(237, 128)) == pytest.approx(before)


def test_side_by_side_shows_the_same_place_twice(canvas):
    canvas.set_view(View.SIDE)
    left, right = canvas.frame.panes
    assert (left.view, right.view) == (View.ORIGINAL, View.RECONSTRUCTION)
    assert left.rect.size() == right.rect.size()
    inside = QPointF(120, 200)
    twin = QPointF(120 + right.rect.left(), 200)
    assert canvas.frame.picture_at(inside) == canvas.frame.picture_at(twin)
    canvas.one_to_one()
    shot, view = pixels_of(canvas), canvas.viewport
    x, y = (int(v) for v in canvas.frame.picture_at(inside))
    assert tuple(shot[view.edge_y(y), view.edge_x(x)]) == tuple(noise(seed=1)[y, x])
    assert tuple(shot[view.edge_y(y), right.rect.left() + view.edge_x(x)]) == tuple(noise(seed=2)[y, x])


def test_changing_views_keeps_the_middle_in_the_middle(canvas):
    canvas.set_viewport(canvas.viewport.at_scale(6.0, 250, 200))
    middle = canvas.frame.picture_at(QPointF(250, 200))
    canvas.set_view(View.SIDE)
    pane = canvas.frame.panes[0].rect
    assert canvas.frame.picture_at(QPointF(pane.width() / 2, 200)) == pytest.approx(middle, abs=0.2)
    canvas.set_view(View.ORIGINAL)
    assert canvas.frame.picture_at(QPointF(250, 200)) == pytest.approx(middle, abs=0.2)


def test_difference_is_shown_with_its_gain(canvas):
    first, second = noise(seed=1), noise(seed=1)
    second[100:140, 100:140] ^= 1
    canvas.set_scene(scene_of(first, second))
    canvas.set_look(Look(View.DIFFERENCE, gain=32))
    canvas.one_to_one()
    shot = pixels_of(canvas)
    assert (part(canvas, shot, 100, 100, 140, 140) == 32).all()
    assert (part(canvas, shot, 200, 100, 240, 140) == 0).all()


@pytest.mark.parametrize(("step", "bits"), [(None, 768.0), (3, 512.0), (4, 256.0), (5, 0.0)])
def test_the_bit_map_covers_its_own_16_by_16_pixels(canvas, step, bits):
    canvas.set_look(Look(View.BITS, opacity=1.0, step=step))
    shot = pixels_of(canvas)
    assert (part(canvas, shot, 80, 32, 96, 48) == colormap.colours(bits / 256)).all()
    assert (part(canvas, shot, 96, 48, 200, 100) == colormap.colours(0.0)).all()


@pytest.mark.parametrize("cell", [8, 48])
def test_the_bit_map_covers_cells_of_any_size(canvas, cell):
    canvas.set_scene(replace(canvas.scene, bits=maps_of((HEIGHT, WIDTH), cell, 5)))
    canvas.set_look(Look(View.BITS, opacity=1.0, step=3))
    x, y = 5 * cell, 2 * cell
    shot = pixels_of(canvas)
    expected = colormap.colours(512.0 / cell**2)
    assert (part(canvas, shot, x, y, min(x + cell, WIDTH), min(y + cell, HEIGHT)) == expected).all()
    assert (part(canvas, shot, x - cell, y - cell, x, y) == colormap.colours(0.0)).all()


def test_a_step_that_the_new_maps_do_not_have_gives_way_to_the_sum(canvas):
    canvas.set_look(Look(View.BITS, opacity=1.0, step=11))
    canvas.set_scene(replace(canvas.scene, bits=maps_of((HEIGHT, WIDTH), count=5)))
    assert canvas.look.step is None
    assert (part(canvas, pixels_of(canvas), 80, 32, 96, 48) == colormap.colours(3.0)).all()


def test_only_tiles_in_sight_are_made(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 400)
    canvas.show()
    canvas.set_scene(Scene(original=Pyramid(noise(2560, 4096))))
    canvas.grab()
    made = canvas.renderer.cache.made
    assert made <= 4  # Fitted: the coarse levels are a few tiles.
    canvas.one_to_one()
    canvas.grab()
    assert canvas.renderer.cache.made - made <= 3 * 3  # 500 x 400 pixels lie in 3 x 3 tiles of 256 at most.
    made = canvas.renderer.cache.made
    canvas.update()
    canvas.grab()
    assert canvas.renderer.cache.made == made


def test_a_large_picture_paints_quickly(qtbot, benchmark_seconds):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(1200, 800)
    canvas.show()
    canvas.set_scene(Scene(original=Pyramid(np.zeros((8000, 6000, 3), np.uint8))))
    canvas.grab()
    assert benchmark_seconds(lambda: (canvas.zoom(1.25), canvas.pan(5, 5), canvas.grab())) < 0.25


@pytest.fixture
def benchmark_seconds():
    from time import perf_counter

    def measure(call):
        times = []
        for _ in range(5):
            start = perf_counter()
            call()
            times.append(perf_counter() - start)
        return sorted(times)[0]

    return measure


def test_the_transform_survives_a_new_result_of_the_same_size(canvas):
    canvas.set_viewport(canvas.viewport.at_scale(5.0, 300, 100))
    before = canvas.viewport
    canvas.set_scene(scene_of(noise(seed=1), noise(seed=3)))
    assert canvas.viewport == before
    canvas.set_scene(scene_of(noise(100, 90), noise(100, 90, 2)))
    assert canvas.viewport.fitted


def test_views_adapt_to_what_there_is():
    only = Pyramid(noise())
    assert Scene().is_empty
    assert Scene(reconstruction=only).nearest(View.WIPE) is View.RECONSTRUCTION
    assert Scene(original=only).nearest(View.DIFFERENCE) is View.ORIGINAL
    assert not Scene(reconstruction=only).offers(View.SIDE)
    assert Scene(original=only, reconstruction=only).offers(View.SIDE)


def test_arrow_keys_pan_and_move_the_divider(canvas):
    canvas.set_viewport(canvas.viewport.at_scale(4.0, 250, 200))
    before = canvas.viewport
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.viewport.origin_x == before.origin_x - 64
    canvas.set_view(View.WIPE)
    divider = canvas.frame.look.divider
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.look.divider == divider + 2


def test_the_pixel_under_the_pointer_is_told(canvas, qtbot):
    x, y = canvas.viewport.to_pane(12.5, 200.5)
    with qtbot.waitSignal(canvas.hovered, check_params_cb=lambda pixel: pixel == (12, 200)):
        move(canvas, x, y)
    move(canvas, 1, 1)
    assert canvas.frame.hovered_pixel is None
