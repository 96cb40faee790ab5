"""Who is told what became of a job, and that only the newest wish counts."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from app.session.jobs import Calls, Jobs
from app.session.loading import Loading
from app.worker.codec_worker import Failure
from app.worker.tasks import CheckJob, DecodeJob
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, open_and_encode


class FakeWorker(QObject):
    """Does nothing by itself; the test says what ends, and when."""

    progress = Signal(int, str, float)
    succeeded = Signal(int, object)
    failed = Signal(int, object)
    cancelled = Signal(int)

    def __init__(self):
        super().__init__()
        self.number = self.cancels = 0

    def submit(self, job):
        self.number += 1
        return self.number

    def cancel(self):
        self.cancels += 1


class FakeBackground:
    def __init__(self):
        self.held = []

    def run(self, work, done, failed):
        self.held.append((done, failed))


@pytest.fixture
def fake(qapp):
    return FakeWorker()


def ask(jobs, told, name):
    return jobs.submit(
        DecodeJob(b""),
        Calls(
            lambda result: told.append((name, "done", result)),
            lambda failure: told.append((name, "failed", failure.message)),
            lambda: told.append((name, "cancelled")),
            lambda stage, fraction: told.append((name, stage, fraction)),
        ),
    )


def test_each_end_is_told_once_and_to_the_one_who_asked(fake):
    jobs, told, ends = Jobs(fake), [], []
    jobs.ended.connect(lambda: ends.append(1))
    first = ask(jobs, told, "a")
    fake.progress.emit(first, "Coding", 0.5)
    fake.succeeded.emit(first, "x")
    fake.succeeded.emit(first, "again")
    fake.failed.emit(ask(jobs, told, "b"), Failure("No."))
    fake.cancelled.emit(ask(jobs, told, "c"))
    fake.succeeded.emit(99, "another window's")
    assert told == [("a", "Coding", 0.5), ("a", "done", "x"), ("b", "failed", "No."), ("c", "cancelled")]
    assert len(ends) == 3


def test_a_result_that_is_on_its_way_when_it_is_cancelled_is_not_shown(fake):
    jobs, told = Jobs(fake), []
    number = ask(jobs, told, "a")
    jobs.cancel()
    assert fake.cancels == 1
    fake.progress.emit(number, "Coding", 0.9)
    fake.succeeded.emit(number, "x")
    assert told == [("a", "cancelled")]


def test_a_result_of_a_job_that_was_replaced_is_not_shown(fake):
    jobs, told = Jobs(fake), []
    first, second = ask(jobs, told, "a"), ask(jobs, told, "b")
    fake.succeeded.emit(first, "x")
    fake.succeeded.emit(second, "y")
    assert told == [("a", "cancelled"), ("b", "done", "y")]


def test_only_the_newest_turn_counts(qapp):
    background, told, busy = FakeBackground(), [], []
    loading = Loading(background)
    loading.busy_changed.connect(lambda: busy.append(loading.busy))
    first = loading.begin()
    loading.run(first, None, told.append, lambda *_: told.append("failed"))
    second = loading.begin()
    loading.run(second, None, told.append, lambda *_: told.append("failed"))
    loading.run(first, None, told.append, told.append)
    assert len(background.held) == 2
    background.held[0][0]("old")
    background.held[0][1](ValueError(), "")
    assert told == []
    assert loading.busy
    background.held[1][0]("new")
    assert told == ["new"]
    assert busy == [True, False, True, False]


def test_a_result_that_is_prepared_while_another_picture_opens_is_not_shown_on_that(
    encoded, sample, tmp_path, qtbot, monkeypatch
):
    session, held = encoded.session, []
    other = tmp_path / "other.png"
    Picture(sample.pixels[:90, :100].copy()).save(other)
    run = session.background.run
    with monkeypatch.context() as patched:
        patched.setattr(session.background, "run", lambda work, done, failed: held.append((work, done)))
        encoded.recipe_panel.slider.setValue(80)
        qtbot.waitUntil(lambda: held != [], timeout=LONG)
    assert session.background.run == run
    encoded.recipe_panel.automatic.setChecked(False)
    session.open(other)
    qtbot.waitUntil(lambda: session.path == other and session.idle, timeout=LONG)
    work, done = held[0]
    done(work())
    assert session.outcome is None
    assert session.cache.get(session.original.pixels, Recipe(quality=80)) is None


def test_a_file_that_decodes_to_something_else_is_told(window, picture_file, qtbot, monkeypatch):
    monkeypatch.setattr(
        "app.session.afterwards.CheckJob", lambda data, expected: CheckJob(data, Picture(expected.pixels ^ np.uint8(1)))
    )
    open_and_encode(window, picture_file, qtbot)
    assert "does not decode to the picture" in window.toasts.shown[0].notice.message


def test_a_large_original_takes_the_room_of_kept_results(encoded):
    cache, outcome = encoded.session.cache, encoded.session.outcome
    assert len(cache) == 1
    cache.leave_room(1 << 20)
    assert len(cache) == 1
    cache.leave_room(1 << 40)
    assert len(cache) == 0
    cache.put(b"a", Recipe(), outcome)
    assert len(cache) == 0
    cache.leave_room(0)
    cache.put(b"a", Recipe(), outcome)
    assert len(cache) == 1
    assert cache.size == outcome.nbytes >= outcome.shown.picture.pixels.nbytes + len(outcome.data)
