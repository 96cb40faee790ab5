"""Two device pixels per unit: everything on the canvas lies on device pixels."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

SCRIPT = """
import math
import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from app.canvas import loupe
from app.ui import theme
from app.canvas.canvas import Canvas
from app.canvas.tiles import Pyramid
from app.canvas.scene import Scene, View

app = QApplication([])
theme.apply("light")
rng = np.random.default_rng(1)
first, second = (rng.integers(0, 256, (500, 640, 3), dtype=np.uint8) for _ in range(2))
canvas = Canvas()
canvas.resize(800, 600)
canvas.renderer.budget = math.inf
canvas.show()
canvas.set_scene(Scene(Pyramid(first), Pyramid(second)))
RATIO = canvas.devicePixelRatioF()
assert RATIO == float(__import__("os").environ["QT_SCALE_FACTOR"]), RATIO

def grab():
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    assert image.size() == canvas.device_size()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()

def part(shot, x0, y0, x1, y1):
    view = canvas.viewport
    return shot[view.edge_y(y0) : view.edge_y(y1), view.edge_x(x0) : view.edge_x(x1)]

def place(x, y):
    px, py = canvas.viewport.to_pane(x, y)
    return QPoint(round(px / RATIO), round(py / RATIO))

# Ctrl+0: one picture pixel per device pixel, untouched.
canvas.set_view(View.ORIGINAL)
canvas.one_to_one()
view = canvas.viewport
assert view.scale == 1.0, view
assert view.origin_x == int(view.origin_x) and view.origin_y == int(view.origin_y)
shown = grab()[view.edge_y(100) : view.edge_y(500), view.edge_x(0) : view.edge_x(640)]
assert np.array_equal(shown, first[100:]), "100 percent"

# The wipe divides on the pixel's edge, at whole and at broken zooms.
canvas.set_view(View.WIPE)
for scale in (3.0, 5.3, 8.0):
    canvas.set_viewport(canvas.viewport.at_scale(scale, 400 * RATIO, 300 * RATIO))
    canvas.set_divider(321)
    view, shot = canvas.viewport, grab()
    edge, y = view.edge_x(321), view.edge_y(260) + 1
    line = math.ceil(2 * RATIO) + 1
    assert tuple(shot[y, edge - line]) == tuple(first[260, int(view.to_picture(edge - line + 0.5, 0)[0])]), scale
    assert tuple(shot[y, edge + line]) == tuple(second[260, int(view.to_picture(edge + line + 0.5, 0)[0])]), scale

# The pointer tells device pixels, flicking changes pictures without moving them.
canvas.one_to_one()
canvas.set_view(View.RECONSTRUCTION)
before, view = grab(), canvas.viewport
canvas.set_peeking(True)
peeked = grab()
canvas.set_peeking(False)
assert canvas.viewport == view, "flick moves"
assert np.array_equal(grab(), before), "flick changes"
assert np.array_equal(part(peeked, 100, 100, 400, 400), first[100:400, 100:400]), "flick"
QTest.mouseMove(canvas, place(200, 300))
app.processEvents()
x, y = canvas.frame.hovered_pixel
assert abs(x - 200) <= 1 and abs(y - 300) <= 1, (x, y)

# A drag with Shift selects picture pixels; none of them is hidden by the frame.
QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, place(100, 120))
QTest.mouseMove(canvas, place(180, 190))
QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, place(180, 190))
rect = canvas.selection
assert abs(rect.width() - 80) <= 2 and abs(rect.height() - 70) <= 2, rect
inside = part(grab(), rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1)
assert np.array_equal(inside, second[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1])

# The loupe shows both pictures in whole squares, the pixel under the pointer in the middle.
canvas.select(None)
QTest.mouseMove(canvas, place(300, 200))
canvas.set_loupe(True)
app.processEvents()
x, y = canvas.frame.hovered_pixel
shot, scale = grab(), loupe.magnification(1.0, RATIO)
for (pane, square), picture in zip(loupe.squares(canvas.frame), (first, second)):
    left, top = square.left() + (square.width() - scale) // 2, square.top() + (square.height() - scale) // 2
    for dx, dy in ((0, 0), (2, 3), (-3, -2)):
        block = shot[top + dy * scale : top + (dy + 1) * scale, left + dx * scale : left + (dx + 1) * scale]
        assert (block == picture[y + dy, x + dx]).all(), (pane, dx, dy)
print("fine")
"""


@pytest.mark.parametrize("ratio", [1, 2])
def test_everything_lies_on_device_pixels(ratio, tmp_path):
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": str(ratio),
        "HPCM_CONFIG_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180
    )
    assert done.stdout.strip() == "fine", done.stderr
