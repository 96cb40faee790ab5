"""What pointer and keys ask for, on something that only says that it was asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from app.canvas.frame import Frame, panes_of
from app.canvas.gestures import Gestures
from app.canvas.renderer import Look
from app.canvas.scene import Scene, View
from app.canvas.tiles import Pyramid
from app.canvas.viewport import Viewport

RATIO = 2.0


class Asked:
    """Stands for the canvas: a frame, and what was asked for."""

    def __init__(self, view=View.ORIGINAL):
        shown = Pyramid(np.zeros((50, 100, 3), np.uint8))
        panes = panes_of(QSize(400, 300), view)
        self.frame = Frame(Scene(shown, shown), Look(view, divider=60), Viewport(), panes, RATIO, None, None)
        self.calls = []

    def __getattr__(self, name):
        return lambda *values: self.calls.append((name, *values))

    @property
    def last(self):
        """The last that was asked for, but for the pointer's look."""
        return next(call for call in reversed(self.calls) if call[0] != "setCursor")


def mouse(kind, x, y, keys=Qt.KeyboardModifier.NoModifier):
    place = QPointF(x, y)
    left = Qt.MouseButton.LeftButton
    return QMouseEvent(kind, place, place, left, left, keys)


def drag(gestures, start, end, keys=Qt.KeyboardModifier.NoModifier):
    gestures.pressed(mouse(QEvent.Type.MouseButtonPress, *start, keys))
    gestures.moved(mouse(QEvent.Type.MouseMove, *end, keys))
    gestures.released(mouse(QEvent.Type.MouseButtonRelease, *end, keys))


@pytest.mark.parametrize(("view", "x"), [(View.ORIGINAL, 30.0), (View.WIPE, 5.0)])
def test_a_drag_moves_the_picture_by_device_pixels(view, x):
    asked = Asked(view)
    drag(Gestures(asked), (x, 20), (x + 5, 23))
    assert asked.last == ("set_viewport", Viewport().panned(10, 6))


def test_a_drag_of_the_divider_moves_it_alone():
    asked = Asked(View.WIPE)
    drag(Gestures(asked), (34, 20), (40, 20))  # Column 60 lies at device pixel 60, and a hand is not that steady.
    assert asked.last == ("set_divider", 80.0)
    assert ("setCursor", Qt.CursorShape.SplitHCursor) in asked.calls


def test_a_drag_with_shift_selects_and_stays_in_its_pane():
    asked = Asked(View.SIDE)
    left = asked.frame.panes[1].rect.left()
    drag(Gestures(asked), (left / RATIO + 5, 5), (left / RATIO + 20, 10), Qt.KeyboardModifier.ShiftModifier)
    name, rect = asked.last
    assert name == "select"
    assert rect.getRect() == (10, 10, 30, 10)


def test_a_click_with_shift_selects_nothing():
    asked = Asked()
    drag(Gestures(asked), (5, 5), (6, 6), Qt.KeyboardModifier.ShiftModifier)
    assert asked.last == ("select", None)


def test_a_double_click_asks_for_the_other_of_two_zooms():
    asked = Asked()
    gestures = Gestures(asked)
    gestures.double_clicked(mouse(QEvent.Type.MouseButtonDblClick, 7, 8))
    assert asked.last == ("one_to_one",)
    assert gestures.pointer == QPointF(14, 16)
    asked.frame = replace(asked.frame, viewport=Viewport(fitted=False))
    gestures.double_clicked(mouse(QEvent.Type.MouseButtonDblClick, 7, 8))
    assert asked.last == ("fit",)


def test_arrow_keys_move_the_picture_or_the_divider():
    asked = Asked(View.WIPE)
    gestures = Gestures(asked)
    right = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
    assert gestures.key_pressed(right)
    assert asked.last == ("step", 1)  # The whole picture is in sight.
    asked.frame = replace(asked.frame, viewport=Viewport(fitted=False))
    assert gestures.key_pressed(right)
    assert asked.last == ("pan", -64, 0)
    shifted = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert gestures.key_pressed(shifted)
    assert asked.last == ("set_divider", 68)
    assert not gestures.key_pressed(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier))
