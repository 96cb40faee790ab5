"""The real worker with the real codec process: jobs, cancelling, crashes, quitting."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hpcm_core
from app.worker.codec_worker import CodecWorker
from app.worker.tasks import CheckJob, DecodeJob, EncodeJob, MeasureJob
from hpcm_core import metrics
from hpcm_core.errors import Phrase
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.paths import ROOT

LONG = 60_000
SHARED = Path("/dev/shm")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and /dev/shm")


def is_running(pid):
    """Whether the process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def blocks():
    """Names of a worker's blocks that this test has made: windows of other tests may still be about to go."""
    before = set(SHARED.glob("hpcm-*"))
    return lambda worker: sorted(path.name for path in set(SHARED.glob(worker.block_prefix + "*")) - before)


def large(sample):
    return Picture(sample.pixels.repeat(8, axis=0).repeat(8, axis=1))


def test_encode_decode_and_measure(worker, sample, qtbot, blocks):
    with qtbot.waitSignal(worker.succeeded, timeout=LONG) as encoding:
        number = worker.submit(EncodeJob(sample, Recipe(quality=40)))
    assert encoding.args[0] == number
    encoded = encoding.args[1]
    assert encoded.reconstruction.pixels.shape == sample.pixels.shape
    streams = encoded.bits.steps.sum() / 8
    assert 0 < streams <= len(encoded.data)
    assert encoded.stream_bytes == pytest.approx(streams, rel=1e-6)
    with qtbot.waitSignal(worker.succeeded, timeout=LONG) as decoding:
        worker.submit(DecodeJob(encoded.data))
    assert np.array_equal(decoding.args[1].picture.pixels, encoded.reconstruction.pixels)
    assert decoding.args[1].stream_bytes == encoded.stream_bytes
    with qtbot.waitSignal(worker.succeeded, timeout=LONG) as measuring:
        worker.submit(MeasureJob(sample, encoded.reconstruction, len(encoded.data)))
    assert measuring.args[1] == encoded.metrics
    with qtbot.waitSignal(worker.succeeded, timeout=LONG) as part:
        worker.submit(MeasureJob(sample, encoded.reconstruction, None, np.s_[5:180, 8:200]))
    assert part.args[1] == metrics.compare(
        Picture(sample.pixels[5:180, 8:200]), Picture(encoded.reconstruction.pixels[5:180, 8:200])
    )
    assert len(blocks(worker)) == 2  # Both results are still in use.
    del encoded, encoding, decoding
    gc.collect()  # What waited for signals holds itself.
    assert blocks(worker) == []


def test_checking_finds_any_sample_that_differs(worker, sample, qtbot):
    picture = Picture(sample.pixels[:40, :50], sample.pixels[:40, :50, 0].copy())
    encoded = hpcm_core.encode(picture, Recipe(quality=40))
    expected = encoded.reconstruction
    pixels, alpha = expected.pixels.copy(), expected.alpha.copy()
    pixels[-1, -1, -1] ^= 1
    alpha[-1, -1] ^= 1
    cases = ((expected, True), (replace(expected, pixels=pixels), False), (replace(expected, alpha=alpha), False))
    for other, equal in cases:
        with qtbot.waitSignal(worker.succeeded, timeout=LONG) as checking:
            worker.submit(CheckJob(encoded.data, other))
        assert checking.args[1].equal is equal
        assert checking.args[1].times["decoding"] > 0
    without = replace(expected, alpha=None)
    with qtbot.waitSignal(worker.succeeded, timeout=LONG) as checking:
        worker.submit(CheckJob(encoded.data, without))
    assert not checking.args[1].equal


def test_an_error_of_the_codec_is_one_sentence_and_costs_only_its_job(worker, sample, qtbot):
    with qtbot.waitSignal(worker.failed, timeout=LONG) as failing:
        worker.submit(DecodeJob(b"this is no file of ours"))
    assert "\n" not in failing.args[1].message
    assert isinstance(failing.args[1].message, Phrase)
    assert failing.args[1].details == "", "nothing but its sentence, since nothing went wrong in the program"
    pid, stages = worker.process_id, []
    worker.progress.connect(lambda _, stage, fraction: stages.append(stage))
    with qtbot.waitSignal(worker.succeeded, timeout=LONG):
        worker.submit(EncodeJob(sample, Recipe(target_bpp=1.0)))
    assert worker.process_id == pid
    assert "{stage} (attempt {number})" in {stage.template for stage in stages}
    assert {type(stage.values["stage"]) for stage in stages if stage.values} == {Phrase}


def test_an_error_that_nobody_expected_is_one_sentence_too(worker, sample, qtbot):
    with qtbot.waitSignal(worker.succeeded, timeout=LONG):
        worker.submit(EncodeJob(sample, Recipe(quality=40)))
    pid = worker.process_id
    with qtbot.waitSignal(worker.failed, timeout=LONG) as failing:
        worker.submit(DecodeJob(3))
    assert failing.args[1].message.template == "The codec met an error of its own: {reason}"
    assert failing.args[1].message.values["reason"].startswith("TypeError: ")
    assert "Traceback" in failing.args[1].details
    with qtbot.waitSignal(worker.succeeded, timeout=LONG):
        worker.submit(EncodeJob(sample, Recipe(quality=40)))
    assert worker.process_id == pid, "the process goes on"


def test_a_new_job_replaces_the_running_one(worker, sample, qtbot):
    ended = []
    worker.cancelled.connect(lambda number: ended.append(("cancelled", number)))
    worker.succeeded.connect(lambda number, _: ended.append(("succeeded", number)))
    with qtbot.waitSignal(worker.progress, timeout=LONG):
        first = worker.submit(EncodeJob(large(sample), Recipe(quality=10)))
    second = worker.submit(EncodeJob(large(sample), Recipe(quality=20)))
    third = worker.submit(EncodeJob(sample, Recipe(quality=30)))
    qtbot.waitUntil(lambda: ("succeeded", third) in ended, timeout=LONG)
    assert sorted(ended) == [("cancelled", first), ("cancelled", second), ("succeeded", third)]


def test_cancelling_stops_within_moments_and_keeps_or_replaces_the_process(worker, sample, qtbot, blocks):
    with qtbot.waitSignal(worker.progress, timeout=LONG):
        number = worker.submit(EncodeJob(large(sample), Recipe(quality=10)))
    start = time.monotonic()
    with qtbot.waitSignal(worker.cancelled, timeout=10_000) as cancelling:
        worker.cancel()
    assert cancelling.args == [number]
    assert time.monotonic() - start < 4
    assert blocks(worker) == []
    with qtbot.waitSignal(worker.succeeded, timeout=LONG):
        worker.submit(EncodeJob(sample, Recipe(quality=40)))


def test_a_process_that_does_not_answer_is_replaced(worker, sample, qtbot, blocks):
    with qtbot.waitSignal(worker.progress, timeout=LONG):
        worker.submit(EncodeJob(large(sample), Recipe(quality=10)))
    pid = worker.process_id
    os.kill(pid, signal.SIGSTOP)
    start = time.monotonic()
    with qtbot.waitSignals([worker.cancelled, worker.restarting], timeout=10_000):
        worker.cancel()
    assert 1.5 < time.monotonic() - start < 5
    assert not is_running(pid)
    assert blocks(worker) == []
    with qtbot.waitSignal(worker.succeeded, timeout=LONG):
        worker.submit(EncodeJob(sample, Recipe(quality=40)))
    assert worker.process_id != pid


def test_a_crash_costs_its_job_only(worker, sample, qtbot, blocks):
    with qtbot.waitSignal(worker.progress, timeout=LONG):
        number = worker.submit(EncodeJob(large(sample), Recipe(quality=10)))
    with qtbot.waitSignal(worker.failed, timeout=10_000) as dying:
        os.kill(worker.process_id, signal.SIGKILL)
    assert dying.args[0] == number
    assert "memory" in dying.args[1].details
    assert blocks(worker) == []
    with qtbot.waitSignal(worker.succeeded, timeout=LONG):
        worker.submit(EncodeJob(sample, Recipe(quality=40)))


@pytest.mark.parametrize("state", ["starting", "ready", "busy", "stopped by the system"])
def test_quitting_takes_two_seconds_at_most_and_leaves_nothing(state, sample, qtbot, blocks):
    worker = CodecWorker()
    if state == "starting":
        worker.start()
        qtbot.waitUntil(lambda: worker.process_id is not None)
    else:
        with qtbot.waitSignal(worker.ready, timeout=LONG):
            worker.start()
    pid = worker.process_id
    if state == "busy":
        with qtbot.waitSignal(worker.progress, timeout=LONG):
            worker.submit(EncodeJob(large(sample), Recipe(quality=10)))
        assert blocks(worker) == []  # The process has its copy: the window's is given back early.
    elif state == "stopped by the system":
        os.kill(pid, signal.SIGSTOP)
        worker.submit(EncodeJob(large(sample), Recipe(quality=10)))
        qtbot.waitUntil(lambda: blocks(worker) != [], timeout=LONG)
    start = time.monotonic()
    worker.stop()
    assert time.monotonic() - start < 2
    assert not is_running(pid)
    assert blocks(worker) == []


def test_the_codec_process_ends_with_its_parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys, time
            import numpy as np

            def main():
                from PySide6.QtCore import QCoreApplication, Qt
                from app.worker.codec_worker import CodecWorker
                from app.worker.tasks import EncodeJob
                from hpcm_core.picture.picture import Picture
                from hpcm_core.recipe import Recipe

                app = QCoreApplication([])
                worker = CodecWorker()
                said = []

                def report(*_):
                    if not said:
                        said.append(1)
                        print(worker.process_id, worker.block_prefix, flush=True)

                worker.progress.connect(report)
                worker.start()
                worker.submit(EncodeJob(Picture(np.zeros((1500, 1500, 3), np.uint8)), Recipe()))
                app.exec()

            if __name__ == "__main__":
                main()
            """
        )
    )
    root = ROOT
    environment = {**os.environ, "PYTHONPATH": str(root)}
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    pid, prefix = parent.stdout.readline().split()
    assert is_running(int(pid))
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while (is_running(int(pid)) or list(SHARED.glob(prefix + "*"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(int(pid))
    assert list(SHARED.glob(prefix + "*")) == []


def test_even_a_silent_codec_process_ends_with_its_parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import multiprocessing, os, time
            from app.worker import child

            def silent(pipe):
                child._end_with_parent()
                pipe.send(os.getpid())
                time.sleep(60)

            if __name__ == "__main__":
                ours, theirs = multiprocessing.Pipe()
                context = multiprocessing.get_context("spawn")
                context.Process(target=silent, args=(theirs,), daemon=True).start()
                print(ours.recv(), flush=True)
                time.sleep(60)
            """
        )
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)
