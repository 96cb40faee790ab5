"""What lies over the pictures stays in its pane."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter

from app.canvas import overlays
from app.canvas.frame import Frame, panes_of
from app.canvas.renderer import Look
from app.canvas.scene import Scene, View
from app.canvas.tiles import Pyramid
from app.canvas.viewport import Viewport
from app.ui import theme


def labelled(text, room):
    """A grey picture with a label at 10, and the first and last column that it covers."""
    image = QImage(1200, 40, QImage.Format.Format_RGB32)
    image.fill(0x808080)
    with QPainter(image) as painter:
        painter.setFont(theme.base_font())
        overlays.label(painter, text, 10, 8, room)
    columns = [x for x in range(1200) if any(image.pixelColor(x, y).lightness() != 128 for y in range(40))]
    return image, columns[0], columns[-1]


def test_a_label_is_no_wider_than_its_room(qapp):
    theme.apply("light")
    _, first, last = labelled("Original", 200)
    assert first == 10
    assert 60 < last < 150
    name = "a name of a file " * 9
    _, first, last = labelled(name, 200)
    assert first == 10
    assert 190 < last < 210
    # Cut in the middle: beginning and end can be read. The two letters are equally wide.
    assert labelled("b" + name, 200)[0] != labelled("d" + name, 200)[0]
    assert labelled(name + "b", 200)[0] != labelled(name + "d", 200)[0]


@pytest.mark.parametrize(("divider", "left", "right"), [(200, True, True), (90, False, True), (330, True, False)])
def test_the_names_of_two_files_are_cut_where_the_divider_leaves_less_room(qapp, monkeypatch, divider, left, right):
    """Else nobody could tell which is which: names of files are longer than half a small window."""
    theme.apply("light")
    names = [f"{place} of a night by the sea in the summer of 2026.png" for place in ("first", "second")]
    shown = Pyramid(np.zeros((50, 400, 3), np.uint8))
    scene = Scene(shown, shown, original_name=names[0], reconstruction_name=names[1])
    frame = Frame(
        scene, Look(View.WIPE, divider=divider), Viewport(), panes_of(QSize(400, 300), View.WIPE), 1.0, None, None
    )
    said = []
    monkeypatch.setattr(overlays, "label", lambda painter, text, x, y, room: said.append((text, x, room)))
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        painter.setFont(theme.base_font())
        overlays.paint(painter, frame)
    wanted = [(names[0], 12, divider - 24)] * left + [(names[1], divider + 12, 400 - divider - 24)] * right
    assert said == wanted
