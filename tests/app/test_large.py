"""A picture of 100 megapixels in the window: paints touch what is in sight, memory stays bounded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]

# In a process of its own: memory is that of the window alone.
SCRIPT = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from app import theme
from app.session import Session
from app.settings import Settings
from app.views import View
from app.window import MainWindow
from app.worker.gpu_worker import GpuWorker

def memory():
    '''MiB: the most this process ever had, shared memory that it maps included.'''
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024

app = QApplication([])
theme.apply("dark")
session = Session(GpuWorker(), Settings().recipe)
window = MainWindow(session, Settings())
session.worker.start()
window.resize(1600, 1000)
window.show()
session.open(Path(sys.argv[1]))
until = time.monotonic() + 240
while session.original is None or not session.worker.block_prefix:
    assert time.monotonic() < until
    app.processEvents()
    time.sleep(0.01)
# The picture goes to the codec process through shared memory, which counts too.
while not list(Path("/dev/shm").glob(session.worker.block_prefix + "*")) and time.monotonic() < until:
    app.processEvents()
    time.sleep(0.01)
canvas = window.canvas
cache = canvas.renderer.cache

def settle():
    app.processEvents()
    while canvas.renderer.incomplete:
        app.processEvents()

settle()
assert canvas.scene.size == (10000, 10000)
most = (canvas.device_size().width() // 256 + 2) * (canvas.device_size().height() // 256 + 2)
assert cache.made <= 2 * most, cache.made  # The fitted picture, from one coarse level (twice: the window was resized).
for action in ("one", "zoom_in", "zoom_out", "zoom_out", "zoom_out", "zoom_out", "fit", "one"):
    before = cache.made
    window.actions_[action].trigger()
    settle()
    assert cache.made - before <= most, (action, cache.made - before)
for step in range(12):
    before, there = cache.made, QPoint(200 + 10 * step, 200)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, there)
    QTest.mouseMove(canvas, there + QPoint(-90, -70))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, there + QPoint(-90, -70))
    settle()
    assert cache.made - before <= most
session.cancel()
peak = memory()
window.close()
print("fine", round(peak))
window.deleteLater()
app.sendPostedEvents(None, 52)
"""


@pytest.fixture(scope="module")
def huge(tmp_path_factory):
    path = tmp_path_factory.mktemp("huge") / "huge.tif"
    part = np.random.default_rng(1).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    Image.fromarray(np.tile(part, (100, 100, 1))).save(path)
    yield path
    path.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_100_megapixels_pan_and_zoom_within_memory(huge, tmp_path):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HPCM_CONFIG_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(huge)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.stdout.startswith("fine"), done.stderr
    assert int(done.stdout.split()[1]) <= 1536
    print(done.stdout)
