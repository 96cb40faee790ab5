"""What lies over the pictures stays in its pane."""

from __future__ import annotations

from PySide6.QtGui import QImage, QPainter

from app.canvas import overlays
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
