"""Derived variants are trained as any other: every parameter learns, and what comes out codes pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hpcm_core import codec
from hpcm_core.models import catalogue, checkpoint, loading
from hpcm_core.models.hpcm import derived
from hpcm_core.models.hpcm.config import CONFIGS, LITE_2_3_6
from hpcm_core.models.hpcm.derived import derive, names
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.sampling import descend, halves, pack
from hpcm_core.models.hpcm.start import pass_context_on
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.training.loss import RateDistortion, Rates
from hpcm_core.transform.relaxed import draw_noise
from tests.hpcm_core.training.tiny import ALONE, TINY_FIXED, TINY_NARROW, save_pictures

VARIANTS = [name for name in names() if name.startswith(("lite", "base")) and name != LITE_2_3_6.name]


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """Lite without attention and narrow, Base with it."""
    monkeypatch.setattr(derived, "LITE_2_3_6", TINY_NARROW)
    monkeypatch.setitem(CONFIGS, "base", TINY_FIXED)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_parameter_learns(variant):
    torch.manual_seed(0)
    network = HPCM(derive(variant))
    for weight in network.h_a.parameters():
        weight.data.mul_(30)  # or z rounds to nought everywhere, and all tokens of a window are alike
    noise = draw_noise(network.config, 1, 256, torch.Generator().manual_seed(2))
    x = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(1))
    # Between two rows of gains, and at the last two for those above.
    for q in (0.5, 1.5):
        rates = Rates(torch.full((1,), q), torch.full((1,), 0.01), torch.ones(1))
        terms = RateDistortion(HPCM_FAMILY, network)(x, rates, noise)
        assert torch.isfinite(terms.loss)
        terms.loss.backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not idle


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_context_begins_by_passing_the_hyperprior_on(variant):
    """Whatever the schedule, every step's parameters are the hyperprior's at its own positions."""
    torch.manual_seed(0)
    network = HPCM(derive(variant))
    for module in network.modules():
        if hasattr(module, "branch") and not hasattr(module, "window") and hasattr(module.branch[-1], "weight"):
            module.branch[-1].weight.data.zero_()
            module.branch[-1].bias.data.zero_()
    narrow = network.config.context_channels is not None
    # A narrow context network carries whole what has few components, on coarse grids too.
    hyper = torch.randn(3, 64, 1, 1).expand(-1, -1, 16, 16) if narrow else torch.randn(1, 64, 16, 16)
    with torch.no_grad():
        pass_context_on(network, hyper)
        steps = network.steps(hyper)
        params = next(steps)
        for step in network.config.schedule.steps:
            assert params.step == step
            at = halves(lambda half, scale=step.scale: descend(half, 3, scale), hyper).chunk(2, dim=1)
            for got, half in zip((params.scales, params.means), at, strict=True):
                want = pack(half, step.sampling)
                assert torch.allclose(got, want, atol=1e-3 * float(want.abs().max()))
            if step.number < len(network.config.schedule.steps):
                params = steps.send(torch.zeros_like(params.means))


@pytest.mark.parametrize(
    ("variant", "lambdas", "name"),
    [("lite-2-3-3", (), "lite-2-3-3"), ("base-1-stage", (0.013,), "base-1-stage-mse-0.013")],
)
def test_from_training_to_a_file(variant, lambdas, name, tmp_path, monkeypatch):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    pictures = save_pictures(tmp_path / "pictures", count=3)
    config = TrainingConfig(variant=variant, lambdas=lambdas, steps=3, batch=1, precision="float32")
    Trainer(config, Run(pictures, tmp_path / "run"), ALONE, False).train()
    lmbda = lambdas[0] if lambdas else None
    info = checkpoint.import_checkpoint(tmp_path / "run" / f"{name}.safetensors", variant, "mse", lmbda)
    assert (info.name, info.variant, info.state) == (name, variant, "installed")
    loading._load.cache_clear()
    pixels = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    encoded = codec.encode(Picture(pixels), Recipe(variant, lmbda=lmbda), reconstruct=True)
    decoded = codec.decode(encoded.data)
    assert decoded.header.model_name == name
    assert decoded.bits.labels == derive(variant).labels
    assert np.array_equal(decoded.picture.pixels, encoded.reconstruction.pixels)
    assert catalogue.name_for(variant, "mse", lmbda) == name
    loading._load.cache_clear()
