"""Selecting a rectangle, and its figures beside those of the picture."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.canvas.rectangle import bits_inside, rect_between
from app.canvas.scene import View
from app.canvas.viewport import Viewport
from hpcm_core import metrics
from tests.app.conftest import LONG


def drag(canvas, start, end, modifier=Qt.KeyboardModifier.ShiftModifier):
    """Drag between two picture points as a hand does."""
    places = []
    for x, y in (start, end):
        px, py = canvas.viewport.to_pane(x, y)
        places.append(QPoint(round(px), round(py)))
    QTest.mouseMove(canvas, places[0])
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, modifier, places[0])
    QTest.mouseMove(canvas, (places[0] + places[1]) / 2)
    QTest.mouseMove(canvas, places[1])
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, modifier, places[1])


def select(window, qtbot, start, end):
    """Select and wait until it is measured."""
    window.canvas.one_to_one()
    drag(window.canvas, start, end)
    qtbot.waitUntil(lambda: window.meter.measured is not None, timeout=LONG)
    qtbot.waitUntil(lambda: window.meter.measured.metrics is not None, timeout=LONG)
    return window.meter.measured


def test_a_rectangle_holds_every_pixel_that_the_drag_touches():
    assert rect_between((10.2, 20.9), (14.1, 5.5), (100, 50)) == QRect(10, 5, 5, 16)
    assert rect_between((-30, -3), (1000, 1000), (100, 50)) == QRect(0, 0, 100, 50)
    assert rect_between((500, 500), (600, 600), (100, 50)) == QRect(99, 49, 1, 1)
    assert rect_between((7.0, 7.0), (7.0, 7.0), (100, 50)) == QRect(7, 7, 1, 1)


@pytest.mark.parametrize("cell", [16, 7])
@pytest.mark.parametrize("rect", [QRect(0, 0, 45, 37), QRect(5, 9, 30, 20), QRect(40, 30, 5, 7), QRect(16, 16, 16, 16)])
def test_bits_inside_equal_a_sum_over_pixels(rect, cell):
    size = (45, 37)
    rows, columns = -(-size[1] // cell), -(-size[0] // cell)
    cells = np.random.default_rng(3).random((rows, columns)).astype(np.float32) * 100
    per_pixel = np.zeros((size[1], size[0]))
    for row in range(rows):
        for column in range(columns):
            block = per_pixel[cell * row : cell * (row + 1), cell * column : cell * (column + 1)]
            block[:] = cells[row, column] / block.size
    expected = per_pixel[rect.y() : rect.y() + rect.height(), rect.x() : rect.x() + rect.width()].sum()
    assert bits_inside(cells, cell, rect, size) == pytest.approx(expected, rel=1e-6)


def test_the_selection_is_measured_on_the_codecs_samples(encoded, sample, qtbot):
    measured = select(encoded, qtbot, (20, 5), (200, 175))
    rect = measured.rect
    assert (rect.width(), rect.height()) == (180, 170)
    part = np.s_[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1]
    outcome = encoded.session.outcome
    first, second = sample.pixels[part], outcome.shown.picture.pixels[part]
    assert measured.metrics.psnr == pytest.approx(metrics.psnr(first, second), abs=1e-6)
    assert measured.metrics.ms_ssim == pytest.approx(metrics.ms_ssim(first, second), abs=1e-6)
    assert measured.bits == pytest.approx(bits_inside(outcome.bits.total, outcome.bits.cell, rect, (257, 183)))
    figures = encoded.readout.selection
    assert figures.isVisible()
    assert figures.psnr.value == f"{measured.metrics.psnr:.2f} dB"
    assert figures.bpp.value == f"{measured.bits / (180 * 170):.4f} bpp"
    assert f"{180} × {170}" in figures.place.text()
    QTest.mouseClick(figures.psnr, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == f"{measured.metrics.psnr:.4f}"
    assert encoded.readout.psnr.value == f"{outcome.metrics.psnr:.2f} dB"


def test_a_small_selection_has_no_ms_ssim_and_escape_clears_it(encoded, qtbot):
    select(encoded, qtbot, (100, 60), (140, 90))
    figures = encoded.readout.selection
    assert figures.psnr.value
    assert figures.ms_ssim.value == ""
    assert "161" in figures.ms_ssim.toolTip()
    encoded.activateWindow()
    QTest.keyClick(encoded, Qt.Key.Key_Escape)
    assert encoded.canvas.selection is None
    assert encoded.meter.measured is None
    assert not figures.isVisible()


def test_a_drag_without_shift_pans_and_a_shift_click_clears(encoded, qtbot):
    canvas = encoded.canvas
    canvas.one_to_one()
    drag(canvas, (200, 60), (220, 90), Qt.KeyboardModifier.NoModifier)
    assert canvas.selection is None
    drag(canvas, (100, 60), (140, 90))
    assert canvas.selection == QRect(100, 60, 40, 30)
    drag(canvas, (30, 30), (31, 30))
    assert canvas.selection is None


def test_in_the_right_pane_the_same_pixels_are_selected(encoded):
    canvas = encoded.canvas
    canvas.set_view(View.SIDE)
    canvas.one_to_one()
    shift = QPoint(canvas.frame.panes[1].rect.left(), 0)
    a, b = (QPoint(*(round(v) for v in canvas.viewport.to_pane(*at))) + shift for at in ((50, 50), (90, 80)))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, a)
    QTest.mouseMove(canvas, b)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, b)
    assert canvas.selection == QRect(50, 50, 40, 30)


def test_keys_select_what_is_in_sight(encoded):
    encoded.activateWindow()
    encoded.canvas.fit()
    QTest.keyClick(encoded, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert encoded.canvas.selection == QRect(0, 0, 257, 183)
    QTest.keyClick(encoded, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert encoded.canvas.selection is None


def test_measuring_waits_for_an_encoding_and_follows_its_result(encoded, qtbot):
    before = select(encoded, qtbot, (100, 60), (140, 90))
    old = encoded.session.outcome
    encoded.recipe_panel.slider.setValue(80)
    drag(encoded.canvas, (50, 60), (140, 90))
    qtbot.waitUntil(lambda: encoded.session.outcome is not old, timeout=LONG)
    assert encoded.session.outcome.recipe.quality == 80
    qtbot.waitUntil(lambda: encoded.meter.measured.metrics is not None and encoded.session.idle, timeout=LONG)
    after = encoded.meter.measured
    assert after.rect == QRect(50, 60, 90, 30)
    assert after is not before
    part = np.s_[60:90, 50:140]
    shown = encoded.session.outcome.shown.picture.pixels[part]
    expected = metrics.psnr(encoded.session.original.picture.pixels[part], shown)
    assert after.metrics.psnr == pytest.approx(expected, abs=1e-6)
    assert encoded.session.outcome.decode_seconds is not None


def test_a_selection_stays_in_its_pane(encoded, qtbot):
    """Side by side, moved so far that the rectangle of one pane reaches beyond its edge."""
    canvas = encoded.canvas
    QTest.keyClick(encoded, Qt.Key.Key_S)
    canvas.select(QRect(100, 60, 120, 60))
    canvas.set_viewport(Viewport(4.0, -300.0, -200.0, fitted=False))
    left, right = (pane.rect for pane in canvas.frame.panes)
    view = canvas.viewport
    assert view.edge_x(100) < left.right() < view.edge_x(220), "the rectangle crosses the edge"
    with_it = canvas.grab().toImage()
    canvas.select(None)
    without = canvas.grab().toImage()
    changed = [
        {x for x in range(with_it.width()) if with_it.pixel(x, y) != without.pixel(x, y)}
        for y in (view.edge_y(60) - 2, view.edge_y(90), view.edge_y(120) + 1)
    ]
    first = view.edge_x(100) - 3  # The frame lies outside, three lines thick.
    for row in changed:
        assert all(x - right.left() >= first for x in row if x > left.right()), "none of the other pane's"
    assert min(changed[0]) in range(first, first + 3)
    assert max(changed[0]) == right.right()
