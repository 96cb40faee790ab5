"""A model without loss is trained by the same loop: its loss is bits alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from hpcm_core import codec
from hpcm_core.cli.main import cli
from hpcm_core.errors import InvalidRecipe, ModelError, PictureError
from hpcm_core.models import lossless
from hpcm_core.models.catalogue import list_models
from hpcm_core.models.checkpoint import import_checkpoint
from hpcm_core.models.lossless.config import LosslessConfig
from hpcm_core.models.registry import derived, variants
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.training import progress
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.data import Crops, read_whole
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.training.quantization import read_network
from tests.hpcm_core.training.tiny import ALONE, save_pictures

NAME = "lossless-xs"
SHORT = {"variant": NAME, "steps": 6, "crop": 40, "batch": 2, "warmup": 2, "precision": "float32"}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    config = LosslessConfig(NAME, channels=8, mixtures=3, hidden=8, blocks=1, tile=128)
    monkeypatch.setattr(lossless.config, "CONFIGS", {NAME: config})
    monkeypatch.setattr(lossless.family, "CONFIGS", {NAME: config})


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return save_pictures(tmp_path_factory.mktemp("pictures"), count=4)


def rows(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_run_from_start_to_weights(pictures, tmp_path):
    run = Run(pictures, tmp_path / "run", validation=pictures, log_every=2)
    trainer = Trainer(TrainingConfig(**SHORT), run, ALONE)
    trainer.train()
    *logged, last = rows(run.output)
    assert [row["step"] for row in logged] == [2, 4, 6]
    for row in logged:
        assert row.keys() == {"step", "samples", "seconds", "rate", "loss", "bpp", "gradient"}
        assert row["loss"] == pytest.approx(row["bpp"] / 3, rel=1e-5), "bits of each sample"
        assert 0 < row["loss"] < 8
    (point,) = last["validation"]
    assert point["lmbda"] is point["psnr"] is None
    network = read_network(run.output / f"{NAME}.safetensors", NAME)
    with torch.inference_mode():
        bits = [float(network.bits(x).mean()) for x in read_whole(sorted(pictures.glob("*.png")))]
    assert point["loss"] == pytest.approx(np.mean(bits), rel=1e-5), "what is written is what was measured"
    card = (run.output / "CARD.md").read_text()
    assert "| Trained for | no loss at all |" in card
    assert f"| {point['bpp']:.4f} | {point['bpp'] / 3:.4f} |" in card
    assert "no loss" in progress.draw([run.output / "log.jsonl"])
    assert not (run.output / "samples").exists()


def test_a_resumed_run_is_the_same_run(pictures, tmp_path):
    config = TrainingConfig(**SHORT)
    Trainer(config, Run(pictures, tmp_path / "whole"), ALONE).train()
    part = Trainer(config, Run(pictures, tmp_path / "parts", save_every=3), ALONE)
    part._log = lambda progress: part.stop() if part.step == 3 else None
    part._progress = lambda: 1.0 if part._stop else part.step / 6
    part.train()
    Trainer(config, Run(pictures, tmp_path / "parts"), ALONE, resume=True).train()
    whole, parts = (torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in ("whole", "parts"))
    assert parts["step"] == 6
    for name, value in whole["network"].items():
        assert torch.equal(value, parts["network"][name]), name


def test_it_begins_at_a_linear_prediction(pictures, tmp_path):
    """Far below what flat or neighbouring values would take: the pictures are smooth, with noise of five levels."""
    losses = {}
    for start in ("linear", "random"):
        trainer = Trainer(TrainingConfig(**SHORT, start=start), Run(pictures, tmp_path / start), ALONE)
        with torch.no_grad():
            losses[start] = float(trainer.network.bits(trainer.crops.batch(100, 4, 40)).mean())
    assert losses["linear"] < 5.5
    assert losses["random"] > losses["linear"] + 3


def test_the_command(pictures, tmp_path):
    options = ["--steps", "2", "--crop", "32", "--batch", "2", "--log-every", "1", "--device", "cpu"]
    places = [str(pictures), "-o", str(tmp_path / "run"), "--validation", str(pictures)]
    done = CliRunner().invoke(cli, ["train", "--variant", NAME, *places, *options])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert "dB" not in done.output
    assert lines[0].startswith("step 1, ")
    assert any(line.startswith("step 2: ") and line.endswith(" bits per sample") for line in lines)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"lambdas": (0.01,)}, "takes no lambda"),
        ({"metric": "ms-ssim"}, "no distortion to choose"),
        ({"ms_ssim_part": 0.2}, "no distortion to choose"),
        ({"chroma": 0.2}, "no distortion to choose"),
        ({"perceptual": True}, "no distortion to choose"),
        ({"part": "entropy"}, "trained as a whole"),
        ({"highest": 0.1}, "model of variable rate"),
        ({"crop": -1}, "multiples of 1 pixels a side, 1 at least, not -1"),
    ],
)
def test_what_makes_no_sense_is_refused(values, message):
    with pytest.raises(InvalidRecipe, match=message):
        TrainingConfig(**{**SHORT, **values})


def test_pictures_kept_with_loss_are_seen_reduced(tmp_path):
    """Columns of black and white: at half the size nothing is left of them but grey."""
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::2] = 255
    for kind, options in (("png", {}), ("jpg", {"quality": 100, "subsampling": 0})):
        (tmp_path / kind).mkdir()
        Image.fromarray(stripes).save(tmp_path / kind / f"a.{kind}", **options)

    def spread(kind, least, **more):
        crops = Crops(tmp_path / kind, 64, 0, torch.device("cpu"), least)
        return float(crops.batch(0, 8, 64, **more)[:, :, 8:-8, 8:-8].std())

    assert spread("png", 2.0) > 0.45
    assert spread("jpg", 1.0) > 0.45
    assert spread("jpg", 2.0) < 0.1
    assert spread("jpg", 2.0, zoom=1.5) < 0.1
    trainer = Trainer(TrainingConfig(**SHORT), Run(tmp_path / "jpg", tmp_path / "run"), ALONE)
    assert float(trainer.crops.batch(0, 4, 64)[:, :, 8:-8, 8:-8].std()) < 0.1
    with pytest.raises(PictureError, match="too small for crops of 65"):
        Crops(tmp_path / "jpg", 65, 0, torch.device("cpu"), 2.0)


def test_no_files_are_made_with_floats(pictures, tmp_path, monkeypatch):
    """It is listed nowhere, and floats of it cannot be installed; where some lie, coding says what to do."""
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    assert NAME not in {*variants(), *derived()}
    Trainer(TrainingConfig(**SHORT), Run(pictures, tmp_path / "run"), ALONE).train()
    weights = tmp_path / "run" / f"{NAME}.safetensors"
    with pytest.raises(ModelError, match="hpcm models quantize makes integers of them"):
        import_checkpoint(weights, NAME, "mse", None)
    assert NAME not in {info.name for info in list_models()}
    (tmp_path / "data" / "models").mkdir(parents=True)
    weights.rename(tmp_path / "data" / "models" / weights.name)
    with pytest.raises(ModelError, match="hpcm models quantize makes integers of them"):
        codec.encode(Picture(np.zeros((8, 8, 3), np.uint8)), Recipe(NAME))
