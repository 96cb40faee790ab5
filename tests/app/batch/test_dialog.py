"""The batch in the window, worked as a person does: what it takes, its rules, its recipe, its output."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

import hpcm_core
from hpcm_core.batch import to_csv
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.batch.conftest import click, finish, states
from tests.app.conftest import LONG, drop
from tests.paths import ROOT


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


def test_the_folder_of_the_output_is_remembered(ended, make_window, tmp_path):
    again = make_window().tool_commands.batch
    assert again.runner.folder == tmp_path
    assert str(tmp_path) in again.folder_label.text()
    click(again.beside)
    assert make_window().tool_commands.batch.runner.folder is None


def test_the_window_may_come_before_the_batch(window, folder, qtbot):
    """Desktops keep a dialog above the window that it belongs to: the picture of a row would be behind it."""
    window.tool_commands.show_batch()
    batch = window.tool_commands.batch
    assert batch.windowHandle().transientParent() is None
    assert batch.windowHandle().type() == Qt.WindowType.Window
    QTest.keyClick(batch, Qt.Key.Key_Escape)
    assert not batch.isVisible()


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
