"""Commands over many pictures in processes of this machine: the same results, stopped and gone on with."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from hpcm_core.batch import Rules
from hpcm_core.batch_run import Encoding, Item
from hpcm_core.cli import measure
from hpcm_core.cli.many import settings_of
from hpcm_core.errors import HpcmError
from hpcm_core.evaluation import anchors, rd
from hpcm_core.jobs.pool import silent
from hpcm_core.models.loading import load
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.terminal import shown_by
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo
from tests.paths import ROOT


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(3):
        Picture(photo(64, 64, 16 * number)).save(tmp_path / "in" / f"{number}.png")
    return tmp_path


def test_processes_give_what_one_gives(folder):
    run("batch", folder / "in", "-o", folder / "one")
    run("batch", folder / "in", "-o", folder / "two", "--jobs", 2)
    files = [{path.name: path.read_bytes() for path in (folder / name).iterdir()} for name in ("one", "two")]
    assert files[0] == files[1]
    assert len(files[0]) == 3


@pytest.mark.skipif(os.name != "posix", reason="a terminal that a test can read is POSIX")
def test_one_bar_tells_what_is_done_how_fast_and_how_long_it_takes(folder, monkeypatch):
    """Of a run that goes on, from where it was."""
    monkeypatch.chdir(ROOT)
    command = ("eval", folder / "in", "--quality", 5, "--manifest", folder / "m.jsonl")
    run(*command)
    for number in range(3, 8):
        Picture(photo(64, 64, 16 * number)).save(folder / "in" / f"{number}.png")
    shown = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown_by(*command)).decode()
    lines = [line for line in re.split(r"[\r\n]+", shown) if "/8" in line]
    assert {line.count("/8") for line in lines} == {1}, "one bar"
    done = [int(number) for number in re.findall(r"(\d)/8", shown)]
    assert set(done) <= {0, *range(3, 9)}, "what was done before is not counted again"
    assert (done, done[-1]) == (sorted(done), 8)
    assert re.search(r"[345678]/8 \d+\.\d\d pictures/s \d:\d\d:\d\d", shown), lines


def test_eval_goes_on_and_reports(folder, monkeypatch):
    (folder / "in" / "bad.png").write_text("no picture")
    command = ("eval", folder / "in", "--manifest", folder / "m.jsonl", "--csv", folder / "r.csv", "--json")
    first = json.loads(run(*command, code=1).stdout)["pictures"]
    rows = list(csv.DictReader((folder / "r.csv").open()))
    assert [os.path.basename(row["input"]) for row in rows] == ["0.png", "1.png", "2.png", "bad.png"]
    assert float(rows[0]["psnr"]) == first[0]["psnr"]
    assert "bad.png" in rows[3]["message"]
    # Another picture in its place, and one that can be read by now: these two are measured, no others.
    for name in ("1", "bad"):
        Picture(photo(64, 64, 200)).save(folder / "in" / f"{name}.png")
    measured = []
    once = measure._Evaluation.__call__
    count = lambda self, source, report: measured.append(source.name) or once(self, source, report)  # noqa: E731
    monkeypatch.setattr(measure._Evaluation, "__call__", count)
    second = json.loads(run(*command).stdout)["pictures"]
    assert measured == ["1.png", "bad.png"]
    assert [second[0], second[2]] == [first[0], first[2]]
    assert second[1] != first[1]
    assert "another run: recipe differ" in run(*command, "--quality", 41, code=2).stderr
    assert "not the name of a manifest" in run("eval", folder / "in", "--manifest", folder / "in/0.png", code=2).stderr


@pytest.mark.parametrize(
    "command", [["eval"], ["batch"], ["rd", "--model", "lite"], ["duel", "--of", "lossless", "--against", "lite:10"]]
)
def test_new_weights_of_a_name_are_another_run(folder, monkeypatch, command):
    """What was measured with others is not said of them."""
    monkeypatch.chdir(folder)
    short = anchors.Series("jpeg", (50.0,), anchors.classical()[0].code)
    monkeypatch.setattr(anchors, "classical", lambda: [short])
    monkeypatch.setattr(rd, "MODEL_QUALITIES", (10,))
    name, *options = command
    output = ("-o", "out") if name in ("batch", "rd") else ()
    command = (name, "in", *options, "--manifest", "m.jsonl", *output)
    run(*command)
    run(*command)
    before = (folder / "m.jsonl").read_bytes()
    monkeypatch.setattr("hpcm_core.models.said.metadata_of", lambda path: {"identity": "0123"})
    said = run(*command, code=2).stderr
    assert "is the manifest of another run: " + ("series" if name == "rd" else "weights") + " differ" in said
    assert (folder / "m.jsonl").read_bytes() == before


def test_weights_are_told_apart_by_what_their_file_says_or_is(monkeypatch, tmp_path):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    assert settings_of(Recipe("base", lmbda=0.013))["weights"] == {}
    path = tmp_path / "models" / "base-mse-0.013.safetensors"
    path.parent.mkdir()
    path.write_bytes(b"1")
    found = []
    for moment in (1, 2):
        os.utime(path, (moment, moment))
        found.append(settings_of(Recipe(), Recipe("base", target_bpp=1.0))["weights"])
    assert found[0].keys() == {"lite", "base-mse-0.013"}
    assert found[0]["lite"] == found[1]["lite"] == load("lite").identity.hex()
    assert found[0]["base-mse-0.013"] != found[1]["base-mse-0.013"]


def test_a_picture_that_cannot_be_read_counts_for_no_codec(folder, monkeypatch):
    jpeg = [one for one in anchors.classical() if one.name == "jpeg"]
    monkeypatch.setattr(anchors, "classical", lambda: jpeg)
    (folder / "in" / "bad.png").write_text("no picture")
    result = run("rd", folder / "in", "--no-models", "-o", folder / "rd", "--json", code=1)
    assert json.loads(result.stdout)["pictures"] == 3
    assert "bad.png" in result.stderr
    assert {row["picture"] for row in csv.DictReader((folder / "rd" / "rd.csv").open())} == {"0", "1", "2"}
    for path in (folder / "in").iterdir():
        path.write_text("no picture")
    assert "Traceback" not in run("rd", folder / "in", "--no-models", "-o", folder / "none", code=1).output
    assert not (folder / "none").exists()


def is_group(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_interrupted_and_gone_on_with(folder):
    for number in range(3, 40):
        Picture(photo(64, 64, 8 * number)).save(folder / "in" / f"{number}.png")
    command = [
        sys.executable,
        "-m",
        "hpcm_core.cli",
        "batch",
        "in",
        "-o",
        "out",
        "--jobs",
        "2",
        "--manifest",
        "m.jsonl",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(list(folder.glob("out/*.hpcm"))) < 3:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)  # As Ctrl+C does: all processes of the terminal.
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err.decode() == "Interrupted.\n", "nothing of the workers"
    written = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    assert 3 <= len(written) < 40
    assert all(name.endswith(".hpcm") for name in written), "nothing half-written"
    deadline = time.monotonic() + 30  # Python's own helper has to see the end of the others first.
    while is_group(running.pid):
        assert time.monotonic() < deadline, "a worker is left"
        time.sleep(0.02)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        counts = json.loads(run("batch", "in", "-o", "out", "--manifest", "m.jsonl", "--jobs", 1, "--json").stdout)[
            "counts"
        ]
    assert counts == {"done": 40 - len(written), "skipped": len(written), "failed": 0}
    assert written.items() <= {path.name: path.read_bytes() for path in (folder / "out").iterdir()}.items()


def test_what_a_lost_worker_has_written_is_kept_and_what_is_anothers_too(folder):
    source, target = folder / "in" / "0.png", folder / "0.hpcm"
    work = Encoding(Recipe(), Rules())
    first = work(Item(source, target), silent)
    again = work(Item(source, target, again=True), silent)
    assert (again.state, again.sha256, again.psnr) == ("done", first.sha256, first.psnr)
    assert work(Item(source, target), silent).state == "skipped"
    target.write_bytes(b"mine")
    assert work(Item(source, target, again=True), silent).state == "skipped"
    assert target.read_bytes() == b"mine"
    # With a manifest, what is there is looked at.
    with pytest.raises(HpcmError, match="exists and is damaged"):
        work(Item(source, target, [1]), silent)
    assert Encoding(Recipe(), Rules(skip_existing=False))(Item(source, target, [1]), silent).state == "done"
    assert work(Item(source, target, [1]), silent).sha256 == first.sha256
