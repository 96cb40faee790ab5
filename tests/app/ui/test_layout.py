"""Nothing is cut off: texts have the room that they need, in every window."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QDialog, QHeaderView, QLabel, QPushButton

from app.batch.model import COLUMNS, STATE
from app.ui.widgets import ElidedLabel, NumberBox
from hpcm_core.batch import Row
from hpcm_core.errors import Phrase

WIDE = "Reconstructing a picture of many pixels (attempt 12), which takes long"


def cut_off(window):
    """Labels and buttons that are narrower than their text, and are not meant to be cut."""
    for widget in (*window.findChildren(QLabel), *window.findChildren(QPushButton)):
        if widget.isVisible() and not isinstance(widget, ElidedLabel) and widget.text():
            wraps = isinstance(widget, QLabel) and widget.wordWrap()
            needed = widget.heightForWidth(widget.width()) if wraps else widget.sizeHint().width()
            if (widget.height() if wraps else widget.width()) < needed:
                yield f"{widget.text()!r} in {type(window).__name__}"


@pytest.mark.parametrize("width", [900, 1600])
def test_no_text_is_cut_off(encoded, width, qtbot):
    flow = encoded.tool_commands
    encoded.resize(width, 800)
    for show in (flow.show_batch, flow.show_chart, flow.show_palette, flow.show_keys, flow.show_preferences):
        show()
    encoded.file_commands.import_checkpoint(Path("base-mse-0.013.pth.tar"))
    flow.batch.template.setText("{nothing}")
    encoded.canvas.select_visible()
    windows = [encoded, *encoded.findChildren(QDialog)]
    assert len(windows) == 7
    for mode in range(4):
        encoded.recipe_panel.mode.setCurrentIndex(mode)
        encoded.recipe_panel.mode.activated.emit(mode)
        qtbot.wait(20)
        assert [text for window in windows for text in cut_off(window)] == []
    for dialog in windows[1:]:
        dialog.close()


def test_a_long_stage_does_not_widen_the_panel(encoded, qtbot):
    before = encoded.panel.widget().width()
    encoded.recipe_panel.show_progress(WIDE, 0.5)
    encoded.readout.note.setText(WIDE)
    qtbot.wait(20)
    assert encoded.panel.widget().width() == before
    assert encoded.panel.widget().minimumSizeHint().width() <= encoded.panel.viewport().width()
    encoded.recipe_panel.stage.grab()
    assert encoded.recipe_panel.stage.toolTip() == encoded.recipe_panel.stage.text()


def test_numbers_keep_away_from_their_frames(encoded):
    encoded.tool_commands.show_batch()
    encoded.tool_commands.show_preferences()
    boxes = encoded.findChildren(QAbstractSpinBox)
    assert len(boxes) == 4
    for field in boxes:
        margins = field.lineEdit().textMargins()
        centred = bool(field.alignment() & Qt.AlignmentFlag.AlignHCenter)
        assert centred or min(margins.left(), margins.right()) >= 6, field.accessibleName()
    for dialog in encoded.findChildren(QDialog):
        dialog.close()


def test_columns_of_the_batch_hold_their_numbers_and_reasons(window, tmp_path):
    window.tool_commands.show_batch()
    batch = window.tool_commands.batch
    path = tmp_path / "a.png"
    row = Row(str(path), "", "failed", Phrase("{path} is damaged.", path=path), 999_999, 999_999, -100.0)
    row.bpp, row.psnr, row.ms_ssim, row.encode_seconds = 23.999, 99.99, 0.99999, 999.9
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


def test_numbers_are_written_with_a_point_in_every_language(qtbot):
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        box = NumberBox()
        qtbot.addWidget(box)
        box.setRange(0, 100)
        box.setValue(34.5)
        assert box.text() == "34.50"
        box.selectAll()
        QTest.keyClicks(box, "12,75")
        QTest.keyClick(box, Qt.Key.Key_Return)
        assert box.value() == 12.75
        assert box.text() == "12.75"
    finally:
        QLocale.setDefault(before)
