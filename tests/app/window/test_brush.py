"""Painting the quality: strokes by mouse and keys, what is encoded, undo and redo, and what another picture ends."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest

from app.canvas.brush import Brush, Kind, Painting, Stroke
from app.canvas.painting import CHEAP, KEEP
from app.canvas.scene import View
from app.desktop.settings import Settings
from app.dialogs.curves import Points
from hpcm_core import codec
from hpcm_core.format.gain import QualityMap
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, pixels_of

CTRL, SHIFT, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier(0)
LEFT = Qt.MouseButton.LeftButton


def at(canvas, x, y):
    """Where on the canvas a point of the picture lies."""
    frame = canvas.frame
    px, py = frame.viewport.to_pane(x, y)
    return QPoint(round(px / frame.ratio), round(py / frame.ratio))


def stroke(canvas, *points, keys=NONE):
    first, *rest = (at(canvas, *point) for point in points)
    QTest.mousePress(canvas, LEFT, keys, first)
    for point in rest or [first]:
        QTest.mouseMove(canvas, point)
    QTest.mouseRelease(canvas, LEFT, keys, (rest or [first])[-1])


def key(window, name, keys=NONE):
    QTest.keyClick(window.canvas, getattr(Qt.Key, f"Key_{name}"), keys)


def wait_for(window, qtbot, offsets):
    """Until what is on show was encoded with these offsets."""

    def there():
        outcome = window.session.outcome
        return window.session.idle and not window.session.is_stale and offsets_of(outcome.quality_map) == offsets

    qtbot.waitUntil(there, timeout=LONG)
    return window.session.outcome


def offsets_of(drawn):
    return None if drawn is None else drawn.offsets.tolist()


@pytest.fixture
def brush(encoded):
    """A window with the small picture, 257 x 183 and so 3 rows of 5 blocks, and the brush in the hand."""
    encoded.activateWindow()
    encoded.canvas.setFocus()
    encoded.canvas.set_view(View.RECONSTRUCTION)
    key(encoded, "K")
    return encoded


KEPT = [[22, 0, 0, 0, 0], [22, 22, 0, 0, 0], [0, 0, 0, 0, 0]]


def test_a_stroke_is_encoded_and_undone(brush, qtbot):
    before = brush.session.outcome
    assert brush.hud.isVisible()
    assert brush.hud.brush.isVisible()
    key(brush, "Comma")
    assert brush.canvas.painting.brush == Brush(Kind.KEEP, 64)
    stroke(brush.canvas, (20, 20), (25, 70), (100, 100))
    painted = wait_for(brush, qtbot, KEPT)
    assert painted.size_bytes > before.size_bytes
    decoded = codec.decode(painted.data)
    assert offsets_of(decoded.quality_map) == KEPT
    assert np.array_equal(decoded.picture.pixels, painted.shown.picture.pixels)
    assert "painted" in brush.canvas.scene.reconstruction_name
    assert painted.bits.total[:4, :4].sum() > 1.2 * before.bits.total[:4, :4].sum()

    key(brush, "Z", CTRL)
    assert brush.session.outcome is before, "the result of before is kept"
    assert brush.canvas.painting.offsets is None
    assert "painted" not in brush.canvas.scene.reconstruction_name
    key(brush, "Z", CTRL | SHIFT)
    assert brush.session.outcome is painted
    assert offsets_of(brush.canvas.painting.offsets) == KEPT


def test_each_stroke_is_a_step_of_its_own(brush, qtbot):
    key(brush, "Comma")
    stroke(brush.canvas, (20, 20))
    key(brush, "N")
    stroke(brush.canvas, (240, 170))
    key(brush, "N")
    stroke(brush.canvas, (20, 30))
    brush.recipe_panel.slider.setValue(50)
    row = [0, 0, 0, 0]
    first, second = [[22, *row], [0, *row], [0, *row]], [[22, *row], [0, *row], [*row[:3], -22, 0]]
    third = [[0, *row], [0, *row], [*row[:3], -22, 0]]
    assert offsets_of(brush.session.recipe.quality_map) == third
    assert brush.session.recipe.quality == 50
    for wanted in (third, second, first, None):
        key(brush, "Z", CTRL)
        assert brush.session.recipe.quality == 30
        assert offsets_of(brush.session.recipe.quality_map) == wanted
    assert not brush.actions_["undo"].isEnabled()
    for _ in range(4):
        key(brush, "Z", CTRL | SHIFT)
    assert offsets_of(wait_for(brush, qtbot, third).quality_map) == third
    assert brush.session.outcome.recipe.quality == 50


def test_what_is_painted_is_seen(brush):
    key(brush, "K")
    bare = pixels_of(brush.canvas).astype(int)
    key(brush, "K")
    for _ in range(2):
        key(brush, "Period")
    assert brush.canvas.painting.brush.size == 256
    key(brush, "Comma")
    brush.session.encode_on_change = False
    stroke(brush.canvas, (0, 0))
    key(brush, "N")
    stroke(brush.canvas, (250, 180))
    QTest.mouseMove(brush.canvas, at(brush.canvas, 128, 90))
    seen = pixels_of(brush.canvas).astype(int)
    ratio = brush.canvas.devicePixelRatioF()
    for place, colour in (((30, 30), KEEP), ((245, 150), CHEAP), ((150, 30), None)):
        point = at(brush.canvas, *place) * ratio
        got, was = seen[point.y(), point.x()], bare[point.y(), point.x()]
        wanted = was if colour is None else was + (np.array(colour.getRgb()[:3]) - was) * 56 / 255
        assert np.abs(got - wanted).max() <= 3, place
    edge = (at(brush.canvas, 64, 30) * ratio, at(brush.canvas, 30, 64) * ratio)
    for point in edge:
        assert np.abs(seen[point.y(), point.x()] - KEEP.getRgb()[:3]).max() <= 3
    brush.canvas.set_view(View.SIDE)
    key(brush, "Escape")
    assert not brush.actions_["brush"].isChecked()
    assert brush.canvas.painting is None
    assert not brush.hud.isVisible()
    assert brush.session.recipe.quality_map is not None, "what is painted stays"


def test_everything_is_erased_at_once(brush, qtbot):
    before = brush.session.outcome
    assert not brush.hud.brush.clear.isEnabled()
    stroke(brush.canvas, (20, 20), (200, 20))
    assert brush.hud.brush.clear.isEnabled()
    QTest.mouseClick(brush.hud.brush.clear, LEFT)
    assert brush.session.recipe.quality_map is None
    qtbot.waitUntil(lambda: brush.session.idle and brush.session.outcome is before, timeout=LONG)
    key(brush, "Z", CTRL)
    assert brush.session.recipe.quality_map is not None


def test_the_rest_is_coded_cheaply_by_one_click(brush, qtbot):
    """What is painted stays as it is, and all of it is one step."""
    key(brush, "Comma")
    assert not brush.hud.brush.rest.isEnabled(), "of nothing there is no rest"
    stroke(brush.canvas, (20, 20), (25, 70), (100, 100))
    kept = wait_for(brush, qtbot, KEPT)
    assert brush.actions_["cheap_rest"].isEnabled()
    QTest.mouseClick(brush.hud.brush.rest, LEFT)
    all_painted = [[22 if value else -22 for value in row] for row in KEPT]
    assert wait_for(brush, qtbot, all_painted).size_bytes < kept.size_bytes
    assert offsets_of(brush.canvas.painting.offsets) == all_painted
    assert not brush.hud.brush.rest.isEnabled()
    key(brush, "Z", CTRL)
    assert offsets_of(brush.session.recipe.quality_map) == KEPT
    assert brush.actions_["cheap_rest"].isEnabled()
    brush.actions_["cheap_rest"].trigger()
    assert offsets_of(brush.session.recipe.quality_map) == all_painted


def test_other_drags_are_what_they_were(brush, qtbot):
    brush.canvas.set_view(View.WIPE)
    divider = brush.canvas.look.divider
    stroke(brush.canvas, (divider, 90), (divider + 20, 90))
    assert brush.canvas.look.divider == divider, "the brush paints over the divider"
    QTest.mouseMove(brush.canvas, at(brush.canvas, divider, 90))
    assert brush.canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    painted = brush.session.recipe.quality_map
    assert painted is not None
    viewport = brush.canvas.viewport
    stroke(brush.canvas, (20, 20), (80, 60), keys=SHIFT)
    assert brush.canvas.selection.intersects(QRect(30, 30, 40, 20))
    assert brush.session.recipe.quality_map == painted
    assert brush.canvas.viewport == viewport
    brush.session.cancel()
    qtbot.waitUntil(lambda: brush.session.idle, timeout=LONG)
    key(brush, "Escape")
    assert not brush.actions_["brush"].isChecked()
    assert brush.canvas.selection is not None, "one after the other"
    stroke(brush.canvas, (20, 20), (80, 60))
    assert brush.session.recipe.quality_map == painted
    assert brush.canvas.viewport != viewport


def test_another_picture_is_not_painted(brush, qtbot, picture_file, tmp_path):
    stroke(brush.canvas, (20, 20))
    assert brush.session.recipe.quality_map is not None
    other = tmp_path / "other.png"
    other.write_bytes(picture_file.read_bytes())
    brush.session.open(other)
    qtbot.waitUntil(lambda: brush.session.path == other and brush.session.idle, timeout=LONG)
    assert brush.session.recipe == Recipe(quality=30) == brush.recipe_panel.recipe
    assert brush.session.outcome.quality_map is None
    assert brush.canvas.painting == Painting(Brush(), None)
    assert not brush.actions_["undo"].isEnabled(), "its strokes are not those of this picture"


def test_what_serves_other_pictures_has_no_map(brush, qtbot, tmp_path):
    stroke(brush.canvas, (20, 20))
    painted = brush.session.recipe
    assert painted.quality_map is not None
    assert brush.tool_commands.batch.runner.recipe == Recipe(quality=30)
    qtbot.waitUntil(lambda: brush.session.idle and not brush.session.is_stale, timeout=LONG)
    assert not Points().add(brush.session.outcome)
    settings = Settings(tmp_path / "other")
    settings.recipe = painted
    assert settings.recipe == Recipe(quality=30)


def test_a_painted_file_is_called_so(brush, qtbot, tmp_path):
    stroke(brush.canvas, (20, 20))
    qtbot.waitUntil(lambda: brush.session.idle and not brush.session.is_stale, timeout=LONG)
    path = tmp_path / "painted.hpcm"
    path.write_bytes(brush.session.outcome.data)
    brush.session.open(path)
    qtbot.waitUntil(lambda: brush.session.path == path and brush.session.idle, timeout=LONG)
    assert brush.canvas.scene.reconstruction_name.endswith("painted")
    assert not brush.actions_["brush"].isEnabled()
    assert not brush.actions_["brush"].isChecked()
    assert brush.canvas.painting is None


# Strokes.


def drawn(brush, *points, size=(640, 640), before=None):
    made = Stroke(Painting(brush, before), size)
    for point in points:
        made.to(*point)
    return made.map.offsets


def test_a_small_brush_paints_the_block_under_it():
    assert np.argwhere(drawn(Brush(size=64), (130, 70))).tolist() == [[1, 2]]


def test_a_large_brush_paints_what_it_covers():
    offsets = drawn(Brush(Kind.CHEAP, 256), (320, 320))
    rows, columns = np.indices((10, 10)) * 64 + 32
    assert np.array_equal(offsets == -22, np.hypot(rows - 320, columns - 320) <= 128)
    assert set(np.unique(offsets)) == {-22, 0}


def test_a_fast_stroke_has_no_gaps():
    row = drawn(Brush(size=64), (10, 100), (630, 100))
    assert np.array_equal(row != 0, np.indices((10, 10))[0] == 1)
    diagonal = drawn(Brush(size=64), (10, 10), (630, 630)) != 0
    assert np.diagonal(diagonal).all()


def test_strokes_go_over_what_is_there_and_end_at_the_edge():
    before = QualityMap.of(np.full((10, 10), -22))
    offsets = drawn(Brush(Kind.ERASE, 64), (-500, 32), (100, 32), before=before)
    assert offsets[0, :3].tolist() == [0, 0, -22]
    assert (offsets == 0).sum() == 2
    assert (before.offsets == -22).all()
    assert not drawn(Brush(size=64), (-20, 700), (700, 700)).any()


def test_points_between_two_panes(brush):
    """In the right pane too, a stroke paints what is under it."""
    brush.session.encode_on_change = False
    brush.canvas.set_view(View.SIDE)
    left, right = (pane.rect.topLeft() for pane in brush.canvas.frame.panes)
    over = QPointF(right - left) / brush.canvas.frame.ratio
    point = at(brush.canvas, 20, 20) + over.toPoint()
    key(brush, "Comma")
    QTest.mouseClick(brush.canvas, LEFT, NONE, point)
    assert offsets_of(brush.session.recipe.quality_map)[0] == [22, 0, 0, 0, 0]
