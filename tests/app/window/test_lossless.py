"""Keeping every pixel, in the window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from app.canvas import colormap
from app.canvas.scene import View
from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, open_and_encode

QUICK = Recipe("lossless", effort=1)


def test_a_result_without_loss(make_window, picture_file, qtbot):
    window = make_window(QUICK)
    open_and_encode(window, picture_file, qtbot)
    outcome = window.session.outcome
    assert np.array_equal(outcome.shown.picture.pixels, window.session.original.picture.pixels)
    assert np.array_equal(codec.decode(outcome.data).picture.pixels, outcome.shown.picture.pixels)
    assert window.readout.kept.text() == "Every pixel is kept, by JPEG XL."
    assert not window.readout.kept.isHidden()
    assert window.readout.psnr.value == "∞ dB"
    assert window.readout.note.text() == "Lossless"
    assert not window.readout.saved.isHidden()
    for name in ("bits", "play", "cumulative", "inspect", "figure_bits", "brush"):
        assert not window.actions_[name].isEnabled(), name
    assert window.actions_["difference"].isEnabled()
    assert window.actions_["bits"].toolTip() == "Nobody can say where the bits of this file went."
    assert not window.steps.unknown.isHidden()
    for part in (window.steps.list, window.steps.play, window.steps.slider, window.steps.cumulative):
        assert not part.isEnabled()
        assert part.isHidden(), "rows of steps that this file has not"
    window.canvas.set_view(View.BITS)
    assert window.canvas.view is not View.BITS
    window.grab()


def test_with_loss_again(make_window, picture_file, qtbot):
    window = make_window(QUICK)
    open_and_encode(window, picture_file, qtbot)
    window.recipe_panel.variants["lite"].click()
    qtbot.waitUntil(lambda: window.session.outcome.bits is not None and window.session.idle, timeout=LONG)
    assert window.readout.kept.isHidden()
    assert window.steps.unknown.isHidden()
    assert not window.steps.list.isHidden()
    assert not window.steps.slider.isHidden()
    for name in ("bits", "inspect", "brush"):
        assert window.actions_[name].isEnabled(), name
    assert "Where the bits" in window.actions_["bits"].toolTip()


def test_of_a_jpeg_its_pixels_are_kept(make_window, picture_file, tmp_path, qtbot):
    path = tmp_path / "a.jpg"
    Image.open(picture_file).convert("RGB").save(path)
    window = make_window(QUICK)
    open_and_encode(window, path, qtbot)
    assert "its pixels are kept, the file itself is not" in window.readout.advice.text()
    assert not window.readout.advice.isHidden()


def test_by_a_neural_network(make_window, picture_file, tmp_path, qtbot):
    """What codes the file is said; of 16 bits that may be JPEG XL."""
    window = make_window(Recipe("lossless-m"))
    open_and_encode(window, picture_file, qtbot)
    outcome = window.session.outcome
    assert outcome.header.profile == 3
    assert np.array_equal(codec.decode(outcome.data).picture.pixels, window.session.original.picture.pixels)
    assert window.readout.kept.text() == "Every pixel is kept, by a neural network."
    assert window.readout.note.text() == "Lossless M"
    grey = tmp_path / "grey.png"
    Image.open(picture_file).convert("L").save(grey)
    open_and_encode(window, grey, qtbot)
    assert window.readout.kept.text() == "Every pixel is kept, by a neural network."
    deep = tmp_path / "deep.png"
    Picture(np.asarray(Image.open(grey)).astype(np.uint16)[:, :, np.newaxis] * 257).save(deep)
    open_and_encode(window, deep, qtbot)
    assert window.readout.kept.text() == "Every pixel is kept, by JPEG XL."
    assert window.readout.note.text() == "Lossless"
    window.grab()


def test_where_the_bits_went(make_window, picture_file, tmp_path, qtbot):
    """By colour: nothing follows one another, and there is nothing to look into but the map."""
    window = make_window(Recipe("lossless-m"))
    open_and_encode(window, picture_file, qtbot)
    maps, steps = window.session.outcome.bits, window.steps
    assert maps.labels == ("R", "G", "B")
    assert window.actions_["bits"].isEnabled()
    assert "Where the bits" in window.actions_["bits"].toolTip()
    for name in ("play", "cumulative", "step_pictures", "inspect", "figure_bits", "brush"):
        assert not window.actions_[name].isEnabled(), name
    assert not steps.list.isHidden()
    for part in (steps.play, steps.slider, steps.cumulative, steps.unknown):
        assert part.isHidden()
    rows = [steps.model.index(row).data() for row in range(steps.model.rowCount())]
    assert [row.partition(":")[0] for row in rows] == ["All colours", "Red", "Green", "Blue"]
    assert steps.sum.text().endswith("= payload")
    window.canvas.set_look(replace(window.canvas.look, cumulative=True))  # as remembered from files with steps
    steps.list.clicked.emit(steps.model.index(2))
    assert window.canvas.view is View.BITS
    assert window.canvas.look.step == 1
    assert "48" in window.hud.scale.accessibleName()
    window.canvas.set_look(replace(window.canvas.look, opacity=1.0))
    window.grab()
    green = colormap.image(maps.steps[1], 8, colormap.SAMPLES, (257, 183))
    assert window.canvas.renderer._map == green, "green alone"
    grey = tmp_path / "grey.png"
    Image.open(picture_file).convert("L").save(grey)
    open_and_encode(window, grey, qtbot)
    rows = [steps.model.index(row).data() for row in range(steps.model.rowCount())]
    assert [row.partition(":")[0] for row in rows] == ["All colours", "Grey"]
    window.recipe_panel.variants["lite"].click()
    qtbot.waitUntil(lambda: window.session.outcome.has_steps and window.session.idle, timeout=LONG)
    assert not steps.play.isHidden()
    assert window.actions_["play"].isEnabled()
    assert "48" not in window.hud.scale.accessibleName()
