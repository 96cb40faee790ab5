"""Geometry of the canvas, without a widget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.canvas.viewport import MAX_SCALE, Viewport, fit, min_scale

PANE = (801.0, 600.0)
PICTURE = (1024, 768)

scales = st.floats(0.02, MAX_SCALE)
origins = st.floats(-5000, 5000)


@given(scales, origins, origins, st.floats(0, 800), st.floats(0, 600), st.floats(0.2, 5))
def test_zooming_keeps_the_point_under_the_pointer(scale, ox, oy, x, y, factor):
    before = Viewport(scale, ox, oy)
    after = before.zoomed(factor, x, y, PANE, PICTURE)
    assert after.to_pane(*before.to_picture(x, y)) == pytest.approx((x, y), abs=1e-6)
    assert min_scale(PANE, PICTURE) <= after.scale <= MAX_SCALE


@given(scales, origins, st.integers(-100, 2000))
def test_edges_are_the_nearest_device_pixels(scale, ox, column):
    view = Viewport(scale, ox, 0.0)
    assert abs(view.edge_x(column) - view.to_pane(column, 0)[0]) <= 0.5


@given(scales, origins, origins, st.floats(0, 800), st.floats(0, 600))
def test_one_to_one_lies_on_the_pixel_grid(scale, ox, oy, x, y):
    view = Viewport(scale, ox, oy).one_to_one(x, y)
    assert view.scale == 1.0
    assert view.origin_x.is_integer()
    assert view.origin_y.is_integer()
    assert view.to_pane(*Viewport(scale, ox, oy).to_picture(x, y)) == pytest.approx((x, y), abs=0.51)


def test_zoom_steps_stop_at_100_percent():
    below, above = Viewport(0.9), Viewport(1.1)
    assert below.zoomed(1.25, 0, 0, PANE, PICTURE).scale == 1.0
    assert above.zoomed(0.8, 0, 0, PANE, PICTURE).scale == 1.0
    assert Viewport(1.0).zoomed(1.25, 0, 0, PANE, PICTURE).scale == 1.25


@pytest.mark.parametrize("picture", [(10, 10), (300, 200), (1024, 768), (30000, 20), (20, 30000), (1, 1)])
def test_a_fitted_picture_lies_inside_the_pane(picture):
    view = fit(PANE, picture)
    x0, y0 = view.to_pane(0, 0)
    x1, y1 = view.to_pane(*picture)
    assert x0 >= 0
    assert y0 >= 0
    assert x1 <= PANE[0]
    assert y1 <= PANE[1]
    assert view.scale <= 1.0 or view.scale.is_integer()


@given(scales, origins, origins)
def test_a_part_of_the_picture_always_stays_in_sight(scale, ox, oy):
    view = Viewport(scale, ox, oy).kept_in(PANE, PICTURE)
    x0, y0 = view.to_pane(0, 0)
    x1, y1 = view.to_pane(*PICTURE)
    assert x0 <= PANE[0] / 2 + 1e-6
    assert x1 >= PANE[0] / 2 - 1e-6
    assert y0 <= PANE[1] / 2 + 1e-6
    assert y1 >= PANE[1] / 2 - 1e-6
