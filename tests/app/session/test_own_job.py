"""One job at a time: who gives up their own ends nobody else's, and what fails is not asked for again and again."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRect

from app.session.comparison import read_either
from app.session.jobs import Jobs
from app.session.own_job import OwnJob
from app.worker.tasks import CurvePoint, DecodeJob, MeasureJob
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG

from .test_jobs import FakeWorker


def test_what_has_taken_its_place_is_not_given_up(qapp):
    worker, told = FakeWorker(), []
    jobs = Jobs(worker)
    own = OwnJob(jobs)
    first = own.submit(DecodeJob(b""), told.append, quiet=True)
    second = own.submit(DecodeJob(b""), told.append, quiet=True)
    jobs.give_up(first)
    assert worker.cancels == 0
    worker.cancelled.emit(first)
    worker.succeeded.emit(second, "result")
    jobs.give_up(second)
    assert told == ["result"]
    assert worker.cancels == 0, "it has ended"
    jobs.give_up(own.submit(DecodeJob(b""), told.append))
    assert worker.cancels == 1


def test_to_measure_no_curves_ends_nothing_else(encoded, qtbot):
    """Points that wait for the codec process are dropped; what that is at goes on."""
    session, meter, got = encoded.session, encoded.tool_commands.meter, []
    picture = session.original.picture
    session.submit(MeasureJob(picture, picture, None), got.append, quiet=True)
    meter.start([CurvePoint(Recipe(quality=5))])
    meter.stop()
    qtbot.waitUntil(lambda: session.idle, timeout=LONG)
    assert len(got) == 1


def test_a_picture_that_is_being_read_is_opened_whatever_is_chosen_meanwhile(encoded, large_file, qtbot):
    """A quality whose result is kept, or the one on show, stops encodings only."""
    session = encoded.session
    encoded.recipe_panel.slider.setValue(60)
    qtbot.waitUntil(lambda: session.outcome.recipe.quality == 60 and session.idle, timeout=LONG)
    encoded.recipe_panel.automatic.setChecked(False)
    session.open(large_file)
    assert session.busy
    assert session.encoding is None, "what was encoded last is ready"
    session.set_recipe(Recipe(quality=30), encode=True)
    assert session.outcome.recipe.quality == 30
    session.set_recipe(Recipe(quality=30), encode=True)
    qtbot.waitUntil(lambda: not session.busy, timeout=LONG)
    assert session.path == large_file


def test_a_selection_that_cannot_be_measured_is_told_once(encoded, qtbot):
    session = encoded.session
    session.original = replace(session.original, picture=Picture(session.original.picture.pixels[:50, :60].copy()))
    session.document_changed.emit()
    encoded.canvas.select(QRect(20, 20, 100, 100))
    qtbot.waitUntil(lambda: encoded.toasts.shown != [], timeout=LONG)
    told = []
    session.noticed.connect(told.append)
    qtbot.wait(400)  # three times as long as a selection is given to settle
    assert told == []
    assert encoded.meter.measured.metrics is None


def test_of_what_is_only_called_hpcm_the_beginning_is_read(tmp_path):
    """It may be a device without an end."""
    with (tmp_path / "large.hpcm").open("wb") as file:
        file.truncate(1 << 24)
    assert len(read_either(tmp_path / "large.hpcm", lambda picture: picture)) < 100
