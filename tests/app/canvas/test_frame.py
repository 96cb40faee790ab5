"""The canvas at one moment, as a value."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, QSize

from app.canvas import overlays
from app.canvas.frame import PANE_GAP, Frame, panes_of, with_divider_in_sight
from app.canvas.renderer import Look
from app.canvas.scene import Scene, View
from app.canvas.tiles import Pyramid
from app.canvas.viewport import Viewport
from hpcm_core.results import BitMaps

SIZE = QSize(401, 300)
SHOWN = Pyramid(np.zeros((50, 100, 3), np.uint8))


def frame(view=View.ORIGINAL, pointer=None, scene=None, look=None):
    scene = scene or Scene(SHOWN, SHOWN)
    return Frame(scene, look or Look(view), Viewport(2.0, 10.0, 20.0), panes_of(SIZE, view), 1.0, pointer, None)


def test_two_panes_of_one_width_with_the_gap_between_them():
    left, right = panes_of(SIZE, View.SIDE)
    assert (left.view, right.view) == (View.ORIGINAL, View.RECONSTRUCTION)
    assert left.rect.width() == right.rect.width()
    assert right.rect.left() - left.rect.right() - 1 in (PANE_GAP, PANE_GAP + 1)
    assert right.rect.right() == 400


@pytest.mark.parametrize("view", [View.ORIGINAL, View.SIDE])
def test_the_size_is_that_of_the_canvas(view):
    assert frame(view).size == SIZE


def test_the_pixel_under_the_pointer_is_the_same_in_both_panes():
    alone = frame(pointer=QPointF(31, 45))
    assert alone.hovered_pixel == (10, 12)
    side = frame(View.SIDE)
    shift = side.panes[1].rect.left()
    assert frame(View.SIDE, QPointF(31 + shift, 45)).hovered_pixel == (10, 12)


@pytest.mark.parametrize("pointer", [None, QPointF(9, 45), QPointF(211, 45), QPointF(31, 121)])
def test_no_pixel_beside_the_picture(pointer):
    assert frame(pointer=pointer).hovered_pixel is None
    assert frame(pointer=QPointF(31, 45), scene=Scene()).hovered_pixel is None


@pytest.mark.parametrize(("chosen", "shown"), [(0, 0), (50, 50), (100, 83)])
def test_the_divider_is_moved_into_sight(chosen, shown):
    look = Look(View.WIPE, divider=chosen)
    assert with_divider_in_sight(look, Viewport(2.0, 10.0, 0.0), QRect(0, 0, 200, 300), 100).divider == shown


def test_the_label_of_a_bit_map_is_the_labels_own():
    maps = BitMaps(np.zeros((3, 4, 7), np.float32), ("z", "1", "edges"), 16)
    scene = Scene(SHOWN, SHOWN, bits=maps)
    look = Look(View.BITS, step=2)
    assert overlays.name_of(View.BITS, frame(View.BITS, scene=scene, look=look)) == "Bits · edges"
