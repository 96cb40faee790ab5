"""What the window tells: what went wrong, what is doubtful, why something cannot be done."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QEnterEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.dialogs.export import ExportDialog
from app.getting.runner import GetRunner
from app.window import toast as toasts
from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, drop, open_and_encode


def messages(window):
    return [toast.notice.message for toast in window.toasts.shown]


def open_file(window, path, qtbot):
    window.session.open(path)
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)


@pytest.fixture
def hpcm_file(sample, tmp_path):
    path = tmp_path / "holiday.hpcm"
    path.write_bytes(codec.encode(sample, Recipe(quality=0)).data)
    return path


# What was found.


def test_what_was_found_is_of_this_target(encoded, qtbot):
    panel, session = encoded.recipe_panel, encoded.session
    panel.mode.setCurrentIndex(1)
    panel.mode.activated.emit(1)
    qtbot.waitUntil(lambda: "Found" in panel.target.found.text(), timeout=LONG)
    panel.automatic.click()
    QTest.keyClick(panel.target.spin, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: session.is_stale, timeout=LONG)
    assert panel.target.found.text() == ""
    QTest.keyClick(panel.target.spin, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: not session.is_stale, timeout=LONG)
    assert "Found" in panel.target.found.text(), "it is that target's again"


# The wrong original.


def choose_original(window, path, monkeypatch, qtbot):
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(window.readout.choose, Qt.MouseButton.LeftButton)
    metrics_there = lambda: window.session.outcome.metrics is not None and window.session.idle  # noqa: E731
    qtbot.waitUntil(metrics_there, timeout=LONG)


def test_a_wrong_original_is_told(window, hpcm_file, sample, tmp_path, monkeypatch, qtbot):
    wrong = tmp_path / "wrong.png"
    Picture(np.ascontiguousarray(sample.pixels[::-1, ::-1])).save(wrong)
    open_file(window, hpcm_file, qtbot)
    choose_original(window, wrong, monkeypatch, qtbot)
    assert any("wrong.png does not look like" in message for message in messages(window))
    assert window.session.original.path == wrong, "it is compared all the same"
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    drawn = window.tool_commands.chart.shown
    assert [curve.published for curve in drawn] == [True, True], "it is no point of the curve"


def test_the_right_original_at_the_lowest_quality_is_not_doubted(window, hpcm_file, picture_file, monkeypatch, qtbot):
    open_file(window, hpcm_file, qtbot)
    choose_original(window, picture_file, monkeypatch, qtbot)
    assert messages(window) == []
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert [len(curve.points) for curve in window.tool_commands.chart.shown if not curve.published] == [1]


def test_a_result_is_called_after_its_own_file(window, hpcm_file, picture_file, monkeypatch, qtbot):
    proposed = []
    open_file(window, hpcm_file, qtbot)
    choose_original(window, picture_file, monkeypatch, qtbot)
    monkeypatch.setattr(
        "PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *args: proposed.append(args[2]) or ("", "")
    )
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert [re.split(r"[/\\]", name)[-1] for name in proposed] == ["holiday.hpcm"]
    (dialog,) = window.findChildren(ExportDialog)
    assert dialog.target.name.text() == "holiday-hpcm.png"
    dialog.close()


def test_what_is_written_goes_beside_what_was_opened_last(window, picture_file, tmp_path, monkeypatch, qtbot):
    """However it was opened: here it was dropped."""
    other = tmp_path / "trip"
    other.mkdir()
    photo = shutil.copy(picture_file, other / "beach.png")
    drop(window, photo)
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    proposed = []
    monkeypatch.setattr(
        "PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *args: proposed.append(args[2]) or ("", "")
    )
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert [Path(name) for name in proposed] == [other / "beach.hpcm"]
    window.file_commands.open_sample()
    qtbot.waitUntil(lambda: window.session.path.name == "astronaut.png", timeout=LONG)
    assert Path(window.settings.last_folder) == other, "nothing is written beside the sample photograph"


# Drops.


def dragged(kind, path, actions):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    rest = (actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    event = QDropEvent(QPointF(50, 50), *rest) if kind is QDropEvent else kind(QPoint(50, 50), *rest)
    event.mime = data
    if event.possibleActions() & Qt.DropAction.MoveAction:
        event.setDropAction(Qt.DropAction.MoveAction)  # What the desktop proposes within one disk.
    return event


@pytest.mark.parametrize("where", ["window", "batch"])
def test_what_is_dropped_is_copied_never_moved(window, picture_file, where):
    target = window if where == "window" else window.tool_commands.batch
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    for kind in (QDragEnterEvent, QDragMoveEvent, QDropEvent):
        event = dragged(kind, picture_file, both)
        QApplication.sendEvent(target, event)
        assert event.isAccepted(), kind
        assert event.dropAction() == Qt.DropAction.CopyAction, kind
        moving = dragged(kind, picture_file, Qt.DropAction.MoveAction)
        QApplication.sendEvent(target, moving)
        assert not moving.isAccepted(), kind


# Addresses.


def click_link(label, done, qtbot):
    """Click along a label until something happened: where a link is only the label knows."""
    for y in range(4, label.height(), 6):
        for x in range(4, label.width(), 12):
            QTest.mouseClick(label, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
            if done():
                return
    qtbot.waitUntil(done, timeout=LONG)


@pytest.fixture
def links(window, tmp_path, monkeypatch):
    """The label with a link, and a desktop whose browser ends with a status, or that has none."""

    def desktop(status):
        folder = tmp_path / "bin"
        folder.mkdir()
        if status is not None:
            opener = folder / "xdg-open"
            opener.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\nexit {status}\n')
            opener.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder) + (os.pathsep + "/bin" if status is not None else ""))
        monkeypatch.setattr(GetRunner, "measure", lambda self: None)
        window.actions_["get_models"].trigger()
        return window.model_commands.dialog.head

    return desktop


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux desktops")
@pytest.mark.parametrize("status", [3, None])
def test_an_address_that_no_browser_opens_is_shown(window, links, qtbot, status):
    hint = links(status)
    qtbot.waitUntil(hint.isVisible, timeout=LONG)
    told = window.model_commands.toasts
    click_link(hint, lambda: qtbot.wait(5) or told.shown != [], qtbot)
    (toast,) = told.shown
    assert toast.isVisible()
    assert messages(window) == [], "they lie behind this window"
    address = re.search(r'href="(https?:[^"]*)"', hint.text()).group(1)
    assert address in toast.notice.message
    QTest.mouseClick(toast.copy_address, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == address


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux desktops")
def test_an_address_that_a_browser_opens_says_nothing(window, links, tmp_path, qtbot):
    hint = links(0)
    qtbot.waitUntil(hint.isVisible, timeout=LONG)
    click_link(hint, lambda: qtbot.wait(20) or (tmp_path / "opened").exists(), qtbot)
    qtbot.wait(100)
    assert (tmp_path / "opened").read_text().startswith("http")
    assert messages(window) == []
    assert window.model_commands.toasts.shown == []


# Messages.


def test_what_went_wrong_goes_away_by_itself(window, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(toasts, "ERROR_MS", 300)
    (tmp_path / "letter.png").write_bytes(b"Dear reader,\n")
    there, show = [], window.toasts.show
    # A busy machine may let it come and go between two looks.
    monkeypatch.setattr(window.toasts, "show", lambda notice: (show(notice), there.extend(messages(window))))
    window.session.open(tmp_path / "letter.png")
    qtbot.waitUntil(lambda: there != [])
    qtbot.waitUntil(lambda: messages(window) == [])


def test_a_message_that_is_read_stays(window, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(toasts, "ERROR_MS", 100)
    show = window.toasts.show

    def show_under_the_pointer(notice):
        show(notice)
        window.toasts.shown[0].setAttribute(Qt.WidgetAttribute.WA_UnderMouse)

    monkeypatch.setattr(window.toasts, "show", show_under_the_pointer)
    window.session.open(tmp_path / "nowhere.png")
    qtbot.waitUntil(lambda: messages(window) != [])
    toast = window.toasts.shown[0]
    QApplication.sendEvent(toast, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    qtbot.wait(400)
    assert len(messages(window)) == 1
    toast.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: messages(window) == [], timeout=LONG)


def test_opening_something_else_ends_what_went_wrong(window, picture_file, tmp_path, qtbot):
    window.session.open(tmp_path / "nowhere.png")
    qtbot.waitUntil(lambda: messages(window) != [], timeout=LONG)
    open_and_encode(window, picture_file, qtbot)
    assert messages(window) == []


@pytest.mark.parametrize("name", ["half.hpcm", "letter.hpcm", "letter.png", "nowhere.png"])
def test_messages_name_the_file_and_have_no_traceback(window, hpcm_file, tmp_path, qtbot, name):
    data = {"half.hpcm": hpcm_file.read_bytes()[:-100], "letter.hpcm": b"Dear", "letter.png": b"Dear"}
    if name in data:
        (tmp_path / name).write_bytes(data[name])
    window.session.open(tmp_path / name)
    qtbot.waitUntil(lambda: messages(window) != [] and window.session.idle, timeout=LONG)
    (toast,) = window.toasts.shown
    assert name in toast.notice.message
    assert toast.notice.details == ""
    assert [button.text() for button in toast.findChildren(QPushButton)] == []


def test_what_nobody_expected_keeps_its_details(window, picture_file, qtbot, monkeypatch):
    def broken(*_):
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr("app.session.opening.read_either", broken)
    window.session.open(picture_file)
    qtbot.waitUntil(lambda: messages(window) != [], timeout=LONG)
    (toast,) = window.toasts.shown
    QTest.mouseClick(toast.more, Qt.MouseButton.LeftButton)
    assert toast.details.isVisible()
    assert "a fault of the program" in toast.details.toPlainText()


# Reasons.


def test_a_file_that_cannot_be_encoded_says_why(window, hpcm_file, picture_file, monkeypatch, qtbot):
    panel = window.recipe_panel
    assert not panel.why_not.isVisible()
    open_file(window, hpcm_file, qtbot)
    assert not panel.button.isEnabled()
    assert panel.why_not.isVisible()
    assert "choose the picture that it was made from" in panel.why_not.text()
    assert not window.readout.choose.property("flat"), "it looks like the button that it is"
    choose_original(window, picture_file, monkeypatch, qtbot)
    assert panel.button.isEnabled()
    assert not panel.why_not.isVisible()
