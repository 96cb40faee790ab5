"""Effort in the window: chosen in a dialog, paid for only when asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.dialogs.effort import EffortDialog, seconds_of
from hpcm_core import codec, pytorch
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, open_and_encode

LEFT = Qt.MouseButton.LeftButton


def dialog_of(window):
    """The dialog, by a click on the button beside Encode."""
    QTest.mouseClick(window.recipe_panel.effort, LEFT)
    return next(found for found in window.findChildren(EffortDialog) if found.isVisible())


def choose(window, effort):
    dialog = dialog_of(window)
    while dialog.slider.value() != effort:
        QTest.keyClick(dialog.slider, Qt.Key.Key_Right if dialog.slider.value() < effort else Qt.Key.Key_Left)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_effort_is_chosen_and_encoded_when_asked_for(window, tmp_path, sample, qtbot):
    """Real refining, of a picture so small that it takes seconds; the file is that of the command line's recipe."""
    path = tmp_path / "small.png"
    Picture(sample.pixels[:64, :64].copy()).save(path)
    open_and_encode(window, path, qtbot)
    plain = window.session.outcome
    choose(window, 1)
    assert window.session.recipe == replace(plain.recipe, effort=1)
    assert window.recipe_panel.button.text() == "Encode with effort 1"
    qtbot.wait(100)
    assert window.session.idle, "nothing that takes minutes begins by itself"
    assert window.session.is_stale
    window.recipe_panel.slider.setValue(40)
    qtbot.wait(100)
    assert window.session.idle
    seen = []
    window.session.progress.connect(lambda stage, fraction: seen.append(str(stage)))
    QTest.mouseClick(window.recipe_panel.button, LEFT)
    assert window.recipe_panel.button.text() == "Cancel"
    qtbot.waitUntil(lambda: window.session.idle and not window.session.is_stale, timeout=LONG)
    assert "Refining" in seen
    made = window.session.outcome
    assert made.description == "Lite · quality 40 · effort 1"
    assert np.array_equal(codec.decode(made.data).picture.pixels, made.shown.picture.pixels)
    choose(window, 0)
    assert window.session.recipe == Recipe(quality=40), "the usual effort stands in no recipe"
    qtbot.waitUntil(lambda: window.session.idle and not window.session.is_stale, timeout=LONG)


def test_refining_is_cancelled(window, picture_file, qtbot):
    open_and_encode(window, picture_file, qtbot)
    before = window.session.outcome
    choose(window, 9)
    seen = []
    window.session.progress.connect(lambda stage, fraction: seen.append(str(stage)))
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "Refining" in seen, timeout=LONG)
    QTest.mouseClick(window.recipe_panel.button, LEFT)
    qtbot.waitUntil(lambda: window.session.idle, timeout=LONG)
    assert window.session.outcome is before
    assert window.session.is_stale


def test_a_picture_with_effort_in_the_recipe_is_not_encoded_by_opening(make_window, picture_file, qtbot):
    window = make_window(Recipe(quality=30, effort=2))
    window.session.open(picture_file)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    qtbot.wait(100)
    assert window.session.idle
    assert window.recipe_panel.button.isEnabled()


def test_what_it_says_follows_the_slider_and_the_picture(window, picture_file, qtbot):
    window.session.encode_on_change = False
    window.session.open(picture_file)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    dialog = dialog_of(window)
    assert "as quick as it is" in dialog.words.text()
    QTest.keyClick(dialog.slider, Qt.Key.Key_Right)
    assert "in 100 steps" in dialog.words.text()
    assert f"takes {round(seconds_of(1, 257 * 183))} s of processor time" in dialog.words.text()
    QTest.keyClick(dialog.slider, Qt.Key.Key_End)
    assert "in 500 steps" in dialog.words.text()
    QTest.keyClick(dialog.slider, Qt.Key.Key_Home)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.session.recipe.effort is None


def test_the_steps_are_those_of_the_search():
    from app.dialogs import effort
    from hpcm_core.models.hpcm import patient

    assert effort.STEPS == patient.STEPS


@pytest.mark.parametrize("why", ["large", "painted", "without torch"])
def test_where_it_cannot_be_had_it_says_why(window, tmp_path, qtbot, monkeypatch, why):
    path = tmp_path / "wide.png"
    Picture(np.zeros((64, 1025 if why == "large" else 64, 3), np.uint8)).save(path)
    window.session.encode_on_change = False
    window.session.open(path)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    if why == "without torch":
        monkeypatch.setattr(pytorch, "is_here", lambda: False)
    if why == "painted":
        from hpcm_core.format.gain import QualityMap

        window.tool_commands.take_recipe(replace(window.session.recipe, quality_map=QualityMap(1, 1, b"\x05")))
    dialog = dialog_of(window)
    words = {"large": "at most 1024 x 1024", "painted": "better or worse", "without torch": "needs PyTorch"}[why]
    assert words in dialog.reason.text()
    assert dialog.reason.isVisible()
    assert not dialog.slider.isEnabled()
    dialog.reject()


def test_lossless_has_efforts_of_its_own_and_base_none(window, picture_file, qtbot):
    window.session.encode_on_change = False
    window.session.open(picture_file)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    window.load_models()
    qtbot.waitUntil(lambda: window.recipe_panel.set_models(window.recipe_panel.models) is False, timeout=LONG)
    QTest.mouseClick(window.recipe_panel.variants["lossless"], LEFT)
    dialog = dialog_of(window)
    assert (dialog.slider.minimum(), dialog.slider.maximum(), dialog.slider.value()) == (1, 9, 7)
    QTest.keyClick(dialog.slider, Qt.Key.Key_Left)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.session.recipe.effort == 6
    assert window.recipe_panel.button.text() == "Encode"
    QTest.mouseClick(window.recipe_panel.variants["base"], LEFT)
    assert not window.recipe_panel.effort.isEnabled()
    assert not window.actions_["effort"].isEnabled()
    QTest.mouseClick(window.recipe_panel.variants["lossless"], LEFT)
    assert window.session.recipe.effort == 6, "it stays with its model"
