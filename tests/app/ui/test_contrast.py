"""Text that can be read: the contrast of what is painted, in every window and in both themes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QToolButton,
)

from app.canvas.scene import View
from app.dialogs.chart import COLOURS, PUBLISHED_COLOURS
from app.ui.buttons import IconButton
from app.ui.colours import DARK, LIGHT
from app.ui.notices import Notice

LEAST = 4.5
"""WCAG 2, level AA, for text of ordinary size."""

RATIO = 4
"""Enlarged so far, the strokes of letters have their full colour."""

TEXTS = (QLabel, QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QMenuBar, QPlainTextEdit)


def luminance(colours):
    """Of sRGB colours, 0 to 1, in the last axis."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(a, b):
    """WCAG 2 contrast ratio of luminances."""
    return (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)


def between(a: QColor, b: QColor) -> float:
    """Contrast ratio of two colours."""
    first, second = (luminance(np.array([colour.redF(), colour.greenF(), colour.blueF()])) for colour in (a, b))
    return float(contrast(first, second))


def painted(window):
    """Pixels of a window, enlarged."""
    shot = QPixmap(window.size() * RATIO)
    shot.setDevicePixelRatio(RATIO)
    window.render(shot)
    image = shot.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def highest(pixels):
    """Contrast of the most common colour with the one that stands out most."""
    codes = (pixels.astype(np.uint32) * np.array([65536, 256, 1], np.uint32)).sum(axis=2).ravel()
    found, counts = np.unique(codes, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1) / 255
    levels = luminance(colours)
    return float(contrast(levels, levels[counts.argmax()]).max())


def texts_of(window):
    """Enabled controls on the screen that hold text, with their place in the window."""
    for widget in (found for kind in TEXTS for found in window.findChildren(kind)):
        if not widget.isEnabled() or widget.window() is not window or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, IconButton) or isinstance(widget.parent(), QAbstractSpinBox):
            continue
        if isinstance(widget, (QLabel, QToolButton)) and not widget.text():
            continue
        if widget.visibleRegion().boundingRect().height() < widget.height():
            continue  # partly scrolled out of sight
        yield widget, widget.visibleRegion().boundingRect().translated(widget.mapTo(window, QPoint()))


def icon_alone(widget):
    return isinstance(widget, QToolButton) and widget.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_stands_out_wherever_it_is_painted(encoded, name, tmp_path, qtbot):
    flow, poor, seen = encoded.tool_commands, [], 0
    encoded.apply_theme(name)
    try:
        for show in (flow.show_batch, flow.show_chart, flow.show_duel, flow.show_palette, flow.show_keys):
            show()
        flow.show_preferences()
        encoded.file_commands.import_checkpoint(tmp_path / "base-mse-0.013.pth.tar")
        encoded.file_commands.ask_export()
        flow.batch.runner.add([tmp_path / "no.png"])
        qtbot.waitUntil(lambda: not flow.batch.runner.is_searching)
        flow.batch.template.setText("{nothing}")
        encoded.show_notice(Notice("What went wrong", "Details"))
        encoded.toasts.shown[0].more.click()
        encoded.recipe_panel.mode.setCurrentIndex(1)
        encoded.recipe_panel.mode.activated.emit(1)
        encoded.session.cancel()
        for window in (encoded, *encoded.findChildren(QDialog)):
            for view in (View.DIFFERENCE, View.BITS) if window is encoded else (None,):
                if view is not None:
                    encoded.canvas.set_view(view)
                window.ensurePolished()
                shot = painted(window)
                for widget, rect in texts_of(window):
                    x, y, w, h = (RATIO * side for side in (rect.x(), rect.y(), rect.width(), rect.height()))
                    ratio = highest(shot[y : y + h, x : x + w])
                    seen += 1
                    # A toolbar too narrow for words shows icons alone: 3:1 is asked of these.
                    if ratio < (3 if icon_alone(widget) else LEAST):
                        what = widget.accessibleName() or getattr(widget, "text", str)()
                        poor.append(f"{ratio:.1f} {type(widget).__name__} {what!r} in {type(window).__name__}")
    finally:
        for dialog in encoded.findChildren(QDialog):
            dialog.close()
        encoded.apply_theme("light")
    assert seen > 150
    assert poor == []


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_colours_that_carry_text_have_contrast_on_every_ground(look):
    for word, ground in product(("text", "muted", "warning", "danger", "success"), ("window", "surface", "raised")):
        assert between(getattr(look, word), getattr(look, ground)) >= LEAST, (word, ground)
    # Rows and buttons that are chosen; the row of the batch that runs; what says "Copied"; links.
    for word, ground in (
        *product(("text", "muted", "success"), ("selected",)),
        *product(("accent",), ("window", "surface", "raised")),
        ("on_accent", "accent"),
    ):
        assert between(getattr(look, word), getattr(look, ground)) >= LEAST, (word, ground)
    for hovered in (look.accent.lighter(108), look.accent.darker(112)):
        assert between(look.on_accent, hovered) >= LEAST


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_frames_of_the_focus_and_curves_can_be_seen(look):
    """WCAG 2 asks for 3:1 of what is no text."""
    for ground in ("window", "surface", "raised"):
        assert between(look.accent, getattr(look, ground)) >= 3
    for colour in (*COLOURS[look.name], *PUBLISHED_COLOURS[look.name]):
        assert between(QColor(colour), look.surface) >= 3, colour


def test_labels_on_the_picture_can_be_read_on_any_picture():
    """White on nearly black that lets a quarter of the picture through."""
    for picture in (0, 255):
        ground = [round(part * 190 / 255 + picture * 65 / 255) for part in (18, 20, 24)]
        assert between(QColor("white"), QColor(*ground)) >= LEAST
