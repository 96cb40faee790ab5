"""The natural look in files: saving, opening, exporting, and the qualities at which there is none."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.canvas.scene import View
from app.desktop.clipboard import MIME
from hpcm_core import codec
from hpcm_core.format import container
from hpcm_core.format.look import parse_look
from hpcm_core.format.wish import wishing
from hpcm_core.look import NATURAL, NONE, mix
from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG, export_dialog
from tests.app.window.conftest import jobs_of, settled

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def written(path):
    return parse_look(container.read(path.read_bytes()).look)


def test_a_file_keeps_the_look_only_if_that_is_ticked_and_opens_with_it(
    looked, natural_of, tmp_path, qtbot, monkeypatch
):
    session, control, data = looked.session, looked.readout.look, looked.session.outcome.data

    def save(name):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        QTest.keyClick(looked, Qt.Key.Key_S, CTRL)
        qtbot.waitUntil(lambda: not session.is_unsaved, timeout=LONG)
        return path

    assert not control.store.isVisible()
    control.slider.setValue(60)
    settled(looked, 154, qtbot)
    assert control.store.isVisible()
    assert save("plain.hpcm").read_bytes() == data, "looking at it changes no file"
    asked = jobs_of(looked, monkeypatch)
    QTest.mouseClick(control.store, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(8, 10))
    assert session.is_unsaved
    assert looked.status.unsaved.isVisible()
    path = save("wishing.hpcm")
    assert written(path) == 154
    assert container.read(path.read_bytes()).tiles == container.read(data).tiles
    assert len(path.read_bytes()) <= len(data) + 24
    assert "EncodeJob" not in asked, "nothing is encoded for it"
    looked.actions_["copy_file"].trigger()
    assert bytes(QGuiApplication.clipboard().mimeData().data(MIME).data()) == path.read_bytes()
    control.slider.setValue(70)
    assert session.is_unsaved, "another look is another file"
    # Opened again it is as it was saved; its latents were decoded once for both pictures.
    asked.clear()
    session.open(path)
    settled(looked, 154, qtbot)
    assert "NaturalJob" not in asked
    assert session.outcome.wished == 154
    assert (control.slider.value(), control.store.isChecked(), control.store.isVisible()) == (60, True, True)
    assert looked.canvas.scene.look == "Natural 60 %, invented detail"
    faithful = codec.decode(data, look=0).picture.pixels
    assert np.array_equal(session.outcome.shown.picture.pixels, faithful), "figures are of the faithful picture"
    assert np.array_equal(looked.canvas.scene.reconstruction_samples[:], mix(faithful, natural_of(data), 154))
    control.store.click()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "again.hpcm"), ""))
    QTest.keyClick(looked, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil((tmp_path / "again.hpcm").exists, timeout=LONG)
    assert (tmp_path / "again.hpcm").read_bytes() == data, "the wish is taken out of the file"


def test_what_is_exported_is_what_is_shown_and_called_so(looked, natural_of, tmp_path, qtbot):
    session, looked.settings.export_folder = looked.session, str(tmp_path)
    looked.canvas.set_view(View.WIPE)
    looked.readout.look.slider.setValue(40)
    settled(looked, 102, qtbot)
    faithful = session.outcome.shown.picture.pixels
    wanted = {"part-hpcm-natural.png": mix(faithful, natural_of(session.outcome.data), 102), "part-hpcm.png": faithful}
    offered = ["Reconstruction · Natural 40 %, invented detail", "Reconstruction · Faithful", "Original"]
    for place, (name, pixels) in enumerate(wanted.items()):
        dialog = export_dialog(looked)
        assert [dialog.picture.itemText(i) for i in range(dialog.picture.count())] == offered
        assert dialog.picture.currentIndex() == 0
        QTest.keyClick(dialog.picture, Qt.Key.Key_Down) if place else None
        assert dialog.target.name.text() == name
        QTest.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil((tmp_path / name).exists, timeout=LONG)
        assert np.array_equal(Picture.open(tmp_path / name).pixels, pixels), name


def test_at_high_quality_the_slider_says_why_it_rests(looked, natural_of, qtbot):
    """And comes back with a lower quality, as it was."""
    session, control = looked.session, looked.readout.look
    control.slider.setValue(50)
    settled(looked, 128, qtbot)
    for quality, can in ((NONE, False), (NONE - 1, True)):
        looked.recipe_panel.slider.setValue(quality)
        qtbot.waitUntil(lambda: session.idle and not session.is_stale, timeout=LONG)
        assert control.isVisible()
        assert control.slider.isEnabled() == looked.actions_["natural"].isEnabled() == can
        assert looked.actions_["natural"].isChecked() == can
        assert (control.invented.text() == "none from quality 75 on") == (not can)
        assert ("nothing is missing" in control.slider.toolTip()) == (not can)
        assert ("nothing is missing" in looked.actions_["natural"].toolTip()) == (not can)
        assert control.store.isVisible() == can
        assert looked.canvas.scene.look == "" or can
    settled(looked, 128, qtbot)


def test_a_wish_that_the_quality_leaves_nothing_of_is_no_fault(looked, tmp_path, qtbot):
    session, path = looked.session, tmp_path / "fine.hpcm"
    looked.recipe_panel.slider.setValue(90)
    qtbot.waitUntil(lambda: session.idle and not session.is_stale, timeout=LONG)
    path.write_bytes(wishing(session.outcome.data, NATURAL))
    session.open(path)
    qtbot.waitUntil(lambda: session.path == path and session.idle, timeout=LONG)
    assert looked.toasts.shown == []
    assert (session.natural.wanted, session.natural.shown) == (0, 0)
    assert session.natural.stored_look == NATURAL, "saved again it wishes what it wished"


def test_a_wish_without_weights_is_told(looked, tmp_path, qtbot, monkeypatch):
    """And stays in the file, for who has them."""
    path = tmp_path / "wishing.hpcm"
    path.write_bytes(wishing(looked.session.outcome.data, 100))
    monkeypatch.setattr("app.session.document.has_look", lambda *_: False)
    looked.session.open(path)
    qtbot.waitUntil(lambda: looked.session.path == path and looked.session.idle, timeout=LONG)
    assert [toast.notice.message for toast in looked.toasts.shown if "natural look" in toast.notice.message]
    assert not looked.readout.look.isVisible()
    assert looked.canvas.scene.look == ""
    looked.session.save(tmp_path / "again.hpcm")
    qtbot.waitUntil((tmp_path / "again.hpcm").exists, timeout=LONG)
    assert written(tmp_path / "again.hpcm") == 100
