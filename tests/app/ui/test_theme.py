"""Colours that can be read, icons that can be painted, one font everywhere, and a binding that counts."""

from __future__ import annotations

import sys
from itertools import product

import pytest
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QFontMetricsF, QPainter, QPixmap, QTextLayout
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolTip

from app.ui import icons, theme, translation
from app.ui.colours import DARK, LIGHT
from app.ui.style import style_sheet
from hpcm_core.resources import resource
from tests.paths import ROOT


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


FONTS = (theme.base_font, theme.small_font, theme.heading_font, theme.title_font, theme.figure_font)


@pytest.fixture
def light(qapp):
    theme.apply("light")


def glyphs(text, font):
    """The numbers of the glyphs that a text is painted with, 0 where there is none, and the families they come from."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns()
    return [number for run in runs for number in run.glyphIndexes()], {run.rawFont().familyName() for run in runs}


def test_the_window_speaks_the_bundled_font(light):
    for font in (QApplication.font(), QToolTip.font(), *(make() for make in FONTS)):
        assert QFontInfo(font).family() == theme.FAMILY
    for kind in (QLabel, QMenu):
        assert QFontInfo(QApplication.font(kind.__name__)).family() == theme.FAMILY
    widths = [QFontMetricsF(make()).horizontalAdvance("Protokolle") for make in (theme.base_font, theme.heading_font)]
    assert widths[0] < widths[1], "a weight of its own"
    assert QFontInfo(theme.heading_font()).weight() == QFont.Weight.DemiBold


def test_the_bundled_font_has_every_sign_that_the_window_writes(light):
    texts = {text for path in (ROOT / "app").rglob("*.py") for text in path.read_text("utf-8")}
    texts |= {text for path in resource(translation.FOLDER).glob("*.ts") for text in path.read_text("utf-8")}
    signs = "".join(sorted(text for text in texts if text.isprintable() and not text.isspace()))
    assert {*"λ×−≠→…ß"} <= {*signs}
    for make in FONTS:
        numbers, families = glyphs(signs, make())
        assert 0 not in numbers
        assert families == {theme.FAMILY}


@pytest.mark.skipif(not hasattr(QFont, "setFeature"), reason="Qt before 6.7 has no features")
def test_digits_of_equal_width(light):
    for make in FONTS:
        metrics = QFontMetricsF(theme.with_equal_digits(make()))
        assert len({metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}) == 1
    plain = QFontMetricsF(theme.base_font())
    assert plain.horizontalAdvance("1111") < plain.horizontalAdvance("0000"), "else this test proves nothing"


SCRIPTS = {
    QFontDatabase.WritingSystem.Japanese: "写真のかな",
    QFontDatabase.WritingSystem.SimplifiedChinese: "图像",
    QFontDatabase.WritingSystem.Korean: "사진",
    QFontDatabase.WritingSystem.Arabic: "صورة",
    QFontDatabase.WritingSystem.Hebrew: "תמונה",
    QFontDatabase.WritingSystem.Armenian: "նկար",
    QFontDatabase.WritingSystem.Georgian: "სურათი",
    QFontDatabase.WritingSystem.Thai: "รูปภาพ",
}


def test_what_the_bundled_font_lacks_comes_from_the_system(light):
    """Names of files are in any script. Of those that no font of the machine has, nothing can be said."""
    for script, name in SCRIPTS.items():
        if not QFontDatabase.families(script):
            continue
        numbers, families = glyphs(f"{name}.png", theme.base_font())
        assert 0 not in numbers, name
        assert theme.FAMILY in families, "the rest of the name"
        assert len(families) > 1
