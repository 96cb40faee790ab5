"""Fields and sliders of the panel by wheel and keys: who has the focus has them, and typing ends at the picture."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from app.canvas.scene import View
from tests.app.conftest import LONG

CONTROL = Qt.KeyboardModifier.ControlModifier


def turn(widget, notches):
    """The wheel, turned by a person over the middle of what is in sight of a widget."""
    window, place = widget.window(), widget.visibleRegion().boundingRect().center()
    QTest.wheelEvent(window.windowHandle(), QPointF(widget.mapTo(window, place)), QPoint(0, 120 * notches))
    QApplication.processEvents()


def type_into(field, text):
    """Click into a field, select what it says, type over it."""
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(12, field.height() // 2))
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(field, text)


@pytest.fixture
def low(encoded, qtbot):
    """A window so low that its panel scrolls."""
    encoded.activateWindow()
    encoded.resize(1200, 600)
    qtbot.waitUntil(lambda: encoded.panel.verticalScrollBar().maximum() > 40)
    return encoded


@pytest.mark.parametrize("name", ["slider", "spin", "mode"])
def test_the_wheel_over_the_panel_scrolls_and_changes_nothing(low, name):
    panel, before = low.recipe_panel, low.session.recipe
    control = getattr(panel, name)
    low.canvas.setFocus()
    turn(control, -1)
    assert low.session.recipe == before
    assert panel.mode.currentIndex() == 0
    assert low.session.idle
    assert low.panel.verticalScrollBar().value() > 0
    assert low.focusWidget() is low.canvas


def test_the_wheel_over_other_controls_scrolls_too(low, qtbot):
    low.recipe_panel.mode.setCurrentIndex(1)
    low.recipe_panel.mode.activated.emit(1)
    qtbot.waitUntil(lambda: low.session.idle, timeout=LONG)
    low.canvas.setFocus()
    for control in (low.recipe_panel.target.spin, low.steps.list, low.steps.slider):
        low.panel.ensureWidgetVisible(control)
        before = low.panel.verticalScrollBar().value()
        turn(control, 1 if before else -1)
        assert low.panel.verticalScrollBar().value() != before
    assert low.recipe_panel.target.spin.value() == 50
    assert low.canvas.view is View.WIPE


def test_a_control_with_the_focus_takes_the_wheel(low):
    low.recipe_panel.automatic.setChecked(False)
    for name in ("spin", "slider"):
        before = low.recipe_panel.slider.value()
        control = getattr(low.recipe_panel, name)
        control.setFocus()
        turn(control, 1)
        assert low.recipe_panel.slider.value() > before
        assert low.panel.verticalScrollBar().value() == 0


def test_return_takes_what_was_typed_and_keys_are_the_pictures_again(encoded, qtbot):
    encoded.activateWindow()
    encoded.recipe_panel.automatic.setChecked(False)
    type_into(encoded.recipe_panel.spin, "41")
    assert encoded.session.recipe.quality == 30
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_Return)
    assert encoded.session.recipe.quality == 41
    assert encoded.focusWidget() is encoded.canvas
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_D)
    assert encoded.canvas.view is View.DIFFERENCE
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_1)
    assert encoded.canvas.view is View.RECONSTRUCTION
    assert encoded.recipe_panel.spin.value() == 41


def test_escape_gives_up_what_was_typed_and_cancels_nothing_else(encoded):
    encoded.activateWindow()
    encoded.canvas.select_visible()
    type_into(encoded.recipe_panel.spin, "77")
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_Escape)
    assert encoded.focusWidget() is encoded.canvas
    assert encoded.recipe_panel.spin.text() == "30"
    assert encoded.session.recipe.quality == 30
    assert encoded.canvas.selection is not None
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_Escape)
    assert encoded.canvas.selection is None


def test_a_quality_beyond_the_last_is_the_last_and_the_limits_are_told(encoded, qtbot):
    encoded.activateWindow()
    encoded.recipe_panel.automatic.setChecked(False)
    type_into(encoded.recipe_panel.spin, "150")
    assert encoded.recipe_panel.spin.text() == "150"
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_Return)
    assert encoded.session.recipe.quality == 100
    qtbot.waitUntil(lambda: QToolTip.text() == "From 0 to 100")


@pytest.mark.parametrize(
    ("typed", "size"),
    [("0.02 MB", 20_000), ("0,02MB", 20_000), ("20 kB", 20_000), ("35", 35_000), ("16 KiB", 16_384), ("900 B", 900)],
)
def test_sizes_are_read_as_people_write_them(encoded, typed, size):
    encoded.activateWindow()
    panel = encoded.recipe_panel
    panel.automatic.setChecked(False)
    panel.mode.setCurrentIndex(1)
    panel.mode.activated.emit(1)
    type_into(panel.target.spin, typed)
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_Return)
    assert encoded.session.recipe.target_bytes == size
    assert encoded.focusWidget() is encoded.canvas


def test_a_target_beyond_the_limits_is_the_limit(encoded, qtbot):
    encoded.activateWindow()
    panel = encoded.recipe_panel
    panel.automatic.setChecked(False)
    panel.mode.setCurrentIndex(1)
    panel.mode.activated.emit(1)
    type_into(panel.target.spin, "9 GB")
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_Return)
    assert encoded.session.recipe.target_bytes == 4_000_000_000
    qtbot.waitUntil(lambda: QToolTip.text().endswith("4,000,000.0 kB"))
    type_into(panel.target.spin, "much")
    QTest.keyClick(encoded.focusWidget(), Qt.Key.Key_Return)
    assert encoded.session.recipe.target_bytes == 4_000_000_000
