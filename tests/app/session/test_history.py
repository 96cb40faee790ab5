"""Recipes in the window: targets, undo and redo, results that are kept, floods of changes."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.session.cache import ResultCache
from app.session.document import fingerprint
from app.session.history import RecipeHistory
from app.session.session import Session
from app.worker.tasks import EncodeJob
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def wait_idle(window, qtbot):
    qtbot.waitUntil(lambda: window.session.idle, timeout=LONG)


def choose_mode(panel, name):
    panel.mode.setFocus()
    panel.mode.setCurrentIndex(panel.mode.findText(name))
    panel.mode.activated.emit(panel.mode.currentIndex())


def test_a_target_size_is_searched_with_progress_and_the_quality_found_is_shown(encoded, qtbot):
    panel, stages = encoded.recipe_panel, []
    encoded.session.progress.connect(lambda stage, _: stages.append(stage))
    panel.automatic.setChecked(False)
    choose_mode(panel, "File size")
    assert encoded.session.is_stale
    panel.target.spin.setFocus()
    panel.target.spin.selectAll()
    QTest.keyClicks(panel.target.spin, "4.0")
    QTest.keyClick(panel.target.spin, Qt.Key.Key_Return)
    assert encoded.session.recipe.target_bytes == 4000
    QTest.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not encoded.session.is_stale and encoded.session.idle, timeout=LONG)
    outcome = encoded.session.outcome
    assert outcome.size_bytes <= 4000
    assert outcome.header.quality != 255
    assert f"quality {outcome.header.quality}" in panel.target.found.text()
    assert any("attempt 2" in stage for stage in stages)
    assert "outdated" not in encoded.canvas.scene.reconstruction_name


def test_a_target_that_cannot_be_met_is_told_and_loses_nothing(encoded, qtbot):
    before = encoded.session.outcome
    choose_mode(encoded.recipe_panel, "PSNR")
    encoded.recipe_panel.target.spin.setValue(99.0)
    qtbot.waitUntil(lambda: encoded.toasts.shown != [], timeout=LONG)
    assert "\n" not in encoded.toasts.shown[0].notice.message
    assert encoded.session.outcome is before
    assert encoded.session.is_stale


def test_options_of_a_recipe_survive_the_panel(make_window):
    window = make_window(Recipe(target_bpp=0.25, embed_preview=True, keep_metadata=False))
    assert window.recipe_panel.recipe == Recipe(target_bpp=0.25, embed_preview=True, keep_metadata=False)


def test_ctrl_z_and_ctrl_shift_z_walk_through_the_recipes(encoded, qtbot, monkeypatch):
    monkeypatch.setattr("app.session.history.MERGE_SECONDS", 0.0)
    encoded.recipe_panel.automatic.setChecked(False)
    encoded.activateWindow()
    encoded.canvas.setFocus()
    assert not encoded.actions_["undo"].isEnabled()
    encoded.recipe_panel.slider.setValue(70)
    time.sleep(0.01)
    encoded.recipe_panel.slider.setValue(90)
    QTest.keyClick(encoded, Qt.Key.Key_Z, CTRL)
    assert encoded.session.recipe == Recipe(quality=70)
    assert encoded.recipe_panel.slider.value() == 70
    QTest.keyClick(encoded, Qt.Key.Key_Z, CTRL)
    assert encoded.session.recipe == Recipe(quality=30)
    assert not encoded.session.is_stale
    assert not encoded.actions_["undo"].isEnabled()
    QTest.keyClick(encoded, Qt.Key.Key_Z, CTRL | SHIFT)
    assert encoded.recipe_panel.slider.value() == 70
    encoded.recipe_panel.slider.setValue(71)
    assert not encoded.actions_["redo"].isEnabled()


def test_a_key_held_on_the_slider_is_one_step_back():
    history, seen = RecipeHistory(Recipe(quality=10)), []
    history.applied.connect(seen.append)
    for quality in range(11, 40):
        history.push(Recipe(quality=quality))
    history.push(Recipe(target_bpp=1.0))
    history.undo()
    history.undo()
    assert seen == [Recipe(quality=39), Recipe(quality=10)]
    assert not history.can_undo


def test_going_back_to_an_earlier_quality_shows_its_result_at_once(encoded, qtbot):
    first = encoded.session.outcome
    encoded.recipe_panel.slider.setValue(60)
    qtbot.waitUntil(lambda: encoded.session.outcome is not first, timeout=LONG)
    wait_idle(encoded, qtbot)
    encoded.recipe_panel.slider.setValue(30)
    assert encoded.session.outcome is first
    assert encoded.session.idle
    assert not encoded.session.is_stale


def test_the_cache_is_bounded_and_knows_pixels_and_metadata(encoded):
    outcome = encoded.session.outcome
    picture = encoded.session.original.picture
    other = Picture(picture.pixels.copy())
    assert fingerprint(other) == fingerprint(picture)
    assert fingerprint(Picture(picture.pixels, xmp=b"x")) != fingerprint(picture)
    changed = picture.pixels.copy()
    changed[0, 0, 0] ^= 1
    assert fingerprint(Picture(changed)) != fingerprint(picture)
    assert fingerprint(Picture(np.zeros((2, 8, 3), np.uint8))) != fingerprint(Picture(np.zeros((8, 2, 3), np.uint8)))
    one = ResultCache(1 << 40)
    one.put(b"a", Recipe(), outcome)
    cache = ResultCache(2 * one.size + 1)
    for quality in range(5):
        cache.put(b"a", Recipe(quality=quality), outcome)
    assert len(cache) == 2
    assert cache.get(b"a", Recipe(quality=4)) is outcome
    assert cache.get(b"a", Recipe(quality=0)) is None
    assert cache.get(b"b", Recipe(quality=4)) is None
    small = ResultCache(one.size - 1)
    small.put(b"a", Recipe(), outcome)
    assert len(small) == 0


def test_a_flood_of_changes_runs_one_encode_at_a_time_and_the_last_wins(encoded, qtbot, monkeypatch):
    worker, started, running, most = encoded.session.worker, [], set(), []
    submit = worker.submit

    def watched(job):
        number = submit(job)
        if isinstance(job, EncodeJob):
            started.append(number)
            running.add(number)
        return number

    def ended(number, *_):
        running.discard(number)

    monkeypatch.setattr(worker, "submit", watched)
    done = []
    worker.succeeded.connect(lambda number, _: done.append(number) if number in started else None)
    for signal in (worker.succeeded, worker.failed, worker.cancelled):
        signal.connect(ended)
    for value in range(31, 100):
        encoded.recipe_panel.slider.setValue(value)
        qtbot.wait(2)
        most.append(sum(number == started[-1] for number in running))
    wait_idle(encoded, qtbot)
    assert encoded.session.outcome.recipe == Recipe(quality=99)
    assert not encoded.session.is_stale
    assert done[-1] == started[-1]
    assert len(done) < len(started) / 2
    assert running == set()


def test_choosing_what_is_being_encoded_does_not_begin_again(encoded, qtbot, monkeypatch):
    submit, asked = encoded.session.worker.submit, []
    monkeypatch.setattr(encoded.session.worker, "submit", lambda job: asked.append(job) or submit(job))
    encoded.recipe_panel.slider.setValue(80)
    assert encoded.session.encoding == Recipe(quality=80)
    encoded.session.set_recipe(Recipe(quality=80), encode=True)
    assert len(asked) == 1
    wait_idle(encoded, qtbot)
    encoded.session.set_recipe(Recipe(quality=80), encode=True)
    assert sum(isinstance(job, EncodeJob) for job in asked) == 1


def test_a_session_without_a_picture_takes_recipes(worker, qtbot):
    session = Session(worker, Recipe(quality=5))
    session.set_recipe(Recipe(quality=6), encode=True)
    assert session.idle
    assert session.recipe == Recipe(quality=6)
    session.deleteLater()
