"""Where the pictures of a duel are seen: every pixel of the right one, wherever the panes and the cross are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest

from app.canvas.difference import Style, difference_of
from app.canvas.scene import Scene
from app.canvas.tiles import pyramid_of
from app.duel.arena import Arena, Layout, Sight
from hpcm_core.picture.picture import Picture
from tests.app.conftest import wait_shown

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30)]
GREY = (120, 120, 120)


def picture(colour):
    return Picture(np.full((90, 160, 3), colour, np.uint8))


@pytest.fixture
def arena(qtbot):
    made = Arena()
    qtbot.addWidget(made)
    made.resize(640, 400)
    made.show()
    wait_shown(made)
    made.renderer.budget = 60.0
    return made


def sights(count):
    original = picture(GREY)
    return [
        Sight(Scene(pyramid_of(original), pyramid_of(picture(c)), difference_of(original, picture(c))), f"name {n}")
        for n, c in enumerate(COLOURS[:count])
    ]


def pixels(arena):
    image = arena.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def middles(arena):
    """The colour in the middle of each place."""
    shot = pixels(arena)
    return [tuple(shot[rect.center().y() + 5, rect.center().x() + 5]) for rect in arena.places()]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_each_pane_shows_its_own(arena, count):
    arena.show_sights(sights(count), Layout.PANES)
    assert middles(arena) == COLOURS[:count]
    arena.set_peeking(True)
    assert middles(arena) == [GREY] * count
    arena.set_peeking(False)
    arena.show_difference(Style(gain=1))
    assert middles(arena) == [tuple(abs(v - 120) for v in colour) for colour in COLOURS[:count]]


def test_one_alone(arena):
    arena.show_sights(sights(4)[2:], Layout.ONE)
    assert len(arena.places()) == 1
    assert middles(arena) == [COLOURS[2]]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_all_meet_at_the_cross(arena, count):
    """The pixels on either side of both lines are neighbours in the picture: nothing is shifted."""
    arena.show_sights(sights(count), Layout.CROSS)
    arena.move_cross(40, 30)
    view, shot = arena.viewport, pixels(arena)
    x, y = view.edge_x(40), view.edge_y(30)
    points = {(-1, -1): 0, (1, -1): 1, (-1, 1): 2 if count == 4 else 0, (1, 1): {2: 1, 3: 2, 4: 3}[count]}
    for (across, down), place in points.items():
        assert tuple(shot[y + 12 * down, x + 12 * across]) == COLOURS[place]
    assert tuple(shot[view.edge_y(0) + 60, view.edge_x(0) + 2]) == COLOURS[0]
    assert tuple(shot[view.edge_y(90) - 2, view.edge_x(160) - 2]) == COLOURS[{2: 1, 3: 2, 4: 3}[count]]


def test_the_cross_is_dragged(arena):
    arena.show_sights(sights(4), Layout.CROSS)
    arena.move_cross(80, 45)
    start = QPoint(arena.viewport.edge_x(80), arena.viewport.edge_y(45))
    end = QPoint(arena.viewport.edge_x(20), arena.viewport.edge_y(10))
    QTest.mousePress(arena, Qt.MouseButton.LeftButton, pos=start)
    move(arena, end)
    QTest.mouseRelease(arena, Qt.MouseButton.LeftButton, pos=end)
    assert arena.cross == (20, 10)
    # On one line only that line moves.
    start = QPoint(arena.viewport.edge_x(120), arena.viewport.edge_y(10))
    QTest.mousePress(arena, Qt.MouseButton.LeftButton, pos=start)
    move(arena, QPoint(start.x() + 30, arena.viewport.edge_y(60)))
    QTest.mouseRelease(arena, Qt.MouseButton.LeftButton, pos=start)
    assert arena.cross == (20, 60)


def move(widget, point):
    button = Qt.MouseButton.LeftButton
    at = QPointF(point)
    widget.mouseMoveEvent(
        QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    )


def test_one_transform_for_all_panes(arena):
    arena.show_sights(sights(4), Layout.PANES)
    place = arena.places()[3]
    QTest.mouseMove(arena, place.center())
    move(arena, place.center())
    before = arena.frame.picture_at(QPointF(place.center()))
    arena.zoom(3.0)
    assert arena.frame.picture_at(QPointF(place.center())) == pytest.approx(before), "the place under the pointer stays"
    corner = arena.places()[0].topLeft() - place.topLeft()
    assert arena.frame.picture_at(QPointF(place.center() + corner)) == pytest.approx(before)


def test_the_middle_stays_when_the_layout_changes(arena):
    arena.show_sights(sights(4), Layout.PANES)
    arena.zoom(4.0)
    arena.pan(-60, 25)
    size = arena.places()[0].size()
    before = arena.viewport.to_picture(size.width() / 2, size.height() / 2)
    arena.show_sights(sights(4), Layout.CROSS)
    assert arena.viewport.to_picture(320, 200) == pytest.approx(before, abs=1)
    arena.show_sights((), Layout.PANES)
    assert arena.places() == ()
    arena.grab()
