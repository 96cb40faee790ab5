"""The natural look in the window: slider, key, every view, saving and opening. Its weights are a stand-in's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from safetensors.numpy import save_file

from app.canvas import overlays, values
from app.canvas.difference import Difference, Mode
from app.canvas.scene import View
from app.canvas.viewport import Viewport
from hpcm_core import codec
from hpcm_core.look import NATURAL, mix
from hpcm_core.models.catalogue import find_look
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, open_and_encode, pixels_of
from tests.app.window.conftest import jobs_of, settled

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def drag(slider, to):
    """Take the handle of a slider and move it, in percent of its length; the button stays down."""
    span = slider.width() - 16  # The handle's middle moves so far.
    start = QPoint(8 + round(span * slider.value() / 100), slider.height() // 2)
    QTest.mousePress(slider, LEFT, Qt.KeyboardModifier.NoModifier, start)
    for part in (0.3, 0.7, 1.0):
        place = start + QPoint(round(part * (8 + span * to / 100 - start.x())), 0)
        QTest.mouseMove(slider, place)


def test_the_slider_asks_once_for_the_natural_picture_and_then_mixes(looked, natural_of, monkeypatch, qtbot):
    session, control = looked.session, looked.readout.look
    faithful, figures = (
        session.outcome.shown.picture.pixels,
        (looked.readout.psnr.value, looked.readout.file_size.value),
    )
    assert control.isVisible()
    assert (session.natural.wanted, session.natural.shown, control.slider.value()) == (0, 0, 0), "off at first"
    asked, started = jobs_of(looked, monkeypatch), []
    session.busy_changed.connect(started.append)
    drag(control.slider, 50)
    assert asked == ["NaturalJob"]
    assert started == [True]
    assert looked.recipe_panel.button.text() == "Cancel"
    assert looked.canvas.scene.look == "", "until it is there the faithful picture is on show, and says so"
    percent = control.slider.value()
    assert 45 <= percent <= 55
    look = round(percent * 2.56)
    settled(looked, look, qtbot)
    natural = natural_of(session.outcome.data)
    assert not np.array_equal(natural, faithful)
    drag(control.slider, 80)
    for _ in range(3):
        QTest.keyClick(control.slider, Qt.Key.Key_Right)
    look = session.natural.wanted
    assert look == round((control.slider.value()) * 2.56) > 0.8 * 256
    shown = looked.canvas.scene
    assert asked == ["NaturalJob"], "no job runs for another mixture"
    assert session.natural.shown == look
    assert np.array_equal(shown.reconstruction.tile(0, 0, 0), mix(faithful, natural, look)[:256, :256])
    words = f"Natural {control.slider.value()} %, invented detail"
    assert shown.look == words
    assert shown.reconstruction_name.startswith(words)
    assert (looked.readout.psnr.value, looked.readout.file_size.value) == figures
    assert looked.readout.note.text() == "Of the faithful picture"
    QTest.mouseRelease(control.slider, LEFT)
    QTest.keyClick(control.slider, Qt.Key.Key_Home)
    assert looked.canvas.scene.look == ""
    assert np.array_equal(looked.canvas.scene.reconstruction.tile(0, 0, 0), faithful[:256, :256])
    assert looked.readout.note.text() == session.outcome.description


def test_the_key_goes_to_and_fro(looked, natural_of, qtbot):
    session, action = looked.session, looked.actions_["natural"]
    assert action.isEnabled()
    QTest.keyClick(looked, "a")
    assert looked.readout.look.slider.value() == 100
    settled(looked, NATURAL, qtbot)
    assert action.isChecked()
    natural = natural_of(session.outcome.data)
    assert np.array_equal(looked.canvas.scene.reconstruction_samples[:], natural)
    looked.readout.look.slider.setValue(25)
    QTest.keyClick(looked, "a")
    assert (session.natural.shown, action.isChecked(), looked.readout.look.slider.value()) == (0, False, 0)
    QTest.keyClick(looked, "a")
    assert (session.natural.shown, action.isChecked(), looked.readout.look.slider.value()) == (64, True, 25)


def test_every_view_shows_the_look_and_names_it(looked, natural_of, sample, qtbot):
    session, canvas = looked.session, looked.canvas
    session.natural.want(128)
    settled(looked, 128, qtbot)
    mixed = mix(session.outcome.shown.picture.pixels, natural_of(session.outcome.data), 128)
    words = "Natural 50 %, invented detail"

    def pixel(pane, x, y):
        left, top = canvas.viewport.to_pane(x + 0.5, y + 0.5)
        ratio = canvas.devicePixelRatioF()
        place = (pane.rect.left() + left) / ratio, (pane.rect.top() + top) / ratio
        return tuple(pixels_of(canvas)[round(place[1]), round(place[0])])

    canvas.one_to_one()
    for key, view in (("1", View.RECONSTRUCTION), ("2", View.WIPE), ("s", View.SIDE)):
        QTest.keyClick(looked, key)
        pane = canvas.frame.panes[-1]
        assert canvas.view is view
        assert pixel(pane, 200, 90) == tuple(mixed[90, 200])
        assert words in overlays.name_of(View.RECONSTRUCTION, canvas.frame)
    QTest.keyPress(looked, Qt.Key.Key_Space)
    assert pixel(canvas.frame.panes[0], 200, 90) == tuple(sample.pixels[90, 200])
    QTest.keyRelease(looked, Qt.Key.Key_Space)
    QTest.keyClick(looked, "d")
    qtbot.waitUntil(lambda: canvas.scene.difference_look == words, timeout=LONG)
    assert overlays.name_of(View.DIFFERENCE, canvas.frame).endswith(words)
    expected = Difference(sample.pixels, mixed).values(0, 0, 0, Mode.ABSOLUTE, False)
    assert np.array_equal(canvas.scene.difference.values(0, 0, 0, Mode.ABSOLUTE, False), expected)
    session.natural.want(0)
    assert canvas.scene.difference is session.outcome.difference
    assert canvas.scene.difference_look == ""
    session.natural.want(200)
    qtbot.waitUntil(lambda: "78 %" in canvas.scene.difference_look, timeout=LONG)
    session.natural.want(128)
    canvas.set_viewport(Viewport(64.0, -64.0 * 50, -64.0 * 40, fitted=False))
    QTest.keyClick(looked, "1")
    assert values.text_at(canvas.frame, View.RECONSTRUCTION, 52, 43) == "\n".join(map(str, mixed[43, 52]))
    QTest.mouseMove(canvas, QPoint(160, 200))
    canvas._gestures.pointer = None
    looked._show_pixel()
    x, y = 52, 42
    canvas._gestures.pointer = canvas.frame.panes[0].rect.topLeft() + QPoint(160, 160)
    looked._show_pixel()
    assert f"{words} {' '.join(map(str, mixed[y, x]))}" in looked.status.pixel.text()


def test_the_wipe_says_it_where_the_whole_name_has_no_room(looked, qtbot, monkeypatch):
    session, canvas = looked.session, looked.canvas
    session.natural.want(NATURAL)
    settled(looked, NATURAL, qtbot)
    QTest.keyClick(looked, "2")
    said = []
    monkeypatch.setattr(overlays, "label", lambda painter, text, *place: said.append(text))
    canvas.fit()
    canvas.set_divider(canvas.viewport.to_picture(canvas.device_size().width() - 150, 0)[0])
    canvas.grab()
    assert said == ["Original", "Natural, invented detail"]
    canvas.set_divider(canvas.viewport.to_picture(canvas.device_size().width() - 90, 0)[0])
    said.clear()
    canvas.grab()
    assert said == ["Original"], "no word has room there"


def test_it_is_given_up_by_esc_and_by_the_button(looked, qtbot):
    session = looked.session
    for stop in (lambda: QTest.keyClick(looked, Qt.Key.Key_Escape), lambda: looked.recipe_panel.button.click()):
        QTest.keyClick(looked, "a")
        assert session.busy
        stop()
        assert session.natural.wanted == 0
        assert looked.readout.look.slider.value() == 0
        qtbot.waitUntil(lambda: session.idle, timeout=LONG)
        assert session.natural.shown == 0
        assert not looked.actions_["natural"].isChecked()
    QTest.keyClick(looked, "a")
    settled(looked, NATURAL, qtbot)


@pytest.mark.parametrize("when", ["being made", "there"])
def test_another_quality_has_a_natural_picture_of_its_own(looked, natural_of, when, qtbot):
    session = looked.session
    before = session.outcome.data
    session.natural.want(192)
    if when == "there":
        settled(looked, 192, qtbot)
    seen = []
    session.document_changed.connect(lambda: seen.append((session.outcome.data != before, session.natural.shown)))
    looked.recipe_panel.slider.setValue(55)
    qtbot.waitUntil(lambda: session.outcome.data != before, timeout=LONG)
    assert next(look for is_new, look in seen if is_new) == 0, "the old one is not mixed with the new result"
    assert looked.readout.look.slider.value() == 75, "what was wanted stays"
    settled(looked, 192, qtbot)
    mixed = mix(session.outcome.shown.picture.pixels, natural_of(session.outcome.data), 192)
    assert np.array_equal(looked.canvas.scene.reconstruction_samples[:], mixed)
    qtbot.waitUntil(lambda: session.outcome.decode_seconds is not None, timeout=LONG)
    looked.recipe_panel.slider.setValue(30)
    assert session.outcome.data == before, "the result from before is shown again"
    settled(looked, 192, qtbot)
    mixed = mix(session.outcome.shown.picture.pixels, natural_of(before), 192)
    assert np.array_equal(looked.canvas.scene.reconstruction_samples[:], mixed)


def test_another_picture_is_faithful_again(looked, sample, tmp_path, qtbot):
    session = looked.session
    QTest.keyClick(looked, "a")
    settled(looked, NATURAL, qtbot)
    looked.readout.look.store.click()
    other = tmp_path / "other.png"
    replace(sample, pixels=np.ascontiguousarray(sample.pixels[::-1])).save(other)
    open_and_encode(looked, other, qtbot)
    assert (session.natural.wanted, session.natural.stored) == (0, False)
    assert looked.readout.look.slider.value() == 0
    assert not looked.readout.look.store.isVisible()
    assert looked.canvas.scene.look == ""


def test_what_the_decoder_shows_step_by_step_is_faithful(looked, qtbot):
    session = looked.session
    session.natural.want(NATURAL)
    settled(looked, NATURAL, qtbot)
    QTest.keyClick(looked, "v")
    looked.steps.slider.setValue(5)
    qtbot.waitUntil(lambda: not looked.step_pictures.waiting and session.idle, timeout=LONG)
    decoded = codec.decode(session.outcome.data, steps=4).picture.pixels
    session.natural.want(100)
    scene = looked.canvas.scene
    assert np.array_equal(scene.reconstruction.levels[0], decoded)
    assert np.array_equal(scene.reconstruction_samples, decoded)
    assert (scene.look, scene.reconstruction_name.startswith("After")) == ("", True)
    looked.steps.slider.setValue(0)
    assert looked.canvas.scene.look == "Natural 39 %, invented detail"


def test_models_with_one_look_offer_none(make_window, looking_worker, picture_file, qtbot):
    window = make_window(Recipe(model="lossless"), worker=looking_worker)
    window.session.open(picture_file)
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    assert not window.readout.look.isVisible()
    action = window.actions_["natural"]
    assert not action.isEnabled()
    assert "no natural look" in action.toolTip()
    window.session.natural.want(100)
    assert (window.session.natural.wanted, window.session.busy) == (0, False)


def test_before_there_is_a_result_the_slider_says_why_it_rests(make_window, looking_worker):
    window = make_window(worker=looking_worker)
    control = window.readout.look
    assert control.isVisible()
    assert not control.slider.isEnabled()
    assert "no result" in control.slider.toolTip()
    assert not window.actions_["natural"].isEnabled()


def test_the_histogram_of_errors_says_whose_it_is(looked, qtbot):
    looked.session.natural.want(NATURAL)
    settled(looked, NATURAL, qtbot)
    looked.actions_["errors"].trigger()
    dialog = looked.error_commands.dialog
    qtbot.waitUntil(lambda: "of the faithful picture" in dialog.place.text(), timeout=LONG)
    looked.session.natural.want(0)
    qtbot.waitUntil(lambda: "of the faithful picture" not in dialog.place.text(), timeout=LONG)
    dialog.close()


def test_weights_that_cannot_be_used_are_told_and_the_picture_stays_faithful(looked, qtbot, monkeypatch):
    """What is wrong is said once; nothing asks again by itself."""
    session = looked.session
    path = find_look("lite", session.outcome.header.model_hash)
    sound = path.read_bytes()
    damaged = Path(str(path) + ".sound")
    try:
        save_file(
            {"x": np.zeros(3, np.int16)},
            damaged,
            {"look": "natural", "model_hash": session.outcome.header.model_hash.hex()},
        )
        path.write_bytes(damaged.read_bytes())
        asked = jobs_of(looked, monkeypatch)
        QTest.keyClick(looked, "a")
        qtbot.waitUntil(lambda: bool(looked.toasts.shown), timeout=LONG)
        qtbot.waitUntil(lambda: session.idle, timeout=LONG)
        qtbot.wait(300)
    finally:
        path.write_bytes(sound)
        damaged.unlink(missing_ok=True)
    assert len(looked.toasts.shown) == 1
    assert asked.count("NaturalJob") == 1
    assert (session.natural.wanted, session.natural.shown, looked.readout.look.slider.value()) == (0, 0, 0)
    assert looked.canvas.scene.look == ""
