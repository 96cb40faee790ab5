"""The seam of families: one that only the tests know encodes, decodes, trains and is listed like any other."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import save_file

from hpcm_core import codec
from hpcm_core.cli.main import cli
from hpcm_core.errors import ArithmeticMismatch, CorruptFile, HpcmError, MissingModel
from hpcm_core.format import container
from hpcm_core.models import catalogue, registry
from hpcm_core.models.checkpoint import import_checkpoint
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.transform.tiling import grid
from tests.hpcm_core.training.tiny import ALONE, save_pictures
from tests.paths import ROOT
from tests.toy.family import TOY, install_toy

RECIPE = Recipe("toy", lmbda=0.01)


@pytest.fixture
def toy(monkeypatch, tmp_path):
    return install_toy(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def picture():
    y, x = np.mgrid[:301, :270] / 40
    waves = np.stack([np.sin(x * k + y) for k in (1, 2, 3)], -1)
    return Picture((127 + 100 * waves).astype(np.uint8))


def test_there_and_back(toy, picture):
    encoded = codec.encode(picture, RECIPE)
    assert encoded.header.model_name == "toy-mse-0.01"
    cut = grid(picture.width, picture.height, TOY.configs["toy"], 0)
    assert len(cut.rows) == len(cut.columns) == 2, "more than one tile"
    decoded = codec.decode(encoded.data)
    assert np.array_equal(decoded.picture.pixels, encoded.reconstruction.pixels)
    for result in (encoded, decoded):
        assert result.bits.labels == ("even", "odd")
        assert result.bits.cell == 8
        assert result.bits.steps.shape == (2, 38, 34)
        assert result.bits.per_step.sum() / 8 == pytest.approx(result.stream_bytes, rel=1e-6)
    assert encoded.stream_bytes < len(encoded.data)


def test_damage_ends_in_one_error(toy, picture):
    file = container.read(codec.encode(picture, RECIPE, reconstruct=False).data)
    for position in range(0, len(file.tiles[0]), 97):
        payload = bytearray(file.tiles[0])
        payload[position] ^= 0x55
        data = container.write(container.Container(file.header, (bytes(payload), *file.tiles[1:])))
        with pytest.raises((ArithmeticMismatch, CorruptFile)):
            codec.decode(data)


def test_the_command_line_knows_it(toy, picture, tmp_path):
    path = tmp_path / "a.hpcm"
    encoded = codec.encode(picture, RECIPE, reconstruct=False)
    path.write_bytes(encoded.data)
    info = json.loads(CliRunner().invoke(cli, ["info", str(path), "--json"]).output)["files"][0]
    assert (info["model"], info["stream_bytes"]) == ("toy-mse-0.01", encoded.stream_bytes)
    models = json.loads(CliRunner().invoke(cli, ["models", "list", "--json"]).output)["models"]
    assert [row["state"] for row in models if row["variant"] == "toy"] == ["installed"]


def test_a_training_learns_and_exports_it(toy, tmp_path):
    pictures = save_pictures(tmp_path / "pictures", 4)
    config = TrainingConfig("toy", lambdas=(0.01,), steps=8, batch=2, start="random", precision="float32", warmup=1)
    run = Run(pictures, tmp_path / "run", validation=pictures, log_every=1)
    Trainer(config, run, ALONE).train()
    lines = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if "loss" in line]
    assert losses[-1] < losses[0]
    assert any("validation" in line for line in lines)
    import_checkpoint(tmp_path / "run/toy-mse-0.01.safetensors", "toy", "mse", 0.02)


def test_unknown_again_where_it_is_not_registered(toy, picture, monkeypatch, tmp_path):
    data = codec.encode(picture, RECIPE, reconstruct=False).data
    monkeypatch.setattr(registry, "_FAMILIES", registry._FAMILIES[:-1])
    with pytest.raises(MissingModel, match=r"toy-mse-0\.01"):
        codec.decode(data)
    assert "toy" not in {info.variant for info in catalogue.list_models()}
    path = tmp_path / "a.hpcm"
    path.write_bytes(data)
    info = json.loads(CliRunner().invoke(cli, ["info", str(path), "--json"]).output)["files"][0]
    assert info["stream_bytes"] is None


def test_a_variants_name_is_taken_once(toy):
    with pytest.raises(ValueError, match="toy"):
        registry.register(TOY)


def test_a_family_of_other_weights_is_refused(toy, tmp_path):
    save_file({"g_a.weight": torch.zeros(1)}, tmp_path / "wrong.safetensors")
    with pytest.raises(HpcmError, match="is not a checkpoint of toy"):
        import_checkpoint(tmp_path / "wrong.safetensors", "toy", "mse", 0.01)


def test_no_file_of_the_program_names_it():
    for folder in ("app", "hpcm_core", "coder"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "toy" not in path.read_text("utf-8").lower(), path
