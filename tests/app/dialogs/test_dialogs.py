"""Palette, sheet of keys and settings; names and keyboard paths of every control in every window."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
)

from app.canvas.scene import View
from app.dialogs.file_dialogs import SAVE, SAVE_CHART, with_suffix
from app.dialogs.preferences import Preferences
from app.getting.runner import GetRunner
from app.ui import theme
from app.ui.notices import Notice
from app.window.commands import SPECS
from app.window.menus import MENUS
from app.window.palette import KeySheet, Palette, matches
from tests.app.conftest import LONG

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def only(window, kind):
    shown = [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]
    assert len(shown) == 1
    return shown[0]


def test_a_command_is_found_by_a_few_letters_and_run(encoded):
    encoded.activateWindow()
    encoded.canvas.setFocus()
    QTest.keyClick(encoded, Qt.Key.Key_P, CTRL | SHIFT)
    palette = only(encoded, Palette)
    QTest.keyClicks(palette.line, "diff")
    assert palette.list.item(0).text() == "Difference"
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert encoded.canvas.view is View.DIFFERENCE


def test_the_palette_offers_every_command_that_can_be_used(window):
    window.tool_commands.show_palette()
    palette = only(window, Palette)
    offered = {palette.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(palette.list.count())}
    assert offered == {a for name, a in window.actions_.all.items() if a.isEnabled() and name != "palette"}
    QTest.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    palette.reject()
    assert matches("obf", "Open bad file")
    assert not matches("fbo", "Open bad file")


def test_every_action_is_in_a_menu_and_its_key_on_the_sheet(window):
    assert {name for names in MENUS.values() for name in names if name} == {spec.name for spec in SPECS}
    window.activateWindow()
    window.canvas.setFocus()
    window.actions_["keys"].trigger()
    sheet = only(window, KeySheet)
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    for action in window.actions_.all.values():
        if not action.shortcut().isEmpty():
            assert action.shortcut().toString() in texts
    sheet.reject()


def test_no_two_actions_have_one_key(window):
    keys = [key.toString() for action in window.actions_.all.values() for key in action.shortcuts()]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_settings_reach_the_codec_process(window, qtbot, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")  # What the setting replaces.
    worker = window.session.worker
    qtbot.waitUntil(lambda: worker.process_id is not None, timeout=LONG)
    before = worker.process_id
    window.tool_commands.show_preferences()
    dialog = only(window, Preferences)
    with qtbot.waitSignal(worker.ready, timeout=LONG):
        dialog.engine.setCurrentIndex(dialog.engine.findData("reference"))
        dialog.engine.activated.emit(dialog.engine.currentIndex())
    assert worker.process_id != before
    with qtbot.waitSignal(worker.ready, timeout=LONG):
        dialog.threads.setValue(1)
    environment = Path(f"/proc/{worker.process_id}/environ").read_bytes().split(b"\0")
    assert b"HPCM_ENGINE=reference" in environment
    assert b"OMP_NUM_THREADS=1" in environment
    assert (window.settings.engine, window.settings.threads) == ("reference", 1)
    with qtbot.waitSignal(worker.ready, timeout=LONG):
        worker.configure({})
    assert b"HPCM_ENGINE=reference" not in Path(f"/proc/{worker.process_id}/environ").read_bytes().split(b"\0")
    dialog.reject()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_told_and_can_be_changed(encoded, qtbot):
    worker = encoded.session.worker
    encoded.tool_commands.show_preferences()
    dialog = only(encoded, Preferences)

    def choose(device):
        dialog.device.setCurrentIndex(dialog.device.findData(device))
        dialog.device.activated.emit(dialog.device.currentIndex())

    with qtbot.waitSignal(worker.unavailable, timeout=LONG):
        choose("cuda")
    assert "There is no CUDA device" in encoded.toasts.shown[0].notice.message
    assert encoded.status.codec.text() == "Codec unavailable"
    encoded.session.encode()
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=LONG)
    assert "There is no CUDA device" in encoded.toasts.shown[-1].notice.message
    with qtbot.waitSignal(worker.ready, timeout=LONG):
        choose("cpu")
    assert encoded.status.codec.text() == "Codec ready · CPU"
    assert encoded.settings.device == "cpu"
    with qtbot.waitSignal(worker.ready, timeout=LONG):
        worker.configure({})
    dialog.reject()


def test_the_theme_is_chosen_in_the_settings(window):
    window.tool_commands.show_preferences()
    dialog = only(window, Preferences)
    dialog.theme.setCurrentIndex(2)
    dialog.theme.activated.emit(2)
    assert theme.current().name == "dark"
    assert window.settings.theme == "dark"
    window.apply_theme("light")
    dialog.reject()


@pytest.fixture
def every_window(encoded, tmp_path, qtbot, monkeypatch):
    """The main window with an error and a selection, and every dialog that the program has."""
    flow = encoded.tool_commands
    encoded.show_notice(Notice("What went wrong", "Details"))
    encoded.toasts.shown[0].more.click()
    encoded.show_notice(Notice("Where it is", is_error=False, address="https://example.org"))
    encoded.canvas.select_visible()
    for show in (flow.show_batch, flow.show_chart, flow.show_palette, flow.show_keys, flow.show_preferences):
        show()
    encoded.file_commands.import_checkpoint(tmp_path / "base-mse-0.013.pth.tar")
    encoded.file_commands.ask_export()
    flow.show_effort()
    flow.batch.runner.add([tmp_path / "bad.png"])
    qtbot.waitUntil(lambda: not flow.batch.runner.is_searching)
    flow.show_duel()
    qtbot.waitUntil(lambda: not flow.duel.runner.running, timeout=2 * LONG)
    monkeypatch.setattr(GetRunner, "measure", lambda self: None)
    for name in ("inspect", "errors", "get_models"):
        encoded.actions_[name].trigger()
    roots = [encoded, *encoded.findChildren(QDialog)]
    ours = {kind for kind in all_subclasses(QDialog) if kind.__module__.startswith("app.")}
    assert len(ours) >= 5
    assert {type(root) for root in roots[1:]} == ours, "a dialog that no test opens"
    yield roots
    for dialog in roots[1:]:
        dialog.close()


def all_subclasses(kind):
    return {kind, *(below for direct in kind.__subclasses__() for below in all_subclasses(direct))}


def controls(root):
    """What a person operates in a window; the parts that a control is made of are left out."""
    kinds = (
        QAbstractButton,
        QAbstractSlider,
        QAbstractSpinBox,
        QComboBox,
        QAbstractItemView,
        QLineEdit,
        QPlainTextEdit,
    )
    for widget in (found for kind in kinds for found in root.findChildren(kind) if found.window() is root):
        owner = widget.parent()
        while owner is not None and not isinstance(owner, (QComboBox, QAbstractSpinBox, QAbstractItemView)):
            owner = owner.parent()
        inner = isinstance(widget, (QHeaderView, QScrollBar)) or widget.objectName().startswith("qt_")
        if owner is None and not inner:
            yield widget


def called(widget):
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def test_every_control_of_every_window_has_a_name_and_a_keyboard_path(every_window):
    found = [(root, widget) for root in every_window for widget in controls(root)]
    assert len(found) > 60
    nameless = [f"{type(widget).__name__} in {type(root).__name__}" for root, widget in found if not called(widget)]
    unreachable = [
        f"{called(widget)} in {type(root).__name__}"
        for root, widget in found
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert nameless == []
    assert unreachable == []


def test_the_tab_key_comes_to_every_control_and_leaves_it_again(every_window):
    """Also out of tables and reports, which would use the key themselves."""
    for root in every_window:
        root.activateWindow()
        QApplication.processEvents()
        if isinstance(root, KeySheet):
            assert list(controls(root)) == []
            continue
        first = next(widget for widget in controls(root) if widget.isVisible() and widget.isEnabled())
        first.setFocus(Qt.FocusReason.TabFocusReason)
        seen = set()
        for _ in range(120):
            focused = root.focusWidget()
            if focused in seen and not isinstance(focused, QLabel):  # A label keeps it for each of its links.
                break
            seen.add(focused)
            group = focused.group() if isinstance(focused, QAbstractButton) else None
            if group is not None:  # One of several: the arrows go to the others.
                along = [Qt.Key.Key_Right] * len(group.buttons())
                for key in (*along, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):  # They may stand in two rows.
                    QTest.keyClick(root.focusWidget(), key)
                    seen.add(root.focusWidget())
                focused = root.focusWidget()
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        wanted = {widget for widget in controls(root) if widget.isVisible() and widget.isEnabled()}
        missed = [called(widget) for widget in wanted - seen if widget.focusProxy() not in seen]
        assert missed == [], type(root).__name__


def test_where_no_import_can_be_computed_with_none_is_asked_for(window, tmp_path, monkeypatch):
    monkeypatch.setattr("hpcm_core.pytorch.find_spec", lambda name: None)
    monkeypatch.setattr("app.dialogs.file_dialogs.ask_for_file", lambda *_: pytest.fail("a file was asked for"))
    window.file_commands.ask_checkpoint()
    window.file_commands.take([tmp_path / "base-mse-0.013.pth.tar"])
    assert window.findChildren(QDialog) == []
    assert "needs PyTorch" in window.toasts.shown[-1].notice.message


# Names of new files.


@pytest.mark.parametrize(
    ("question", "typed", "chosen", "expected"),
    [
        (SAVE, "beach", "HPCM files (*.hpcm)", "beach.hpcm"),
        (SAVE, "beach.HPCM", "HPCM files (*.hpcm)", "beach.HPCM"),
        (SAVE, "beach at 19.30", "HPCM files (*.hpcm)", "beach at 19.30.hpcm"),
        (SAVE, "beach.jpg", "", "beach.jpg.hpcm"),
        (SAVE_CHART, "beach", "SVG (*.svg)", "beach.svg"),
        (SAVE_CHART, "beach.csv", "PNG (*.png)", "beach.csv"),
        (SAVE_CHART, "beach.csv", "SVG (*.svg)", "beach.csv"),
        (SAVE_CHART, "beach-curves.png", "SVG (*.svg)", "beach-curves.svg"),
        (SAVE_CHART, "beach-curves.png", "PNG (*.png)", "beach-curves.png"),
    ],
)
def test_a_new_file_ends_as_its_kind_does(question, typed, chosen, expected):
    """Dots of a name are no extension; what is typed goes before the kind that is chosen, which goes before what was
    proposed.
    """
    assert with_suffix(Path(typed), chosen, question) == Path(expected)
