"""The histogram of errors: what is counted, of what, and what is saved."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.canvas import colour
from app.session.errors import ERRORS, count_errors
from tests.app.conftest import LONG

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_counts_by_hand(channels, depth, monkeypatch):
    monkeypatch.setattr(colour, "STRIP", 100)  # several strips
    top = np.iinfo(depth).max
    a, b = (RNG.integers(0, top, (23, 31, channels), depth, endpoint=True) for _ in range(2))
    found = count_errors(a, b)
    change = (b.astype(float) - a) * 255 / top
    planes = [change[:, :, i] for i in range(channels)]
    if channels == 3:
        planes.append(change @ [0.2126, 0.7152, 0.0722])
    assert found.planes == (("R", "G", "B", "Y") if channels == 3 else ("Y",))
    assert found.pixels == 23 * 31
    for i, plane in enumerate(planes):
        rounded = np.rint(plane).astype(int)
        assert all(found.counts[i][e + 255] == (rounded == e).sum() for e in ERRORS)
        assert found.mean(i) == pytest.approx(rounded.mean())
        assert found.rms(i) == pytest.approx(np.sqrt((rounded**2).mean()))
        assert found.extremes(i) == (rounded.min(), rounded.max())
        for share in (0.5, 0.95, 1.0):
            size = found.within(i, share)
            assert (np.abs(rounded) <= size).mean() >= share
            assert size == 0 or (np.abs(rounded) <= size - 1).mean() < share


def test_equal_pictures():
    same = RNG.integers(0, 256, (5, 5, 3), np.uint8)
    found = count_errors(same, same)
    assert found.extremes(0) == (0, 0)
    assert found.within(0, 1.0) == 0
    assert found.as_csv() == "error,R,G,B,Y\n0,25,25,25,25\n"


def open_errors(window, qtbot):
    window.activateWindow()
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_E)
    dialog = window.error_commands.dialog
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: dialog.counts is not None, timeout=LONG)
    return dialog


def test_of_the_picture_and_of_the_selection(encoded, qtbot):
    dialog = open_errors(encoded, qtbot)
    original, outcome = encoded.session.original.picture.pixels, encoded.session.outcome.shown.picture.pixels
    assert dialog.counts.pixels == original.shape[0] * original.shape[1]
    curves = dialog.plot.plotItem.listDataItems()
    assert [curve.name() for curve in curves] == ["R", "G", "B", "Y"]
    encoded.canvas.select(QRect(10, 20, 30, 8))
    qtbot.waitUntil(lambda: dialog.counts.pixels == 240, timeout=LONG)
    part = np.s_[20:28, 10:40]
    assert (dialog.counts.counts == count_errors(original[part], outcome[part]).counts).all()
    assert "240" in dialog.place.text()
    # In percent, and what does not occur is drawn below what does.
    dialog.logarithmic.setChecked(False)
    shown = dialog.plot.plotItem.listDataItems()[3].yData
    assert shown.sum() == pytest.approx(100)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_saving(encoded, qtbot, tmp_path):
    dialog = open_errors(encoded, qtbot)
    encoded.error_commands.save(tmp_path / "a.csv")
    encoded.error_commands.save(tmp_path / "a.png")
    qtbot.waitUntil(lambda: (tmp_path / "a.csv").exists() and (tmp_path / "a.png").exists(), timeout=LONG)
    rows = list(csv.DictReader((tmp_path / "a.csv").open()))
    assert sum(int(row["Y"]) for row in rows) == dialog.counts.pixels
    assert QImage(str(tmp_path / "a.png")).width() > 300
    encoded.error_commands.save(tmp_path / "a.txt")
    assert "PNG or CSV" in encoded.toasts.shown[-1].notice.message


def test_without_an_original_there_are_none(window):
    assert not window.actions_["errors"].isEnabled()
