"""Make the pictures of the documentation: the real window and codec, sample photographs, a virtual display.

python docs/make_screenshots.py [NAME]    all of them, or only one
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SAMPLES = ROOT / "resources" / "samples"
SHOTS = {
    "window.png": ("wipe", "light"),
    "difference.png": ("difference", "dark"),
    "bits.png": ("bits", "dark"),
    "batch.png": ("batch", "light"),
    "chart.png": ("chart", "light"),
    "duel.png": ("duel", "light"),
    "models.png": ("models", "light"),
    "steps.png": ("steps", "light"),
    "latents.png": ("latents", "light"),
    "fields.png": ("fields", "dark"),
    "brush.png": ("brush", "light"),
    "natural.png": ("natural", "light"),
}
"""View and theme of each; `steps`, `brush` and `natural` are states of the window, others after `bits` dialogs."""

SIZE = 1280, 1000
"""Of the window, which has the whole panel in sight."""
ENLARGED = 1.6
"""By which the sample fills the canvas."""
LIMIT = 600
"""Seconds that a picture may take."""
CLOCK = """
import sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    time.perf_counter = time.process_time
"""
"""Python runs it as it starts: the codec process, on one thread, measures its processor time, so that the times in the
pictures are those of a machine that does nothing else.
"""


def main() -> int:
    display = [] if os.environ.get("DISPLAY") else ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
    if display and shutil.which("xvfb-run") is None:
        print("A virtual display is needed, on Debian and Ubuntu: sudo apt-get install xvfb")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, (view, theme) in SHOTS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        if view in DIALOGS:
            command = [sys.executable, str(Path(__file__)), "--dialog", view, theme, str(IMAGES / name)]
        else:
            command = [sys.executable, "-m", "app", "--sample", "--view", view, "--theme", theme]
            command += ["--size", f"{SIZE[0]}x{SIZE[1]}", "--screenshot", str(IMAGES / name)]
        # What one picture chooses, such as a quality, is not remembered for the next.
        with tempfile.TemporaryDirectory() as config:
            (Path(config) / "sitecustomize.py").write_text(CLOCK)
            environment = {**os.environ, "HPCM_CONFIG_DIR": config, "LANGUAGE": "en", "LC_ALL": "C.UTF-8"}
            paths = [config, *filter(None, [os.environ.get("PYTHONPATH")])]
            environment |= {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
            subprocess.run([*display, *command], cwd=ROOT, env=environment, check=True, timeout=LIMIT)
        print(f"wrote docs/images/{name}")
    return 0


def wait(done: Callable[[], bool]) -> None:
    """Let the window work until that is true."""
    from PySide6.QtWidgets import QApplication

    until = time.monotonic() + LIMIT
    while not done():
        if time.monotonic() > until:
            sys.exit("The window did not come to an end.")
        QApplication.processEvents()
        time.sleep(0.01)


def batch(window: MainWindow, folder: Path) -> None:
    """A batch with rows of every kind: done, skipped, failed, running, waiting."""
    from hpcm_core.picture.picture import Picture

    for path in sorted(SAMPLES.glob("*.png")):
        whole = Picture.open(path)
        half = whole.height // 2
        whole.save(folder / path.name)
        for name, rows in (("above", slice(0, half)), ("below", slice(half, None))):
            Picture(whole.pixels[rows].copy()).save(folder / f"{path.stem}-{name}.png")
    (folder / "notes.png").write_text("a text that was given a picture's name")
    (folder / "chelsea.hpcm").write_bytes(b"")
    window.tool_commands.show_batch()
    runner = window.tool_commands.batch.runner
    runner.add([folder])
    runner.add([folder / "notes.png"])
    wait(lambda: not runner.is_searching)
    runner.rows.insert(2, runner.rows.pop())
    runner.rows_reset.emit()
    runner.start()
    wait(lambda: runner.current == 8 and runner.fraction > 0.2)


def chart(window: MainWindow, folder: Path) -> None:
    """The chart of the sample photograph, with all curves."""
    session, slider = window.session, window.recipe_panel.slider
    window.file_commands.open_sample()
    for quality in (60, 10, 25, 40, 80, 100):
        slider.setValue(quality)
        wait(lambda: session.idle and session.outcome is not None and not session.is_stale)
    window.tool_commands.show_chart()
    dialog = window.tool_commands.chart
    assert dialog is not None
    window.tool_commands.measure_curves()
    wait(lambda: session.idle and window.tool_commands.meter.current is None)


def duel(window: MainWindow, folder: Path) -> None:
    """Four files of the same bytes, enlarged where their codecs differ."""
    session = window.session
    window.file_commands.open_sample()
    window.recipe_panel.slider.setValue(15)
    wait(lambda: session.idle and session.outcome is not None and not session.is_stale)
    window.tool_commands.show_duel()
    dialog = window.tool_commands.duel
    wait(lambda: dialog.shown is not None and not dialog.runner.running)
    dialog.arena.set_viewport(dialog.arena.viewport.at_scale(2.0, 0, 0))
    x, y = dialog.arena.viewport.to_picture(0, 0)
    dialog.arena.pan(2 * (x - 90), 2 * (y - 40))
    until = time.monotonic() + 1
    wait(lambda: time.monotonic() > until)


def brush(window: MainWindow, folder: Path) -> None:
    """A face that is kept better, and a background that is coded cheaply."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    session, canvas = window.session, window.canvas
    window.resize(*SIZE)
    window.load_models()
    window.file_commands.open_sample()
    wait(lambda: session.idle and session.outcome is not None and session.outcome.decode_seconds is not None)
    window.actions_["reconstruction"].trigger()
    window.canvas.zoom(ENLARGED)
    window.actions_["brush"].trigger()

    def at(x: int, y: int) -> QPoint:
        left, top = canvas.viewport.to_pane(x, y)
        return QPoint(round(left / canvas.devicePixelRatioF()), round(top / canvas.devicePixelRatioF()))

    def stroke(*points: tuple[int, int]) -> None:
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(*points[0]))
        for point in points:
            QTest.mouseMove(canvas, at(*point))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(*points[-1]))

    stroke((220, 60), (220, 180), (250, 60), (250, 180))
    window.actions_["brush_kind"].trigger()
    stroke((20, 20), (20, 300), (60, 20))
    stroke((400, 30), (480, 30), (480, 130))
    wait(lambda: session.idle and not session.is_stale)
    QTest.mouseMove(canvas, at(430, 190))
    until = time.monotonic() + 1
    wait(lambda: time.monotonic() > until)


def models(window: MainWindow, folder: Path) -> None:
    """What can be got, with the time that it takes on this machine; the network is not asked."""
    window.actions_["get_models"].trigger()
    dialog = window.model_commands.dialog
    dialog.select("base-mse-0.013")
    wait(lambda: dialog.runner.rows[0].seconds is not None)


def steps(window: MainWindow, folder: Path) -> None:
    """The picture after four coding steps."""
    session = window.session
    window.resize(*SIZE)
    window.load_models()
    window.file_commands.open_sample()
    wait(lambda: session.idle and session.outcome is not None and session.outcome.decode_seconds is not None)
    window.actions_["step_pictures"].trigger()
    window.steps.slider.setValue(5)
    window.canvas.zoom(ENLARGED)
    wait(lambda: session.idle and not window.step_pictures.waiting)
    until = time.monotonic() + 1
    wait(lambda: time.monotonic() > until)


def natural(window: MainWindow, folder: Path) -> None:
    """The natural look beside the original, of a file of low quality."""
    session = window.session
    window.resize(*SIZE)
    window.load_models()
    window.recipe_panel.show_recipe(replace(session.recipe, quality=10))
    session.set_recipe(replace(session.recipe, quality=10), encode=False)
    window.file_commands.open_sample()
    wait(lambda: session.idle and session.outcome is not None and session.outcome.decode_seconds is not None)
    window.actions_["natural"].trigger()
    wait(lambda: session.idle and session.natural.picture is not None)
    window.canvas.zoom(3)
    until = time.monotonic() + 1
    wait(lambda: time.monotonic() > until)


def latents(window: MainWindow, folder: Path) -> None:
    """What was coded for the astronaut's eye."""
    session = window.session
    window.file_commands.open_sample()
    wait(lambda: session.idle and session.outcome is not None and session.outcome.decode_seconds is not None)
    window.tool_commands.show_inspect()
    dialog = window.tool_commands.inspect
    window.canvas.clicked.emit(246, 122)
    wait(lambda: dialog.spot is not None and not dialog.looker.busy)
    dialog.table.selectRow(4)
    wait(lambda: session.idle)


def fields(window: MainWindow, folder: Path) -> None:
    """The receptive fields of all steps."""
    session = window.session
    window.file_commands.open_sample()
    wait(lambda: session.idle and session.outcome is not None and session.outcome.decode_seconds is not None)
    window.tool_commands.show_inspect("erf")
    dialog = window.tool_commands.inspect
    dialog.resize(1120, 985)  # two whole rows of them
    dialog.go.click()
    wait(lambda: dialog.shown_figure is not None and not dialog.looker.busy)
    until = time.monotonic() + 0.5
    wait(lambda: time.monotonic() > until)


DIALOGS = {
    "batch": batch,
    "chart": chart,
    "duel": duel,
    "models": models,
    "steps": steps,
    "latents": latents,
    "fields": fields,
    "brush": brush,
    "natural": natural,
}


def shoot_dialog(name: str, look: str, target: Path) -> int:
    """Bring a dialog into the state that is to be shown, and take its picture."""
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication, QDialog

    from app.desktop.settings import Settings
    from app.session.session import Session
    from app.ui import theme
    from app.window.main_window import MainWindow
    from app.worker.codec_worker import CodecWorker

    app = QApplication(sys.argv[:1])
    theme.apply(look)
    settings = Settings()
    session = Session(CodecWorker(), settings.recipe)
    window = MainWindow(session, settings)
    window.resize(1600, 1000)
    window.show()
    session.worker.start()
    with tempfile.TemporaryDirectory() as folder:
        DIALOGS[name](window, Path(folder))
        dialog = next((found for found in window.findChildren(QDialog) if found.isVisible()), window)
        focused = dialog.focusWidget()
        if focused is not None:
            focused.clearFocus()
        dialog.grab().save(str(target))
        window.quit()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["--dialog"]:
        sys.exit(shoot_dialog(sys.argv[2], sys.argv[3], Path(sys.argv[4])))
    sys.exit(main())
