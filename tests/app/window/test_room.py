"""More room for the picture, what was opened last on the first page, and the language."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.dialogs.preferences import Preferences
from tests.app.conftest import LONG, open_and_encode, wait_active
from tests.paths import ROOT


def press(window, key):
    wait_active(window)
    QTest.keyClick(window, key)


def test_the_panel_is_hidden_and_stays_so(make_window, qtbot):
    window = make_window()
    press(window, Qt.Key.Key_F9)
    assert not window.panel.isVisible()
    qtbot.waitUntil(lambda: window.pages.width() == window.width())
    again = make_window()
    assert not again.panel.isVisible()
    press(again, Qt.Key.Key_F9)
    assert again.panel.isVisible()


def test_the_picture_has_the_whole_screen(encoded, qtbot):
    before = encoded.geometry()
    press(encoded, Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: encoded.canvas.size() == encoded.size())
    assert encoded.isFullScreen()
    for part in (encoded.menuBar(), encoded.toolbar, encoded.statusBar(), encoded.panel):
        assert not part.isVisible()
    press(encoded, Qt.Key.Key_D)
    assert encoded.actions_["difference"].isChecked()
    encoded.canvas.select_visible()
    press(encoded, Qt.Key.Key_Escape)
    assert encoded.canvas.selection is None
    assert encoded.isFullScreen()
    press(encoded, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not encoded.isFullScreen() and encoded.geometry() == before)
    for part in (encoded.menuBar(), encoded.toolbar, encoded.statusBar(), encoded.panel):
        assert part.isVisible()


def test_what_was_opened_last_is_on_the_first_page(make_window, picture_file, sample, tmp_path, qtbot):
    window = make_window()
    assert window.welcome.recent_buttons == []
    names = [f"{number}.png" for number in range(5)]
    for name in names:
        sample.save(tmp_path / name)
        window.settings.add_recent(tmp_path / name)
    again = make_window()
    qtbot.waitUntil(lambda: len(again.welcome.recent_buttons) == 4, timeout=LONG)
    buttons = again.welcome.recent_buttons
    assert [button.path.name for button in buttons] == ["4.png", "3.png", "2.png", "1.png"]
    again.resize(again.minimumSize())
    qtbot.wait(20)
    assert all(button.visibleRegion().boundingRect().size() == button.size() for button in buttons)
    QTest.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: again.session.path == tmp_path / "3.png", timeout=LONG)


def test_the_first_page_follows_the_list(window, picture_file, qtbot):
    open_and_encode(window, picture_file, qtbot)
    assert [button.path for button in window.welcome.recent_buttons] == [picture_file]
    window.settings.clear_recent()
    window.file_commands.recent.menu.aboutToShow.emit()
    assert window.welcome.recent_buttons == []


SCRIPT = """
import json, sys
from PySide6.QtCore import QTimer
import app.application as application
from app.main import parse

def begun(window, session, options):
    print(json.dumps([window.menuBar().actions()[0].text(), window.status.codec.text()]), flush=True)
    QTimer.singleShot(0, window.quit)

if __name__ == "__main__":
    application._begin = begun
    sys.exit(application.run(parse(sys.argv[1:])))
"""


@pytest.mark.parametrize(
    ("system", "arguments", "menu"),
    [("en_US", [], "&Datei"), ("de_DE", [], "&Datei"), ("de_DE", ["--language", "en"], "&File")],
)
def test_the_language_is_chosen_in_the_settings(window, tmp_path, system, arguments, menu):
    window.tool_commands.show_preferences()
    preferences = next(found for found in window.findChildren(Preferences) if found.isVisible())
    choice = preferences.language
    assert [choice.itemText(place) for place in range(choice.count())] == ["As the system", "English", "Deutsch"]
    choice.setFocus()
    QTest.keyClicks(choice, "Deutsch")
    choice.activated.emit(choice.currentIndex())
    assert preferences.later.isVisible()
    preferences.close()
    window.settings.sync()
    (tmp_path / "start.py").write_text(SCRIPT)
    environment = {**os.environ, "HPCM_CONFIG_DIR": str(window.settings.path.parent), "LC_ALL": f"{system}.UTF-8"}
    environment |= {"LANGUAGE": system, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}
    done = subprocess.run(
        [sys.executable, tmp_path / "start.py", *arguments], env=environment, capture_output=True, text=True,
        timeout=60, cwd=ROOT, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)[0] == menu
