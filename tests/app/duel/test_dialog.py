"""The window of the duel, with the real codec process: figures, looking, and a blind test that tells nothing."""

from __future__ import annotations

import csv
import io
import json
import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget

from app.desktop.settings import CONFIG_DIR_VARIABLE, blind_file
from app.duel import runner
from app.duel.arena import Layout
from hpcm_core import codec
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, open_and_encode, wait_shown
from tests.hpcm_core.cli.test_main import run

NAMES = ("HPCM", "JPEG", "WebP", "AVIF", "JPEG XL", "lite", "libaom", "libjxl", "libjpeg", "libwebp")


@pytest.fixture(autouse=True)
def settings_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv(CONFIG_DIR_VARIABLE, str(tmp_path / "config"))


def press(widget, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(widget, key, modifiers)


def begin(window, qtbot):
    window.activateWindow()
    window.canvas.setFocus()
    press(window, Qt.Key.Key_X)
    dialog = window.tool_commands.duel
    assert dialog.isVisible()
    assert dialog.runner.running
    wait_shown(dialog)
    return dialog


@pytest.fixture
def fought(encoded, qtbot):
    """The dialog after a duel."""
    dialog = begin(encoded, qtbot)
    qtbot.waitUntil(lambda: dialog.shown is not None and not dialog.runner.running, timeout=2 * LONG)
    dialog.activateWindow()
    dialog.arena.setFocus()
    yield dialog
    dialog.close()


def names_in_sight(dialog):
    return [sight.name.split(" · ")[0] for sight in dialog.arena.sights]


def test_the_figures_are_those_of_the_command_line(fought, encoded, picture_file, tmp_path):
    """Of files with just the bytes that are shown."""
    found = fought.shown.found
    assert [one.title for one in found.contestants] == ["HPCM", "JPEG", "WebP", "AVIF", "JPEG XL"]
    assert found.contestants[0].data == encoded.session.outcome.data, "it carries nothing beside colour"
    for row, one in enumerate(found.contestants):
        file = tmp_path / f"file{one.suffix}"
        file.write_bytes(one.data)
        figures = json.loads(run("compare", picture_file, file, "--json").output)
        cells = [fought.table.item(row, column).text() for column in range(fought.table.columnCount())]
        assert cells[0] == str(row + 1)
        assert cells[3] == f"{file.stat().st_size:,}"
        # The command line's five digits, rounded once more, may come out on the other side.
        assert float(cells[4]) == pytest.approx(figures["bpp"], abs=0.6e-4)
        assert cells[5:7] == [f"{figures['psnr']:.2f}", f"{figures['ms_ssim_db']:.2f}"]
        decoded = codec.decode(one.data).picture if one.name == "hpcm" else Picture.open(file)
        assert np.array_equal(one.picture.pixels, decoded.pixels)
    fought.save_table(tmp_path / "table.csv", fought.shown)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "table.csv").read_text("utf-8"))))
    assert [row["picture"] for row in rows] == [picture_file.name] * 5
    assert [int(row["bytes"]) for row in rows] == [len(one.data) for one in found.contestants]


def test_one_key_for_each_thing(fought, qtbot):
    assert names_in_sight(fought) == ["HPCM", "JPEG", "WebP", "AVIF"]
    assert fought.arena.layout_ is Layout.PANES
    press(fought, Qt.Key.Key_W)
    assert fought.arena.layout_ is Layout.CROSS
    for key, name in ((Qt.Key.Key_5, "JPEG XL"), (Qt.Key.Key_1, "HPCM"), (Qt.Key.Key_4, "AVIF")):
        press(fought, key)
        assert names_in_sight(fought) == [name]
    press(fought, Qt.Key.Key_D)
    press(fought, Qt.Key.Key_BracketRight)
    assert fought.arena.difference.gain == 16
    press(fought, Qt.Key.Key_D)
    assert fought.arena.difference is None
    QTest.keyPress(fought.arena, Qt.Key.Key_Space)
    assert fought.arena.peeking
    QTest.keyRelease(fought.arena, Qt.Key.Key_Space)
    assert not fought.arena.peeking
    QTest.keyPress(fought.arena, Qt.Key.Key_Space)
    fought.parent().activateWindow()
    qtbot.waitUntil(lambda: not fought.arena.peeking, timeout=LONG)  # Another window will see the key let go.
    fought.activateWindow()
    qtbot.waitUntil(fought.isActiveWindow, timeout=LONG)
    press(fought, Qt.Key.Key_P)
    fought.table.item(1, 0).setCheckState(Qt.CheckState.Unchecked)
    fought.table.item(4, 0).setCheckState(Qt.CheckState.Checked)
    assert names_in_sight(fought) == ["HPCM", "WebP", "AVIF", "JPEG XL"]
    fought.table.item(1, 0).setCheckState(Qt.CheckState.Checked)
    assert names_in_sight(fought) == ["HPCM", "WebP", "AVIF", "JPEG XL"], "four at the most"
    assert fought.table.rows_checked() == [0, 2, 3, 4]


def said_by(dialog):
    """All that a person can read in the window or be read from it now: what is hidden is not there for anybody."""
    texts = [dialog.windowTitle(), dialog.arena.frame.scene.reconstruction_name]
    for widget in (dialog, *dialog.findChildren(QWidget)):
        if widget.isVisible():
            texts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(), widget.statusTip()]
            texts += [widget.text()] if isinstance(widget, (QLabel, QAbstractButton)) else []
            texts += [widget.currentText()] if isinstance(widget, QComboBox) else []
    return texts + [sight.name for sight in dialog.arena.sights] + [a.text() for a in dialog.findChildren(QAction)]


def test_a_blind_test_tells_nothing_before_its_end(fought, encoded, tmp_path):
    sizes = {f"{len(one.data):,}" for one in fought.shown.found.contestants}
    sides = {id(side.scene): side for side in fought.shown.sides}
    status = [label.text() for label in encoded.statusBar().findChildren(QLabel)]
    press(fought, Qt.Key.Key_4)
    press(fought, Qt.Key.Key_D)
    press(fought, Qt.Key.Key_B)
    judged, seen = [], []
    while fought.blind is not None:
        texts = said_by(fought)
        assert not [text for text in texts for name in (*NAMES, *sizes) if name.lower() in text.lower()]
        assert [sight.name for sight in fought.arena.sights] == ["A", "B"]
        assert fought.arena.difference is None
        assert not fought.table.isVisible()
        assert not fought.save.isEnabled()
        assert not blind_file().exists()
        assert [label.text() for label in encoded.statusBar().findChildren(QLabel)] == status
        # No tile is there before the others: they are made for this round, all in one paint.
        assert len(fought.arena.renderer.cache) == 0
        fought.arena.grab()
        assert not fought.arena.renderer.incomplete
        assert fought.arena.renderer.budget == math.inf
        judged.append([sides[id(sight.scene)].contestant.title for sight in fought.arena.sights])
        key = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_0)[len(judged) % 3]
        seen.append({Qt.Key.Key_1: judged[-1][0], Qt.Key.Key_2: judged[-1][1], Qt.Key.Key_0: ""}[key])
        for other in (Qt.Key.Key_3, Qt.Key.Key_5, Qt.Key.Key_D, Qt.Key.Key_X, Qt.Key.Key_B):
            press(fought, other)
        press(fought, key)
    assert len(judged) == 10
    rows = list(csv.DictReader(io.StringIO(blind_file().read_text("utf-8"))))
    assert [[row["left"], row["right"]] for row in rows] == judged
    assert [row["better"] for row in rows] == seen
    assert fought.table.isVisible()
    assert not fought.table.isColumnHidden(10)
    scores = [fought.table.item(row, 10).text() for row in range(5)]
    assert sum(float(score.split()[0]) for score in scores) == 10
    assert all(score.endswith("of 4") for score in scores)
    assert str(blind_file()) in fought.stage.text()
    assert fought.arena.renderer.budget < 1


def test_a_blind_test_can_be_ended(fought):
    press(fought, Qt.Key.Key_B)
    press(fought, Qt.Key.Key_Escape)
    assert fought.blind is None
    assert fought.isVisible()
    assert not blind_file().exists(), "nothing was judged"
    press(fought, Qt.Key.Key_Escape)
    assert not fought.isVisible()


def test_judgements_that_cannot_be_kept_are_said(fought, tmp_path, encoded):
    (tmp_path / "config").mkdir(exist_ok=True)
    blind_file().mkdir()
    press(fought, Qt.Key.Key_B)
    press(fought, Qt.Key.Key_1)
    press(fought, Qt.Key.Key_Escape)
    assert "could not be written" in encoded.toasts.shown[-1].notice.message
    assert fought.table.item(0, 10).text() != ""


def test_the_same_result_is_not_fought_again(fought, encoded, qtbot):
    before = fought.shown
    fought.close()
    press(encoded, Qt.Key.Key_X)
    assert not fought.runner.running
    assert fought.shown is before
    encoded.recipe_panel.slider.setValue(60)
    qtbot.waitUntil(lambda: encoded.session.idle and not encoded.session.is_stale, timeout=LONG)
    encoded.tool_commands.show_duel()
    assert fought.runner.running
    fought.runner.stop()


def test_another_document_ends_it(fought, encoded, picture_file, qtbot):
    open_and_encode(encoded, picture_file, qtbot)
    assert fought.shown is None
    assert fought.arena.sights == ()
    assert fought.table.rowCount() == 0


def test_there_is_none_without_an_original(window):
    assert not window.actions_["duel"].isEnabled()


@pytest.mark.parametrize("how", ["button", "escape", "close", "other job"])
def test_it_is_cancelled_at_once(encoded, qtbot, how):
    dialog = begin(encoded, qtbot)
    qtbot.waitUntil(lambda: "attempt" in dialog.stage.text(), timeout=LONG)
    assert dialog.arena.sights[0].name == "Original"
    # That nobody waits any more is not enough: the codec process must be told.
    with qtbot.waitSignal(encoded.session.worker.cancelled, timeout=LONG):
        if how == "button":
            dialog.go.click()
        elif how == "escape":
            press(dialog, Qt.Key.Key_Escape)
        elif how == "close":
            dialog.close()
        else:
            encoded.session.encode()
    qtbot.waitUntil(lambda: not dialog.runner.running, timeout=5000)
    assert dialog.stage.text() == "The duel was stopped."
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=LONG)
    assert dialog.shown is None
    assert dialog.go.isEnabled()
    dialog.close()


def tick(dialog, qtbot, *texts):
    """Open the list of candidates by its key, and click those checks."""
    press(dialog, Qt.Key.Key_C)
    box = dialog.candidates
    qtbot.waitUntil(box.isVisible, timeout=LONG)
    by_text = {check.text(): check for check in box.checks.values()}
    for text in texts:
        check = by_text[text]
        QTest.mouseClick(check, Qt.MouseButton.LeftButton, pos=QPoint(8, check.height() // 2))
    offered = list(by_text)
    press(box, Qt.Key.Key_Escape)
    assert not box.isVisible()
    dialog.activateWindow()  # Without a desktop nobody does.
    return offered


def test_results_of_other_qualities_take_part(fought, encoded, picture_file, qtbot):
    """Lite at three qualities: the slider makes them, C chooses them, X holds them against each other."""
    for quality in (10, 60, 45):
        encoded.recipe_panel.slider.setValue(quality)
        qtbot.waitUntil(lambda: encoded.session.idle and not encoded.session.is_stale, timeout=LONG)
    offered = tick(fought, qtbot, "WebP", "AVIF", "JPEG XL", "Lite · quality 60", "Lite · quality 10")
    assert offered[:4] == ["JPEG", "WebP", "AVIF", "JPEG XL"]
    assert offered[4:] == ["Lite · quality 60", "Lite · quality 10", "Lite · quality 30"], (
        "the newest first, not its own"
    )
    press(fought, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: fought.shown is not None and len(fought.shown.sides) == 4, timeout=2 * LONG)
    assert names_in_sight(fought) == ["HPCM", "Lite 60", "Lite 10", "JPEG"]
    rows = fought.shown.found.contestants
    for one, quality in zip(rows, (45, 60, 10), strict=False):
        assert one.data == codec.encode(Picture.open(picture_file), Recipe(quality=quality), reconstruct=False).data
    assert [fought.table.item(row, 3).text() for row in range(4)] == [f"{len(one.data):,}" for one in rows]
    assert "Lite" not in fought.note.text(), "nothing was asked of them that they could miss"
    press(fought, Qt.Key.Key_3)
    assert names_in_sight(fought) == ["Lite 10"]
    press(fought, Qt.Key.Key_B)
    assert len(fought.blind.rounds) == 6
    press(fought, Qt.Key.Key_Escape)
    # They are those of this picture: another one knows nothing of them.
    open_and_encode(encoded, picture_file, qtbot)
    assert fought.candidates.chosen.rivals == ()


def test_another_model_takes_part_at_the_same_size(fought, encoded, qtbot, monkeypatch):
    """Every model that is installed is offered, here one more of variable rate."""
    (lite,) = [model for model in encoded.recipe_panel.models if model.name == "lite"]
    before = replace(lite, name="lite-2-3-6", variant="lite-2-3-6")
    base = ModelInfo("base-mse-0.013", "base", "mse", 0.013, "fixed", "missing", None, "")
    monkeypatch.setattr(fought, "_models", lambda: [lite, before, base])
    offered = tick(fought, qtbot, "lite-2-3-6")
    assert [name for name in offered if "Base" in name] == [], "what is not installed cannot take part"
    (rival,) = fought.candidates.chosen.rivals
    assert (rival.model, rival.has_target) == ("lite-2-3-6", True)
    assert fought.candidates.chosen.names == ("jpeg", "webp", "avif", "jxl")


def test_nine_candidates_at_the_most(fought, encoded, qtbot):
    kept = [Recipe(quality=quality) for quality in (1, 2, 3, 4, 5, 6)]
    for recipe in kept:
        encoded.session.cache.put(encoded.session.original.pixels, recipe, encoded.session.outcome)
    offered = tick(fought, qtbot, *(f"Lite · quality {quality}" for quality in (6, 5, 4, 3, 2)))
    assert len(offered) == 10
    chosen = fought.candidates.chosen
    assert len(chosen.names) + len(chosen.rivals) == 8
    assert [recipe.quality for recipe in chosen.rivals] == [6, 5, 4, 3]
    assert fought.candidates.note.text() == "At most 9 can take part."


@pytest.fixture
def held(monkeypatch):
    """Holds the preparing of pictures for showing, which takes seconds for large ones: an event to let it go on."""
    go_on = threading.Event()
    sides_of = runner.sides_of
    monkeypatch.setattr(runner, "sides_of", lambda *parts: (go_on.wait(LONG / 1000), sides_of(*parts))[1])
    yield go_on
    go_on.set()


def test_a_duel_of_the_picture_before_is_not_shown(encoded, picture_file, held, qtbot):
    dialog = begin(encoded, qtbot)
    qtbot.waitUntil(lambda: "Preparing" in dialog.stage.text(), timeout=2 * LONG)
    open_and_encode(encoded, picture_file, qtbot)
    assert not dialog.runner.running
    held.set()
    qtbot.wait(300)
    assert dialog.shown is None
    assert dialog.table.rowCount() == 0
    dialog.close()


def test_to_close_it_ends_no_encoding(encoded, held, qtbot):
    dialog = begin(encoded, qtbot)
    qtbot.waitUntil(lambda: "Preparing" in dialog.stage.text(), timeout=2 * LONG)
    encoded.recipe_panel.slider.setValue(60)
    assert encoded.session.encoding == Recipe(quality=60)
    dialog.close()
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=LONG)
    assert encoded.session.outcome.recipe == Recipe(quality=60)


def test_judgements_are_kept_when_the_window_closes(fought):
    press(fought, Qt.Key.Key_B)
    press(fought, Qt.Key.Key_1)
    fought.close()  # as the program does at its end
    rows = list(csv.DictReader(io.StringIO(blind_file().read_text("utf-8"))))
    assert len(rows) == 1
    assert fought.blind is None
