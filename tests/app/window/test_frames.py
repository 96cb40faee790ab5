"""Files with several pictures, and what a picture says about itself, by keys and fields."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.canvas.scene import View
from app.desktop.clipboard import MIME
from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG, export_to, open_and_encode, wait_active

COLOURS = ((200, 10, 10), (10, 200, 10), (10, 10, 200))
CTRL = Qt.KeyboardModifier.ControlModifier
GPS = 0x8825


@pytest.fixture
def pages(tmp_path):
    path = tmp_path / "pages.tif"
    first, *others = [Image.new("RGB", (64, 48), colour) for colour in COLOURS]
    first.save(path, save_all=True, append_images=others)
    return path


def shows(window, colour):
    original = window.session.original
    return original is not None and np.array_equal(original.picture.pixels[0, 0], colour)


def test_another_page_of_a_file_is_chosen(window, pages, qtbot):
    open_and_encode(window, pages, qtbot)
    frames = window.readout.frames
    assert frames.isVisible()
    assert (frames.box.value(), frames.of.text()) == (1, "of 3 in the file")
    assert "2 more pages" in window.readout.left_out.text()
    window.activateWindow()
    QTest.keyClick(window.canvas, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: shows(window, COLOURS[1]), timeout=LONG)
    assert frames.box.value() == 2
    QTest.mouseClick(frames.box, Qt.MouseButton.LeftButton, pos=QPoint(12, 12))
    QTest.keyClick(frames.box, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(frames.box, "3")
    QTest.keyClick(frames.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shows(window, COLOURS[2]), timeout=LONG)
    assert window.focusWidget() is window.canvas
    assert not window.actions_["next_frame"].isEnabled()
    QTest.keyClick(window.canvas, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: shows(window, COLOURS[1]), timeout=LONG)
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    assert window.session.outcome.metrics.psnr > 20  # It is that page which was encoded.
    assert window.canvas.view is View.WIPE


def test_a_page_that_cannot_be_read_leaves_the_one_that_is_open(window, pages, qtbot):
    open_and_encode(window, pages, qtbot)
    pages.write_bytes(pages.read_bytes()[:100])
    window.activateWindow()
    QTest.keyClick(window.canvas, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: window.toasts.shown != [], timeout=LONG)
    assert shows(window, COLOURS[0])
    assert window.readout.frames.box.value() == 1


def test_a_file_with_one_picture_and_a_comparison_offer_no_choice(encoded, pages, qtbot):
    assert not encoded.readout.frames.isVisible()
    encoded.session.compare(pages, pages)
    qtbot.waitUntil(lambda: encoded.session.path == pages and encoded.session.idle, timeout=LONG)
    assert not encoded.readout.frames.isVisible()
    assert not encoded.actions_["next_frame"].isEnabled()


@pytest.fixture
def placed(window, sample, tmp_path, qtbot):
    """A window with an encoded photograph that knows its maker and its place."""
    exif = Image.Exif()
    exif[271], exif[GPS] = "A maker", {1: "N"}
    path = tmp_path / "placed.jpg"
    Image.fromarray(sample.pixels).save(path, exif=exif)
    open_and_encode(window, path, qtbot)
    return window


def tags(data):
    found = Image.Exif()
    found.load(data)
    return found.get(271), found.get_ifd(GPS).get(1)


@pytest.mark.parametrize(
    ("off", "expected", "said"),
    [((), ("A maker", "N"), "Saved {}"), (("keep_place",), ("A maker", None), "Saved {}, without the place"),
     (("keep_metadata",), None, "Saved {}, without metadata")],
)  # fmt: skip
def test_files_are_written_with_or_without_metadata_and_place(
    placed, tmp_path, qtbot, monkeypatch, off, expected, said
):
    for name in off:
        placed.actions_[name].trigger()
    for name, action in (("a.hpcm", "save"), ("a.png", "export")):
        target = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, target=target: (str(target), ""))
        if action == "save":
            placed.actions_[action].trigger()
        else:
            export_to(placed, target)
        qtbot.waitUntil(lambda: any(said.format(name) == toast.notice.message for toast in placed.toasts.shown))  # noqa: B023
        exif = (codec.decode(target.read_bytes()).picture if name == "a.hpcm" else Picture.open(target)).exif
        assert (exif and tags(exif)) == expected
    wait_active(placed)
    QTest.keyClick(placed, Qt.Key.Key_C, CTRL | Qt.KeyboardModifier.ShiftModifier)
    copied = bytes(QGuiApplication.clipboard().mimeData().data(MIME).data())
    assert copied == (tmp_path / "a.hpcm").read_bytes()
    assert placed.settings.keep_metadata == ("keep_metadata" not in off)
    assert placed.settings.keep_place == ("keep_place" not in off)
    assert placed.actions_["keep_place"].isEnabled() == placed.settings.keep_metadata


@pytest.mark.parametrize(
    ("off", "expected"), [((), ("A maker", "N")), (("keep_place",), ("A maker", None)), (("keep_metadata",), None)]
)
def test_a_batch_keeps_what_saving_keeps(placed, tmp_path, qtbot, off, expected):
    for name in off:
        placed.actions_[name].trigger()
    placed.tool_commands.batch_of([tmp_path / "placed.jpg"])
    batch = placed.tool_commands.batch
    QTest.mouseClick(batch.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: batch.runner.counts["done"] == 1, timeout=LONG)
    exif = codec.decode((tmp_path / "placed.hpcm").read_bytes()).picture.exif
    assert (exif and tags(exif)) == expected
    batch.close()


def test_high_dynamic_range_is_said_to_be_toned_down(window, sample, tmp_path, qtbot):
    from hpcm_core.picture import colour

    path = tmp_path / "hdr.png"
    Picture(sample.pixels, icc=colour.from_codes(9, 16, grey=False)).save(path)
    open_and_encode(window, path, qtbot)
    assert "High dynamic range is shown toned down." in window.readout.left_out.text()
