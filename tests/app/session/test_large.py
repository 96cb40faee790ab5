"""A picture of 100 megapixels in the window: paints touch what is in sight, memory stays bounded."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.paths import ROOT

# In a process of its own: memory is that of the window alone. Its main module is loaded in the codec process too, where
# coding is replaced: 100 megapixels would take minutes. All that goes between the processes and to the screen is real.
SCRIPT = """
import sys, time
from pathlib import Path

LIMIT = 1536  # MiB

if __name__ == "__mp_main__":
    from dataclasses import replace

    import numpy as np

    import hpcm_core.codec as codec
    from hpcm_core import metrics
    from hpcm_core.picture.picture import Picture

    encode, decode, compare, made = codec.encode, codec.decode, metrics.compare, []

    def quick_encode(picture, recipe, **how):
        how["progress"]("Coding", 0.5)
        small = encode(Picture(picture.pixels[:256, :256].copy()), recipe)
        made[:] = [Picture(picture.pixels ^ np.uint8(recipe.quality))]
        bits = np.ones((12, -(-picture.height // 16), -(-picture.width // 16)), np.float32)
        return replace(small, reconstruction=made[0], bits=replace(small.bits, steps=bits))

    def quick_decode(data, **how):
        how["progress"]("Decoding", 0.5)
        return replace(decode(data), picture=made[0])

    def quick_compare(a, b, size_bytes, **_):
        assert a.pixels.shape == b.pixels.shape
        return compare(Picture(a.pixels[:512, :512]), Picture(b.pixels[:512, :512]), size_bytes)

    codec.encode, codec.decode, metrics.compare = quick_encode, quick_decode, quick_compare


def memory(peak=True):
    "MiB: the most this process ever had, or what it has, shared memory that it maps included."
    name = "VmHWM" if peak else "VmRSS"
    return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith(name))


def main():
    import numpy as np
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.ui import theme
    from app.session.session import Session
    from app.desktop.settings import Settings
    from app.canvas.scene import View
    from app.window.main_window import MainWindow
    from app.worker.codec_worker import CodecWorker
    from hpcm_core.recipe import Recipe

    app = QApplication([])
    theme.apply("dark")
    session = Session(CodecWorker(), Recipe(quality=30))
    window = MainWindow(session, Settings())
    session.worker.start()
    window.resize(1600, 1000)
    window.show()
    canvas = window.canvas
    cache = canvas.renderer.cache

    def wait(ready):
        until = time.monotonic() + 240
        while not ready():
            assert time.monotonic() < until
            app.processEvents()
            time.sleep(0.01)

    def settle():
        app.processEvents()
        while canvas.renderer.incomplete:
            app.processEvents()

    def checked(quality):
        outcome = session.outcome
        return outcome is not None and outcome.recipe.quality == quality and outcome.decode_seconds and session.idle

    def blocks():
        return len(list(Path("/dev/shm").glob(session.worker.block_prefix + "*")))

    def say(what):
        print(what, "now", round(memory(False)), "peak", round(memory()), "MiB,", blocks(), "blocks", flush=True)

    def look(*views):
        for view in views:
            canvas.set_view(view)
            pictures = 2 if view in (View.WIPE, View.SIDE) else 1
            settle()
            for action in ("fit", "one", "zoom_in", "zoom_out", "zoom_out", "zoom_out", "zoom_out", "one"):
                before = cache.made
                window.actions_[action].trigger()
                settle()
                assert cache.made - before <= pictures * most, (view, action, cache.made - before)
            for step in range(9):
                before, there = cache.made, QPoint(200 + 10 * step, 200)
                how = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
                QTest.mousePress(canvas, *how, there)
                QTest.mouseMove(canvas, there + QPoint(-90, -70))
                QTest.mouseRelease(canvas, *how, there + QPoint(-90, -70))
                settle()
                assert cache.made - before <= pictures * most
            say(view.name)

    session.open(Path(sys.argv[1]))
    wait(lambda: session.original is not None)
    settle()
    assert canvas.scene.size == (10000, 10000)
    most = (canvas.device_size().width() // 256 + 2) * (canvas.device_size().height() // 256 + 2)
    # The fitted picture, from one coarse level (twice: the window was resized).
    assert cache.made <= 2 * most, cache.made
    say("opened")
    look(View.ORIGINAL)
    wait(lambda: checked(30))
    say("encoded")
    assert np.array_equal(session.outcome.shown.picture.pixels[::999], session.original.picture.pixels[::999] ^ 30)
    look(*View)
    # The whole picture is selected, and the next encoding is made while the old result is on show.
    canvas.fit()
    canvas.select_visible()
    assert canvas.selection.width() == 10000
    wait(lambda: window.meter.measured.metrics is not None)
    say("selected")
    window.recipe_panel.slider.setValue(70)
    wait(lambda: checked(70))
    say("encoded again")
    look(View.WIPE, View.DIFFERENCE)
    wait(lambda: blocks() == 2)  # Original and result: the old result goes with the last measurement that looks at it.
    peak = memory()
    window.quit()
    assert blocks() == 0, blocks()
    assert peak <= LIMIT, peak
    window.deleteLater()
    app.sendPostedEvents(None, 52)


if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def huge(tmp_path_factory):
    path = tmp_path_factory.mktemp("huge") / "huge.tif"
    part = np.random.default_rng(1).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    Image.fromarray(np.tile(part, (100, 100, 1))).save(path)
    yield path
    path.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_100_megapixels_are_opened_looked_at_and_encoded_within_memory(huge, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HPCM_CONFIG_DIR": str(tmp_path / "config"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, script, huge], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr
