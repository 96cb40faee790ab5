"""What happens to a batch in the window while it runs."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.batch import runner
from app.dialogs.preferences import Preferences
from app.worker.tasks import MeasureJob
from hpcm_core.picture.picture import Picture
from tests.app.batch.conftest import click, finish, states
from tests.app.conftest import LONG


def test_a_row_that_is_being_written_runs_until_it_is(window, folder, qtbot, monkeypatch):
    go_on, write = threading.Event(), runner._write
    monkeypatch.setattr(runner, "_write", lambda *file: (go_on.wait(LONG / 1000), write(*file)))
    window.tool_commands.batch_of([folder / "0.png"])
    batch = window.tool_commands.batch
    click(batch.go)
    qtbot.waitUntil(lambda: batch.runner.stage == "Writing", timeout=LONG)
    assert states(batch) == ["running"]
    batch.runner.skip([0])
    assert states(batch) == ["running"], "it is too late for that"
    go_on.set()
    finish(batch, qtbot)
    assert states(batch) == ["done"]
    assert (folder / "0.hpcm").exists()


def test_pictures_are_looked_for_beside_the_window(window, folder, qtbot, monkeypatch):
    """A folder may be large, or on a drive that does not answer; what is started begins with what is found."""
    go_on, search, threads = threading.Event(), runner.search, []

    def slow(*given, **how):
        threads.append(threading.current_thread())
        go_on.wait(LONG / 1000)
        return search(*given, **how)

    monkeypatch.setattr(runner, "search", slow)
    window.tool_commands.batch_of([folder])
    batch = window.tool_commands.batch
    assert batch.summary.text() == "Looking for pictures… · 0 of 0"
    click(batch.go)
    assert batch.runner.running
    qtbot.wait(50)
    assert batch.runner.running, "it has not come to an end"
    go_on.set()
    finish(batch, qtbot)
    assert states(batch) == ["done", "done", "done", "failed"]
    assert threading.main_thread() not in threads
    batch.runner.add([folder])
    qtbot.waitUntil(lambda: not batch.runner.is_searching, timeout=LONG)
    assert len(batch.runner.rows) == 4


def test_a_stop_does_not_end_what_has_taken_the_rows_place(window, large_file, folder, qtbot):
    window.tool_commands.batch_of([large_file])
    batch, session, got = window.tool_commands.batch, window.session, []
    click(batch.go)
    qtbot.waitUntil(lambda: batch.runner.fraction > 0, timeout=LONG)
    picture = Picture.open(folder / "0.png")
    session.submit(MeasureJob(picture, picture, None), got.append)
    click(batch.stop)
    qtbot.waitUntil(lambda: session.idle, timeout=LONG)
    assert len(got) == 1
    assert states(batch) == ["waiting"]


def test_pause_skip_and_remove(window, folder, qtbot):
    window.tool_commands.batch_of([folder])
    batch = window.tool_commands.batch
    click(batch.go)
    qtbot.waitUntil(lambda: batch.runner.current == 0, timeout=LONG)
    click(batch.go)
    qtbot.waitUntil(lambda: batch.runner.current is None, timeout=LONG)
    assert states(batch) == ["done", "waiting", "waiting", "waiting"]
    batch.table.selectRow(1)
    click(batch.skip)
    batch.table.selectRow(3)
    batch.table.setFocus()
    QTest.keyClick(batch.table, Qt.Key.Key_Delete)
    assert states(batch) == ["done", "skipped", "waiting"]
    click(batch.go)
    finish(batch, qtbot)
    assert states(batch) == ["done", "skipped", "done"]


def test_a_stopped_row_waits_and_writes_nothing(window, large_file, qtbot):
    window.tool_commands.batch_of([large_file])
    batch = window.tool_commands.batch
    click(batch.go)
    qtbot.waitUntil(lambda: batch.runner.fraction > 0, timeout=LONG)
    click(batch.stop)
    qtbot.waitUntil(lambda: batch.runner.current is None, timeout=LONG)
    assert states(batch) == ["waiting"]
    assert [path.name for path in large_file.parent.glob("*large*")] == ["large.png"]


def test_the_window_goes_first_and_the_batch_goes_on(window, sample, picture_file, tmp_path, qtbot):
    """The row's picture takes a second or more, and is encoded to its end after all."""
    long = tmp_path / "long.png"
    Picture(sample.pixels.repeat(5, axis=0).repeat(5, axis=1)).save(long)
    window.tool_commands.batch_of([long])
    batch = window.tool_commands.batch
    click(batch.go)
    qtbot.waitUntil(lambda: batch.runner.fraction > 0, timeout=LONG)
    window.session.open(picture_file)
    qtbot.waitUntil(lambda: window.session.outcome is not None, timeout=LONG)
    assert states(batch) != ["done"]
    qtbot.waitUntil(lambda: states(batch) == ["done"], timeout=2 * LONG)
    assert long.with_suffix(".hpcm").exists()


def test_a_codec_that_dies_costs_one_row(window, large_file, folder, qtbot):
    (folder / "broken.png").unlink()
    window.tool_commands.batch_of([large_file, folder / "0.png"])
    batch = window.tool_commands.batch
    click(batch.go)
    qtbot.waitUntil(lambda: batch.runner.fraction > 0, timeout=LONG)
    os.kill(window.session.worker.process_id, signal.SIGKILL)
    finish(batch, qtbot)
    assert states(batch) == ["failed", "done"]


def test_percent_and_time_left_of_a_batch_are_told(window, large_file, picture_file, qtbot, monkeypatch):
    monkeypatch.setattr("app.ui.remaining.SURE", 0.1)  # on a fast machine the whole takes less than two seconds
    window.tool_commands.batch_of([picture_file, large_file])
    batch, seen = window.tool_commands.batch, []
    batch.runner.row_changed.connect(lambda _: seen.append((batch.runner.part_done, batch.summary.text())))
    click(batch.go)
    qtbot.waitUntil(lambda: any("left" in text for _, text in seen), timeout=LONG)
    parts = [part for part, _ in seen]
    assert parts == sorted(parts)
    part, text = next(entry for entry in seen if "left" in entry[1])
    assert f" · {int(part * 100)} % · " in text
    click(batch.stop)


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="the system has no niceness")
def test_a_low_priority_leaves_the_processor_to_others(window, worker, qtbot):
    def niceness():
        return os.getpriority(os.PRIO_PROCESS, worker.process_id)

    qtbot.waitUntil(lambda: worker.process_id is not None, timeout=LONG)
    before = niceness()
    window.tool_commands.show_preferences()
    preferences = next(found for found in window.findChildren(Preferences) if found.isVisible())
    preferences.priority.setFocus()
    try:
        QTest.keyClicks(preferences.priority, "Low")
        preferences.priority.activated.emit(preferences.priority.currentIndex())
        assert window.settings.priority == "low"
        qtbot.waitUntil(lambda: worker.process_id is not None and niceness() == min(before + 10, 19), timeout=LONG)
    finally:
        with qtbot.waitSignal(worker.ready, timeout=LONG):
            worker.configure({})
    assert niceness() == before
    preferences.close()
