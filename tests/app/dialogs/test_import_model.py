"""Checkpoints come into the window by dialog and by drop, and are installed only if they are what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from safetensors.torch import save_file

from app.dialogs.import_model import ImportDialog
from hpcm_core.models.hpcm.config import BASE
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.said import Guess, guess
from tests.app.conftest import LONG, drop


@pytest.fixture
def models(monkeypatch, tmp_path):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "models"


def dialog_of(window):
    return next(dialog for dialog in window.findChildren(ImportDialog) if dialog.isVisible())


def messages(window):
    return [toast.notice.message for toast in window.toasts.shown]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HPCM_Base_mse_0.013.pth.tar", Guess("base", "mse", 0.013)),
        ("hpcm-large-MS_SSIM-16.64.pth", Guess("large", "ms-ssim", 16.64)),
        ("base-psi-mse-0.0067.safetensors", Guess("base-psi", "mse", 0.0067)),
        ("1B_lambda0.0483.pth.tar", Guess("1b", None, 0.0483)),
        ("epoch_71b.pth", Guess()),
    ],
)
def test_a_name_tells_what_it_can(name, expected):
    assert guess(Path(name)) == expected


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 40, b"\x02" + 7 * b"\0" + b"[]", b"\x14" + 7 * b"\0" + b'{"__metadata__": 5}  ']
)
def test_a_damaged_header_tells_nothing(tmp_path, data):
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    assert guess(path) == Guess()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("download.pth", ("large", "ms-ssim", "16.64")),
        ("large.pth", ("large", "ms-ssim", "16.64")),
        ("large-msssim-8.73.pth", ("large", "ms-ssim", "8.73")),
        ("base.pth", ("base", "mse", "")),
    ],
)
def test_import_it_knows_what_was_chosen(window, qtbot, tmp_path, monkeypatch, name, expected):
    panel = window.recipe_panel
    window.load_models()
    qtbot.waitUntil(lambda: "Bundled" in panel.variants["lite"].accessibleName())
    panel.variants["large"].click()
    panel.metric_box.setFocus()
    QTest.keyClick(panel.metric_box, Qt.Key.Key_End)
    panel.lambdas.setFocus()
    QTest.keyClicks(panel.lambdas, "16.64")
    (tmp_path / name).touch()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / name), ""))
    window.activateWindow()
    panel.hint.setFocus()
    for _ in range(2):  # to the link of the page, to "import it"
        QTest.keyClick(panel.hint, Qt.Key.Key_Tab)
    QTest.keyClick(panel.hint, Qt.Key.Key_Return)
    dialog = dialog_of(window)
    assert (dialog.variant.currentData(), dialog.metric_box.currentData(), dialog.lmbda.text()) == expected
    dialog.close()


def test_metadata_counts_before_the_name(tmp_path):
    path = tmp_path / "base-mse-0.013.safetensors"
    save_file({"x": torch.zeros(1)}, path, {"variant": "large", "metric": "ms-ssim", "lambda": "2.4"})
    assert guess(path) == Guess("large", "ms-ssim", 2.4)


def test_a_dropped_checkpoint_is_installed_and_offered(window, models, tmp_path, qtbot):
    window.load_models()
    button = window.recipe_panel.variants["base"]
    qtbot.waitUntil(lambda: "Not installed" in button.accessibleName(), timeout=LONG)
    with torch.device("meta"):
        state = HPCM(BASE).state_dict()
    path = tmp_path / "trained.safetensors"
    save_file(
        {name: torch.zeros(tensor.shape, dtype=torch.float16) for name, tensor in state.items()},
        path,
        {"variant": "base", "metric": "mse", "lambda": "0.013"},
    )
    drop(window, path)
    dialog = dialog_of(window)
    assert (dialog.variant.currentData(), dialog.metric_box.currentData(), dialog.lmbda.text()) == (
        "base",
        "mse",
        "0.013",
    )
    assert window.session.idle
    dialog.button.click()
    qtbot.waitUntil(lambda: "Installed base-mse-0.013" in messages(window), timeout=LONG)
    assert [file.name for file in models.iterdir()] == ["base-mse-0.013.safetensors"]
    qtbot.waitUntil(lambda: button.accessibleName().startswith("Model Base: 1 of"), timeout=LONG)
    assert window.session.is_empty


def test_what_is_no_checkpoint_is_refused_in_one_sentence(encoded, models, tmp_path, qtbot, monkeypatch):
    before = encoded.session.outcome
    path = tmp_path / "letter.pth"
    path.write_text("Dear reader,\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    encoded.actions_["import_model"].trigger()
    dialog = dialog_of(encoded)
    assert not dialog.button.isEnabled()
    for text, good in (("zero", False), ("-1", False), ("0", False), ("nan", False), ("inf", False), ("0,013", True)):
        dialog.lmbda.setText(text)
        assert dialog.button.isEnabled() is good, text
    dialog.button.click()
    qtbot.waitUntil(lambda: messages(encoded) != [], timeout=LONG)
    assert messages(encoded) == ["letter.pth is not a checkpoint that can be loaded safely."]
    assert not models.exists()
    assert encoded.session.outcome is before
    assert encoded.session.idle


def test_another_variants_checkpoint_is_refused(window, models, tmp_path, qtbot):
    path = tmp_path / "large-mse-0.013.safetensors"
    save_file({"g_a.weight": torch.zeros(3)}, path)
    drop(window, path)
    dialog_of(window).button.click()
    qtbot.waitUntil(lambda: messages(window) != [], timeout=LONG)
    assert "is not a checkpoint of large" in messages(window)[0]
    assert not models.exists()


def test_nothing_is_imported_without_a_word(window, models, tmp_path):
    path = tmp_path / "base-mse-0.013.safetensors"
    path.write_bytes(b"")
    drop(window, path)
    dialog_of(window).reject()
    assert window.session.idle
    drop(window, path, tmp_path / "other.pth")
    assert messages(window) == ["Checkpoints are imported one at a time."]
    assert not models.exists()
