"""Pictures of the window and its dialogs to be looked at: light and dark, English and German, small and large, at one
and two pixels of the screen for each of its own.

Run by `make check-window`; ARGS: for instance '--picture photo.jpg --only export,duel --language de --size 1024x700'.
Writes one PNG a state into build/window, and prints which dialogs need more room than the screen has.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.window.main_window import MainWindow

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "resources" / "samples"
THEMES, LANGUAGES, SIZES, SCALES = ("light", "dark"), ("en", "de"), ("1024x700", "2560x1440"), ("1", "2")
LIMIT = 600
"""Seconds that one state may take."""
STATES = (
    "welcome", "main", "side", "difference", "bits", "steps", "natural", "brush", "targets", "lossless", "opened",
    "export", "effort", "duel", "batch", "models", "latents", "chart", "errors", "preferences", "keys", "palette",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, default=SAMPLES / "astronaut.png")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "window")
    parser.add_argument("--only", default=",".join(STATES), help="states, separated by commas")
    for name, all_of in (("theme", THEMES), ("language", LANGUAGES), ("size", SIZES), ("scale", SCALES)):
        parser.add_argument(f"--{name}", default=",".join(all_of))
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return shoot(options)
    choices = [getattr(options, name).split(",") for name in ("theme", "language", "size", "scale")]
    for look, language, size, scale in itertools.product(*choices):
        with tempfile.TemporaryDirectory() as folder:
            # A screen as large as the window: dialogs may be no larger.
            width, height = (round(float(scale) * int(side)) for side in size.split("x"))
            screen = {"name": "screen", "x": 0, "y": 0, "width": width, "height": height, "dpr": 1}
            (Path(folder) / "screen.json").write_text(json.dumps({"screens": [screen]}))
            environment = {
                **os.environ,
                "HPCM_CONFIG_DIR": folder,
                "QT_QPA_PLATFORM": f"offscreen:configfile={folder}/screen.json",
                "QT_SCALE_FACTOR": scale,
                "LC_ALL": "C.UTF-8",
            }
            command = [sys.executable, "-m", "tests.bench.check_window", "--one", "--theme", look]
            command += ["--language", language, "--size", size, "--scale", scale, "--only", options.only]
            command += ["--picture", str(options.picture), "--out", str(options.out)]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return 0


def wait(done: Callable[[], bool], still: float = 1.0) -> None:
    """Let the window work until that is true, and a moment longer."""
    from PySide6.QtWidgets import QApplication

    until, end = time.monotonic() + LIMIT, None
    while end is None or time.monotonic() < end:
        if end is None and done():
            end = time.monotonic() + still
        if time.monotonic() > until:
            sys.exit("The window did not come to an end.")
        QApplication.processEvents()
        time.sleep(0.005)


def shoot(options: argparse.Namespace) -> int:
    """One combination: the states one after the other, each in a picture of its own."""
    from PySide6.QtCore import QEvent, QLocale, QSize
    from PySide6.QtWidgets import QApplication

    from app.desktop.settings import Settings
    from app.session.session import Session
    from app.ui import theme, translation
    from app.window.main_window import MainWindow
    from app.worker.codec_worker import CodecWorker

    app = QApplication(sys.argv[:1])
    translation.install(app, QLocale(options.language))
    theme.apply(options.theme)
    settings = Settings()
    session = Session(CodecWorker(), settings.recipe)
    window = MainWindow(session, settings)
    width, height = map(int, options.size.split("x"))
    window.resize(width, height)
    window.show()
    session.worker.start()
    window.load_models()
    options.out.mkdir(parents=True, exist_ok=True)
    wanted = options.only.split(",")
    for name, widget in states(window, options.picture, wanted):
        if widget is not window:
            needed = widget.minimumSizeHint().expandedTo(widget.minimumSize())
            if needed.width() > width or needed.height() > height:
                print(f"{name}: needs {needed.width()} x {needed.height()} ({options.language}, {options.size})")
            widget.resize(widget.size().boundedTo(QSize(width, height)))
            wait(lambda: True)
        place = f"{name}-{options.language}-{options.theme}-{options.size}-{options.scale}x.png"
        widget.grab().save(str(options.out / place))
        if widget is not window:
            widget.close()
    window.quit()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return 0


def states(window: MainWindow, picture: Path, wanted: list[str]) -> Iterator[tuple[str, QWidget]]:
    """Brings the window into its states; gives the name and what is to be looked at."""
    from PySide6.QtWidgets import QDialog

    session, tools, actions = window.session, window.tool_commands, window.actions_

    def settled() -> bool:
        outcome = session.outcome
        return session.idle and outcome is not None and outcome.decode_seconds is not None and not session.is_stale

    def dialog() -> QDialog:
        return next(found for found in window.findChildren(QDialog) if found.isVisible())

    def at(quality: int) -> None:
        window.recipe_panel.slider.setValue(quality)
        wait(settled)

    if "welcome" in wanted:
        wait(lambda: True)
        yield "welcome", window
    session.open(picture)
    wait(settled)
    if "main" in wanted:
        yield "main", window
    for view in ("side", "difference", "bits"):
        if view in wanted:
            actions[view].trigger()
            wait(settled)
            yield view, window
    actions["wipe"].trigger()
    if "steps" in wanted:
        actions["step_pictures"].trigger()
        window.steps.slider.setValue(5)
        wait(lambda: session.idle and not window.step_pictures.waiting)
        yield "steps", window
        actions["step_pictures"].trigger()
        actions["wipe"].trigger()
    if "natural" in wanted:
        at(10)
        actions["natural"].trigger()
        wait(lambda: session.idle and session.natural.shown != 0)
        yield "natural", window
        actions["natural"].trigger()
        at(40)
    if "brush" in wanted:
        actions["brush"].trigger()
        wait(settled)
        yield "brush", window
        actions["brush"].trigger()
    if "targets" in wanted:
        mode = window.recipe_panel.mode
        mode.setCurrentIndex(1)
        mode.activated.emit(1)
        wait(settled)
        yield "targets", window
        mode.setCurrentIndex(0)
        mode.activated.emit(0)
        wait(settled)
    if "lossless" in wanted:
        window.recipe_panel.variants["lossless"].click()
        wait(settled)
        yield "lossless", window
        window.recipe_panel.variants["lite"].click()
        wait(settled)
    if "export" in wanted:
        actions["export"].trigger()
        shown = dialog()
        wait(lambda: shown.exported is not None)  # type: ignore[attr-defined]
        yield "export", shown
    if "effort" in wanted:
        actions["effort"].trigger()
        shown = dialog()
        shown.slider.setValue(1)  # type: ignore[attr-defined]
        yield "effort", shown
        actions["undo"].trigger()
        wait(settled)
    if "duel" in wanted:
        tools.show_duel()
        duel = tools.duel
        wait(lambda: duel.shown is not None and not duel.runner.running)
        yield "duel", duel
    if "batch" in wanted:
        yield "batch", batch(window)
    if "models" in wanted:
        actions["get_models"].trigger()
        models = window.model_commands.dialog
        models.select("base-mse-0.013")
        wait(lambda: models.runner.rows[0].seconds is not None)
        yield "models", models
    if "latents" in wanted:
        tools.show_inspect()
        inspect = tools.inspect
        window.canvas.clicked.emit(246, 122)
        wait(lambda: inspect.spot is not None and not inspect.looker.busy)
        inspect.table.selectRow(4)
        yield "latents", inspect
    if "chart" in wanted:
        tools.show_chart()
        wait(lambda: session.idle)
        yield "chart", dialog()
    for name in ("errors", "preferences", "keys", "palette"):
        if name in wanted:
            actions[name].trigger()
            wait(lambda: session.idle)
            yield name, dialog()
    if "opened" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "photo.hpcm"
            assert session.outcome is not None
            file.write_bytes(session.outcome.data)
            session.open(file)
            wait(lambda: session.path == file and session.idle)
            yield "opened", window


def batch(window: MainWindow) -> QWidget:
    """Rows of several kinds, done."""
    tools = window.tool_commands
    with tempfile.TemporaryDirectory() as folder:
        broken = Path(folder) / "notes-of-a-long-name.png"
        broken.write_text("a text that was given a picture's name")
        tools.show_batch()
        runner = tools.batch.runner
        runner.add([*sorted(SAMPLES.glob("*.png"))[:3], broken])
        runner.folder = Path(folder)
        runner.start()
        wait(lambda: not runner.running and window.session.idle)
        tools.batch.table.selectRow(3)
    return tools.batch


if __name__ == "__main__":
    sys.exit(main())
