"""Whether the window ever waits: the longest pause of its event loop while 100 megapixels are opened, looked
at and encoded, and the processor time that it took in the longest, which does not depend on what else the machine does.

Run by `make bench-waits`; ARGS: for instance '--megapixels 24 --seconds 60 --tools'. With --tools the picture's steps,
the latents of a place, figures, a stroke of the brush and a duel follow, each stopped when so many seconds are over,
and the memory that both processes had at most is said. A timer that is due every 2 ms notes when
it is late, whatever kept the loop: painting, a handler, or another thread that held the interpreter.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "resources" / "samples" / "coffee.png"
TICK_MS, GOAL_MS = 2, 50
LIMIT = 900
"""Seconds that any part may take."""


class Watchdog:
    """Notes how late its ticks are."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.begin()
        self._timer.start(TICK_MS)

    def begin(self) -> None:
        self.late: list[float] = []
        self.busy: list[float] = []
        """Milliseconds of processor time of the window's thread since the tick before."""
        self._last = time.perf_counter(), time.thread_time()

    def _tick(self) -> None:
        before, self._last = self._last, (time.perf_counter(), time.thread_time())
        self.late.append(1000 * (self._last[0] - before[0]) - TICK_MS)
        self.busy.append(1000 * (self._last[1] - before[1]))


def large_picture(path: Path, megapixels: float) -> None:
    """A photograph enlarged and laid side by side, as a JPEG."""
    photograph = Image.open(SAMPLE).convert("RGB")
    side = round(1000 * math.sqrt(megapixels))
    enlarged = photograph.resize((1200, 1200 * photograph.height // photograph.width), Image.Resampling.LANCZOS)
    pixels = np.asarray(enlarged)
    down, across = -(-side // pixels.shape[0]), -(-side // pixels.shape[1])
    Image.fromarray(np.tile(pixels, (down, across, 1))[:side, :side]).save(path, quality=90)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=30.0, help="of encoding, and of each tool, that are watched")
    parser.add_argument("--tools", action="store_true", help="steps, latents, figures, brush and duel too")
    arguments = parser.parse_args()
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HPCM_CONFIG_DIR"] = folder
        path = Path(folder) / "large.jpg"
        large_picture(path, arguments.megapixels)
        from app import application
        from app.main import parse

        status: list[int] = []
        application._begin = _then(
            application._begin, lambda window: status.append(watch(window, path, arguments.seconds, arguments.tools))
        )
        application.run(parse([]))
    return 0 if status else 1


def _then(begin: Callable[..., None], use: Callable[..., None]) -> Callable[..., None]:
    """What application.run calls once the window is there, and then what is watched."""
    from PySide6.QtCore import QTimer

    def begun(window, session, options):  # type: ignore[no-untyped-def]
        begin(window, session, options)
        QTimer.singleShot(0, window, lambda: (use(window), window.close()))

    return begun


def watch(window, path: Path, seconds: float, with_tools: bool) -> int:  # type: ignore[no-untyped-def]
    """Use the window as a person would and print each part's longest wait."""
    from PySide6.QtWidgets import QApplication

    from app.canvas.difference import Mode
    from app.canvas.scene import View

    session, canvas, dog = window.session, window.canvas, Watchdog()

    def until(done: Callable[[], bool], limit: float = LIMIT) -> None:
        end = time.monotonic() + limit
        while not done() and time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.0005)

    def part(name: str, act: Callable[[], None]) -> None:
        dog.begin()
        act()
        until(lambda: True, 0.1)
        worst = max(dog.late, default=0.0)
        often = sum(late > GOAL_MS for late in dog.late)
        busiest, hard = max(dog.busy, default=0.0), sum(busy > GOAL_MS for busy in dog.busy)
        print(f"{name:32} longest wait {worst:7.1f} ms, {often} over {GOAL_MS} ms of {len(dog.late)}", end="")
        print(f"; of processor time {busiest:5.1f} ms, {hard} over", flush=True)

    def look() -> None:
        modes = [(View.DIFFERENCE, mode) for mode in Mode]
        others = [(view, canvas.look.mode) for view in View if view is not View.DIFFERENCE]
        for view, mode in others + modes:
            if canvas.scene.offers(view):
                canvas.set_look(replace(canvas.look, mode=mode))
                canvas.set_view(view)
                for scale in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0):
                    canvas.set_viewport(canvas.viewport.at_scale(scale, canvas.width() / 2, canvas.height() / 2))
                    for step in range(6):
                        canvas.pan(40 * math.cos(step), 40 * math.sin(step))
                        end = time.monotonic() + 0.03
                        until(lambda end=end: time.monotonic() > end, 1)
        canvas.fit()

    until(lambda: window.status.codec.text() != "" and session.worker.process_id is not None)
    session.encode_on_change = False
    part("opening", lambda: (session.open(path), until(lambda: session.original is not None)))
    part("zooming and panning", look)

    def encode() -> None:
        session.encode()
        end = time.monotonic() + seconds
        until(lambda: (session.idle and time.monotonic() > end - seconds + 1) or time.monotonic() > end)

    part(f"encoding, first {seconds:g} s", encode)
    part("zooming while it encodes", look)
    part("the rest of the encoding", lambda: until(lambda: session.idle))
    part("views of the result", look)
    if with_tools:
        codec = tools(window, until, part, seconds)
        print(f"most memory: window {most_memory(os.getpid()):.2f} GiB, codec {codec:.2f} GiB", flush=True)
    return 0


def tools(window, until, part, seconds: float) -> float:  # type: ignore[no-untyped-def]
    """Each tool on the result, and how long it takes to stop those that are not done in time. Returns the GiB that the
    codec process had at most; one that does not stop is replaced by another.
    """
    from PySide6.QtCore import QRect

    from app.inspect.dialog import LATENTS
    from app.window.tool_commands import ToolCommands
    from hpcm_core.format.gain import QualityMap, blocks

    session, commands = window.session, window.tool_commands
    assert isinstance(commands, ToolCommands)
    memory: list[float] = []

    def used(name: str, begin: Callable[[], object], running: Callable[[], bool], stop: Callable[[], object]) -> None:
        stopped: list[float] = []

        def act() -> None:
            begin()
            end = time.monotonic() + seconds
            until(lambda: running() or time.monotonic() > end, seconds)
            until(lambda: not running(), max(end - time.monotonic(), 0))
            memory.append(most_memory(session.worker.process_id))
            if running():
                start = time.monotonic()
                stop()
                until(lambda: session.idle and not running())
                stopped.append(time.monotonic() - start)

        part(name, act)
        print(f"  stopped within {stopped[0]:.2f} s" if stopped else "  done", flush=True)

    looker = commands.inspect.looker
    steps, step_pictures = window.steps, window.actions_["step_pictures"]

    def choose_step() -> None:
        step_pictures.setChecked(True)
        steps.slider.setValue(5)

    used("the picture after a step", choose_step, lambda: not session.idle, lambda: step_pictures.setChecked(False))
    step_pictures.setChecked(False)
    session.cancel()
    until(lambda: session.idle)
    used("latents at a place", lambda: commands.show_inspect(LATENTS), lambda: looker.busy, looker.stop)
    for kind in ("bits", "channel", "erf"):

        def draw(kind: str = kind) -> None:
            commands.show_inspect(kind)
            commands.inspect.go.click()

        used(f"figure: {kind}", draw, lambda: looker.busy, looker.stop)
    commands.inspect.close()

    def stroke() -> None:
        offsets = np.zeros(blocks(*window.canvas.scene.size), np.int8)
        offsets[4:12, 4:12] = 22
        window.actions_["brush"].setChecked(True)
        window.canvas.painted.emit(QualityMap.of(offsets))
        session.encode()

    used("a stroke of the brush", stroke, lambda: session.busy, session.cancel)
    window.actions_["brush"].setChecked(False)
    duel = commands.duel

    def look_on() -> None:
        duel.show()
        duel._start()
        duel.arena.set_viewport(duel.arena.viewport.at_scale(1.0, 200, 200))
        duel.arena.grab(QRect(0, 0, 400, 400))

    used("the duel", look_on, lambda: duel.runner.running, duel.runner.stop)
    duel.close()
    return max(memory)


def most_memory(process: int) -> float:
    """GiB that a process has had in memory at most; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 2**20 for line in lines if line.startswith("VmHWM:")), 0.0)


if __name__ == "__main__":
    sys.exit(main())
