"""What comes in and goes out: drops, clipboard, comparisons, recent files, one instance."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.canvas.scene import View
from app.desktop import single_instance
from app.desktop.clipboard import MIME, picture_of
from app.desktop.settings import Settings
from hpcm_core import metrics
from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG, drop
from tests.paths import ROOT

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(window, key, modifier):
    window.activateWindow()
    window.canvas.setFocus()
    QTest.keyClick(window, key, modifier)


def idle(window, qtbot):
    qtbot.waitUntil(lambda: window.session.idle, timeout=LONG)


def test_a_picture_is_pasted_and_encoded(window, sample, qtbot):
    image = QImage(sample.pixels.tobytes(), 257, 183, 257 * 3, QImage.Format.Format_RGB888)
    QGuiApplication.clipboard().setImage(image)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_V, CTRL)
    qtbot.waitUntil(lambda: window.session.outcome is not None, timeout=LONG)
    assert np.array_equal(window.session.original.picture.pixels, sample.pixels)
    assert window.session.path is None
    assert window.settings.recent_files == []


def test_alpha_of_a_pasted_picture_is_kept():
    image = QImage(5, 3, QImage.Format.Format_ARGB32)
    image.fill(0x80FF0102)
    picture = picture_of(image)
    assert picture.pixels.shape == (3, 5, 3)
    assert picture.pixels[2, 4].tolist() == [255, 1, 2]
    assert picture.alpha[1, 1] == 128


def test_files_are_pasted(window, picture_file, qtbot):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture_file))])
    QGuiApplication.clipboard().setMimeData(mime)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_V, CTRL)
    qtbot.waitUntil(lambda: window.session.path == picture_file, timeout=LONG)


def test_nothing_to_paste_is_said(window):
    QGuiApplication.clipboard().setText("words")
    window.actions_["paste"].trigger()
    assert "no picture" in window.toasts.shown[0].notice.message


def test_ctrl_c_copies_the_view(encoded):
    encoded.canvas.set_view(View.RECONSTRUCTION)
    press(encoded, Qt.Key.Key_C, CTRL)
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == encoded.canvas.grab().toImage().size()
    assert copied == encoded.canvas.grab().toImage().convertToFormat(copied.format())


def test_ctrl_shift_c_copies_the_file_and_leaves_nothing_behind(encoded, tmp_path, qtbot):
    press(encoded, Qt.Key.Key_C, CTRL | SHIFT)
    mime = QGuiApplication.clipboard().mimeData()
    data = encoded.session.outcome.data
    copy = Path(mime.urls()[0].toLocalFile())
    assert copy.name == "part.hpcm"
    assert copy.read_bytes() == data
    assert bytes(mime.data(MIME).data()) == data
    encoded.file_commands.close()
    assert not copy.parent.exists()


def test_two_dropped_files_are_compared_without_encoding(window, sample, picture_file, tmp_path, qtbot, monkeypatch):
    jpeg = tmp_path / "part.jpg"
    sample.save(jpeg, quality=30)
    monkeypatch.setattr(window.session, "encode", lambda: pytest.fail("nothing may be encoded"))
    drop(window, picture_file, jpeg)
    qtbot.waitUntil(
        lambda: window.session.outcome is not None and window.session.outcome.metrics is not None, timeout=LONG
    )
    expected = metrics.psnr(sample.pixels, Picture.open(jpeg).pixels)
    assert window.readout.psnr.value == f"{expected:.2f} dB"
    assert window.session.outcome.size_bytes == jpeg.stat().st_size
    assert window.actions_["difference"].isEnabled()
    assert not window.actions_["bits"].isEnabled()
    assert not window.actions_["save"].isEnabled()
    assert window.actions_["export"].isEnabled()
    assert "part.jpg" in window.canvas.scene.reconstruction_name


def test_pictures_of_different_depth_and_channels_are_compared(window, tmp_path, qtbot):
    deep, grey = tmp_path / "deep.png", tmp_path / "grey.png"
    levels = np.tile(np.arange(200, dtype=np.uint8)[:, None, None], (1, 180, 1))
    Picture(levels).save(grey)
    Picture(np.repeat(levels.astype(np.uint16) * 257, 3, axis=2)).save(deep)
    window.session.compare(deep, grey)
    qtbot.waitUntil(
        lambda: window.session.outcome is not None and window.session.outcome.metrics is not None, timeout=LONG
    )
    assert window.readout.psnr.value.startswith("∞")


def test_a_file_menu_comparison_takes_hpcm_files_in_any_order(encoded, picture_file, tmp_path, qtbot, monkeypatch):
    target = tmp_path / "a.hpcm"
    target.write_bytes(encoded.session.outcome.data)
    before = encoded.session.outcome
    answers = [(str(target), ""), (str(picture_file), "")]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: answers.pop(0))
    press(encoded, Qt.Key.Key_D, CTRL)
    qtbot.waitUntil(lambda: encoded.session.outcome is not before and encoded.session.idle, timeout=LONG)
    assert np.array_equal(encoded.session.outcome.shown.picture.pixels, before.shown.picture.pixels)
    assert encoded.session.outcome.metrics == before.metrics
    assert encoded.actions_["bits"].isEnabled()
    assert encoded.actions_["save"].isEnabled()


def test_files_of_different_sizes_are_not_compared(window, picture_file, tmp_path, qtbot):
    other = tmp_path / "other.png"
    Picture(np.zeros((8, 9, 3), np.uint8)).save(other)
    window.session.compare(picture_file, other)
    qtbot.waitUntil(lambda: window.toasts.shown != [], timeout=LONG)
    assert "9 × 8" in window.toasts.shown[0].notice.message
    assert window.session.is_empty


def test_of_two_files_the_one_that_cannot_be_read_is_named(window, picture_file, tmp_path, qtbot):
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    drop(window, picture_file, notes)
    qtbot.waitUntil(lambda: window.toasts.shown != [], timeout=LONG)
    message = window.toasts.shown[0].notice.message
    assert message.startswith("notes.txt ")
    assert picture_file.name not in message


def test_hpcm_files_of_different_sizes_are_nothing_for_a_batch(encoded, sample, tmp_path, qtbot):
    """Encoding them is not on offer: why they are not compared is said."""
    first, second = tmp_path / "a.hpcm", tmp_path / "b.png"
    first.write_bytes(encoded.session.outcome.data)
    Picture(sample.pixels[:64, :64].copy()).save(second)
    drop(encoded, first, second)
    qtbot.waitUntil(lambda: encoded.toasts.shown != [], timeout=LONG)
    assert "only pictures of one size can be compared" in encoded.toasts.shown[0].notice.message
    assert encoded.tool_commands.runner.rows == []


def test_what_is_saved_is_what_was_on_show_when_its_name_was_asked_for(encoded, sample, tmp_path, qtbot, monkeypatch):
    """Another picture was opened by a double click elsewhere, or took long to open."""
    data, target, other = encoded.session.outcome.data, tmp_path / "a.hpcm", tmp_path / "other.png"
    Picture(sample.pixels[:64, :64].copy()).save(other)

    def ask(*_):
        encoded.come_forward([other])
        qtbot.waitUntil(lambda: encoded.session.path == other, timeout=LONG)
        return str(target), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    encoded.actions_["save"].trigger()
    qtbot.waitUntil(lambda: encoded.session.outcome is not None and encoded.session.idle, timeout=LONG)
    qtbot.waitUntil(target.exists, timeout=LONG)
    assert target.read_bytes() == data
    assert encoded.session.is_unsaved, "the other one is"


def test_an_original_is_chosen_for_the_file_that_was_on_show(encoded, picture_file, tmp_path, qtbot, monkeypatch):
    """Not for the result of a picture that has come since."""
    target, other = tmp_path / "a.hpcm", tmp_path / "other.png"
    target.write_bytes(encoded.session.outcome.data)
    encoded.session.open(target)
    qtbot.waitUntil(lambda: encoded.session.path == target and encoded.session.idle, timeout=LONG)
    shutil.copy(picture_file, other)

    def ask(*_):
        encoded.come_forward([other])
        qtbot.waitUntil(lambda: encoded.session.path == other and encoded.session.idle, timeout=LONG)
        return str(picture_file), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", ask)
    encoded.actions_["choose_original"].trigger()
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=LONG)
    assert encoded.session.path == other
    assert encoded.session.outcome.recipe is not None


def test_recent_files_are_listed_and_opened(encoded, picture_file, tmp_path, sample, qtbot):
    other = tmp_path / "second.png"
    sample.save(other)
    encoded.session.open(other)
    qtbot.waitUntil(lambda: encoded.session.path == other, timeout=LONG)
    idle(encoded, qtbot)
    names = [action.text() for action in encoded.file_commands.recent.menu.actions()]
    assert names[:2] == ["&1  second.png", "&2  part.png"]
    encoded.file_commands.recent.menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: encoded.session.path == picture_file, timeout=LONG)
    other.unlink()
    recent = encoded.file_commands.recent.menu
    # Once may not do: that the file was there can be on its way.
    qtbot.waitUntil(lambda: recent.aboutToShow.emit() or len(recent.actions()) == 3, timeout=LONG)
    assert recent.actions()[0].text() == "&1  part.png"
    assert encoded.settings.recent_files == [picture_file, other], "one on a drive that is away comes back with it"
    encoded.file_commands.recent.menu.actions()[-1].trigger()
    assert encoded.settings.recent_files == []


def test_recent_files_on_a_drive_that_does_not_answer(make_window, picture_file, tmp_path, monkeypatch, qtbot):
    """They hold up neither the window nor the other files."""
    back, isfile, asked = threading.Event(), os.path.isfile, []

    def look(path):
        asked.append(threading.current_thread())
        return (path.name != "away.png" or back.wait(LONG / 1000)) and isfile(path)

    monkeypatch.setattr(os.path, "isfile", lambda path: look(path) if isinstance(path, Path) else isfile(path))
    settings = Settings(tmp_path / "config")
    settings.add_recent(picture_file)
    settings.add_recent(tmp_path / "away.png")
    settings.sync()
    window = make_window()
    qtbot.waitUntil(lambda: window.welcome.recent_buttons != [], timeout=LONG)
    assert [button.path for button in window.welcome.recent_buttons] == [picture_file]
    window.file_commands.recent.menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: len(asked) == 3)
    qtbot.wait(50)
    assert len(asked) == 3, "what has not answered is not asked again"
    assert threading.main_thread() not in asked
    (tmp_path / "away.png").write_bytes(picture_file.read_bytes())
    back.set()
    qtbot.waitUntil(lambda: len(window.welcome.recent_buttons) == 2, timeout=LONG)


def test_damaged_recent_files_are_none(window):
    for text in ("{", "7", json.dumps([1, None])):
        window.settings._store.setValue("files/recent", text)
        assert window.settings.recent_files == []


@pytest.fixture
def start_again(window, tmp_path, qtbot):
    """Starts the program once more, while the window is open; it must hand over what it is given and end."""
    name = single_instance.name_of(tmp_path / "config")
    first = single_instance.Instance(name)
    first.wanted.connect(window.come_forward)
    assert first.listen()

    def start(*paths):
        second = subprocess.Popen(
            [sys.executable, "-m", "app", *map(str, paths)],
            cwd=ROOT,
            env={**os.environ, "HPCM_CONFIG_DIR": str(tmp_path / "config")},
        )
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=LONG)
        assert second.returncode == 0

    yield start
    first.close()
    assert not single_instance.hand_over(name, [])


def test_a_second_start_hands_its_file_over(start_again, window, picture_file, qtbot):
    start_again(picture_file)
    qtbot.waitUntil(lambda: window.session.path == picture_file, timeout=LONG)


def test_two_files_of_a_start_are_compared_and_more_are_a_batch(
    start_again, window, sample, picture_file, tmp_path, qtbot
):
    files = [picture_file, tmp_path / "b.jpg", tmp_path / "c.png"]
    for path in files[1:]:
        sample.save(path)
    start_again(*files[:2])
    qtbot.waitUntil(lambda: window.session.outcome is not None, timeout=LONG)
    assert window.session.original.path == files[0]
    assert window.session.outcome.shown.path == files[1]
    start_again(*files)
    batch = window.tool_commands.batch
    qtbot.waitUntil(lambda: len(batch.runner.rows) == 3, timeout=LONG)
    assert batch.isVisible()
    batch.close()


def test_a_socket_that_a_crash_left_is_replaced(tmp_path, qtbot):
    name = single_instance.name_of(tmp_path)
    script = (
        "import sys, os; from PySide6.QtCore import QCoreApplication;"
        "from app.desktop.single_instance import Instance;"
        "a = QCoreApplication([]); i = Instance(sys.argv[1]); print(i.listen(), flush=True); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", script, name], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "True", done.stderr
    assert not single_instance.hand_over(name, [])
    again = single_instance.Instance(name)
    assert again.listen()
    again.close()


def test_noise_on_the_socket_does_no_harm(window, tmp_path, qtbot):
    from PySide6.QtNetwork import QLocalSocket

    name = single_instance.name_of(tmp_path / "noise")
    first, wanted = single_instance.Instance(name), []
    first.wanted.connect(wanted.append)
    assert first.listen()
    for noise in (b"\xff\x00\n", b"[]\n", b"{}\n", b'{"files": 3}\n', b'{"files": [3]}\n'):
        socket = QLocalSocket()
        socket.connectToServer(name)
        assert socket.waitForConnected(2000)
        socket.write(noise)
        socket.flush()
        qtbot.wait(50)
        socket.abort()
    assert wanted == []
    first.close()


def test_a_user_without_a_name_has_a_socket_too(tmp_path, monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "pwd", None)
    assert single_instance.name_of(tmp_path / "a") != single_instance.name_of(tmp_path / "b")
