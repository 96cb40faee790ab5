"""The part in sight of a large picture comes before the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QTimer
from PySide6.QtTest import QTest

from app.canvas.scene import View
from app.session import part
from app.session.part import LARGE, MARGIN, MOST, crop_of
from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG

SIDE = st.integers(1, 9000)


@given(SIDE, SIDE, st.tuples(*[st.integers(0, 8999)] * 4))
def test_what_is_encoded_first(width, height, corners):
    left, right = sorted(x % width for x in corners[:2])
    top, bottom = sorted(y % height for y in corners[2:])
    visible = QRect(left, top, right - left + 1, bottom - top + 1)
    crop = crop_of(visible, width, height)
    if crop is None:
        grown = (visible.width() + 2 * MARGIN) * (visible.height() + 2 * MARGIN)
        assert width * height < LARGE or grown > MOST
        return
    assert crop.inner == visible
    assert crop.outer.contains(visible)
    assert QRect(0, 0, width, height).contains(crop.outer)
    assert crop.outer.width() * crop.outer.height() <= MOST
    for inner, outer, end in ((left, crop.outer.left(), 0), (right, crop.outer.right(), width - 1)):
        assert abs(inner - outer) == MARGIN or outer == end


def test_nothing_in_sight():
    assert crop_of(None, 9000, 9000) is None
    assert crop_of(QRect(), 9000, 9000) is None


@pytest.fixture
def zoomed(encoded, monkeypatch):
    """The small picture, which counts as large, enlarged."""
    monkeypatch.setattr(part, "LARGE", 1000)
    monkeypatch.setattr(part, "MARGIN", 16)
    canvas = encoded.canvas
    canvas.set_view(View.RECONSTRUCTION)
    canvas.set_viewport(canvas.viewport.at_scale(12.0, 900, 700))
    return encoded


def shown_colour(canvas, x, y):
    view = canvas.viewport
    x, y = view.to_pane(x + 0.5, y + 0.5)
    return canvas.grab().toImage().pixelColor(round(x), round(y)).getRgb()[:3]


def test_the_part_comes_first_and_then_the_whole(zoomed, qtbot):
    session, canvas = zoomed.session, zoomed.canvas
    before = session.outcome
    seen, told = [], []
    QTest.mouseMove(canvas, canvas.rect().center())
    QTest.qWait(1)
    assert "Reconstruction" in zoomed.status.pixel.text()

    def look():
        found = session.part_first.part
        if found is not None:
            told.append(zoomed.status.pixel.text())
            assert canvas.scene.samples_on_show is None, "the samples are those of the result before"
            x, y = found.rect.center().x(), found.rect.center().y()
            seen.append((session.outcome is before, found, shown_colour(canvas, x, y), (x, y), session.encoding))

    session.part_first.changed.connect(look)
    visible = canvas.visible_part()
    session.set_recipe(Recipe(quality=3), encode=True)
    assert session.encoding == Recipe(quality=3)
    qtbot.waitUntil(lambda: session.outcome is not before and session.idle, timeout=LONG)
    assert session.part_first.part is None
    assert canvas.scene.part is None
    ((kept, found, colour, (x, y), _),) = seen
    assert kept, "the old result stays until the whole is there"
    assert "Original" in told[0]
    assert "Reconstruction" not in told[0]
    assert "Reconstruction" in zoomed.status.pixel.text()
    assert found.rect == visible
    # What was shown is what the codec makes of the part and its margin.
    outer = visible.adjusted(-16, -16, 16, 16).intersected(QRect(0, 0, *canvas.scene.size))
    rows, columns = slice(outer.top(), outer.bottom() + 1), slice(outer.left(), outer.right() + 1)
    alone = codec.encode(
        Picture(session.original.picture.pixels[rows, columns].copy()), Recipe(quality=3)
    ).reconstruction
    expected = alone.pixels[y - outer.top(), x - outer.left()]
    assert np.abs(np.subtract(colour, expected)).max() <= 1
    old = before.shown.picture.pixels[visible.top() : visible.bottom() + 1, visible.left() : visible.right() + 1]
    assert np.abs(found.pyramid.tile(0, 0, 0).astype(int) - old).max() > 8


def test_cancelled_it_goes(zoomed, qtbot):
    session = zoomed.session
    before = session.outcome
    seen = []

    def cancel_soon():
        if session.part_first.part is not None:
            seen.append(1)
            QTimer.singleShot(0, session.cancel)

    session.part_first.changed.connect(cancel_soon)
    session.set_recipe(Recipe(quality=3), encode=True)
    qtbot.waitUntil(lambda: bool(seen) and session.idle and session.part_first.part is None, timeout=LONG)
    QTest.qWait(50)
    assert session.outcome is before
    assert zoomed.canvas.scene.part is None


@pytest.mark.parametrize(
    "recipe", [Recipe(quality=None, target_bpp=0.3), None], ids=["a search has no rate yet", "all of it is in sight"]
)
def test_where_it_does_not_pay(zoomed, qtbot, recipe, monkeypatch):
    session = zoomed.session
    if recipe is None:
        monkeypatch.setattr(part, "MOST", 1000)
        recipe = replace(session.recipe, quality=3)
    before, seen = session.outcome, []
    session.part_first.changed.connect(lambda: seen.append(session.part_first.part))
    session.set_recipe(recipe, encode=True)
    qtbot.waitUntil(lambda: session.outcome is not before and session.idle, timeout=LONG)
    assert seen == []
