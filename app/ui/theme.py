"""The theme in use: its colours and type for the whole window. Spacing is in steps of 4 px, type in three sizes."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.ui.colours import DARK, LIGHT, Theme
from app.ui.style import style_sheet
from hpcm_core.resources import resource

FAMILY = "HPCM Sans"
"""The bundled font, a part of Inter: the window has the same widths on every machine."""
_FILES = ("fonts/HPCMSans-Regular.ttf", "fonts/HPCMSans-SemiBold.ttf")

_current = LIGHT


def current() -> Theme:
    """The theme in use."""
    return _current


def system_name() -> str:
    """What the desktop asks for."""
    return "dark" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"


def apply(name: str) -> Theme:
    """Give the whole application the named theme ("system", "light" or "dark"). Windows get a PaletteChange event."""
    global _current
    _current = DARK if (system_name() if name == "system" else name) == "dark" else LIGHT
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    app.setPalette(_palette(_current))
    app.setFont(base_font())
    app.setStyleSheet(style_sheet(_current))
    return _current


@cache
def _families() -> tuple[str, ...]:
    """The bundled font, then the system's own, from which Qt takes what the first lacks."""
    for name in _FILES:
        QFontDatabase.addApplicationFont(str(resource(name)))
    return FAMILY, QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def base_font() -> QFont:
    font = QFont(_families())
    font.setPixelSize(13)
    return font


def small_font() -> QFont:
    font = base_font()
    font.setPixelSize(12)
    return font


def heading_font() -> QFont:
    """Headings of panels."""
    font = base_font()
    font.setWeight(QFont.Weight.DemiBold)
    return font


def title_font(pixels: int = 16) -> QFont:
    """What an empty page says first."""
    font = heading_font()
    font.setPixelSize(pixels)
    return font


def figure_font(pixels: int = 16) -> QFont:
    """Numbers that are compared: digits of equal width."""
    font = base_font()
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold)
    return with_equal_digits(font)


def code_font() -> QFont:
    """Reports and commands: every letter of one width. The system's: no layout depends on it."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(11)
    return font


def with_equal_digits(font: QFont) -> QFont:
    """The font with digits of equal width, where Qt can ask for them (6.7 and later)."""
    if hasattr(font, "setFeature"):
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.raised,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.danger,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Mid: theme.border,
        QPalette.ColorRole.Dark: theme.border,
        QPalette.ColorRole.Light: theme.surface,
    }
    for role, colour in roles.items():
        palette.setColor(role, colour)
    faded = QColor(theme.muted)
    faded.setAlpha(150)
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return palette
