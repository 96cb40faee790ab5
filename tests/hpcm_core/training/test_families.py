"""CHARM*, DCVC-DC intra* and Quad-Prior are trained as any other: where they begin, what learns, what comes out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from hpcm_core import codec
from hpcm_core.models import charm, checkpoint, loading, quadtree
from hpcm_core.models.charm.config import charm_on
from hpcm_core.models.quadtree.config import dcvc_dc_on, quad_prior
from hpcm_core.models.registry import config_of, family_of
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.data import Crops, read_whole
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.training.loss import RateDistortion, Rates
from hpcm_core.training.parts import release
from hpcm_core.training.start import linear_start
from hpcm_core.training.validation import validate
from hpcm_core.transform.relaxed import draw_noise
from tests.hpcm_core.training.tiny import ALONE, TINY_FIXED, TINY_NARROW, save_pictures

VARIANTS = ("base-charm", "lite-dcvc-dc", "base-dcvc-dc", "quad-prior", "quad-prior-368")


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """On the transforms of the tiny Base and Lite; Quad-Prior with and without a change of channels in its ends."""
    lite = replace(TINY_NARROW, name="lite")
    monkeypatch.setitem(charm.config.CONFIGS, "base-charm", charm_on(TINY_FIXED, 8, hidden=(24, 16)))
    monkeypatch.setitem(quadtree.config.CONFIGS, "lite-dcvc-dc", dcvc_dc_on(lite))
    monkeypatch.setitem(quadtree.config.CONFIGS, "base-dcvc-dc", dcvc_dc_on(TINY_FIXED))
    monkeypatch.setitem(quadtree.config.CONFIGS, "quad-prior", quad_prior("quad-prior", 192, 32, 16, (1, 1)))
    monkeypatch.setitem(quadtree.config.CONFIGS, "quad-prior-368", quad_prior("quad-prior-368", 48, 32, 16, (1, 1)))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return save_pictures(tmp_path_factory.mktemp("pictures"), count=6)


def training(variant, **more):
    lambdas = (0.013,) if config_of(variant).rates == "fixed" else (0.0018, 0.0067, 0.025)
    return TrainingConfig(variant=variant, lambdas=lambdas, steps=1, precision="float32", **more)


@pytest.mark.parametrize("part", ["all", "entropy"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_parameter_learns(variant, part):
    torch.manual_seed(0)
    network = family_of(variant).build(training(variant).network)
    moving = release(network, part)
    for weight in network.h_a.parameters():
        weight.data.mul_(3 if variant.startswith("quad") else 30)  # or z rounds to nought everywhere
    noise = draw_noise(network.config, 1, 256, torch.Generator().manual_seed(2))
    x = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(1))
    for q in (0.5, 1.5):
        rates = Rates(torch.full((1,), q), torch.full((1,), 0.01), torch.ones(1))
        RateDistortion(family_of(variant), network)(x, rates, noise).loss.backward()
    gradients = {name: network.get_parameter(name).grad for name in moving}
    assert not [name for name, gradient in gradients.items() if gradient is None or not gradient.abs().sum() > 0]
    assert all(torch.isfinite(gradient).all() for gradient in gradients.values())


@pytest.mark.parametrize("variant", VARIANTS)
def test_linear_start_compresses(variant, pictures):
    """Before any training smooth pictures come back well, at a sensible rate, and every step's distribution is the
    hyperprior's at its own places.
    """
    config = training(variant)
    torch.manual_seed(0)
    network = family_of(variant).build(config.network)
    held_out = read_whole([pictures / "5.png"])
    before = validate(network, held_out, config)
    crops = Crops(pictures, 256, 0, torch.device("cpu")).batch(0, 12, 256)
    linear_start(network, crops, config)
    for a, b in zip(before, validate(network, held_out, config), strict=True):
        assert b.psnr > 24
        assert b.bpp < 1.5
        assert b.loss < a.loss / 3
    with torch.inference_mode():
        y = network.analysis(crops[:2], 0.0)
        hyper = network.h_s(torch.round(network.h_a(y) - network.means_hyper) + network.means_hyper)
        steps = network.steps(hyper)
        params = next(steps)
        for i in range(len(network.config.labels) - 1):
            for got, half in zip((params.scales, params.means), hyper.chunk(2, dim=1), strict=True):
                want = params.place.pack(half)
                assert torch.allclose(got, want, atol=2e-2 * float(want.abs().max())), i
            if i < len(network.config.labels) - 2:
                params = steps.send(torch.zeros_like(params.means))


@pytest.mark.parametrize("variant", ["base-charm", "base-dcvc-dc", "quad-prior"])
def test_from_training_to_a_file(variant, pictures, tmp_path, monkeypatch):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    lambdas = () if variant == "quad-prior" else (0.013,)
    config = TrainingConfig(variant=variant, lambdas=lambdas, steps=2, batch=1, precision="float32")
    Trainer(config, Run(pictures, tmp_path / "run"), ALONE, False).train()
    lmbda = lambdas[0] if lambdas else None
    (weights,) = (tmp_path / "run").glob("*.safetensors")
    info = checkpoint.import_checkpoint(weights, variant, "mse", lmbda)
    assert (info.variant, info.state) == (variant, "installed")
    loading._load.cache_clear()
    pixels = np.asarray(Picture.open(pictures / "0.png").pixels[:70, :90])
    encoded = codec.encode(Picture(pixels), Recipe(variant, lmbda=lmbda), reconstruct=True)
    decoded = codec.decode(encoded.data)
    assert decoded.header.model_name == info.name
    assert decoded.header.padding == 1, "to 64 pixels"
    assert decoded.bits.labels == config_of(variant).labels
    assert decoded.bits.per_step.sum() / 8 == pytest.approx(decoded.stream_bytes, rel=1e-6)
    assert np.array_equal(decoded.picture.pixels, encoded.reconstruction.pixels)
    loading._load.cache_clear()
