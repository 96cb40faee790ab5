"""What would be lost is in sight, and asked about once before the window closes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from tests.app.conftest import LONG, wait_active

CTRL = Qt.KeyboardModifier.ControlModifier


def question(window):
    found = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
    return found[0] if found else None


def quit_by_key(window):
    wait_active(window)
    QTest.keyClick(window, Qt.Key.Key_Q, CTRL)
    QApplication.processEvents()


def press(window, text):
    box = question(window)
    button = next(button for button in box.buttons() if button.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


@pytest.fixture
def lasting(window):
    """The window of a test lives on when it is closed: others share its codec process."""
    window.session.close = lambda: None
    return window


def test_a_batch_goes_on_in_sight_when_its_dialog_is_gone(lasting, large_file, picture_file, qtbot):
    window = lasting
    window.tool_commands.batch_of([large_file, picture_file])
    batch = window.tool_commands.batch
    QTest.mouseClick(batch.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: batch.runner.current is not None, timeout=LONG)
    QTest.keyClick(batch, Qt.Key.Key_Escape)
    assert not batch.isVisible()
    assert window.status.batch.isVisible()
    assert window.status.batch.text() == "Batch: 0 of 2"
    quit_by_key(window)
    assert window.isVisible()
    assert "0 of 2 pictures" in question(window).informativeText()
    QTest.keyClick(question(window), Qt.Key.Key_Escape)
    assert window.isVisible()
    assert batch.runner.running
    QTest.mouseClick(window.status.batch, Qt.MouseButton.LeftButton)
    assert batch.isVisible()
    QTest.mouseClick(batch.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: batch.runner.current is None, timeout=LONG)
    batch.table.selectAll()
    QTest.mouseClick(batch.remove, Qt.MouseButton.LeftButton)
    assert not window.status.batch.isVisible()
    QTest.keyClick(batch, Qt.Key.Key_Escape)
    quit_by_key(window)
    assert not window.isVisible()


def test_the_end_of_a_batch_out_of_sight_is_told(window, picture_file, tmp_path, qtbot):
    (tmp_path / "broken.png").write_text("no picture")
    window.tool_commands.batch_of([picture_file, tmp_path / "broken.png"])
    batch = window.tool_commands.batch
    QTest.mouseClick(batch.go, Qt.MouseButton.LeftButton)
    QTest.keyClick(batch, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: [toast.notice.message for toast in window.toasts.shown] != [], timeout=LONG)
    assert window.toasts.shown[0].notice.message == "The batch is finished: 1 done, 1 failed"


def test_an_encoding_is_asked_about(lasting, large_file, qtbot):
    window = lasting
    window.session.open(large_file)
    qtbot.waitUntil(lambda: window.session.encoding is not None, timeout=LONG)
    quit_by_key(window)
    assert window.isVisible()
    assert question(window).informativeText() == "The picture is being encoded."
    press(window, "Quit")
    assert not window.isVisible()
    assert window.settings.ask_before_quit


def test_a_result_that_is_not_saved_is_shown_and_asked_about(lasting, encoded, tmp_path, qtbot, monkeypatch):
    assert encoded.isWindowModified()
    assert encoded.status.unsaved.isVisible()
    quit_by_key(encoded)
    assert question(encoded).informativeText() == "The compressed file is not saved."
    target = tmp_path / "a.hpcm"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    press(encoded, "Save…")
    qtbot.waitUntil(lambda: not encoded.isVisible())
    assert target.read_bytes() == encoded.session.outcome.data
    assert not encoded.isWindowModified()


def test_a_save_that_fails_keeps_the_window(lasting, encoded, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.hpcm"), ""))
    quit_by_key(encoded)
    press(encoded, "Save…")
    qtbot.waitUntil(lambda: encoded.toasts.shown != [])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a.hpcm"), ""))
    encoded.actions_["save"].trigger()
    qtbot.waitUntil(lambda: not encoded.session.is_unsaved)
    assert encoded.isVisible()
    assert not encoded.status.unsaved.isVisible()


def test_what_is_not_to_be_asked_is_not_asked_again(lasting, encoded):
    quit_by_key(encoded)
    question(encoded).checkBox().click()
    press(encoded, "Quit")
    assert not encoded.isVisible()
    assert not encoded.settings.ask_before_quit
    encoded.show()
    quit_by_key(encoded)
    assert question(encoded) is None
    assert not encoded.isVisible()


def test_nothing_is_asked_where_nothing_would_be_lost(lasting, encoded, tmp_path, qtbot):
    encoded.session.save(tmp_path / "a.hpcm")
    qtbot.waitUntil(lambda: not encoded.session.is_unsaved)
    quit_by_key(encoded)
    assert not encoded.isVisible()


def test_who_thinks_better_of_saving_is_not_shown_the_door_by_a_later_save(
    lasting, encoded, tmp_path, qtbot, monkeypatch
):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    quit_by_key(encoded)
    press(encoded, "Save…")
    encoded.session.save(tmp_path / "a.hpcm")
    qtbot.waitUntil(lambda: not encoded.session.is_unsaved, timeout=LONG)
    assert encoded.isVisible()


def test_a_result_whose_file_was_written_over_is_not_saved(encoded, tmp_path, qtbot):
    session, first = encoded.session, encoded.session.outcome
    session.save(tmp_path / "a.hpcm")
    qtbot.waitUntil(lambda: not session.is_unsaved, timeout=LONG)
    encoded.recipe_panel.slider.setValue(60)
    qtbot.waitUntil(lambda: session.outcome is not first and session.idle, timeout=LONG)
    session.save(tmp_path / "a.hpcm")
    qtbot.waitUntil(lambda: not session.is_unsaved, timeout=LONG)
    encoded.recipe_panel.slider.setValue(30)
    assert session.outcome.data == first.data
    assert session.is_unsaved
    assert session.saver.file_of(session.outcome) is None


def test_a_name_that_gets_its_ending_later_replaces_nothing_unasked(encoded, tmp_path, qtbot, monkeypatch):
    """The dialog asks about the name as it was typed."""
    asked, answers = [], [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a"), "HPCM files (*.hpcm)"))
    monkeypatch.setattr(QMessageBox, "question", lambda *rest: asked.append(rest[2]) or answers[len(asked) - 1])
    (tmp_path / "a.hpcm").write_text("of another day")
    assert not encoded.file_commands.ask_save()
    assert (tmp_path / "a.hpcm").read_text() == "of another day"
    assert encoded.file_commands.ask_save()
    qtbot.waitUntil(lambda: not encoded.session.is_unsaved, timeout=LONG)
    assert (tmp_path / "a.hpcm").read_bytes() == encoded.session.outcome.data
    assert asked == ["a.hpcm exists in this folder. Replace it?"] * 2
