"""The window with the real codec, used as a user does."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QFileDialog

import hpcm_core
from app.canvas.scene import View
from app.ui.notices import Notice
from hpcm_core import metrics
from hpcm_core.models.catalogue import list_models
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, drop, open_and_encode


def wait_idle(window, qtbot):
    qtbot.waitUntil(lambda: window.session.idle, timeout=LONG)


def errors(window):
    return [toast.notice for toast in window.toasts.shown if toast.notice.is_error]


def test_the_first_page_offers_what_to_do(window):
    assert window.pages.currentWidget() is window.welcome
    assert window.welcome.open_button.isEnabled()
    assert not window.actions_["save"].isEnabled()
    assert not window.actions_["wipe"].isEnabled()
    assert not window.recipe_panel.button.isEnabled()
    assert all(not figure.isEnabled() for figure in window.readout.figures)


def test_open_encode_and_read_the_result(encoded, sample):
    outcome = encoded.session.outcome
    assert encoded.pages.currentWidget() is encoded.canvas
    assert encoded.canvas.view is View.WIPE
    shown = outcome.shown.picture
    assert outcome.metrics.psnr == pytest.approx(metrics.psnr(sample.pixels, shown.pixels), abs=1e-6)
    assert encoded.readout.psnr.value == f"{outcome.metrics.psnr:.2f} dB"
    assert encoded.readout.bpp.value == f"{8 * len(outcome.data) / (257 * 183):.4f} bpp"
    assert "dB" in encoded.readout.ms_ssim.value
    assert encoded.readout.encoding.value.endswith("s")
    assert encoded.readout.decoding.value.endswith("s")
    model = encoded.steps.model
    assert sum(model.share(row) for row in range(1, 10)) == pytest.approx(1.0, abs=1e-6)
    assert 0 < model.row_bits(0) <= 8 * len(outcome.data)
    assert encoded.windowTitle().startswith("part.png")
    assert errors(encoded) == []


def test_a_click_copies_the_exact_number(encoded, qtbot):
    QTest.mouseClick(encoded.readout.file_size, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == str(len(encoded.session.outcome.data))


def test_save_and_open_again(encoded, sample, tmp_path, qtbot, monkeypatch):
    target = tmp_path / "saved"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), "HPCM files (*.hpcm)"))
    encoded.actions_["save"].trigger()
    target = target.with_suffix(".hpcm")
    qtbot.waitUntil(lambda: target.exists())
    reconstruction = encoded.session.outcome.shown.picture.pixels
    assert target.read_bytes() == encoded.session.outcome.data
    assert np.array_equal(hpcm_core.decode(target.read_bytes()).picture.pixels, reconstruction)

    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(target), ""))
    encoded.actions_["open"].trigger()
    qtbot.waitUntil(lambda: encoded.session.original is None and encoded.session.idle, timeout=LONG)
    assert np.array_equal(encoded.session.outcome.shown.picture.pixels, reconstruction)
    assert encoded.canvas.view is View.RECONSTRUCTION
    assert encoded.readout.psnr.value == ""
    assert encoded.readout.file_size.value
    assert not encoded.actions_["wipe"].isEnabled()
    assert encoded.actions_["bits"].isEnabled()
    assert encoded.readout.choose.isVisible()
    assert not encoded.recipe_panel.button.isEnabled()

    source = tmp_path / "part.png"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(source), ""))
    encoded.readout.choose.click()
    qtbot.waitUntil(lambda: encoded.session.outcome.metrics is not None, timeout=LONG)
    assert encoded.canvas.view is View.WIPE
    expected = metrics.psnr(sample.pixels, reconstruction)
    assert encoded.session.outcome.metrics.psnr == pytest.approx(expected, abs=1e-6)


def test_an_original_of_another_size_is_refused(encoded, tmp_path, qtbot):
    target = tmp_path / "a.hpcm"
    encoded.session.save(target)
    qtbot.waitUntil(target.exists)
    encoded.session.open(target)
    qtbot.waitUntil(lambda: encoded.session.original is None and encoded.session.idle, timeout=LONG)
    other = tmp_path / "other.png"
    Picture(np.zeros((8, 9, 3), np.uint8)).save(other)
    encoded.session.choose_original(other)
    qtbot.waitUntil(lambda: errors(encoded) != [], timeout=LONG)
    assert "9 × 8" in errors(encoded)[0].message
    assert encoded.session.original is None


def test_a_file_that_cannot_be_written_is_told(encoded, tmp_path, qtbot):
    encoded.session.save(tmp_path / "no" / "such" / "folder.hpcm")
    qtbot.waitUntil(lambda: errors(encoded) != [])
    assert "folder.hpcm" in errors(encoded)[0].message
    encoded.session.save(tmp_path / f"{'long' * 80}.hpcm")
    qtbot.waitUntil(lambda: len(errors(encoded)) == 2)
    assert "could not be written" in errors(encoded)[1].message


def test_a_text_file_named_png_makes_a_toast(window, tmp_path, qtbot):
    fake = tmp_path / "letter.png"
    fake.write_text("Dear reader,\n")
    drop(window, fake)
    qtbot.waitUntil(lambda: errors(window) != [], timeout=LONG)
    notice = errors(window)[0]
    assert "letter.png" in notice.message
    assert "\n" not in notice.message
    assert window.pages.currentWidget() is window.welcome
    toast = window.toasts.shown[0]
    toast.dismiss()
    assert window.toasts.shown == []


def test_a_damaged_hpcm_file_leaves_what_was_open(encoded, tmp_path, qtbot):
    damaged = bytearray(encoded.session.outcome.data)
    damaged[len(damaged) // 2] ^= 0xFF
    path = tmp_path / "damaged.hpcm"
    path.write_bytes(damaged)
    before = encoded.session.outcome
    drop(encoded, path)
    qtbot.waitUntil(lambda: errors(encoded) != [], timeout=LONG)
    assert encoded.session.outcome is before
    assert encoded.canvas.view is View.WIPE


def test_a_dropped_picture_is_opened(window, picture_file, qtbot):
    drop(window, picture_file)
    qtbot.waitUntil(lambda: window.session.outcome is not None, timeout=LONG)
    assert window.session.path == picture_file


def test_moving_the_quality_marks_the_result_and_replaces_it(encoded, qtbot):
    before = encoded.session.outcome
    slider = encoded.recipe_panel.slider
    slider.setSliderDown(True)
    slider.setValue(80)
    assert encoded.session.is_stale
    assert encoded.session.outcome is before
    assert encoded.readout.note.text() == "Outdated"
    assert "outdated" in encoded.canvas.scene.reconstruction_name
    assert encoded.session.encoding is None  # Nothing is encoded while the slider moves.
    slider.setSliderDown(False)
    qtbot.waitUntil(lambda: encoded.session.outcome is not before, timeout=LONG)
    assert encoded.session.outcome.recipe == Recipe(quality=80)
    assert encoded.session.outcome.size_bytes > before.size_bytes
    assert not encoded.session.is_stale
    wait_idle(encoded, qtbot)


def test_going_back_to_the_shown_quality_stops_the_encoding(encoded, qtbot):
    before = encoded.session.outcome
    encoded.recipe_panel.slider.setValue(80)
    assert encoded.session.encoding == Recipe(quality=80)
    encoded.recipe_panel.slider.setValue(30)
    wait_idle(encoded, qtbot)
    assert encoded.session.outcome is before
    assert not encoded.session.is_stale


def test_without_automatic_encoding_the_button_does_it(encoded, qtbot):
    encoded.recipe_panel.automatic.setChecked(False)
    before = encoded.session.outcome
    encoded.recipe_panel.slider.setValue(10)
    assert encoded.session.idle
    assert encoded.session.is_stale
    QTest.mouseClick(encoded.recipe_panel.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: encoded.session.outcome is not before, timeout=LONG)
    assert encoded.session.outcome.recipe == Recipe(quality=10)
    assert not encoded.settings.encode_on_change


def test_cancel_keeps_the_old_result(encoded, large_file, qtbot):
    encoded.session.open(large_file)
    qtbot.waitUntil(lambda: encoded.session.path == large_file, timeout=LONG)
    with qtbot.waitSignal(encoded.session.worker.progress, timeout=LONG):
        pass
    assert encoded.recipe_panel.button.text() == "Cancel"
    assert encoded.recipe_panel.bar.isVisible()
    QTest.mouseClick(encoded.recipe_panel.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=10_000)
    assert encoded.recipe_panel.button.text() == "Encode"
    assert encoded.session.outcome is None
    assert encoded.session.original is not None
    assert errors(encoded) == []


def test_percent_and_time_left_of_an_encoding_are_told(window, large_file, qtbot, monkeypatch):
    monkeypatch.setattr("app.ui.remaining.SURE", 0.1)  # on a fast machine the whole takes less than two seconds
    window.session.open(large_file)
    stage = window.recipe_panel.stage
    qtbot.waitUntil(lambda: re.search(r"^\d+ % · \d+ s left · .*…", stage.text()) is not None, timeout=LONG)


def test_a_result_that_is_cancelled_while_it_is_prepared_is_not_shown(encoded, qtbot, monkeypatch):
    before, held = encoded.session.outcome, []
    monkeypatch.setattr(encoded.session.background, "run", lambda work, done, failed: held.append((work, done)))
    encoded.recipe_panel.slider.setValue(80)
    qtbot.waitUntil(lambda: held != [], timeout=LONG)
    assert encoded.session.busy
    encoded.session.cancel()
    assert encoded.session.idle
    work, done = held[0]
    done(work())
    assert encoded.session.outcome is before


def test_the_window_recovers_when_the_codec_dies(window, large_file, picture_file, qtbot):
    window.session.open(large_file)
    with qtbot.waitSignal(window.session.worker.progress, timeout=LONG):
        pass
    os.kill(window.session.worker.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: errors(window) != [], timeout=LONG)
    assert "restarted" in errors(window)[0].message
    assert window.session.original is not None
    assert not window.session.busy
    open_and_encode(window, picture_file, qtbot)
    assert window.session.outcome is not None


def test_a_missing_model_says_how_to_get_it(encoded, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    encoded.load_models()
    qtbot.waitUntil(lambda: "Bundled" in encoded.recipe_panel.variants["lite"].accessibleName())
    before = encoded.session.outcome
    encoded.recipe_panel.variants["base"].click()
    assert encoded.recipe_panel.hint.isVisible()
    hint = encoded.recipe_panel.hint
    assert re.findall(r'href="(\w+):', hint.text()) == ["get", "import"]
    assert hint.textInteractionFlags() & Qt.TextInteractionFlag.LinksAccessibleByKeyboard
    with qtbot.waitSignal(encoded.recipe_panel.import_wanted, timeout=LONG):
        hint.linkActivated.emit(re.search(r'href="(import[^"]*)"', hint.text()).group(1))
    assert encoded.recipe_panel.lambdas.count() >= 6
    assert not encoded.recipe_panel.button.isEnabled()
    assert encoded.session.idle
    encoded.recipe_panel.metric_box.setCurrentIndex(1)
    encoded.recipe_panel.metric_box.activated.emit(1)
    assert encoded.session.recipe.metric == "ms-ssim"
    encoded.recipe_panel.variants["lite"].click()
    assert encoded.session.outcome is before
    assert not encoded.session.is_stale


def test_a_picture_that_is_opened_with_a_missing_model_is_told_of_that_once(window, picture_file, qtbot):
    panel, session = window.recipe_panel, window.session
    window.load_models()
    qtbot.waitUntil(lambda: "Bundled" in panel.variants["lite"].accessibleName())
    panel.variants["base"].click()
    session.open(picture_file)
    qtbot.waitUntil(lambda: session.original is not None and session.idle, timeout=LONG)
    assert panel.hint.isVisible()
    assert window.toasts.shown == []
    assert not window.actions_["encode"].isEnabled()
    panel.variants["lite"].click()
    assert window.actions_["encode"].isEnabled()
    qtbot.waitUntil(lambda: session.outcome is not None, timeout=LONG)


def test_a_picture_that_is_opened_before_the_models_are_known_waits(make_window, picture_file, qtbot):
    """Nothing is tried with a model of which nobody has looked whether it is there: it is told of once, by the hint."""
    window = make_window(Recipe("base", lmbda=0.013))
    panel, session, jobs = window.recipe_panel, window.session, []
    session.progress.connect(lambda stage, _: jobs.append(str(stage)))
    session.open(picture_file)
    qtbot.waitUntil(lambda: session.original is not None and session.idle, timeout=LONG)
    assert panel.hint.isHidden()
    window.load_models()
    qtbot.waitUntil(panel.hint.isVisible, timeout=LONG)
    assert session.idle
    assert session.outcome is None
    assert window.toasts.shown == []
    assert [stage for stage in jobs if not stage.startswith("Opening")] == []


def test_what_waited_for_the_models_is_encoded_then(make_window, picture_file, qtbot, monkeypatch):
    """With a model that is there."""
    window = make_window(Recipe("base", lmbda=0.013))
    session, wanted = window.session, []
    monkeypatch.setattr(session, "encode", lambda: wanted.append(session.recipe.model))
    session.open(picture_file)
    qtbot.waitUntil(lambda: session.original is not None and session.idle, timeout=LONG)
    assert wanted == []
    there = [replace(one, state="installed") for one in list_models()]
    monkeypatch.setattr("hpcm_core.models.catalogue.list_models", lambda: there)
    for _ in range(2):
        window.load_models()
        qtbot.waitUntil(lambda: wanted != [], timeout=LONG)
    assert wanted == ["base"], "once"


def test_every_control_has_a_name(encoded):
    kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for kind in kinds
        for widget in encoded.findChildren(kind)
        if not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text())
        and not widget.objectName().startswith("qt_")
        and type(widget).__name__ not in ("QScrollBar",)
    ]
    assert nameless == []


def test_the_keyboard_reaches_every_control(encoded):
    wanted = {encoded.recipe_panel.slider, encoded.recipe_panel.button, encoded.steps.list, encoded.steps.play}
    wanted |= {*encoded.readout.figures[:4], encoded.canvas, *encoded.recipe_panel.variants.values()}
    assert all(widget.focusPolicy() & Qt.FocusPolicy.TabFocus for widget in wanted)


def test_the_theme_changes_at_once_and_is_remembered(window):
    before = window.palette().window().color()
    window.actions_["theme"].trigger()
    assert window.palette().window().color() != before
    assert window.settings.theme == "dark"
    window.actions_["theme"].trigger()
    assert window.settings.theme == "light"


def test_the_focus_stays_where_a_person_left_it(window, picture_file, qtbot):
    window.activateWindow()
    assert window.focusWidget() is window.welcome.open_button
    open_and_encode(window, picture_file, qtbot)
    assert window.focusWidget() is window.canvas
    window.show_notice(Notice("What went wrong", "Details"))
    toast = window.toasts.shown[0]
    toast.more.setFocus(Qt.FocusReason.TabFocusReason)
    toast.dismiss()
    assert window.focusWidget() is window.canvas
