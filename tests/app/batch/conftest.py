"""A batch in the window, and hands to work it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG


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
