"""The folder of what is open: its pictures by arrow keys, and the file in the desktop's file manager."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.session.neighbours import neighbours
from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG, open_and_encode, wait_active

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def folder(tmp_path, sample):
    """Three pictures, of which the second is broken; something hidden and a text."""
    made = tmp_path / "a folder, with a comma"
    made.mkdir()
    for name in ("b2.png", "B10.jpg", ".hidden.png"):
        Picture(sample.pixels[:90, :90].copy()).save(made / name)
    (made / "b3.tif").write_text("no picture")
    (made / "notes.txt").write_text("left out")
    return made


def press(window, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.activateWindow()
    QTest.keyClick(window.canvas, key, modifier)


def messages(window):
    return [toast.notice.message for toast in window.toasts.shown]


def test_pictures_of_a_folder_are_in_the_order_in_which_people_count(folder):
    assert [path.name for path in neighbours(folder / "b2.png")] == ["b2.png", "b3.tif", "B10.jpg"]
    assert neighbours(folder / "gone" / "x.png") == [folder / "gone" / "x.png"]


def test_arrow_keys_go_through_the_folder(window, folder, qtbot):
    open_and_encode(window, folder / "b2.png", qtbot)
    press(window, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: "That is the first picture of the folder." in messages(window))
    press(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: any("b3.tif" in text for text in messages(window)), timeout=LONG)
    assert window.session.path == folder / "b2.png"  # What cannot be opened leaves what is open …
    press(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: window.session.path == folder / "B10.jpg", timeout=LONG)  # … and does not stop anybody.
    press(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "That is the last picture of the folder." in messages(window))


def test_a_folder_is_opened_at_its_first_picture(window, folder, tmp_path, qtbot, monkeypatch):
    chosen = [folder, tmp_path / "empty"]
    chosen[1].mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(chosen.pop(0)))
    wait_active(window)
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | shift)
    qtbot.waitUntil(lambda: window.session.path == folder / "b2.png", timeout=LONG)
    press(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: any("b3.tif" in text for text in messages(window)), timeout=LONG)
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | shift)
    qtbot.waitUntil(lambda: "There is no picture in empty." in messages(window), timeout=LONG)
    assert window.session.path == folder / "b2.png"


def test_where_a_part_is_in_sight_arrow_keys_move_it(encoded, qtbot):
    encoded.canvas.zoom(4)
    before = encoded.canvas.viewport
    press(encoded, Qt.Key.Key_Right)
    assert encoded.canvas.viewport.origin_x < before.origin_x
    assert messages(encoded) == []


def test_other_keys_go_on_at_any_zoom(window, folder, qtbot):
    (folder / "b3.tif").unlink()
    open_and_encode(window, folder / "b2.png", qtbot)
    window.canvas.zoom(4)
    press(window, Qt.Key.Key_Right, ALT)
    qtbot.waitUntil(lambda: window.session.path == folder / "B10.jpg", timeout=LONG)
    press(window, Qt.Key.Key_Left, ALT)
    qtbot.waitUntil(lambda: window.session.path == folder / "b2.png", timeout=LONG)


class Desktop(QObject):
    """What Qt asks instead of the desktop to open a folder."""

    def __init__(self):
        super().__init__()
        self.asked = []

    @Slot(QUrl)
    def open(self, url):
        self.asked.append(Path(url.toLocalFile()))


@pytest.fixture
def desktop(qapp):
    made = Desktop()
    QDesktopServices.setUrlHandler("file", made, "open")
    yield made
    QDesktopServices.unsetUrlHandler("file")


@pytest.fixture
def bus(tmp_path, monkeypatch):
    """Stands where `dbus-send` is looked for: notes what it is asked and answers with a status."""
    log = tmp_path / "asked"

    def answer(status):
        program = tmp_path / "bin" / "dbus-send"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{log}"\nexit {status}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        return log

    return answer


@pytest.mark.skipif(os.name == "nt", reason="the file manager is asked by D-Bus")
def test_the_file_is_shown_in_the_file_manager(window, folder, bus, desktop, tmp_path, qtbot):
    log = bus(0)
    open_and_encode(window, folder / "b2.png", qtbot)
    window.actions_["show_file"].trigger()
    qtbot.waitUntil(log.exists)
    qtbot.waitUntil(lambda: log.read_text().endswith("string:\n"))
    address = log.read_text().splitlines()[-2].removeprefix("array:string:")
    assert "," not in address
    assert Path(QUrl(address).toLocalFile()) == folder / "b2.png"
    log.unlink()
    window.session.save(tmp_path / "saved.hpcm")
    qtbot.waitUntil(lambda: not window.session.is_unsaved)
    press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: log.exists() and "/saved.hpcm" in log.read_text())
    assert desktop.asked == []


@pytest.mark.skipif(os.name == "nt", reason="the file manager is asked by D-Bus")
def test_without_such_a_file_manager_the_folder_is_opened(window, folder, bus, desktop, qtbot):
    bus(1)
    open_and_encode(window, folder / "b2.png", qtbot)
    window.actions_["show_file"].trigger()
    qtbot.waitUntil(lambda: desktop.asked == [folder])
