"""Nothing is cut off: texts have the room that they need, in every window."""

from __future__ import annotations

import contextlib
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QLocale, QPoint, QRect, QSize, Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QToolButton,
)

from app.batch.model import COLUMNS, STATE
from app.canvas.scene import View
from app.session.selection_meter import Measured
from app.ui import translation
from app.ui.buttons import Figure, VariantButton
from app.ui.fields import NumberBox
from app.ui.notices import Notice
from app.ui.widgets import Check, ElidedLabel
from app.window.commands import VIEW_ACTIONS
from app.window.main_window import WIDTH
from app.window.menus import TOOLS, WITH_WORDS
from hpcm_core.batch import Row
from hpcm_core.errors import Phrase
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.registry import map_labels
from hpcm_core.results import BitMaps, Metrics

WIDE = "Reconstructing a picture of many pixels (attempt 12), which takes long"


MODELS = [
    ModelInfo("lite", "lite", "mse", None, "variable", "bundled", None, ""),
    *(
        ModelInfo(f"{variant}-{lmbda:g}", variant, "mse", lmbda, "fixed", state, None, "https://example.org/x.tar")
        for variant in ("base", "large", "base-psi", "large-psi")
        for lmbda, state in ((0.0018, "missing"), (0.0483, "installed"))
    ),
]
"""Of more variants than have room abreast, installed and missing."""

TEXTS = (QLabel, QAbstractButton, QComboBox)


def text_of(widget):
    if isinstance(widget, (Figure, VariantButton, QComboBox)):
        return widget.accessibleName()
    if isinstance(widget, QToolButton):
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        return widget.text() if widget.toolButtonStyle() is beside else ""
    return widget.text()


def cut_off(window):
    """What is narrower than its text, and is not meant to be cut; or stands out of what it lies in."""
    for widget in (found for kind in TEXTS for found in window.findChildren(kind)):
        if not widget.isVisible() or isinstance(widget, ElidedLabel) or not text_of(widget):
            continue
        wraps = widget.hasHeightForWidth()
        needed = widget.heightForWidth(widget.width()) if wraps else widget.sizeHint().width()
        if isinstance(widget, (Figure, VariantButton)):
            needed = widget.minimumSizeHint().width()
        if (widget.height() if wraps else widget.width()) < needed:
            yield f"{text_of(widget)!r} in {type(window).__name__}"
        scrolls = isinstance(widget.parentWidget().parentWidget(), QAbstractScrollArea)
        if not scrolls and not widget.parentWidget().rect().contains(widget.geometry()):
            yield f"{text_of(widget)!r} stands out in {type(window).__name__}"


def speak(language):
    """The window in a language, until the end of the test."""
    if language != "en":
        assert translation.install(QApplication.instance(), QLocale(language)) == language


@pytest.fixture
def english_again(qapp):
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)


def wait_nothing_cut_off(window, qtbot):
    """Layouts take as long as they take; what is cut off in the end is a fault."""
    qtbot.wait(20)  # What was just changed is not laid out yet.
    with contextlib.suppress(TimeoutError):
        qtbot.waitUntil(lambda: list(cut_off(window)) == [], timeout=20_000)
    assert list(cut_off(window)) == []


@pytest.fixture(params=["en", "de"])
def made(request, letters, english_again, make_window, show_result):
    """A window with a result, in each language and each font."""
    speak(request.param)
    window = make_window()
    show_result(window)
    return window


@pytest.mark.parametrize("width", [900, 1600])
def test_no_text_is_cut_off(letters, encoded, width, qtbot, monkeypatch):
    flow = encoded.tool_commands
    encoded.resize(width, 800)
    for show in (flow.show_batch, flow.show_chart, flow.show_duel, flow.show_palette, flow.show_keys):
        show()
    flow.show_preferences()
    encoded.file_commands.import_checkpoint(Path("base-mse-0.013.pth.tar"))
    encoded.file_commands.ask_export()
    monkeypatch.setattr("app.getting.runner.GetRunner.measure", lambda self: None)
    encoded.model_commands.show()
    flow.batch.template.setText("{nothing}")
    encoded.canvas.select_visible()
    windows = [encoded, *encoded.findChildren(QDialog)]
    assert len(windows) == 10
    for mode in range(4):
        encoded.recipe_panel.mode.setCurrentIndex(mode)
        encoded.recipe_panel.mode.activated.emit(mode)
        qtbot.wait(20)
        assert [text for window in windows for text in cut_off(window)] == []
    for dialog in windows[1:]:
        dialog.close()


def test_a_long_stage_does_not_widen_the_panel(letters, encoded, qtbot):
    before = encoded.panel.widget().width()
    encoded.recipe_panel.show_progress(WIDE, 0.5)
    encoded.readout.note.setText(WIDE)
    qtbot.wait(20)
    assert encoded.panel.widget().width() == before
    assert encoded.panel.widget().minimumSizeHint().width() <= encoded.panel.viewport().width()
    encoded.recipe_panel.stage.grab()
    assert encoded.recipe_panel.stage.toolTip() == encoded.recipe_panel.stage.text()


def inside(window, widget):
    """Whether a control of the panel is in sight as a whole."""
    sight = window.panel.viewport()
    return sight.rect().contains(QRect(widget.mapTo(sight, QPoint()), widget.size()))


def fits(window):
    return window.panel.widget().minimumSizeHint().width() <= window.panel.viewport().width()


def test_the_panel_holds_every_variant_and_every_mode(made, qtbot):
    panel = made.recipe_panel
    panel.automatic.setChecked(False)  # Nothing is encoded, so that no codec must be stopped in time.
    panel.set_models(MODELS)
    for variant in ("lite", "base", "base-psi"):
        panel.variants[variant].click()
        for mode in range(4):
            panel.mode.setCurrentIndex(mode)
            panel.mode.activated.emit(mode)
            wait_nothing_cut_off(made, qtbot)
            assert fits(made)
    assert len(panel.variants) == 5
    qtbot.waitUntil(lambda: len({button.y() for button in panel.variants.values()}) == 2)


def test_the_panel_holds_large_numbers(made, letters, qtbot):
    """A file of more than 10 MB, at figures with all their digits, and a selection far down in a large picture."""
    labels, size = made.steps.model.labels, 12_345_678
    maps = BitMaps(np.full((len(labels), 1, 1), 8 * size / len(labels), np.float32), labels, 16)
    metrics = Metrics(size, 23.9876, 99.99, 0.99999, 50.0)
    made.canvas.select_visible()
    made.readout.show_outcome(
        replace(made.session.outcome, data=bytes(size), metrics=metrics, encode_seconds=1234.5), False, True
    )
    measured = Measured(QRect(10_000, 10_000, 10_000, 10_000), 8.0 * size, metrics)
    made.readout.selection.show_measured(measured, True)
    for payload in (size, size + 1_000):
        made.steps.show_bits(maps, payload)
        qtbot.wait(20)
        made.panel.grab()
        assert fits(made)
        assert list(cut_off(made)) == []
        assert translation.number(payload) in made.steps.sum.toolTip()
        assert letters == "wide" or payload != size or not made.steps.sum.is_cut


def test_the_toolbar_keeps_the_words_of_the_views(made, qtbot):
    """At the width that the window has at first; narrower, icons stand alone, and never in an overflow menu."""
    for width in (WIDTH, 1200, 900):
        made.resize(width, 800)
        qtbot.wait(20)
        buttons = {action.objectName(): made.toolbar.widgetForAction(action) for action in made.toolbar.actions()}
        assert all(button.isVisible() for button in buttons.values())
        assert buttons["theme"].geometry().right() < width
        assert list(cut_off(made)) == []
        words = {name for name in TOOLS if name and text_of(buttons[name])}
        assert words in map(set, WITH_WORDS)
        assert words >= set(VIEW_ACTIONS) if width >= 1200 else not words


def test_the_settings_of_a_view_lie_on_the_canvas(made, qtbot):
    made.resize(900, 600)
    for view in (View.DIFFERENCE, View.BITS):
        made.canvas.set_view(view)
        qtbot.wait(20)
        assert made.hud.isVisible()
        assert made.canvas.rect().contains(made.hud.geometry())
        assert list(cut_off(made)) == []


def test_the_window_shows_all_steps_at_first(made, qtbot):
    size = made.default_size(QSize(1920, 1000))
    assert size.width() == WIDTH
    made.resize(size)
    qtbot.wait(20)
    assert inside(made, made.steps.list)
    assert inside(made, made.steps.play)
    assert made.panel.verticalScrollBar().maximum() == 0
    assert made.default_size(QSize(1366, 728)) == QSize(1360, 728)
    assert made.default_size(QSize(640, 480)) == made.minimumSize()


def test_the_window_that_opens_has_room_for_a_result_of_any_model(letters, make_window, show_result, qtbot):
    window = make_window()
    size = window.default_size(QSize(4000, 3000))
    show_result(window)
    labels = map_labels("large")
    assert len(labels) == 12
    window.steps.show_bits(BitMaps(np.ones((12, 2, 3), np.float32), labels, 16), 9)
    window.resize(size)
    qtbot.wait(20)
    assert window.readout.saved.isVisible()
    assert window.panel.verticalScrollBar().maximum() == 0
    assert inside(window, window.steps.play)


def test_messages_are_as_wide_as_their_buttons(made, qtbot):
    made.resize(900, 600)
    made.show_notice(Notice("What went wrong", "Details"))
    toast = made.toasts.shown[0]
    widths = []
    for _ in range(2):
        wait_nothing_cut_off(toast, qtbot)
        assert made.pages.rect().contains(toast.geometry())
        widths.append(toast.width())
        toast.more.click()
    assert widths[0] == widths[1], "nothing jumps"


def test_a_check_takes_two_lines_where_one_has_no_room(letters, qtbot):
    check = Check("Encode when the quality changes", wrap=True)
    qtbot.addWidget(check)
    assert check.heightForWidth(check.sizeHint().width()) == 20
    assert check.heightForWidth(check.sizeHint().width() - 20) > 25
    assert check.minimumSizeHint().width() < 120
    assert Check("Encode when the quality changes").minimumSizeHint().width() > 180


def test_the_tip_of_a_text_that_is_cut_tells_all_of_it(letters, qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("12,345,678 B = payload")
    label.setToolTip("Sum of the maps")
    label.resize(400, 20)
    label.grab()
    assert (label.is_cut, label.toolTip()) == (False, "Sum of the maps")
    label.resize(60, 20)
    label.grab()
    assert (label.is_cut, label.toolTip()) == (True, "12,345,678 B = payload\nSum of the maps")


def test_numbers_keep_away_from_their_frames(encoded):
    encoded.tool_commands.show_batch()
    encoded.tool_commands.show_preferences()
    encoded.file_commands.ask_export()
    boxes = encoded.findChildren(QAbstractSpinBox)
    assert len(boxes) == 8
    for field in boxes:
        margins = field.lineEdit().textMargins()
        centred = bool(field.alignment() & Qt.AlignmentFlag.AlignHCenter)
        assert centred or min(margins.left(), margins.right()) >= 6, field.accessibleName()
    for dialog in encoded.findChildren(QDialog):
        dialog.close()


def test_columns_of_the_batch_hold_their_numbers_and_reasons(letters, window, tmp_path):
    window.tool_commands.show_batch()
    batch = window.tool_commands.batch
    path = tmp_path / "a.png"
    row = Row(str(path), "", "failed", Phrase("{path} is damaged.", path=path), 999_999, 999_999, -100.0)
    row.bpp, row.psnr, row.ms_ssim, row.encode_seconds, row.equal = 23.999, 99.99, 0.99999, 999.9, False
    assert all(getattr(row, field.name) is not None for field in fields(Row) if field.name != "ms_ssim_db")
    batch.runner.rows = [row]
    batch.runner.rows_reset.emit()
    metrics, header = batch.table.fontMetrics(), batch.table.horizontalHeader()
    for number, (title, text) in enumerate(COLUMNS):
        if number > STATE:
            assert header.sectionSize(number) >= metrics.horizontalAdvance(text(row)) + 16, title
            assert header.sectionSize(number) >= header.fontMetrics().horizontalAdvance(title) + 16, title
    assert isinstance(header, QHeaderView)
    assert COLUMNS[STATE][1](row) == "Failed: this file is damaged."
    batch.resize(batch.minimumSize())
    assert header.sectionSize(STATE) >= 150
    batch.close()


@pytest.mark.parametrize(
    ("language", "shown", "typed"),
    [
        ("en", "1,234.50", {"12,75": 12.75, "12.75": 12.75, "1,500": 1500, "1.500": 1.5, "1,234,567.8": 1234567.8}),
        ("de", "1.234,50", {"12,75": 12.75, "12.75": 12.75, "1.500": 1500, "1,500": 1.5, "1.234.567,8": 1234567.8}),
    ],
)
def test_numbers_are_written_and_read_in_the_form_of_the_language(qtbot, english_again, language, shown, typed):
    speak(language)
    box = NumberBox()
    qtbot.addWidget(box)
    box.setRange(0, 2_000_000)
    box.setValue(1234.5)
    assert box.text() == shown
    for text, value in typed.items():
        box.selectAll()
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        assert box.value() == value, text


def test_cards_stay_as_high_as_they_need_in_a_high_window(made, qtbot):
    made.resize(1600, 1400)
    qtbot.wait(20)
    for card in (made.recipe_panel, made.readout, made.steps):
        needed = card.heightForWidth(card.width()) if card.hasHeightForWidth() else card.sizeHint().height()
        assert card.height() == needed, type(card).__name__


def test_no_window_opens_larger_than_its_screen(encoded, monkeypatch):
    """Keys and settings are there even on a small one; what does not fit is scrolled to."""
    room = QSize(760, 560)
    monkeypatch.setattr("app.ui.widgets.room_for", lambda _: room)
    flow = encoded.tool_commands
    for show in (flow.show_batch, flow.show_chart, flow.show_duel, flow.show_keys, flow.show_inspect):
        show()
    monkeypatch.setattr("app.getting.runner.GetRunner.measure", lambda self: None)
    encoded.model_commands.show()
    encoded.actions_["errors"].trigger()
    dialogs = encoded.findChildren(QDialog)
    assert len(dialogs) == 7
    for dialog in dialogs:
        wanted = room.expandedTo(dialog.minimumSizeHint())
        assert dialog.height() <= wanted.height(), dialog.windowTitle()
        assert dialog.minimumSizeHint().width() <= 1024, dialog.windowTitle()
        assert dialog.minimumSizeHint().height() <= 660, dialog.windowTitle()
        dialog.close()
