"""Where an older codec is the better choice, the readout says so."""

from __future__ import annotations

import numpy as np
import pytest

from app.worker.tasks import AdviceJob, CheckJob, EncodeJob, MeasureJob
from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG


@pytest.fixture
def drawn():
    pixels = np.full((96, 128, 3), 255, np.uint8)
    pixels[20:60, 30:90] = (200, 30, 30)
    return Picture(pixels)


@pytest.fixture
def jobs(window, monkeypatch):
    """Kinds of the jobs that the session asks for."""
    asked = []
    submit = window.session.jobs.submit

    def noted(job, calls):
        asked.append(type(job))
        return submit(job, calls)

    monkeypatch.setattr(window.session.jobs, "submit", noted)
    return asked


def wait_for_all(window, qtbot):
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)


def test_the_readout_advises_against_the_codec_for_a_drawn_picture_only(window, drawn, sample, qtbot):
    window.session.open_picture(drawn)
    wait_for_all(window, qtbot)
    label = window.readout.advice
    assert label.isVisible()
    assert label.text().startswith("Lossless WebP is the better choice here: ")
    assert label.text() == window.session.outcome.advice
    window.session.open_picture(sample)
    wait_for_all(window, qtbot)
    assert not label.isVisible()


def test_advice_is_asked_for_once_and_when_the_result_is_on_show(window, drawn, sample, jobs, qtbot):
    session, without = window.session, []
    session.document_changed.connect(lambda: without.append(session.outcome is not None and session.outcome.advice_due))
    session.open_picture(drawn)
    wait_for_all(window, qtbot)
    assert jobs == [EncodeJob, CheckJob, AdviceJob]
    assert without == [False, True, True, False], "opened, shown, checked, advised"
    quality = session.recipe.quality
    window.recipe_panel.slider.setValue(quality + 1)
    qtbot.waitUntil(lambda: session.outcome.recipe.quality == quality + 1 and session.idle, timeout=LONG)
    jobs.clear()
    window.recipe_panel.slider.setValue(quality)
    qtbot.waitUntil(lambda: session.outcome.recipe.quality == quality, timeout=LONG)
    assert window.readout.advice.isVisible()
    assert jobs == [], "kept with the result"
    session.open_picture(sample)
    qtbot.waitUntil(lambda: session.original.picture is not drawn, timeout=LONG)
    wait_for_all(window, qtbot)
    assert jobs == [EncodeJob, CheckJob], "a photograph's codec is not in question"


def test_what_took_its_place_puts_it_off_only(window, drawn, jobs, qtbot):
    session, measured = window.session, []
    session.open_picture(drawn)
    qtbot.waitUntil(lambda: CheckJob in jobs, timeout=LONG)
    session.submit(MeasureJob(drawn, drawn, 7), measured.append)
    qtbot.waitUntil(lambda: session.outcome.advice is not None, timeout=LONG)
    assert measured != []
    assert session.outcome.decode_seconds is not None
    assert jobs == [EncodeJob, CheckJob, MeasureJob, CheckJob, AdviceJob]
