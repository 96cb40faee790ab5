"""From a g_s in floats that was trained for the eye to a look in integers."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import save_file

from hpcm_core import codec, metrics
from hpcm_core.look import NATURAL, reach
from hpcm_core.models.hpcm.integer import LATENT_BITS
from hpcm_core.models.hpcm.look import entering, entering_exponents
from hpcm_core.models.loading import load
from hpcm_core.models.rates import quality_to_q
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.training.quantization import read_network
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.models.float_lite import float_twin
from tests.hpcm_core.test_codec import photo
from tests.paths import ROOT

FLOATS = ROOT / "docs/lite-training/lite.safetensors"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two folders: of some to see ranges on, of one to check with."""
    home = tmp_path_factory.mktemp("pictures")
    for folder in ("train", "valid"):
        (home / folder).mkdir()
    for i, left in enumerate((0, 100)):
        Image.fromarray(photo(400, 400, left, 60 * i)).save(home / f"train/{i}.png")
    Image.fromarray(photo(200, 150, 150, 30)).save(home / "valid/check.png")
    return home


def trained_on(path, change):
    """The floats of the bundled model after a change."""
    weights = read_weights(FLOATS)
    change(weights)
    save_file(weights, path)
    return path


def louder(weights):
    """Samples twice as far from grey: a look that can be told by eye, made in the last layer and one before."""
    weights["g_s.branch.8.weight"] *= 2
    weights["g_s.branch.8.bias"] *= 2
    weights["g_s.branch.0.weight"] *= np.float32(1.25)


def quantized(pictures, source, target, *options, crops=2, code=0):
    seen = ("--pictures", pictures / "train", "--crops", crops)
    return run("models", "quantize", source, "--look", *seen, "-o", target, *options, code=code)


def test_a_look_becomes_integers(pictures, tmp_path, monkeypatch):
    """What the file makes of pictures is what the floats make, but for rounding; and it says what it belongs to."""
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    source, target = trained_on(tmp_path / "floats.safetensors", louder), tmp_path / "models/lite.natural.safetensors"
    said = json.loads(
        quantized(
            pictures, source, target, "--check", pictures / "valid", "--fact", "steps=7200", "--fact", "a=b=c", "--json"
        ).output
    )
    with safe_open(target, "np") as file:
        facts = file.metadata()
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"I16", "I32", "U8"}  # noqa: SIM118
    assert facts["quantized_from"] != float_twin().identity.hex()
    del facts["quantized_from"]
    assert facts == {
        "variant": "lite", "look": "natural", "model_hash": load("lite").identity.hex(), "steps": "7200", "a": "b=c",
    }  # fmt: skip
    assert said["model_hash"] == facts["model_hash"]
    assert [cost["quality"] for cost in said["costs"]] == [0, 20, 40, 80]
    picture = Picture.open(pictures / "valid/check.png")
    for cost in said["costs"]:
        assert cost["quantized"] > 50
        assert cost["before"] == pytest.approx(cost["after"], abs=0.02)
        if not reach(cost["quality"]):  # the codec shows nothing of the look there
            continue
        data = codec.encode(picture, Recipe(quality=cost["quality"]), reconstruct=False).data
        faithful, natural = (codec.decode(data, look=look).picture.pixels for look in (0, NATURAL))
        assert metrics.psnr(faithful, picture.pixels) == pytest.approx(cost["faithful"], abs=1e-5)
        assert metrics.psnr(natural, picture.pixels) == pytest.approx(cost["after"], abs=1e-5)
        spread = [(made.astype(float) - 127.5).std() for made in (faithful, natural)]
        assert spread[1] > 1.3 * spread[0]


def test_the_models_own_g_s_is_a_look_too(pictures, tmp_path, monkeypatch):
    """It gives what the model gives, within rounding, though its ranges were seen on other latents."""
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    quantized(pictures, FLOATS, tmp_path / "models/lite.natural.safetensors")
    data = codec.encode(Picture(photo(160, 128, 120, 20)), Recipe(quality=50), reconstruct=False).data
    faithful, natural = (codec.decode(data, look=look).picture.pixels.astype(int) for look in (0, NATURAL))
    assert np.abs(faithful - natural).max() <= 1
    assert (faithful != natural).mean() < 0.1


def test_what_g_s_is_given():
    """Latents times gains, as the network in floats has them."""
    model, network = load("lite"), read_network(FLOATS, "lite")
    rates = [quality_to_q(quality, network.config.rate_lambdas) for quality in range(101)]
    exponents = entering_exponents(network, model, rates)
    picture = Picture(photo(96, 80, 150, 30))
    header = codec.header_of(picture, "lite", model.identity, model.config, 55)
    seen = entering(model, exponents, picture, header)
    with torch.no_grad():
        gains = torch.exp(torch.lerp(*network.rate_gain_dec[4:6], 0.95)).view(1, -1, 1, 1)
    wanted = torch.from_numpy(np.ascontiguousarray(seen.y_hat)) * gains
    assert seen.x.shape == wanted.shape
    step = torch.from_numpy(np.ldexp(1.0, exponents)).view(1, -1, 1, 1)
    assert ((seen.x - wanted).abs() <= step * 0.51 + wanted.abs() * 2.0**-12).all()
    assert seen.x.abs().max() > 100 * 2.0**-LATENT_BITS


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda w: w["rate_gain_dec"].__iadd__(np.float32(0.01)), "not the weights that lite was quantized from"),
        (lambda w: w["g_s.branch.0.bias"].fill(1e9), "too large for profile 2"),
        (lambda w: w["g_s.branch.0.bias"].fill(np.nan), "not finite"),
        (lambda w: w.pop("g_s.branch.0.bias"), "1 tensors differ"),
    ],
    ids=["gains", "large", "nan", "missing"],
)
def test_what_is_no_look_of_the_model(change, sentence, pictures, tmp_path):
    source = trained_on(tmp_path / "floats.safetensors", change)
    refused = quantized(pictures, source, tmp_path / "look.safetensors", crops=1, code=2)
    assert sentence in " ".join(refused.stderr.split())
    assert not (tmp_path / "look.safetensors").exists()


@pytest.mark.parametrize("facts", [["steps"], ["=3"], ["look=faithful"], ["a=1", "a=2"]])
def test_what_is_no_fact(facts, tmp_path):
    options = [part for fact in facts for part in ("--fact", fact)]
    refused = quantized(tmp_path, FLOATS, tmp_path / "look.safetensors", *options, code=2)
    assert "NAME=VALUE" in refused.stderr


def test_variants_without_a_look(tmp_path, pictures):
    """Models in floats have none; and facts are for looks."""
    for variant in ("base", "lite-2-3-6"):
        refused = quantized(pictures, FLOATS, tmp_path / "x.safetensors", "--variant", variant, code=2)
        assert "is not installed" in refused.stderr or "no model called" in refused.stderr
    refused = run("models", "quantize", FLOATS, "--pictures", tmp_path, "-o", tmp_path / "x", "--fact", "a=b", code=2)
    assert "--fact goes with --look" in refused.stderr
