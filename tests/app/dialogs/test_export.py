"""Exporting the picture on show, by keys and clicks."""

from __future__ import annotations

import sys

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.canvas.scene import View
from app.ui.words import format_bytes
from app.worker.tasks import MeasureJob
from hpcm_core import metrics
from hpcm_core.picture.formats import FORMATS
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.scaling import scaled
from hpcm_core.picture.size import Size
from hpcm_core.picture.writing import WRITABLE
from tests.app.conftest import LONG, export_dialog, export_to, open_and_encode

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(encoded, tmp_path):
    """The export dialog over the small picture's result; files go into a folder of their own."""
    (tmp_path / "out").mkdir()
    encoded.settings.export_folder = str(tmp_path / "out")
    return export_dialog(encoded)


def choose(box, key):
    """Choose an entry as a user does, by keys."""
    while box.currentData() != key:
        QTest.keyClick(box, Qt.Key.Key_Down if box.findData(key) > box.currentIndex() else Qt.Key.Key_Up)


def made(dialog, qtbot):
    qtbot.waitUntil(lambda: dialog.exported is not None, timeout=LONG)
    return dialog.exported


def written(path, qtbot, window):
    words = f"Saved {path.name}"
    qtbot.waitUntil(lambda: any(str(t.notice.message).startswith(words) for t in window.toasts.shown), timeout=LONG)
    return path.read_bytes()


def test_every_format_is_offered():
    assert WRITABLE == FORMATS  # on machines with all packages, as those of the tests


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_the_reconstruction_is_exported_in_every_format(encoded, dialog, tmp_path, qtbot, kind):
    """What is written is read back by another program's means: Pillow's alone, imagecodecs for JPEG XL."""
    choose(dialog.format, kind.suffix)
    target = tmp_path / "out" / f"part-hpcm{kind.suffix}"
    assert dialog.target.name.text() == target.name
    QTest.mouseClick(dialog.button, LEFT)
    data = written(target, qtbot, encoded)
    pixels = encoded.session.outcome.shown.picture.pixels
    assert data == Picture(pixels).encode(kind.suffix, kind.quality)
    again = imagecodecs.jpegxl_decode(data) if kind.suffix == ".jxl" else read_by_pillow(target)
    assert again.shape == pixels.shape
    assert metrics.psnr(again, pixels) > (1000 if kind.quality is None else 33)


def read_by_pillow(target):
    with Image.open(target) as image:
        suffix = target.suffix
        assert image.format == {".tif": "TIFF", ".jpg": "JPEG"}.get(suffix, suffix[1:].upper())
        return np.asarray(image.convert("RGB"))


def test_size_on_the_disk_is_told_before(encoded, dialog, tmp_path, qtbot):
    """And follows quality and size; what was shown is what is written."""
    choose(dialog.format, ".jpg")
    fine = made(dialog, qtbot).data.nbytes
    for _ in range(6):
        QTest.keyClick(dialog.slider, Qt.Key.Key_PageDown)
    assert dialog.spin.value() == 30
    coarse = made(dialog, qtbot).data.nbytes
    assert coarse < fine
    choose(dialog.size_mode, "percent")
    small = made(dialog, qtbot).data.nbytes
    assert small < coarse
    assert dialog.pixels.text() == "128 × 92"
    assert dialog.file_size.text().startswith(format_bytes(small))
    QTest.mouseClick(dialog.button, LEFT)
    data = written(tmp_path / "out" / "part-hpcm.jpg", qtbot, encoded)
    assert len(data) == small
    shown = encoded.session.outcome.shown.picture
    assert data == scaled(shown, Size(percent=50)).encode(".jpg", 30)


def test_lossless_where_the_format_can(encoded, dialog, tmp_path, qtbot):
    choose(dialog.format, ".webp")
    QTest.mouseClick(dialog.lossless, LEFT)
    assert not dialog.slider.isEnabled()
    QTest.mouseClick(dialog.button, LEFT)
    written(tmp_path / "out" / "part-hpcm.webp", qtbot, encoded)
    pixels = Picture.open(tmp_path / "out" / "part-hpcm.webp").pixels
    assert np.array_equal(pixels, encoded.session.outcome.shown.picture.pixels)
    again = export_dialog(encoded)
    assert (again.format.currentData(), again.quality) == (".webp", None)
    choose(again.format, ".jpg")
    assert not again.lossless.isVisible()
    assert again.slider.isEnabled()
    again.reject()


def test_the_original_is_exported_where_it_is_shown(encoded, tmp_path, qtbot, sample):
    encoded.settings.export_folder = str(tmp_path)
    QTest.keyClick(encoded, "3")
    assert encoded.canvas.view is View.ORIGINAL
    dialog = export_dialog(encoded)
    assert dialog.target.name.text() == "part-export.png"
    choose(dialog.size_mode, "longest")
    dialog.longest.setValue(100)
    QTest.mouseClick(dialog.button, LEFT)
    written(tmp_path / "part-export.png", qtbot, encoded)
    wanted = scaled(sample, Size(longest=100)).pixels
    assert np.array_equal(Picture.open(tmp_path / "part-export.png").pixels, wanted)


def test_an_original_without_a_result_is_exported_too(window, picture_file, tmp_path, qtbot):
    window.session.encode_on_change = False
    assert not window.actions_["export"].isEnabled()
    window.session.open(picture_file)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    export_to(window, tmp_path / "again.tif")
    written(tmp_path / "again.tif", qtbot, window)
    assert np.array_equal(Picture.open(tmp_path / "again.tif").pixels, Picture.open(picture_file).pixels)


def test_a_name_with_an_ending_chooses_the_format(dialog, qtbot):
    dialog.target.name.selectAll()
    QTest.keyClicks(dialog.target.name, "holiday.JPEG")
    QTest.keyClick(dialog.target.name, Qt.Key.Key_Tab)
    assert dialog.format.currentText() == "JPEG"
    assert dialog.target.path(dialog.kind).name == "holiday.JPEG"
    choose(dialog.format, ".avif")
    assert dialog.target.name.text() == "holiday.avif"
    dialog.target.name.selectAll()
    QTest.keyClicks(dialog.target.name, "v1.2")
    assert dialog.target.path(dialog.kind).name == "v1.2.avif"


def test_nothing_is_overwritten_unasked(encoded, dialog, tmp_path, qtbot, monkeypatch):
    target, asked = tmp_path / "out" / "part-hpcm.png", []
    target.write_bytes(b"precious")
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *args: asked.append(args[2]) or answers.pop(0))
    QTest.mouseClick(dialog.button, LEFT)
    made(dialog, qtbot)
    assert asked == ["part-hpcm.png exists in this folder. Replace it?"]
    assert dialog.isVisible()
    assert target.read_bytes() == b"precious"
    QTest.mouseClick(dialog.button, LEFT)
    written(target, qtbot, encoded)
    assert target.read_bytes() != b"precious"


def test_the_original_is_never_overwritten(encoded, picture_file, qtbot, monkeypatch):
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    before = picture_file.read_bytes()
    export_to(encoded, picture_file)
    dialog = next(found for found in encoded.findChildren(type(export_dialog(encoded))) if found.isVisible())
    assert "never overwritten" in dialog.note.text()
    assert picture_file.read_bytes() == before
    dialog.reject()


@pytest.mark.parametrize("name", ["", "   ", "a/b", "what?"])
def test_names_that_no_file_can_have(dialog, qtbot, name, tmp_path):
    dialog.target.name.selectAll()
    QTest.keyClick(dialog.target.name, Qt.Key.Key_Delete)
    QTest.keyClicks(dialog.target.name, name)
    QTest.mouseClick(dialog.button, LEFT)
    assert "cannot be written" in dialog.note.text()
    assert dialog.isVisible()
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no file there has such a name")
def test_the_name_that_is_proposed_can_be_had(encoded, picture_file, tmp_path, qtbot):
    picture_file.rename(tmp_path / "Shot 12:30:45.png")
    open_and_encode(encoded, tmp_path / "Shot 12:30:45.png", qtbot)
    encoded.settings.export_folder = str(tmp_path)
    QTest.mouseClick(export_dialog(encoded).button, LEFT)
    written(tmp_path / "Shot 12:30:45-hpcm.png", qtbot, encoded)


def test_folder_format_quality_size_and_name_are_remembered(encoded, dialog, tmp_path, qtbot, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(other))
    QTest.mouseClick(dialog.target.choose, LEFT)
    choose(dialog.format, ".avif")
    dialog.spin.setValue(41)
    choose(dialog.size_mode, "longest")
    dialog.longest.setValue(99)
    dialog.target.name.selectAll()
    QTest.keyClicks(dialog.target.name, "mine.avif")
    QTest.mouseClick(dialog.button, LEFT)
    written(other / "mine.avif", qtbot, encoded)
    again = export_dialog(encoded)
    assert (again.kind.suffix, again.quality, again.size_chosen) == (".avif", 41, Size(longest=99))
    assert again.target.path(again.kind) == other / "mine.avif"
    again.reject()
    again = export_dialog(encoded)
    choose(again.picture, "1")
    assert again.target.name.text() == "part-export.avif"
    again.reject()


def test_what_a_format_cannot_take_is_said_and_another_can_be_chosen(window, tmp_path, qtbot):
    path = tmp_path / "long.png"
    Picture(np.zeros((8, 20_000, 3), np.uint8)).save(path)
    window.session.encode_on_change = False
    window.session.open(path)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    dialog = export_dialog(window)
    choose(dialog.format, ".webp")
    qtbot.waitUntil(lambda: "cannot be saved as .webp" in dialog.note.text(), timeout=LONG)
    assert not dialog.button.isEnabled()
    assert window.toasts.shown == []
    choose(dialog.format, ".jpg")
    made(dialog, qtbot)
    assert dialog.note.text() == ""
    assert dialog.button.isEnabled()
    dialog.reject()


def test_what_the_file_lacks_is_said(encoded, tmp_path, qtbot, sample):
    deep = tmp_path / "deep.png"
    Picture(sample.pixels.astype(np.uint16) * 257).save(deep)
    open_and_encode(encoded, deep, qtbot)
    dialog = export_dialog(encoded)
    choose(dialog.format, ".avif")
    made(dialog, qtbot)
    assert "lower bits" in dialog.note.text()
    dialog.reject()


def test_other_work_goes_first_and_the_file_is_made_after(window, large_file, sample, qtbot):
    """A job of the window takes the codec process; the dialog waits for its end and asks again."""
    window.session.encode_on_change = False
    window.session.open(large_file)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    dialog, measured = export_dialog(window), []
    qtbot.waitUntil(lambda: dialog.file_size.text() == "Writing the file…", timeout=LONG)
    window.session.submit(MeasureJob(sample, sample, None), measured.append)
    qtbot.waitUntil(lambda: measured != [], timeout=LONG)
    assert dialog.exported is None
    made(dialog, qtbot)
    dialog.reject()


def test_closing_gives_up_what_is_made(window, large_file, qtbot):
    window.session.encode_on_change = False
    window.session.open(large_file)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    dialog = export_dialog(window)
    choose(dialog.format, ".avif")
    qtbot.waitUntil(lambda: dialog.file_size.text() == "Writing the file…", timeout=LONG)
    assert not window.session.idle
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: window.session.idle, timeout=LONG)
    assert window.toasts.shown == []
