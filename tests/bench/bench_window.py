"""How fast the window is: from the start of the process to the window on the screen, and one paint of the canvas.

Run by `make bench-window`; prints medians. Without a display it uses Qt's offscreen platform.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTS = 7
PAINTS = 41
START_GOAL, PAINT_GOAL = 1.5, 0.05  # seconds

SHOW = """
import os, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app import application
from app.main import parse
from app.window.main_window import MainWindow

class Timed(MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        QTimer.singleShot(0, self.tell)

    def tell(self):
        QApplication.processEvents()  # The first paint.
        print(time.time(), flush=True)
        self.close()

application.MainWindow = Timed
sys.exit(application.run(parse([])))
"""


def start_seconds(environment: dict[str, str]) -> float:
    """From before the process exists to its window being painted."""
    before = time.time()
    done = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[0]) - before


def paint_seconds() -> dict[str, float]:
    """Medians of whole paints of a canvas of 1600 x 1000 that shows 100 megapixels, while it is panned and zoomed."""
    import numpy as np
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    from app.canvas.canvas import Canvas
    from app.canvas.difference import Difference
    from app.canvas.scene import Scene, View
    from app.canvas.tiles import Pyramid
    from app.ui import theme

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply("dark")
    part = np.random.default_rng(1).integers(0, 256, (500, 500, 3), dtype=np.uint8)
    first = np.tile(part, (20, 20, 1))
    second = first ^ 3
    bits = np.full((12, 625, 625), 20, np.float32)
    canvas = Canvas()
    canvas.resize(1600, 1000)
    canvas.set_scene(Scene(Pyramid(first), Pyramid(second), Difference(first, second), bits))
    target = QImage(1600, 1000, QImage.Format.Format_RGB32)
    medians = {}
    for view in View:
        canvas.set_view(view)
        for name, scale in (("fit", None), ("35 %", 0.35), ("100 %", 1.0), ("400 %", 4.0)):
            if scale is None:
                canvas.fit()
            else:
                canvas.set_viewport(canvas.viewport.at_scale(scale, 800, 500))
            times = []
            for turn in range(PAINTS):
                angle = 2 * math.pi * turn / PAINTS
                canvas.pan(160 * math.cos(angle), 160 * math.sin(angle))
                before = time.perf_counter()
                canvas.render(target)
                times.append(time.perf_counter() - before)
            medians[f"{view.value}, {name}"] = statistics.median(times)
    return medians


def main() -> int:
    """Print the medians beside the goals; the status is 0 whatever they are: times are the machine's."""
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "HPCM_CONFIG_DIR": folder}
        starts = [start_seconds(environment) for _ in range(STARTS)]
    print(f"process start to shown: median {statistics.median(starts):.2f} s of {STARTS} (goal {START_GOAL} s)")
    for name, seconds in paint_seconds().items():
        mark = "" if seconds <= PAINT_GOAL else "  above the goal"
        print(f"paint, {name:24} median {1000 * seconds:6.1f} ms (goal {1000 * PAINT_GOAL:.0f} ms){mark}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
