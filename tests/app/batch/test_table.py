"""The rows of a batch: what is said of them, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from app.window.toast import Toast
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.batch.conftest import click, finish, row_at, states
from tests.app.conftest import LONG, wait_active


def test_a_file_whose_name_looks_like_a_tag_is_called_by_it(window, tmp_path, qtbot):
    bad = tmp_path / "<b>bold<b>.png"
    bad.write_text("no picture")
    window.session.open(bad)
    qtbot.waitUntil(lambda: window.toasts.shown != [], timeout=LONG)
    text = next(label for label in window.toasts.shown[0].findChildren(QLabel) if bad.name in label.text())
    assert text.textFormat() is Qt.TextFormat.PlainText
    window.tool_commands.batch_of([bad])
    assert window.tool_commands.batch.reason.textFormat() is Qt.TextFormat.PlainText


def test_the_reason_of_a_row_is_said_in_full(ended, qtbot):
    assert not ended.reason.isVisible()
    view = ended.table.viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 3))
    assert ended.reason.isVisible()
    assert ended.reason.text().startswith("broken.png: Failed. ")
    assert ended.reason.text().endswith(".")
    assert ended.reason.text().count("broken.png") == 1
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 0))
    assert not ended.reason.isVisible()


def test_of_a_jpeg_without_loss_it_is_said_what_is_kept(window, sample, tmp_path, qtbot):
    path = tmp_path / "a.jpg"
    Picture(sample.pixels[:60, :60].copy()).save(path)
    window.tool_commands.batch_of([path])
    batch = window.tool_commands.batch
    batch.runner.recipe = Recipe("lossless", effort=1)
    click(batch.go)
    finish(batch, qtbot)
    assert states(batch) == ["done"]
    QTest.mouseClick(batch.table.viewport(), Qt.MouseButton.LeftButton, pos=row_at(batch, 0))
    assert "its pixels are kept, the file itself is not" in batch.reason.text()
    tip = batch.table.model().index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert "its pixels are kept" in tip


def test_a_double_click_opens_a_row(ended, window, folder, tmp_path, qtbot):
    view = ended.table.viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 1))
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 1))
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    assert window.session.original.path == folder / "1.png"
    assert window.session.outcome.data == (tmp_path / "1.hpcm").read_bytes()
    assert window.session.outcome.metrics.psnr > 25
    (tmp_path / "2.hpcm").unlink()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 2))
    wait_active(ended)
    QTest.keyClick(ended.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.path == folder / "2.png", timeout=LONG)  # The result is gone.


def test_a_rows_menu(ended, window, folder, qtbot, monkeypatch):
    view = ended.table.viewport()

    def entries(number):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, number))
        ended.table.customContextMenuRequested.emit(row_at(ended, number))
        menu = QApplication.activePopupWidget()
        return menu, {action.text().replace("&", ""): action for action in menu.actions() if action.text()}

    menu, failed = entries(3)
    assert [text for text, action in failed.items() if not action.isEnabled()] == ["Skip"]
    failed["Copy the reason"].trigger()
    assert "this file" in QGuiApplication.clipboard().text()
    failed["Retry"].trigger()
    assert states(ended)[3] == "waiting"
    menu.close()
    menu, done = entries(0)
    assert not done["Copy the reason"].isEnabled()
    done["Remove"].trigger()
    menu.close()
    assert len(ended.runner.rows) == 3


def test_the_report_is_confirmed_in_the_batchs_own_window(ended, window, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "report.csv"), ""))
    click(ended.report)
    toast = ended.findChild(Toast)
    assert toast.isVisible()
    assert toast.notice.message == "Saved report.csv"
    assert window.toasts.shown == []


def test_buttons_are_on_where_they_do_something(window, folder, qtbot):
    window.tool_commands.batch_of([folder])
    batch = window.tool_commands.batch
    qtbot.waitUntil(lambda: len(batch.runner.rows) == 4, timeout=LONG)
    batch.table.selectRow(0)
    assert [button.isEnabled() for button in (batch.retry, batch.skip, batch.remove)] == [False, True, True]
    batch.runner.skip([0])
    assert [button.isEnabled() for button in (batch.retry, batch.skip, batch.remove)] == [True, False, True]
