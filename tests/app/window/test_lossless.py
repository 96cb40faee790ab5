"""Keeping every pixel, in the window."""

from __future__ import annotations

import numpy as np
from PIL import Image

from app.canvas.scene import View
from hpcm_core import codec
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
    """What codes the file is said; of a grey picture that is JPEG XL."""
    window = make_window(Recipe("lossless-m"))
    open_and_encode(window, picture_file, qtbot)
    outcome = window.session.outcome
    assert outcome.header.profile == 3
    assert np.array_equal(codec.decode(outcome.data).picture.pixels, window.session.original.picture.pixels)
    assert window.readout.kept.text() == "Every pixel is kept, by a neural network."
    assert window.readout.note.text() == "Lossless M"
    for name in ("bits", "inspect", "brush"):
        assert not window.actions_[name].isEnabled(), name
    grey = tmp_path / "grey.png"
    Image.open(picture_file).convert("L").save(grey)
    open_and_encode(window, grey, qtbot)
    assert window.readout.kept.text() == "Every pixel is kept, by JPEG XL."
    assert window.readout.note.text() == "Lossless"
    window.grab()
