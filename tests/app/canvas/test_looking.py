"""Views, zoom, difference modes, loupe and the step player, by keys and mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas import loupe
from app.canvas.difference import Mode, Style
from app.canvas.legend import bar, ticks
from app.canvas.renderer import cells_of
from app.canvas.scene import View
from hpcm_core.format import container
from hpcm_core.format.tile import parse_tile
from hpcm_core.inspect import palette
from tests.app.conftest import pixels_of


@pytest.mark.parametrize(
    ("key", "view"),
    [
        ("1", View.RECONSTRUCTION),
        ("2", View.WIPE),
        ("3", View.ORIGINAL),
        ("s", View.SIDE),
        ("d", View.DIFFERENCE),
        ("b", View.BITS),
    ],
)
def test_each_view_has_a_key(encoded, key, view):
    encoded.activateWindow()
    QTest.keyClick(encoded, key)
    assert encoded.canvas.view is view
    assert encoded.actions_.views[view].isChecked()
    assert encoded.hud.isVisible() == (view in (View.DIFFERENCE, View.BITS))


def test_space_shows_the_original_for_as_long_as_it_is_held(encoded, qtbot):
    encoded.activateWindow()
    qtbot.waitUntil(encoded.isActiveWindow)
    encoded.canvas.setFocus()
    encoded.canvas.set_view(View.RECONSTRUCTION)
    QTest.keyPress(encoded.canvas, Qt.Key.Key_Space)
    assert encoded.canvas.view is View.ORIGINAL
    QTest.keyRelease(encoded.canvas, Qt.Key.Key_Space)
    assert encoded.canvas.view is View.RECONSTRUCTION
    QTest.keyPress(encoded.canvas, Qt.Key.Key_Space)
    encoded.tool_commands.show_batch()
    qtbot.waitUntil(encoded.tool_commands.batch.isActiveWindow)
    assert encoded.canvas.view is View.RECONSTRUCTION, "another window will see the key let go"
    encoded.tool_commands.batch.close()
    encoded.activateWindow()
    qtbot.waitUntil(encoded.isActiveWindow)
    encoded.recipe_panel.automatic.setFocus()
    QTest.keyClick(encoded.recipe_panel.automatic, Qt.Key.Key_Space)
    assert not encoded.recipe_panel.automatic.isChecked()


def test_the_divider_stays_on_the_screen_with_its_whole_grip(encoded):
    """However far one zooms in beside it, and with its place kept."""
    canvas, before = encoded.canvas, encoded.canvas.look.divider
    for x, side in ((20, "right"), (canvas.width() - 20, "left")):
        canvas.fit()
        QTest.mouseMove(canvas, QPoint(x, 300))
        for _ in range(14):
            QTest.keyClick(canvas, Qt.Key.Key_Plus)
            edge = canvas.viewport.edge_x(canvas.frame.look.divider) / canvas.devicePixelRatioF()
            assert 14 <= edge <= canvas.width() - 14, (side, canvas.viewport.scale)
    assert canvas.look.divider == before
    assert pixels_of(canvas)[canvas.height() // 2 - 12, round(edge)].tolist() == [255, 255, 255]
    canvas.fit()
    assert canvas.frame.look.divider == before


@pytest.mark.parametrize("at", [(5, 5), (600, 100), (350, 420)])
def test_ctrl_0_shows_a_picture_that_fits_in_the_middle(encoded, at):
    canvas = encoded.canvas
    QTest.mouseMove(canvas, QPoint(*at))
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    QTest.keyClick(encoded, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    view, size = canvas.viewport, canvas.device_size()
    assert view.scale == 1
    assert view.origin_x == pytest.approx((size.width() - 257) / 2, abs=0.5)
    assert view.origin_y == pytest.approx((size.height() - 183) / 2, abs=0.5)


def test_ctrl_0_and_f_zoom(encoded):
    encoded.activateWindow()
    QTest.keyClick(encoded, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert encoded.canvas.viewport.scale == 1.0
    assert encoded.status.zoom.text() == "100 %"
    QTest.keyClick(encoded, Qt.Key.Key_Plus)
    assert encoded.canvas.viewport.scale == 1.25
    QTest.keyClick(encoded, "f")
    assert encoded.canvas.viewport.fitted


def test_a_step_is_chosen_in_the_list_and_played(encoded, qtbot):
    encoded.steps.list.setCurrentIndex(encoded.steps.model.index(6))
    assert encoded.canvas.view is View.BITS
    assert encoded.canvas.look.step == 5
    assert encoded.steps.slider.value() == 6
    encoded.steps.slider.setValue(1)
    assert encoded.canvas.look.step == 0
    encoded.steps._timer.setInterval(5)
    seen = []
    encoded.steps.step_chosen.connect(seen.append)
    encoded.actions_["play"].trigger()
    assert encoded.steps.playing
    qtbot.waitUntil(lambda: not encoded.steps.playing)
    assert seen == [*range(9), None]


def test_the_pixel_readout_names_both_pictures(encoded, sample):
    x, y = encoded.canvas.viewport.to_pane(40.5, 30.5)
    QTest.mouseMove(encoded.canvas, QPoint(round(x), round(y)))
    QApplication.processEvents()
    column, row = encoded.canvas.frame.hovered_pixel
    text = encoded.status.pixel.text()
    assert f"Original {' '.join(map(str, sample.pixels[row, column]))}" in text
    after = encoded.session.outcome.shown.picture.pixels[row, column]
    assert f"Reconstruction {' '.join(map(str, after))}" in text


def test_how_difference_and_bits_were_shown_is_kept(encoded, make_window):
    encoded.hud.gain.setValue(5)
    encoded.hud.mode.setCurrentIndex(2)
    encoded.hud.luma.setChecked(True)
    encoded.hud.opacity.setValue(40)
    encoded.steps.cumulative.setChecked(True)
    look = encoded.canvas.look
    assert (look.gain, look.mode, look.luma, look.opacity, look.cumulative) == (32, Mode.RELATIVE, True, 0.4, True)
    encoded.settings.sync()
    again = make_window()
    kept = again.canvas.look
    assert (kept.gain, kept.mode, kept.luma, kept.opacity, kept.cumulative) == (32, Mode.RELATIVE, True, 0.4, True)
    assert again.hud.style_ == kept.difference
    assert again.hud.legend.style_shown == kept.difference
    assert again.steps.cumulative.isChecked()
    again.steps.cumulative.setChecked(False)
    again.hud.luma.setChecked(False)
    again.settings.sync()
    last = make_window().canvas.look
    assert (last.luma, last.cumulative) == (False, False)


def test_keys_change_mode_gain_and_luma_of_the_difference(encoded):
    encoded.activateWindow()
    look = lambda: encoded.canvas.look  # noqa: E731
    QTest.keyClick(encoded, "d")
    assert (look().mode, look().gain, look().luma) == (Mode.ABSOLUTE, 8, False)
    QTest.keyClick(encoded, "m")
    assert look().mode is Mode.SIGNED
    QTest.keyClick(encoded, "y")
    assert look().luma
    for _ in range(9):
        QTest.keyClick(encoded, "]")
    assert look().gain == 64
    for _ in range(9):
        QTest.keyClick(encoded, "[")
    assert look().gain == 1
    QTest.keyClick(encoded, "m")
    assert encoded.hud.legend.style_shown == Style(Mode.RELATIVE, True, 1)
    assert "relative to the original, of luma" in encoded.hud.legend.accessibleName()


def test_a_key_of_the_difference_first_shows_it(encoded):
    encoded.activateWindow()
    encoded.canvas.set_view(View.WIPE)
    QTest.keyClick(encoded, "m")
    assert encoded.canvas.view is View.DIFFERENCE
    assert encoded.canvas.look.mode is Mode.ABSOLUTE


def test_the_legend_names_what_its_colours_mean():
    assert ticks(Style(Mode.ABSOLUTE, gain=1)) == ((0.0, "0"), (0.5, "128"), (1.0, "255"))
    assert [text for _, text in ticks(Style(Mode.SIGNED, gain=8))] == ["−31.9", "−15.9", "0", "+15.9", "+31.9"]
    assert ticks(Style(Mode.RELATIVE, gain=4))[-1] == (1.0, "25 %")
    colour = bar(Style(Mode.SIGNED, True, 1)).pixelColor(255, 0).getRgb()[:3]
    assert colour == tuple(palette.DIVERGING[-1])


def test_the_diverging_colours_differ_in_lightness_from_their_middle():
    light = palette.DIVERGING.astype(float) @ (0.2126, 0.7152, 0.0722)
    middle = len(light) // 2
    assert (np.diff(light[: middle + 1]) >= -0.5).all()
    assert (np.diff(light[middle:]) <= 0.5).all()
    assert light[middle] - max(light[0], light[-1]) > 120


def test_the_loupe_follows_the_pointer_and_shows_both_pictures(encoded, sample):
    canvas = encoded.canvas
    encoded.activateWindow()
    canvas.set_view(View.ORIGINAL)
    canvas.one_to_one()
    QTest.keyClick(encoded, "l")
    assert canvas.loupe
    x, y = canvas.viewport.to_pane(60.5, 70.5)
    QTest.mouseMove(canvas, QPoint(round(x), round(y)))
    QApplication.processEvents()
    column, row = canvas.frame.hovered_pixel
    shot, places = pixels_of(canvas), loupe.squares(canvas.frame)
    assert [view for view, _ in places] == [View.ORIGINAL, View.RECONSTRUCTION]
    shown = encoded.session.outcome.shown.picture.pixels
    for (_, square), picture in zip(places, (sample.pixels, shown), strict=True):
        assert (shot[square.center().y(), square.center().x()] == picture[row, column]).all()
    QTest.keyClick(encoded, "l")
    assert not canvas.loupe


def test_the_loupe_stays_on_the_canvas(encoded):
    canvas = encoded.canvas
    canvas.set_loupe(True)
    canvas.set_viewport(canvas.viewport.at_scale(32.0, 500, 300))
    for place in ((2, 2), (canvas.width() - 3, 2), (2, canvas.height() - 3), (canvas.width() - 3, canvas.height() - 3)):
        QTest.mouseMove(canvas, QPoint(*place))
        QApplication.processEvents()
        for _, square in loupe.squares(canvas.frame):
            assert canvas.rect().contains(square)


def test_steps_are_shown_alone_or_with_all_before(encoded):
    encoded.activateWindow()
    bits = encoded.session.outcome.bits.steps
    encoded.steps.slider.setValue(4)
    assert encoded.canvas.look.step == 3
    QTest.keyClick(encoded, "c")
    assert encoded.steps.cumulative.isChecked()
    assert encoded.canvas.look.cumulative
    x, y = encoded.canvas.viewport.to_pane(40.5, 50.5)
    QTest.mouseMove(encoded.canvas, QPoint(round(x), round(y)))
    QApplication.processEvents()
    column, row = encoded.canvas.frame.hovered_pixel
    expected = bits[:4, row // 16, column // 16].sum() / 256
    assert f"{expected:.3f} bpp here" in encoded.status.pixel.text()
    assert "z and steps 1 to 3" in encoded.status.pixel.text()
    QTest.keyClick(encoded, "c")
    assert f"{bits[3, row // 16, column // 16] / 256:.3f} bpp here" in encoded.status.pixel.text()


def test_all_steps_together_are_the_sum():
    bits = np.random.default_rng(1).random((12, 3, 4)).astype(np.float32)
    assert cells_of(bits, 11, cumulative=True) == pytest.approx(cells_of(bits, None))
    assert np.array_equal(cells_of(bits, 0, cumulative=True), bits[0])


def test_the_maps_add_up_to_the_payload(encoded):
    outcome = encoded.session.outcome
    tiles = container.read(outcome.data).tiles
    payload = sum(parse_tile(tile, 4).stream_bytes for tile in tiles)
    assert outcome.payload_bytes == payload
    assert encoded.steps.sum.text() == f"{payload:,} B = payload"
    encoded.steps.show_bits(outcome.bits, payload + 1)
    assert "≠" in encoded.steps.sum.text()
    assert encoded.steps.sum.property("role") == "danger"


def test_the_map_of_a_step_is_played_alone_and_together(encoded, qtbot):
    encoded.canvas.set_view(View.BITS)
    encoded.steps._timer.setInterval(5)
    QTest.mouseClick(encoded.steps.cumulative, Qt.MouseButton.LeftButton, pos=QPoint(8, 10))
    assert encoded.canvas.look.cumulative
    seen = []
    encoded.canvas.look_changed.connect(lambda: seen.append((encoded.canvas.look.step, encoded.canvas.look.cumulative)))
    encoded.steps.toggle_playing()
    qtbot.waitUntil(lambda: not encoded.steps.playing)
    assert seen == [(step, True) for step in [*range(9), None]]


def test_transparency_lies_over_a_checkerboard(qtbot):
    from app.canvas.canvas import Canvas
    from app.canvas.scene import Scene
    from app.canvas.tiles import pyramid_of
    from hpcm_core.picture.picture import Picture

    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(300, 300)
    alpha = np.zeros((200, 200), np.uint8)
    alpha[:, 100:] = 255
    canvas.set_scene(Scene(original=pyramid_of(Picture(np.full((200, 200, 3), 10, np.uint8), alpha))))
    canvas.set_view(View.ORIGINAL)
    canvas.one_to_one()
    shot, view = pixels_of(canvas), canvas.viewport
    clear = shot[view.edge_y(60) : view.edge_y(160), view.edge_x(10) : view.edge_x(90)]
    assert {tuple(colour) for colour in clear.reshape(-1, 3)} == {(204, 204, 204), (244, 244, 244)}
    assert (shot[view.edge_y(60) : view.edge_y(160), view.edge_x(110) : view.edge_x(190)] == 10).all()


def test_a_paint_without_time_shows_coarser_tiles_and_completes_itself(qtbot):
    from app.canvas.canvas import Canvas
    from app.canvas.scene import Scene
    from app.canvas.tiles import Pyramid

    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 400)
    pixels = np.full((2000, 2000, 3), 90, np.uint8)
    canvas.set_scene(Scene(original=Pyramid(pixels)))
    canvas.show()
    canvas.renderer.budget = float("inf")
    canvas.grab()
    canvas.renderer.budget = 0.0
    canvas.one_to_one()
    shot = pixels_of(canvas)
    assert canvas.renderer.incomplete
    assert (shot[60:] == 90).all()  # From coarser tiles.
    canvas.renderer.budget = 0.03
    qtbot.waitUntil(lambda: not canvas.renderer.incomplete)


def test_a_first_paint_without_time_shows_the_whole_picture_coarsely(qtbot):
    from app.canvas.canvas import Canvas
    from app.canvas.scene import Scene
    from app.canvas.tiles import Pyramid

    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 400)
    canvas.renderer.budget = 0.0
    canvas.set_scene(Scene(original=Pyramid(np.full((2000, 2000, 3), 90, np.uint8))))
    canvas.show()
    canvas.one_to_one()
    shot = pixels_of(canvas)
    assert canvas.renderer.incomplete
    assert (shot[60:] == 90).all()
    assert canvas.renderer.cache.made == 1


@pytest.mark.parametrize("width", [900, 1600])
def test_the_controls_of_a_view_fit_into_the_canvas(encoded, width, qtbot):
    encoded.resize(width, 700)
    for view in (View.DIFFERENCE, View.BITS):
        encoded.canvas.set_view(view)
        QApplication.processEvents()
        assert encoded.canvas.rect().contains(encoded.hud.geometry())
        inside = [encoded.hud.legend, encoded.hud.mode] if view is View.DIFFERENCE else [encoded.hud.opacity]
        for widget in inside:
            place = widget.mapTo(encoded.canvas, QPoint(0, 0))
            assert encoded.canvas.rect().contains(widget.rect().translated(place))
