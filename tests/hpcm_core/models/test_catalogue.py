"""Checkpoints: importing what the authors published, refusing what is anything else."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from hpcm_core import codec
from hpcm_core.errors import MissingModel, ModelError
from hpcm_core.layers.spec import Blocks, TransformSpec
from hpcm_core.models import catalogue, checkpoint, loading, weights
from hpcm_core.models.hpcm.config import BASE, CONFIGS, Context
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.schedule import S_2_3_3
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.test_codec import photo


def narrow(network, widths):
    """The same layers with other widths."""
    names = iter(widths)
    layers = tuple(
        layer if isinstance(layer, Blocks) else replace(layer, channels=next(names)) for layer in network.layers
    )
    return replace(network, layers=layers)


TINY = replace(
    BASE,
    latent_channels=32,
    hyper_channels=16,
    g_a=narrow(BASE.g_a, (8, 8, 16, 32)),
    g_s=narrow(replace(BASE.g_s, channels_in=32), (16, 8, 8, 3)),
    h_a=TransformSpec(32, (Blocks(1), *narrow(BASE.h_a, (16, 16)).layers[1:])),
    h_s=narrow(replace(BASE.h_s, channels_in=16), (16, 64)),
    nets=(Context(1, 1), Context(1, 1)),
    attention_heads=4,
)
"""Base with everything but its widths, so that a checkpoint of it is small."""


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setitem(CONFIGS, "base", TINY)
    loading._load.cache_clear()
    yield tmp_path
    loading._load.cache_clear()


@pytest.fixture
def parameters():
    torch.manual_seed(0)
    return HPCM(TINY).state_dict()


@pytest.fixture
def published(home, parameters):
    """A checkpoint as the authors save it: plain state dict, `module.` prefixes, derived buffers."""
    content = {f"module.{key}": value for key, value in parameters.items()}
    content |= {
        "module.scale_table": torch.zeros(0),
        "module.quantized_cdf_y": torch.zeros(0),
        "module.cdf_length_z": torch.zeros(0),
        "module.offset_y": torch.zeros(0),
        "module.entropy_estimation.beta": torch.ones(1),
        "module.entropy_estimation.likelihood_lower_bound.bound": torch.ones(1),
    }
    path = home / "checkpoint.pth.tar"
    torch.save({"state_dict": content}, path)
    return path


def test_import_and_use(published, parameters):
    info = checkpoint.import_checkpoint(published, "base", "mse", 0.013)
    assert (info.name, info.state) == ("base-mse-0.013", "installed")
    saved = load_file(info.path)
    assert saved.keys() == parameters.keys()
    assert all(torch.equal(saved[key], parameters[key]) for key in saved)
    states = {model.name: model.state for model in catalogue.list_models()}
    assert states["base-mse-0.013"] == "installed"
    assert states["base-mse-0.025"] == "missing"
    assert states["lite"] == "bundled"

    picture = Picture(photo(64, 48))
    encoded = codec.encode(picture, Recipe("base", lmbda=0.013))
    assert encoded.header.model_name == "base-mse-0.013"
    assert (codec.decode(encoded.data).picture.pixels == encoded.reconstruction.pixels).all()
    info.path.unlink()
    with pytest.raises(MissingModel, match=r"base-mse-0\.013"):
        codec.decode(encoded.data)


def test_a_folder_that_cannot_be_written(home):
    catalogue.models_folder().parent.mkdir(parents=True, exist_ok=True)
    catalogue.models_folder().write_text("a file where the folder should be")
    with pytest.raises(ModelError, match=r"base-mse-0\.013 cannot be written to .*models: File exists"):
        checkpoint.install("base-mse-0.013", b"weights")


def test_other_lambdas_can_be_imported(published):
    checkpoint.import_checkpoint(published, "base", "ms-ssim", 7.5)
    info = next(model for model in catalogue.list_models() if model.name == "base-ms-ssim-7.5")
    assert (info.variant, info.metric, info.lmbda, info.source) == ("base", "ms-ssim", 7.5, "imported")
    assert catalogue.name_for("base", "ms-ssim", 7.5) == info.name


class Evil:
    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_code_in_a_checkpoint_is_not_run(home):
    evil = Evil()
    evil.path = str(home / "was-here")
    path = home / "evil.pth.tar"
    torch.save({"state_dict": {"x": evil}}, path)
    with pytest.raises(ModelError, match="safely"):
        checkpoint.import_checkpoint(path, "base", "mse", 0.013)
    path.write_bytes(pickle.dumps(evil, protocol=2))
    with pytest.raises(ModelError):
        checkpoint.import_checkpoint(path, "base", "mse", 0.013)
    assert not (home / "was-here").exists()


@pytest.mark.parametrize("damage", ["missing", "extra", "shape", "nan", "text", "absent", "not tensors"])
def test_what_is_not_that_checkpoint(home, parameters, damage):
    path = home / "x.pth.tar"
    content = dict(parameters)
    if damage == "missing":
        del content["g_a.branch.0.weight"]
    elif damage == "extra":
        content["more"] = torch.zeros(1)
    elif damage == "shape":
        content["g_a.branch.0.weight"] = content["g_a.branch.0.weight"][:1]
    elif damage == "nan":
        content["g_a.branch.0.bias"] = content["g_a.branch.0.bias"] * float("nan")
    elif damage == "not tensors":
        content = {"epoch": 3}
    if damage == "text":
        path.write_text("hello")
    elif damage != "absent":
        torch.save(content, path)
    with pytest.raises(ModelError):
        checkpoint.import_checkpoint(path, "base", "mse", 0.013)
    assert not list(home.glob("data/models/*"))


def test_wrong_arguments(published):
    for arguments in (("huge", "mse", 0.01), ("base", "psnr", 0.01), ("base", "mse", -1.0), ("lite", "mse", 0.01)):
        with pytest.raises(ModelError):
            checkpoint.import_checkpoint(published, *arguments)


@pytest.mark.parametrize("name", ["../evil", "base-mse-0.01/../../x", "", "lite2", "base", "base-mse-nan"])
def test_hostile_names(home, name):
    with pytest.raises(MissingModel):
        catalogue.find(name)


def test_identity_names_weights_not_files(parameters):
    one = weights.identity(parameters, HPCM_FAMILY.arithmetic(TINY))
    assert weights.identity(dict(reversed(parameters.items())), HPCM_FAMILY.arithmetic(TINY)) == one
    assert weights.identity(parameters, HPCM_FAMILY.arithmetic(replace(TINY, window=7))) == one, (
        "windows are no part of the model"
    )
    assert weights.identity(parameters, HPCM_FAMILY.arithmetic(replace(TINY, aligned_fill=True))) != one
    changed = {**parameters, "means_hyper": parameters["means_hyper"] + 1e-6}
    assert weights.identity(changed, HPCM_FAMILY.arithmetic(TINY)) != one


@pytest.mark.parametrize(
    "change", [{"schedule": S_2_3_3}, {"progressive": False}, {"shared": False}, {"first_head": True}], ids=str
)
def test_identity_tells_structures_apart(parameters, change):
    """The same tensors give other latents in another structure; that of the published models goes without saying."""
    plain, other = (HPCM_FAMILY.arithmetic(config) for config in (TINY, replace(TINY, **change)))
    assert set(plain) == {"name", "partial", "attention_heads", "aligned_fill", "rate_lambdas", "input_shift"}
    assert weights.identity(parameters, plain) != weights.identity(parameters, other)


def test_lambda_that_no_model_has(home):
    with pytest.raises(MissingModel, match=r"0\.0018.*0\.0483"):
        catalogue.name_for("base", "mse", 0.5)
    with pytest.raises(MissingModel, match="nothing"):
        catalogue.name_for("nothing", "mse", 0.5)
