"""Where an older codec is the better choice, the readout says so."""

from __future__ import annotations

import numpy as np

from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG


def test_the_readout_advises_against_the_codec_for_a_drawn_picture_only(window, sample, qtbot):
    drawn = np.full((96, 128, 3), 255, np.uint8)
    drawn[20:60, 30:90] = (200, 30, 30)
    window.session.open_picture(Picture(drawn))
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    label = window.readout.advice
    assert label.isVisible()
    assert label.text().startswith("Lossless WebP is the better choice here: ")
    assert label.text() == window.session.outcome.advice
    window.session.open_picture(sample)
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    assert not label.isVisible()
