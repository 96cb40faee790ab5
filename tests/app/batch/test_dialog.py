"""The batch in the window, worked as a person does."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

import hpcm_core
from app.batch import runner
from app.dialogs.preferences import Preferences
from app.window.toast import Toast
from app.worker.tasks import MeasureJob
from hpcm_core.batch import to_csv
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, drop, wait_active
from tests.paths import ROOT


@pytest.fixture
def folder(tmp_path, sample):
    """Three pictures, and a text that only looks like one."""
    made = tmp_path / "pictures"
    made.mkdir()
    for number in range(3):
        Picture(sample.pixels[number * 8 : number * 8 + 100, :90].copy()).save(made / f"{number}.png")
    (made / "broken.png").write_text("no picture")
    (made / "notes.txt").write_text("left out")
    return made


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def finish(batch, qtbot):
    qtbot.waitUntil(lambda: not batch.runner.running and batch.runner.current is None, timeout=LONG)


def states(batch):
    return [row.state for row in batch.runner.rows]


def test_a_dropped_folder_is_compressed_and_reported(window, folder, tmp_path, qtbot, monkeypatch):
    drop(window, folder)
    batch = window.tool_commands.batch
    assert batch.isVisible()
    qtbot.waitUntil(lambda: not batch.runner.is_searching, timeout=LONG)
    assert states(batch) == ["waiting"] * 4
    batch.set_folder(tmp_path / "out")
    batch.template.setText("{stem}-q{quality}")
    click(batch.go)
    finish(batch, qtbot)
    assert states(batch) == ["done", "done", "done", "failed"]
    assert "broken.png" in batch.runner.rows[3].reason
    for number in range(3):
        data = (tmp_path / "out" / f"{number}-q30.hpcm").read_bytes()
        assert hpcm_core.decode(data).picture.width == 90
        assert batch.runner.rows[number].bytes == len(data)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{n}-q30.hpcm" for n in range(3)]
    report = tmp_path / "report"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(report), "CSV (*.csv)"))
    click(batch.report)
    rows = list(csv.DictReader(io.StringIO(report.with_suffix(".csv").read_text())))
    assert [row["state"] for row in rows] == states(batch)
    assert report.with_suffix(".csv").read_text() == to_csv(batch.runner.rows)
    before = sum(row.source_bytes for row in batch.runner.rows[:3])
    after = sum(row.bytes for row in batch.runner.rows[:3])
    assert batch.summary.text() == f"4 of 4 · 1 failed · {before / 1000:.1f} kB → {after / 1000:.1f} kB"


def test_folders_in_a_dropped_folder_are_taken_along(window, folder, tmp_path, qtbot):
    """A folder that has nothing but folders too; the output has the same ones."""
    top = tmp_path / "top"
    top.mkdir()
    (top / "empty").mkdir()
    folder.rename(top / "summer")
    (top / "summer" / "day").mkdir()
    (top / "summer" / "1.png").rename(top / "summer" / "day" / "1.png")
    drop(window, top)
    batch = window.tool_commands.batch
    qtbot.waitUntil(lambda: not batch.runner.is_searching, timeout=LONG)
    assert window.toasts.shown == []
    assert [row.source for row in batch.runner.rows] == [
        str(top / "summer" / name) for name in ("0.png", "2.png", "broken.png", "day/1.png")
    ]
    batch.set_folder(tmp_path / "out")
    click(batch.go)
    finish(batch, qtbot)
    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.hpcm")}
    assert written == {"summer/0.hpcm", "summer/2.hpcm", "summer/day/1.hpcm"}


def test_failed_rows_are_retried_and_existing_ones_skipped(window, folder, sample, qtbot):
    window.tool_commands.batch_of([folder])
    batch = window.tool_commands.batch
    click(batch.go)
    finish(batch, qtbot)
    Picture(sample.pixels[:64, :64].copy()).save(folder / "broken.png")
    click(batch.retry)
    assert states(batch).count("waiting") == 1
    batch.table.selectRow(0)
    click(batch.retry)
    click(batch.go)
    finish(batch, qtbot)
    assert states(batch) == ["skipped", "done", "done", "done"]
    assert "exists" in batch.runner.rows[0].reason


def test_rules_leave_out_what_gains_too_little(window, folder, qtbot):
    (folder / "broken.png").unlink()
    window.tool_commands.batch_of([folder])
    batch = window.tool_commands.batch
    batch.min_gain.setValue(99)
    click(batch.go)
    finish(batch, qtbot)
    assert states(batch) == ["skipped"] * 3
    assert list(folder.glob("*.hpcm")) == []


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


def test_a_file_whose_name_looks_like_a_tag_is_called_by_it(window, tmp_path, qtbot):
    bad = tmp_path / "<b>bold<b>.png"
    bad.write_text("no picture")
    window.session.open(bad)
    qtbot.waitUntil(lambda: window.toasts.shown != [], timeout=LONG)
    text = next(label for label in window.toasts.shown[0].findChildren(QLabel) if bad.name in label.text())
    assert text.textFormat() is Qt.TextFormat.PlainText
    window.tool_commands.batch_of([bad])
    assert window.tool_commands.batch.reason.textFormat() is Qt.TextFormat.PlainText


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


def test_what_is_no_recipe_is_told_and_changes_nothing(window, tmp_path):
    window.tool_commands.show_batch()
    batch = window.tool_commands.batch
    before, path = batch.runner.recipe, tmp_path / "long.json"
    for content, words in ((b" " * ((1 << 20) + 1), "long.json is too large"), (b"{", "not valid JSON")):
        path.write_bytes(content)
        batch.load_recipe(path)
        assert words in window.tool_commands.batch_toasts.shown[-1].notice.message
    path.unlink()
    batch.load_recipe(path)
    assert (
        window.tool_commands.batch_toasts.shown[-1].notice.message
        == "long.json could not be read: No such file or directory."
    )
    assert batch.runner.recipe == before


def test_the_recipe_is_that_of_the_command_line(window, folder, tmp_path, qtbot, monkeypatch):
    window.tool_commands.show_batch()
    batch = window.tool_commands.batch
    path = tmp_path / "mine.json"
    path.write_text(Recipe(quality=12, keep_metadata=False).to_json())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    click(batch.load)
    assert batch.runner.recipe == Recipe(quality=12, keep_metadata=False)
    assert "quality 12" in batch.recipe_label.text()
    saved = tmp_path / "saved.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(saved), "Recipes (*.json)"))
    click(batch.save)
    (folder / "broken.png").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "hpcm_core.cli", "batch", str(folder), "--recipe", str(saved), "--json",
         "-o", str(tmp_path / "cli")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["counts"] == {"done": 3, "skipped": 0, "failed": 0}, done.stderr
    batch.runner.add([folder])
    batch.set_folder(tmp_path / "window")
    click(batch.go)
    finish(batch, qtbot)
    for number in range(3):
        name = f"{number}.hpcm"
        assert (tmp_path / "window" / name).read_bytes() == (tmp_path / "cli" / name).read_bytes()


def test_bad_templates_and_recipes_are_told(window, tmp_path):
    window.tool_commands.show_batch()
    batch = window.tool_commands.batch
    batch.template.setText("{nothing}")
    assert "no field nothing" in batch.problem.text()
    assert not batch.go.isEnabled()
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    before = batch.runner.recipe
    batch.load_recipe(bad)
    assert "version" in window.tool_commands.batch_toasts.shown[0].notice.message
    assert batch.runner.recipe == before


def test_two_pictures_of_one_output_name(window, folder, tmp_path, sample, qtbot):
    other = tmp_path / "other"
    other.mkdir()
    Picture(sample.pixels[:64, :64].copy()).save(other / "0.png")
    window.tool_commands.batch_of([folder / "0.png", other / "0.png"])
    batch = window.tool_commands.batch
    batch.set_folder(tmp_path / "out")
    click(batch.go)
    finish(batch, qtbot)
    assert states(batch) == ["done", "failed"]
    assert "same output name" in batch.runner.rows[1].reason


def test_percent_and_time_left_of_a_batch_are_told(window, large_file, picture_file, qtbot):
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


@pytest.fixture
def ended(window, folder, tmp_path, qtbot):
    """A batch at its end: three rows done, one failed."""
    window.tool_commands.batch_of([folder])
    batch = window.tool_commands.batch
    batch.set_folder(tmp_path)
    click(batch.go)
    finish(batch, qtbot)
    return batch


def row_at(batch, number):
    """The middle of a row, for the mouse."""
    return batch.table.visualRect(batch.table.model().index(number, 0)).center()


def test_the_reason_of_a_row_is_said_in_full(ended, qtbot):
    assert not ended.reason.isVisible()
    view = ended.table.viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 3))
    assert ended.reason.isVisible()
    assert ended.reason.text().startswith("broken.png: Failed. ")
    assert ended.reason.text().endswith(".")
    assert ended.reason.text().count("broken.png") == 1
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 0))
    assert not ended.reason.isVisible()


def test_of_a_jpeg_without_loss_it_is_said_what_is_kept(window, sample, tmp_path, qtbot):
    path = tmp_path / "a.jpg"
    Picture(sample.pixels[:60, :60].copy()).save(path)
    window.tool_commands.batch_of([path])
    batch = window.tool_commands.batch
    batch.runner.recipe = Recipe("lossless", effort=1)
    click(batch.go)
    finish(batch, qtbot)
    assert states(batch) == ["done"]
    QTest.mouseClick(batch.table.viewport(), Qt.MouseButton.LeftButton, pos=row_at(batch, 0))
    assert "its pixels are kept, the file itself is not" in batch.reason.text()
    tip = batch.table.model().index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert "its pixels are kept" in tip


def test_a_double_click_opens_a_row(ended, window, folder, tmp_path, qtbot):
    view = ended.table.viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 1))
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 1))
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    assert window.session.original.path == folder / "1.png"
    assert window.session.outcome.data == (tmp_path / "1.hpcm").read_bytes()
    assert window.session.outcome.metrics.psnr > 25
    (tmp_path / "2.hpcm").unlink()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, 2))
    wait_active(ended)
    QTest.keyClick(ended.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.path == folder / "2.png", timeout=LONG)  # The result is gone.


def test_a_rows_menu(ended, window, folder, qtbot, monkeypatch):
    view = ended.table.viewport()

    def entries(number):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=row_at(ended, number))
        ended.table.customContextMenuRequested.emit(row_at(ended, number))
        menu = QApplication.activePopupWidget()
        return menu, {action.text().replace("&", ""): action for action in menu.actions() if action.text()}

    menu, failed = entries(3)
    assert [text for text, action in failed.items() if not action.isEnabled()] == ["Skip"]
    failed["Copy the reason"].trigger()
    assert "this file" in QGuiApplication.clipboard().text()
    failed["Retry"].trigger()
    assert states(ended)[3] == "waiting"
    menu.close()
    menu, done = entries(0)
    assert not done["Copy the reason"].isEnabled()
    done["Remove"].trigger()
    menu.close()
    assert len(ended.runner.rows) == 3


def test_the_report_is_confirmed_in_the_batchs_own_window(ended, window, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "report.csv"), ""))
    click(ended.report)
    toast = ended.findChild(Toast)
    assert toast.isVisible()
    assert toast.notice.message == "Saved report.csv"
    assert window.toasts.shown == []


def test_the_folder_of_the_output_is_remembered(ended, make_window, tmp_path):
    again = make_window().tool_commands.batch
    assert again.runner.folder == tmp_path
    assert str(tmp_path) in again.folder_label.text()
    click(again.beside)
    assert make_window().tool_commands.batch.runner.folder is None


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


def test_the_window_may_come_before_the_batch(window, folder, qtbot):
    """Desktops keep a dialog above the window that it belongs to: the picture of a row would be behind it."""
    window.tool_commands.show_batch()
    batch = window.tool_commands.batch
    assert batch.windowHandle().transientParent() is None
    assert batch.windowHandle().type() == Qt.WindowType.Window
    QTest.keyClick(batch, Qt.Key.Key_Escape)
    assert not batch.isVisible()


def test_buttons_are_on_where_they_do_something(window, folder, qtbot):
    window.tool_commands.batch_of([folder])
    batch = window.tool_commands.batch
    qtbot.waitUntil(lambda: len(batch.runner.rows) == 4, timeout=LONG)
    batch.table.selectRow(0)
    assert [button.isEnabled() for button in (batch.retry, batch.skip, batch.remove)] == [False, True, True]
    batch.runner.skip([0])
    assert [button.isEnabled() for button in (batch.retry, batch.skip, batch.remove)] == [True, False, True]


def test_pictures_are_added_from_where_the_last_ones_were(window, folder, qtbot, monkeypatch):
    begun = []

    def ask(_parent, _title, where, _filters):
        begun.append(where)
        return [str(folder / "0.png")], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", ask)
    window.tool_commands.show_batch()
    for _ in range(2):
        window.tool_commands.batch._ask_files()
    assert begun[1] == str(folder)
    qtbot.waitUntil(lambda: len(window.tool_commands.batch.runner.rows) == 1, timeout=LONG)
