"""Getting models in the window, from a server that behaves as the real one: seen, stopped, continued, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from safetensors.torch import save

from app.getting.model import COLUMNS, STATE, TIME
from app.getting.runner import GetRunner
from hpcm_core.models import getting
from hpcm_core.models.hpcm.config import BASE
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.published import published
from tests.app.conftest import LONG, wait_shown
from tests.hpcm_core.download.server import serving

NAME = "base-mse-0.013"
PLACE = [*published()].index(NAME)


@pytest.fixture(scope="module")
def weights():
    """What is a checkpoint of Base, all zero."""
    with torch.device("meta"):
        state = HPCM(BASE).state_dict()
    return save({name: torch.zeros(tensor.shape, dtype=torch.float16) for name, tensor in state.items()})


@pytest.fixture
def server(monkeypatch, tmp_path):
    """It stands for the authors' links too, so that no test can leave this machine."""
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as found:
        for name, one in published().items():
            page = f"{found.address}/uc?export=download&id={name}"
            monkeypatch.setitem(published(), name, replace(one, page=page))
        yield found


@pytest.fixture
def unmeasured(monkeypatch):
    """The codec process of the dialog has nothing else to do."""
    monkeypatch.setattr(GetRunner, "measure", lambda self: None)


@pytest.fixture
def shown(server, window, qtbot):
    """The dialog, by the menu."""
    window.load_models()
    window.actions_["get_models"].trigger()
    dialog = window.model_commands.dialog
    wait_shown(dialog)
    yield dialog
    window.model_commands.close()


def click(button):
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def text(dialog, row, column):
    model = dialog.table.model()
    return model.data(model.index(row, column))


def messages(window):
    return [toast.notice.message for toast in window.toasts.shown]


def ends_as(dialog, qtbot, state, place=PLACE):
    qtbot.waitUntil(lambda: dialog.runner.rows[place].state == state and not dialog.runner.running, timeout=LONG)


def test_all_are_shown_and_nothing_is_asked(shown, server, qtbot):
    assert shown.table.model().rowCount() == 25
    assert [text(shown, PLACE, column) for column in range(TIME)] == [
        "Base", "MSE", "0.013", "0.412", "34.21", "274.02 MB",
    ]  # fmt: skip
    assert [text(shown, 24, column) for column in range(6)] == ["1B", "MSE", "0.0483", "–", "–", "4.00 GB"]
    assert all(text(shown, row, 7) == "MIT" for row in range(25))
    qtbot.waitUntil(lambda: text(shown, 24, TIME) not in ("", "…"), timeout=LONG)
    seconds = [row.seconds for row in shown.runner.rows]
    assert 0 < seconds[0] < seconds[12] < seconds[24]
    assert text(shown, 0, TIME).startswith("≈ ")
    assert server.asked == []
    assert len(COLUMNS) == STATE + 1


def test_the_hint_leads_there(server, window, unmeasured, qtbot):
    panel = window.recipe_panel
    window.load_models()
    qtbot.waitUntil(lambda: "Not installed" in panel.variants["large"].accessibleName())
    panel.variants["large"].click()
    panel.metric_box.setCurrentIndex(1)
    panel.metric_box.activated.emit(1)
    panel.hint.setFocus()
    QTest.keyClick(panel.hint, Qt.Key.Key_Tab)
    QTest.keyClick(panel.hint, Qt.Key.Key_Return)
    dialog = window.model_commands.dialog
    wait_shown(dialog)
    assert [row.one.name for row in dialog.selected()] == [f"large-ms-ssim-{panel.lambdas.currentData():g}"]
    assert dialog.group.text() == "Get all 6 of Large, MS-SSIM"
    dialog.select("1b-mse-0.0483")
    assert not dialog.group.isVisible()
    window.model_commands.close()


def test_stopped_continued_installed(unmeasured, shown, server, window, weights, qtbot):
    server.files[NAME], server.cut_after, server.cuts, server.stall = weights, len(weights) // 2, 1, True
    shown.select(NAME)
    assert shown.summary.text() == "274.02 MB"
    click(shown.go)
    assert window.status.models.isVisible()
    row = shown.runner.rows[PLACE]
    qtbot.waitUntil(lambda: row.fraction > 0.2, timeout=LONG)
    assert text(shown, PLACE, STATE) == f"{int(row.fraction * 100)} %  Downloading"
    assert not shown.go.isEnabled()
    click(shown.stop)
    ends_as(shown, qtbot, "missing")
    server.let_go.set()
    qtbot.waitUntil(lambda: text(shown, PLACE, STATE).startswith("Stopped at "), timeout=LONG)
    assert not window.status.models.isVisible()
    have = getting.part_of(NAME).stat().st_size
    assert have >= len(weights) // 4

    server.stall = False
    click(shown.go)
    ends_as(shown, qtbot, "installed")
    assert f"bytes={have}-" in [asked for _, asked in server.asked]
    assert [path for path, _ in server.asked if "confirm=t" in path], "the page was followed"
    assert text(shown, PLACE, STATE) == "Installed"
    assert [*getting.remembered()] == [NAME]
    button = window.recipe_panel.variants["base"]
    qtbot.waitUntil(lambda: button.accessibleName() == "Model Base: 1 of 12 installed", timeout=LONG)
    qtbot.waitUntil(lambda: not shown.runner._ending and shown.runner._worker is None, timeout=LONG)


def test_what_has_come_is_thrown_away(unmeasured, shown, window, qtbot):
    part = getting.part_of(NAME)
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(30_000_000))
    shown.runner.refresh()
    qtbot.waitUntil(lambda: text(shown, PLACE, STATE) == "Stopped at 10 %")
    with_part, without = (shown.menu(shown.runner.rows[place]).actions() for place in (PLACE, 0))
    assert [action.isEnabled() for action in without] == [True, True, True, False]
    with_part[-1].trigger()
    qtbot.waitUntil(lambda: text(shown, PLACE, STATE) == "Not installed")
    assert not part.exists()
    with qtbot.waitSignal(shown.link_wanted) as caught:
        with_part[2].trigger()
    assert caught.args == [published()[NAME].page]


def test_getting_goes_before_measuring(shown, server, qtbot):
    qtbot.waitUntil(lambda: shown.runner.measuring, timeout=LONG)
    server.files[NAME] = b"no checkpoint" * 9
    shown.select(NAME)
    click(shown.go)
    ends_as(shown, qtbot, "failed")
    qtbot.waitUntil(lambda: text(shown, 0, TIME).startswith("≈ "), timeout=LONG)
    qtbot.waitUntil(lambda: shown.runner._worker is None and not shown.runner._ending, timeout=LONG)


def test_a_mirror_in_one_click(unmeasured, shown, server, window, weights, qtbot):
    server.files[f"/hpcm/{NAME}.safetensors"] = weights
    server.files["/hpcm/base-mse-0.025.pth"] = b"no checkpoint" * 9
    shown.source.setCurrentIndex(1)
    shown.source.activated.emit(1)
    assert not shown.go.isEnabled(), "there is no mirror yet"
    QTest.keyClicks(shown.mirror, f"{server.address}/hpcm/")
    shown.select(NAME)
    click(shown.group)
    shown.close()
    assert window.status.models.isVisible()
    assert window.status.models.text() == "Models: 0 of 6"
    qtbot.waitUntil(lambda: not shown.runner.running, timeout=LONG)
    states = {row.one.lmbda: row.state for row in shown.runner.rows[:6]}
    assert states == {lmbda: "installed" if lmbda == 0.013 else "failed" for lmbda in states}
    assert messages(window) == [
        "Models installed: 1",
        "Models that did not come: 5. Get models… tells why.",
    ]
    window.actions_["get_models"].trigger()
    shown.select("base-mse-0.0018")
    assert f"{server.address}/hpcm/ has none of these files" in shown.reason.text()
    shown.select("base-mse-0.025")
    assert "base-mse-0.025.part is not a checkpoint that can be loaded safely." in shown.reason.text()
    assert window.settings.mirror == f"{server.address}/hpcm/"


def test_a_file_that_one_has(unmeasured, shown, server, weights, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(weights)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    shown.select(NAME)
    click(shown.file)
    ends_as(shown, qtbot, "installed")
    shown.select("base-mse-0.025")
    click(shown.file)
    ends_as(shown, qtbot, "failed", PLACE + 1)
    assert "mine.safetensors has the weights of base-mse-0.013, not of base-mse-0.025." in shown.reason.text()
    assert path.is_file()
    assert server.asked == []


def test_a_folder_that_one_has(unmeasured, shown, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    shown.source.setCurrentIndex(1)
    shown.source.activated.emit(1)
    click(shown.choose)
    assert Path(shown.mirror.text()) == tmp_path
    assert shown.go.isEnabled()


def test_the_quota_is_told(unmeasured, shown, server, qtbot):
    server.files[NAME], server.quota = b"x", 200
    shown.select(NAME)
    click(shown.go)
    ends_as(shown, qtbot, "failed")
    assert "gives the file to nobody now" in shown.reason.text()
    server.quota = None
    click(shown.go)
    ends_as(shown, qtbot, "failed")
    assert "is not a checkpoint" in shown.reason.text()


def test_without_pytorch(unmeasured, shown, monkeypatch):
    monkeypatch.setattr("hpcm_core.pytorch.is_here", lambda: False)
    shown.select(NAME)
    assert "PyTorch" in shown.reason.text()
    assert not shown.go.isEnabled()
    assert not shown.group.isEnabled()
    assert not shown.file.isEnabled()


def test_the_window_closes_while_it_loads(unmeasured, shown, server, window, weights, qtbot):
    server.files[NAME], server.cut_after, server.stall = weights, 1_000_000, True
    shown.select(NAME)
    click(shown.go)
    qtbot.waitUntil(lambda: shown.runner.rows[PLACE].fraction > 0, timeout=LONG)
    worker = shown.runner._worker
    window.model_commands.close()
    assert worker.isFinished()
    assert worker.process_id is None
    assert getting.part_of(NAME).stat().st_size > 0
