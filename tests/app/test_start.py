"""Starting the program: what it imports, how fast the window is there, and that it ends cleanly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app.main import parse
from tests.paths import ROOT


def run(*arguments, tmp_path, timeout=180):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HPCM_CONFIG_DIR": str(tmp_path / "config")}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def test_the_windows_process_imports_no_torch(tmp_path):
    script = """
import sys, time
from PySide6.QtWidgets import QApplication
from app import application
from app.ui import theme
from app.session.session import Session
from app.desktop.settings import Settings
from app.window.main_window import MainWindow
from app.worker.codec_worker import CodecWorker
app = QApplication([])
theme.apply("light")
session = Session(CodecWorker(), Settings().recipe)
window = MainWindow(session, Settings())
window.show()
app.processEvents()
heavy = {"torch", "pyqtgraph", "scipy", "matplotlib", "hpcm_core.codec", "hpcm_core.models.hpcm.network"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
window.load_models()
until = time.monotonic() + 30
while "Bundled" not in window.recipe_panel.variants["lite"].accessibleName() and time.monotonic() < until:
    app.processEvents()
assert "Bundled" in window.recipe_panel.variants["lite"].accessibleName()
assert "torch" not in sys.modules
print("fine")
window.close()
window.deleteLater()
app.sendPostedEvents(None, 52)
"""
    done = run("-c", script, tmp_path=tmp_path)
    assert done.stdout.strip() == "fine", done.stderr
    assert done.returncode == 0


def test_what_is_below_the_widgets_knows_none():
    """The session, its canvas parts and the worker use Qt's signals and images; widgets are for those above."""
    script = """
import sys
from app.session import background, cache, comparison, document, history
from app.session import jobs, loading, opening, selection_meter, session
assert "PySide6.QtWidgets" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_the_codec_process_imports_no_qt():
    script = "import sys, app.main, app.__main__, app.worker.child; assert not any('PySide6' in m for m in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_the_first_job_finds_everything_loaded_and_no_torch(tmp_path):
    """What a job imports inside `run` is there when the process says that it is ready; torch, which the bundled model
    does without, is not.
    """
    script = """
import ast, inspect, sys
from app.worker import child, tasks
child._load_codec()
for node in ast.walk(ast.parse(inspect.getsource(tasks))):
    if isinstance(node, ast.ImportFrom) and node.module.startswith("hpcm_core"):
        names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        assert names & set(sys.modules), names
import hpcm_core
picture = hpcm_core.Picture.open("resources/samples/coffee.png")
before = set(sys.modules)
hpcm_core.encode(picture, hpcm_core.Recipe(quality=0), reconstruct=False)
late = {name for name in set(sys.modules) - before if name.startswith("hpcm_core")}
assert not late, late
assert 'torch' not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def blocks_left() -> set[Path]:
    """Shared memory of windows that are gone; those of others at work do not count. Names are hpcm-PID-…"""
    return {path for path in Path("/dev/shm").glob("hpcm-*") if not Path("/proc", path.name.split("-")[1]).exists()}


def test_a_run_from_the_command_line_opens_encodes_shows_and_ends(tmp_path, picture_file):
    shot, before = tmp_path / "shot.png", blocks_left()
    done = run(
        "-m", "app", picture_file, "--view", "side", "--theme", "dark", "--size", "1000x700", "--screenshot", shot,
        tmp_path=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "resource_tracker" not in done.stderr
    assert "Traceback" not in done.stderr
    with Image.open(shot) as image:
        assert image.size == (1000, 700)
        assert len(image.convert("RGB").getcolors(1 << 20)) > 1000
    assert (tmp_path / "config" / "settings.ini").exists()
    assert not blocks_left() - before


def test_two_files_of_the_command_line_are_compared(tmp_path, picture_file):
    shot = tmp_path / "shot.png"
    done = run("-m", "app", picture_file, picture_file, "--view", "difference", "--screenshot", shot, tmp_path=tmp_path)
    assert done.returncode == 0, done.stderr
    with Image.open(shot) as image:
        middle = image.convert("RGB").getpixel((400, 400))
    assert middle == (0, 0, 0)  # The pictures are equal, and their difference is on show.


def test_a_file_that_cannot_be_opened_ends_a_screenshot_with_an_error(tmp_path):
    done = run("-m", "app", tmp_path / "nothing.png", "--screenshot", tmp_path / "shot.png", tmp_path=tmp_path)
    assert done.returncode == 1


def test_arguments():
    options = parse(["--sample", "--view", "bits", "--size", "800x600"])
    assert (options.sample, options.view, options.size, options.files) == (True, "bits", (800, 600), [])
    with pytest.raises(SystemExit):
        parse(["--size", "large"])
