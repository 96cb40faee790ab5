"""Where an older codec is the better choice, the readout says so."""

from __future__ import annotations

import numpy as np
import pytest

from app.session.document import fingerprint
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


def wait_for_all(window, qtbot, picture, quality=30):
    """Until all is known of the result of a picture: nothing is under way, and nothing is to come."""
    pixels = fingerprint(picture)

    def over():
        session = window.session
        outcome = session.outcome
        if session.original is None or session.original.pixels != pixels or outcome is None or not session.idle:
            return False
        known = outcome.decode_seconds is not None and not outcome.advice_due
        return known and outcome.recipe.quality == quality and not session.is_stale

    qtbot.waitUntil(over, timeout=LONG)


def test_the_readout_advises_against_the_codec_for_a_drawn_picture_only(window, drawn, sample, qtbot):
    window.session.open_picture(drawn)
    wait_for_all(window, qtbot, drawn)
    label = window.readout.advice
    assert label.isVisible()
    assert label.text().startswith("Lossless WebP is the better choice here: ")
    assert label.text() == window.session.outcome.advice
    window.session.open_picture(sample)
    wait_for_all(window, qtbot, sample)
    assert not label.isVisible()


def test_advice_is_asked_for_once_and_when_the_result_is_on_show(window, drawn, sample, jobs, qtbot):
    session, without = window.session, []
    session.document_changed.connect(lambda: without.append(session.outcome is not None and session.outcome.advice_due))
    session.open_picture(drawn)
    wait_for_all(window, qtbot, drawn)
    assert jobs == [EncodeJob, CheckJob, AdviceJob]
    assert without == [False, True, True, False], "opened, shown, checked, advised"
    quality = session.recipe.quality
    window.recipe_panel.slider.setValue(quality + 1)
    wait_for_all(window, qtbot, drawn, quality + 1)
    jobs.clear()
    window.recipe_panel.slider.setValue(quality)
    qtbot.waitUntil(lambda: session.outcome.recipe.quality == quality, timeout=LONG)
    assert window.readout.advice.isVisible()
    assert jobs == [], "kept with the result"
    session.open_picture(sample)
    wait_for_all(window, qtbot, sample)
    assert jobs == [EncodeJob, CheckJob], "a photograph's codec is not in question"


@pytest.mark.parametrize("begun", [False, True])
def test_what_took_its_place_puts_it_off_only(window, drawn, jobs, qtbot, monkeypatch, begun):
    """What is asked for right after the check: later, it could have ended on a machine that is busy. Not begun: the
    thread that starts jobs has not heard of the check yet.
    """
    session, measured, asked = window.session, [], []
    ask = session.afterwards._submit

    def and_something_else(job, then, **options):
        with monkeypatch.context() as patch:
            if not (asked or begun):
                patch.setattr(session.worker, "_wake", lambda: None)
            ask(job, then, **options)
        asked.append(job)
        if len(asked) == 1:
            session.submit(MeasureJob(drawn, drawn, 7), measured.append)

    monkeypatch.setattr(session.afterwards, "_submit", and_something_else)
    session.open_picture(drawn)
    qtbot.waitUntil(lambda: session.outcome is not None, timeout=LONG)
    qtbot.waitUntil(lambda: session.outcome.advice is not None, timeout=LONG)
    assert measured != []
    assert session.outcome.decode_seconds is not None
    assert jobs == [EncodeJob, CheckJob, MeasureJob, CheckJob, AdviceJob]
