"""The decoder at work: what is shown for a step is what a decoder has after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.canvas.scene import View
from hpcm_core import codec, metrics
from tests.app.conftest import LONG


def choose(window, row, qtbot):
    """Choose a row of the list of steps, and wait for its picture."""
    window.steps.slider.setValue(row)
    qtbot.waitUntil(lambda: not window.step_pictures.waiting and window.session.idle, timeout=LONG)


@pytest.fixture
def watching(encoded):
    encoded.activateWindow()
    encoded.canvas.setFocus()
    QTest.keyClick(encoded, Qt.Key.Key_V)
    assert encoded.step_pictures.on
    return encoded


def shown(window):
    return window.canvas.scene.reconstruction.levels[0]


def test_each_step_shows_what_a_decoder_has(watching, sample, qtbot):
    outcome = watching.session.outcome
    maps = outcome.bits.per_step
    for row, steps in ((1, 0), (6, 5), (9, 8)):
        choose(watching, row, qtbot)
        decoded = codec.decode(outcome.data, steps=steps).picture
        assert np.array_equal(shown(watching), decoded.pixels)
        name = watching.canvas.scene.reconstruction_name
        assert f"{metrics.psnr(sample.pixels, decoded.pixels):.2f} dB" in name
        size = outcome.size_bytes - outcome.payload_bytes + maps[:row].sum() / 8
        assert f"{size / 1000:.1f} kB" in name or f"{round(size)} B" in name
        assert watching.canvas.view is View.RECONSTRUCTION
    assert np.array_equal(shown(watching), outcome.shown.picture.pixels), "the last step is the decoded picture"
    assert watching.canvas.scene.difference is not None


def test_the_finished_picture_comes_back(watching, qtbot):
    finished = watching.session.outcome.shown.pyramid
    choose(watching, 3, qtbot)
    assert watching.canvas.scene.reconstruction is not finished
    choose(watching, 0, qtbot)
    assert watching.canvas.scene.reconstruction is finished
    choose(watching, 3, qtbot)
    QTest.keyClick(watching, Qt.Key.Key_V)
    assert watching.canvas.scene.reconstruction is finished
    assert "Reconstruction" in watching.canvas.scene.reconstruction_name


def test_playing_waits_for_each_picture(watching, monkeypatch, qtbot):
    names, set_scene = [], watching.canvas.set_scene

    def painted(scene):
        names.append(scene.reconstruction_name)
        set_scene(scene)

    monkeypatch.setattr(watching.canvas, "set_scene", painted)
    watching.steps._timer.setInterval(1)  # faster than any decoder
    watching.steps.toggle_playing()
    qtbot.waitUntil(lambda: not watching.steps.playing, timeout=LONG)
    assert len({name for name in names if name.startswith("After")}) == 9, "none is left out"


def test_another_result_has_pictures_of_its_own(watching, qtbot):
    choose(watching, 4, qtbot)
    before = shown(watching)
    watching.recipe_panel.slider.setValue(80)
    qtbot.waitUntil(
        lambda: not watching.session.is_stale and watching.session.idle and not watching.step_pictures.waiting,
        timeout=LONG,
    )
    decoded = codec.decode(watching.session.outcome.data, steps=3).picture
    assert np.array_equal(shown(watching), decoded.pixels)
    assert not np.array_equal(shown(watching), before)


def test_what_nobody_wants_any_more_is_not_decoded_to_its_end(watching, monkeypatch, qtbot):
    """Another step that is chosen meanwhile, and then the key again: of a large picture each would take a while."""
    session, given_up = watching.session, []
    cancel = session.jobs.cancel
    monkeypatch.setattr(session.jobs, "cancel", lambda: given_up.append(watching.steps.step) or cancel())
    watching.steps.slider.setValue(6)
    assert not session.idle
    watching.steps.slider.setValue(3)
    qtbot.waitUntil(lambda: not watching.step_pictures.waiting and session.idle, timeout=LONG)
    decoded = codec.decode(session.outcome.data, steps=2).picture
    assert np.array_equal(shown(watching), decoded.pixels), "the one that was chosen last"
    assert list(watching.step_pictures._kept) == [2]
    watching.steps.slider.setValue(7)
    QTest.keyClick(watching, Qt.Key.Key_V)
    finished = session.outcome.shown.pyramid
    qtbot.waitUntil(lambda: session.idle, timeout=LONG)
    assert watching.canvas.scene.reconstruction is finished
    assert given_up == [2, 6]


def test_a_step_that_cannot_be_decoded_is_told_once(watching, qtbot):
    session, told = watching.session, []
    session.noticed.connect(told.append)
    session.outcome = replace(session.outcome, data=session.outcome.data[:-9])
    watching.steps.slider.setValue(3)
    qtbot.waitUntil(lambda: told != [], timeout=LONG)
    qtbot.wait(300)  # it would fail again at once
    assert len(told) == 1
    assert not watching.step_pictures.on
    assert watching.canvas.scene.reconstruction is session.outcome.shown.pyramid


def test_pictures_are_compared_with_an_original_that_is_chosen_later(encoded, picture_file, tmp_path, qtbot):
    session, target = encoded.session, tmp_path / "a.hpcm"
    session.save(target)
    qtbot.waitUntil(target.exists, timeout=LONG)
    session.open(target)
    qtbot.waitUntil(lambda: session.original is None and session.idle, timeout=LONG)
    encoded.actions_["step_pictures"].trigger()
    choose(encoded, 3, qtbot)
    assert encoded.canvas.scene.difference is None
    session.choose_original(picture_file)
    qtbot.waitUntil(lambda: session.original is not None and session.outcome.metrics is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not encoded.step_pictures.waiting and session.idle, timeout=LONG)
    assert encoded.canvas.scene.difference is not None
    assert "dB" in encoded.canvas.scene.reconstruction_name
