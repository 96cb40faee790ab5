"""Quitting: quick in every state, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.desktop import single_instance
from tests.paths import ROOT

DRIVER = """
import os, signal, sys
from pathlib import Path

def begun(window, session, options):
    begin(window, session, options)
    flow = window.tool_commands
    flow.show_chart()
    seen = []
    session.worker.progress.connect(lambda *_: seen.append(1))
    if state.startswith("batch"):
        flow.batch_of([picture])
        flow.batch.runner.start()
    elif state.startswith("search"):
        session.set_recipe(Recipe(quality=None, target_bpp=0.2), encode=False)
        session.open(picture)
    elif state not in ("idle", "starting"):
        session.open(picture)

    def there():
        if state == "starting":
            return session.worker.process_id is not None
        if state == "idle":
            return window.status.codec.text().startswith("Codec ready")
        if state.startswith("result"):
            # Two blocks in use, and a copied file.
            return session.outcome is not None and session.idle
        return bool(seen)

    def look():
        if not there():
            return
        timer.stop()
        codec = session.worker.process_id
        if state.startswith("result"):
            window.file_commands.copy_file()
            assert len(list(Path("/dev/shm").glob(session.worker.block_prefix + "*"))) == 2
            assert list(Path(os.environ["TMPDIR"]).iterdir())
        if state.endswith("killed"):
            os.kill(codec, signal.SIGKILL)
        if state.endswith("stopped"):
            os.kill(codec, signal.SIGSTOP)
        print(codec, session.worker.block_prefix, flush=True)

    timer = QTimer(window)
    timer.timeout.connect(look)
    timer.start(20)

if __name__ == "__main__":  # The codec process loads this file too, and needs nothing of it.
    from PySide6.QtCore import QTimer
    import app.application as application
    from app.main import parse
    from hpcm_core.recipe import Recipe

    state, picture = sys.argv[1], Path(sys.argv[2])
    begin, application._begin = application._begin, begun
    sys.exit(application.run(parse([])))
"""


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc and /dev/shm")
@pytest.mark.parametrize("how", ["", " and killed", " and stopped"])
@pytest.mark.parametrize("state", ["starting", "idle", "encoding", "search", "batch", "result"])
def test_the_program_ends_within_two_seconds_and_leaves_nothing(tmp_path, large_file, picture_file, state, how):
    picture = picture_file if state == "result" else large_file
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    config, scratch = tmp_path / "config", tmp_path / "tmp"
    scratch.mkdir()
    environment = {
        **os.environ,
        "HPCM_CONFIG_DIR": str(config),
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
        "TMPDIR": str(scratch),
    }
    environment.pop("TORCHINDUCTOR_CACHE_DIR", None)  # torch's compiler sets it, which no part of the program loads.
    with subprocess.Popen(
        [sys.executable, driver, state + how, picture], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd=ROOT,
    ) as program:  # fmt: skip
        codec, prefix = program.stdout.readline().split()
        time.sleep(0.3)  # signals reach Python at the next beat of the window's timer, up to 0.2 s later
        started = time.monotonic()
        program.send_signal(signal.SIGTERM)
        _, errors = program.communicate(timeout=20)
        took = time.monotonic() - started
    assert program.returncode == 0, errors
    assert took < 2.2, errors
    assert "Traceback" not in errors
    assert "resource_tracker" not in errors
    assert gone(int(codec))
    assert list(Path("/dev/shm").glob(f"{prefix}*")) == []
    assert list(scratch.iterdir()) == []
    assert not single_instance.hand_over(single_instance.name_of(config), [])
    assert sorted(path.name for path in large_file.parent.glob("*large*")) == ["large.png"]
    assert {path.name for path in config.iterdir()} <= {"settings.ini", "log"}
