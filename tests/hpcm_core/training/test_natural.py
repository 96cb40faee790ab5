"""The natural look's loss: texture of the right strength beats none, drawings and colours are held, only g_s moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import load_file

from hpcm_core.errors import InvalidRecipe
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.training.loss import Rates
from hpcm_core.training.natural import TEXT, NaturalLoss, drawn_areas
from hpcm_core.transform.relaxed import Noise, Relaxed
from tests.hpcm_core.training.tiny import ALONE, TINY_NARROW, save_pictures


class Given:
    """A family whose networks give what they are told to."""

    def __init__(self, x_hat):
        self.x_hat = x_hat

    def forward(self, _network, x, q, noise):
        return Relaxed(self.x_hat, torch.zeros(len(x)), torch.zeros(len(x)))


def loss_of(x_hat, x, q=0.0, halved=False):
    z = torch.full((1, 1, 1, 4), 0.2)
    z[..., 2] = -0.4 if halved else 0.4
    rates = Rates(torch.full((len(x),), q), torch.ones(len(x)), torch.ones(len(x)))
    return NaturalLoss(Given(x_hat), torch.nn.Identity(), 10)(x, rates, Noise(z, z)).loss.item()


def grass(seed, strength=0.08, side=256):
    """A plane with a texture on it."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(1, 1, side, side, generator=generator)
    return (0.4 + strength * noise).expand(-1, 3, -1, -1).clamp(0, 1).contiguous()


@pytest.mark.parametrize("halved", [False, True])
def test_texture_of_other_places_beats_none(halved):
    x, other = grass(1), grass(2)
    flat = x.mean(dim=(2, 3), keepdim=True).expand_as(x)
    assert (other - x).square().mean() > 1.9 * (flat - x).square().mean()
    natural = [loss_of(a, x, 0.0, halved) - loss_of(a, x, 9.0, halved) for a in (other, flat)]
    assert natural[0] < 0.6 * natural[1]


def test_texture_is_as_strong_as_it_was():
    x = grass(1)
    losses = [loss_of(grass(2, strength), x) - loss_of(grass(2, strength), x, 9.0) for strength in (0.02, 0.08, 0.3)]
    assert losses[1] < min(losses[0], losses[2])


def test_the_look_fades_with_the_rate():
    x, flat = grass(1), torch.full((1, 3, 256, 256), 0.4)
    losses = [loss_of(flat, x, q) for q in (0.0, 2.7, 4.725, 6.75, 9.0)]
    assert losses[0] == losses[1] > losses[2] > losses[3] == losses[4] > 0
    assert losses[2] == pytest.approx((losses[1] + losses[3]) / 2, rel=1e-4)


def test_nothing_between_equal_pictures():
    x = grass(1)
    assert loss_of(x, x) == pytest.approx(0, abs=1e-5)


def test_casts_cost_more_than_their_squares():
    x = grass(1)
    cast = x + torch.tensor([2 / 255, 0, -2 / 255]).view(1, 3, 1, 1)
    noisy = x + (cast - x).square().mean().sqrt() * torch.randn(x.shape, generator=torch.Generator().manual_seed(3))
    assert loss_of(cast, x, 9.0) > 2 * loss_of(noisy, x, 9.0)


def text():
    image = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(image).text((20, 100), "Invented detail\nis no letter", "black", font_size=22)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).unsqueeze(0).float() / 255


def test_drawn_areas():
    drawn = drawn_areas(text())
    assert drawn.shape == (1, 1, 256, 256)
    assert drawn[0, 0, 112:144, 32:128].min() == 1
    assert drawn[..., :64, :].max() == 0
    assert drawn_areas(grass(1)).max() == 0
    ramp = torch.linspace(0, 1, 32).repeat(256, 8).expand(1, 3, -1, -1)
    assert drawn_areas(ramp).max() == 0, "strong contrast with everything between"
    assert drawn_areas(text()[..., 7:, 9:]).shape == (1, 1, 249, 247)


def test_drawn_areas_are_held():
    """The same error costs more on text."""
    x = text()
    on, off = (x.clone() for _ in range(2))
    on[..., 104:136, 32:128] += 0.1
    off[..., 24:56, 32:128] -= 0.1
    assert loss_of(on, x, 9.0) - loss_of(off, x, 9.0) == pytest.approx(TEXT * 0.1 * 32 * 96 / 256**2, rel=1e-3)


def test_a_training_moves_the_synthesis_alone(monkeypatch, tmp_path):
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    pictures = save_pictures(tmp_path / "pictures", count=2)
    config = TrainingConfig(
        steps=3, batch=2, lambdas=TINY_NARROW.rate_lambdas, part="synthesis", natural=True, precision="float32"
    )
    trainer = Trainer(config, Run(pictures, tmp_path / "run", log_every=1), ALONE)
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.train()
    moved = {name for name, value in trainer.network.state_dict().items() if not torch.equal(value, before[name])}
    assert moved
    assert all(name.startswith(("g_s.", "rate_gain_dec")) for name in moved)
    assert load_file(tmp_path / "run" / "lite.safetensors").keys() == before.keys(), "no network of features in it"
    assert "natural look" in (tmp_path / "run" / "CARD.md").read_text()


def test_what_is_refused():
    natural = TrainingConfig(steps=1, natural=True, part="synthesis")
    for wrong in ({"part": "all"}, {"metric": "ms-ssim"}, {"variant": "base", "lambdas": (0.013,)}):
        with pytest.raises(InvalidRecipe, match="for the synthesis of a model of variable rate"):
            replace(natural, **({"lambdas": ()} | wrong))
    for wrong in ({"perceptual": True}, {"ms_ssim_part": 0.2}, {"chroma": 0.1}):
        with pytest.raises(InvalidRecipe, match="loss of its own"):
            replace(natural, **wrong)
