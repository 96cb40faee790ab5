"""Whole trainings of a tiny network: they learn, continue exactly, share their work, and refuse what cannot be."""

from __future__ import annotations

import copy
import errno
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import namedtuple
from dataclasses import replace

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from hpcm_core.errors import HpcmError, InvalidRecipe, ModelError, PictureError
from hpcm_core.models import checkpoint, loading
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.training import soap
from hpcm_core.training.config import OPTIMIZERS, TrainingConfig
from hpcm_core.training.distributed import World
from hpcm_core.training.loop import Run, Trainer
from tests.hpcm_core.training.tiny import ALONE, TINY, TINY_FIXED, TINY_NARROW, save_pictures
from tests.paths import ROOT


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(CONFIGS, "lite", TINY)
    monkeypatch.setitem(CONFIGS, "base", TINY_FIXED)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return save_pictures(tmp_path_factory.mktemp("pictures"))


CUDA = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="there is no CUDA device here, so no graph was recorded"
)
VARIETY = {"zoom": 1.05, "recolour": 0.5, "grain": 0.5}
SHORT = {"steps": 40, "batch": 2, "precision": "float32", "warmup": 4, "learning_rate": 1e-3}


def train(config, run, resume=False):
    """The rows of the log of a whole run."""
    rows = []
    Trainer(config, replace(run, report=rows.append), ALONE, resume).train()
    return rows


def losses(rows):
    return [row["loss"] for row in rows if "loss" in row]


def test_overfits_ten_crops(pictures, tmp_path):
    seen = tmp_path / "seen"
    seen.mkdir()
    shutil.copy(pictures / "0.png", seen)
    config = TrainingConfig(**{**SHORT, "steps": 48, "batch": 5, "learning_rate": 6e-3, "start": "random"})
    rows = train(config, Run(pictures, tmp_path / "run", seen, log_every=6, validate_every=24))
    assert losses(rows)[-1] < losses(rows)[0] / 3, "a quarter and less, but where threads add in another order"
    early, late = [row["validation"] for row in rows if "validation" in row][:2]
    assert all(b["loss"] < a["loss"] for a, b in zip(early, late, strict=True))
    sample = Image.open(tmp_path / "run" / "samples" / "0000048.png")
    assert sample.size == (512, 256)
    drawn = (tmp_path / "run" / "progress.svg").read_text()
    assert [f"λ {lmbda}" in drawn for lmbda in (0.0018, 0.0067, 0.025)] == [True] * 3


class Killed(Exception):
    pass


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_resumed_run_is_the_run(pictures, tmp_path, monkeypatch, optimizer):
    """Killed at step 9 after the checkpoint of step 6, in the middle of a change of the crops' number. SOAP renews its
    directions before the checkpoint and after.
    """
    monkeypatch.setattr(soap, "_RENEW_EVERY", 5)
    short = {**SHORT, "steps": 12, "optimizer": optimizer}
    config = TrainingConfig(**short, **VARIETY, late_crop=256, late_batch=3, late_from=0.6)
    straight = losses(train(config, Run(pictures, tmp_path / "a", log_every=1, save_every=6)))
    assert len(straight) == 12

    def kill(row):
        if row["step"] == 9:
            raise Killed

    run = Run(pictures, tmp_path / "b", log_every=1, save_every=6, report=kill)
    with pytest.raises(Killed):
        Trainer(config, run, ALONE).train()
    resumed = losses(train(config, run, resume=True))
    assert resumed == straight[6:]
    a, b = (load_file(tmp_path / name / "lite.safetensors") for name in "ab")
    assert all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=CUDA)])
def test_a_step_as_a_graph_is_the_step(pictures, tmp_path, device):
    """Over a change of the crops' number too, for which another graph is recorded."""
    config = TrainingConfig(**{**SHORT, "steps": 8}, **VARIETY, late_crop=256, late_batch=3, late_from=0.6)
    found = {}
    for compiled in ("off", "graph"):
        run = Run(pictures, tmp_path / compiled, log_every=1, compile=compiled)
        world = World(0, 1, torch.device(device))
        Trainer(config, replace(run, report=found.setdefault(compiled, []).append), world).train()
    assert losses(found["graph"]) == pytest.approx(losses(found["off"]), rel=0 if device == "cpu" else 1e-3)


def test_crops_may_be_what_lite_pads_to(tmp_path, monkeypatch):
    """Multiples of 64 pixels, not of 256 alone."""
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    pictures = save_pictures(tmp_path / "pictures", count=2, height=330, width=352)
    config = TrainingConfig(**{**SHORT, "steps": 2}, ms_ssim_part=0.3, crop=320)
    found = losses(train(config, Run(pictures, tmp_path / "run", log_every=1)))
    assert len(found) == 2
    assert all(map(math.isfinite, found))


@pytest.mark.parametrize(("changes", "size"), [({}, 2), ({"natural": True, "part": "synthesis"}, 1)])
def test_what_is_no_graph(pictures, tmp_path, changes, size):
    config = TrainingConfig(**{**SHORT, "batch": 2}, **changes)
    with pytest.raises(InvalidRecipe, match="recorded"):
        Trainer(config, Run(pictures, tmp_path / "run", compile="graph"), World(0, size, torch.device("cpu")))


def test_float32_is_float32(pictures, tmp_path):
    """Whatever was allowed before: under TF32 what MS-SSIM takes from each other are roundings."""
    allowed = []

    def look(_row):
        allowed.append((torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32))

    run = Run(pictures, tmp_path / "run", log_every=1, report=look)
    Trainer(TrainingConfig(**{**SHORT, "steps": 1}), run, ALONE).train()
    assert allowed == [(False, False)]


def two_processes(*command):
    """A command started twice, as torchrun would."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    world = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
    return [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **world, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]


@pytest.mark.parametrize(("optimizer", "agreement"), [("soap", 1e-2), ("adamw", 1e-5)])
def test_two_processes_are_one(pictures, tmp_path, optimizer, agreement):
    """Up to the order of sums. SOAP makes more of it: its first directions are any where a gradient has none."""
    config = TrainingConfig(**{**SHORT, "steps": 4, "batch": 4}, **VARIETY, optimizer=optimizer)
    alone = losses(train(config, Run(pictures, tmp_path / "one", log_every=1)))
    command = [sys.executable, "-m", "tests.hpcm_core.training.train_tiny", "train", pictures, "-o", tmp_path / "two"]
    options = "--steps 4 --batch 4 --precision float32 --warmup 4 --learning-rate 1e-3 --log-every 1 --device cpu"
    options += f" --optimizer {optimizer} --zoom 1.05 --recolour 0.5 --grain 0.5"
    processes = two_processes(*map(str, command), *options.split())
    outputs = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert outputs[1][0] == "", "only the first process reports"
    together = losses(map(json.loads, (tmp_path / "two" / "log.jsonl").read_text().splitlines()))
    assert together == pytest.approx(alone, rel=agreement)


LEAVING = """
import sys, time
import hpcm_core.runtime
from hpcm_core.training.distributed import join
with join("cpu") as world:
    world.agree([0.0])
    if world.leads:
        time.sleep(0.5)  # It exports.
        if sys.argv[1] == "fails":
            raise SystemExit(3)
        print(time.time(), flush=True)
print(time.time())
"""


def test_processes_leave_together():
    """None ends while the first still exports."""
    processes = two_processes(sys.executable, "-c", LEAVING, "waits")
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    exported, _ = map(float, outputs[0][0].split())
    assert float(outputs[1][0]) > exported


def test_nobody_waits_for_a_process_that_failed():
    processes = two_processes(sys.executable, "-c", LEAVING, "fails")
    outputs = [process.communicate(timeout=120) for process in processes]
    assert processes[0].returncode == 3, outputs
    assert processes[1].returncode == 1, outputs
    assert outputs[1][0] == ""


def test_average_of_the_weights(pictures, tmp_path):
    trainer = Trainer(TrainingConfig(**{**SHORT, "ema": 0.6}), Run(pictures, tmp_path / "run"), ALONE)
    wanted = copy.deepcopy(trainer.network.state_dict())
    for step in range(1, 19):  # beyond the fifteenth, where the decay stops to rise
        trainer._train_step(0.1)
        decay = min(0.6, step / (step + 10))
        wanted = {key: decay * wanted[key] + (1 - decay) * value for key, value in trainer.network.state_dict().items()}
    averaged = trainer.average.state_dict()
    assert all(torch.allclose(averaged[key], wanted[key], rtol=1e-5, atol=1e-7) for key in wanted)
    assert not torch.equal(averaged["means_hyper"], trainer.network.means_hyper)


def test_an_interrupt_ends_a_run_in_good_order(pictures, tmp_path):
    def interrupt(row):
        if row.get("step") == 5:
            os.kill(os.getpid(), signal.SIGINT)

    config = TrainingConfig(**{**SHORT, "steps": 12})
    run = Run(pictures, tmp_path / "run", log_every=1, report=interrupt)
    before = signal.getsignal(signal.SIGINT)  # Ignored where a shell started the tests in the background.
    Trainer(config, run, ALONE).train()
    assert signal.getsignal(signal.SIGINT) is before
    rows = train(config, replace(run, report=None), resume=True)
    assert [row["step"] for row in rows if "loss" in row] == list(range(6, 13))


def test_a_budget_of_minutes(pictures, tmp_path):
    """The last step begins within it and ends when it is over, however long a step takes."""
    rows = []
    run = Run(pictures, tmp_path / "run", log_every=1, report=rows.append)
    trainer = Trainer(TrainingConfig(**{**SHORT, "steps": 0, "minutes": 0.02}), run, ALONE)
    trainer.train()
    assert rows[-1]["seconds"] <= 1.2 <= trainer.seconds


def test_export_is_a_model_that_can_be_installed(pictures, tmp_path, monkeypatch):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    config = TrainingConfig(**{**SHORT, "steps": 3}, variant="base", lambdas=(0.013,))
    trainer = Trainer(config, Run(pictures, tmp_path / "run", pictures), ALONE)
    trainer.train()
    path = tmp_path / "run" / "base-mse-0.013.safetensors"
    tensors = load_file(path)
    assert {str(t.dtype) for t in tensors.values() if t.numel() > 4096} == {"torch.float16"}
    assert {str(t.dtype) for t in tensors.values() if t.numel() <= 4096} == {"torch.float32"}
    checkpoint.import_checkpoint(path, "base", "mse", 0.013)
    loaded = loading.load("base-mse-0.013")
    loading._load.cache_clear()
    card = (tmp_path / "run" / "CARD.md").read_text()
    assert loaded.identity.hex() in card, "float16 and the float32 made of it have one identity"
    assert "| 0.013 |" in card
    averaged = trainer.average.state_dict()
    for key, value in loaded.network.state_dict().items():
        assert torch.allclose(value, averaged[key], rtol=2**-11, atol=1e-7), key


@pytest.mark.parametrize("rows", [2, 3])
def test_weights_with_fewer_rates(pictures, tmp_path, rows):
    torch.manual_seed(3)
    before = HPCM(replace(TINY, rate_lambdas=TINY.rate_lambdas[:rows]))
    with torch.no_grad():
        for table in (before.rate_gain_enc, before.rate_gain_dec):
            table.copy_(torch.arange(rows)[:, None] * torch.linspace(0, 1, 32))
    save_file(before.state_dict(), tmp_path / "old.safetensors")
    config = TrainingConfig(**SHORT, lambdas=(0.0018, 0.0067, 0.025, 0.025 * 0.025 / 0.0067))
    run = Run(pictures, tmp_path / "run", initial=tmp_path / "old.safetensors")
    network = Trainer(config, run, ALONE).network
    wanted = torch.arange(4)[:, None] * torch.linspace(0, 1, 32)
    # The ratios of the first two pairs of lambdas are nearly, not quite, equal.
    assert torch.allclose(network.rate_gain_enc, wanted, atol=0.02)
    assert torch.equal(network.rate_gain_enc[:rows], before.rate_gain_enc)
    assert torch.equal(network.h_s.branch[0].weight.contiguous(), before.h_s.branch[0].weight)


def test_what_cannot_begin(pictures, tmp_path, monkeypatch):
    config, out = TrainingConfig(**SHORT), tmp_path / "run"
    with pytest.raises(PictureError, match="not a folder"):
        Trainer(config, Run(tmp_path / "nowhere", out), ALONE)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("no picture")
    with pytest.raises(PictureError, match="no picture"):
        Trainer(config, Run(tmp_path / "empty", out), ALONE)
    with pytest.raises(PictureError, match=r"10 of 10 .* too small for crops of 512"):
        Trainer(replace(config, late_crop=512), Run(pictures, out), ALONE)
    broken = tmp_path / "broken"
    shutil.copytree(pictures, broken)
    (broken / "x.png").write_bytes((pictures / "0.png").read_bytes()[:500])
    with pytest.raises(PictureError, match=r"x\.png"):
        Trainer(config, Run(broken, out), ALONE)
    Image.new("RGB", (100, 300)).save(tmp_path / "empty" / "small.png")
    with pytest.raises(PictureError, match=r"small\.png is too small"):
        Trainer(config, Run(pictures, out, validation=tmp_path / "empty"), ALONE)
    with pytest.raises(ModelError, match="no checkpoint"):
        Trainer(config, Run(pictures, out), ALONE, resume=True)
    with pytest.raises(InvalidRecipe, match="shared among 3"):
        Trainer(config, Run(pictures, out), replace(ALONE, size=3))
    torch.save(HPCM(TINY_FIXED).state_dict(), tmp_path / "other.pth")
    with pytest.raises(ModelError, match="not a checkpoint of tiny"):
        Trainer(config, Run(pictures, out, initial=tmp_path / "other.pth"), ALONE)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10, 10, 1000))
    with pytest.raises(HpcmError, match="too full"):
        Trainer(config, Run(pictures, out), ALONE)


def test_checkpoint_of_another_configuration(pictures, tmp_path):
    config, run = TrainingConfig(**{**SHORT, "steps": 2}), Run(pictures, tmp_path / "run")
    train(config, run)
    with pytest.raises(HpcmError, match="already holds"):
        Trainer(config, run, ALONE)
    other = replace(config, variant="base", lambdas=(0.013,))
    with pytest.raises(ModelError, match="another configuration"):
        Trainer(other, run, ALONE, resume=True)
    with pytest.raises(InvalidRecipe, match="learning rate"):
        config.resumed(learning_rate=1.0)
    assert config.resumed(steps=9, learning_rate=config.learning_rate).steps == 9
    (tmp_path / "run" / "checkpoint.pt").write_bytes(b"PK not a checkpoint")
    with pytest.raises(ModelError, match="damaged"):
        Trainer(config, run, ALONE, resume=True)


def test_a_disk_that_fills_up(pictures, tmp_path, monkeypatch):
    config, run = TrainingConfig(**{**SHORT, "steps": 2}), Run(pictures, tmp_path / "run")
    train(config, run)
    before = {path.name: path.read_bytes() for path in run.output.glob("*") if path.is_file()}

    def fill(_state, file):
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(torch, "save", fill)
    with pytest.raises(HpcmError, match="cannot be written: No space left"):
        train(config.resumed(steps=4), run, resume=True)
    after = {path.name: path.read_bytes() for path in run.output.glob("*") if path.is_file()}
    assert after.keys() == before.keys()
    assert after["checkpoint.pt"] == before["checkpoint.pt"]


def test_a_validation_that_cannot_be_kept(pictures, tmp_path):
    run = Run(pictures, tmp_path / "run", validation=pictures)
    trainer = Trainer(TrainingConfig(**{**SHORT, "steps": 1}), run, ALONE)
    (run.output / "samples").write_text("a file where the folder should be")
    with pytest.raises(HpcmError, match=r"files in .*run cannot be written: File exists"):
        trainer.train()
    assert (run.output / "checkpoint.pt").is_file(), "nothing that was learned is lost"


def test_a_loss_that_is_not_finite_ends_the_run(pictures, tmp_path):
    trainer = Trainer(TrainingConfig(**SHORT), Run(pictures, tmp_path / "run", log_every=1), ALONE)
    with torch.no_grad():
        trainer.network.means_hyper[0, 0] = float("nan")
    with pytest.raises(HpcmError, match="finite"):
        trainer.train()
    assert not (tmp_path / "run" / "checkpoint.pt").exists()
