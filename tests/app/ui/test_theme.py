"""Colours that can be read, icons that can be painted, and a binding that counts."""

from __future__ import annotations

import sys
from itertools import product

import pytest
from PySide6.QtGui import QColor, QPainter, QPixmap

from app.ui import icons
from app.ui.colours import DARK, LIGHT
from app.ui.style import style_sheet


def contrast(a: QColor, b: QColor) -> float:
    """WCAG 2 contrast ratio."""

    def luminance(colour):
        parts = [colour.redF(), colour.greenF(), colour.blueF()]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_text_has_contrast_on_every_ground(look):
    for word, ground in product(("text", "muted", "warning", "danger", "success"), ("window", "surface", "raised")):
        assert contrast(getattr(look, word), getattr(look, ground)) >= 4.5, (word, ground)
    assert contrast(look.on_accent, look.accent) >= 4.5
    assert contrast(look.text, look.selected) >= 7
    assert contrast(look.accent, look.surface) >= 3


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_the_style_sheet_has_no_word_left_open(look):
    assert "$" not in style_sheet(look)


@pytest.mark.parametrize("name", icons.NAMES)
def test_every_icon_paints_something_inside_its_square(qapp, name):
    image = icons.pixmap(name, 24, QColor("black"), 2.0).toImage()
    opaque = [(x, y) for x, y in product(range(48), range(48)) if image.pixelColor(x, y).alpha() > 100]
    assert len(opaque) > 20
    assert not icons.icon(name).isNull()
    with pytest.raises(KeyError):
        icons.icon("no such icon")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal")
def test_the_qt_binding_keeps_count_of_none(qapp):
    """PySide6 6.12.0 loses a reference to None with each call that returns it; after a few thousand, Python aborts."""
    pixmap = QPixmap(8, 8)
    with QPainter(pixmap) as painter:
        before = sys.getrefcount(None)
        for _ in range(500):
            painter.setOpacity(1.0)
        assert sys.getrefcount(None) > before - 250
