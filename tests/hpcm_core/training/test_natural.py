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
from hpcm_core.training.checkpoint import load
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.training.loss import Rates
from hpcm_core.training.natural import TEXT, Judge, NaturalLoss, drawn_areas, weave
from hpcm_core.transform.relaxed import Noise, Relaxed
from tests.hpcm_core.training.tiny import ALONE, TINY_NARROW, save_pictures


class Given:
    """A family whose networks give what they are told to."""

    def __init__(self, x_hat):
        self.x_hat = x_hat

    def forward(self, _network, x, q, noise):
        return Relaxed(self.x_hat, torch.zeros(len(x)), torch.zeros(len(x)))


class Killed(Exception):
    pass


class Nobody(torch.nn.Module):
    """A judge without an opinion."""

    def verdict(self, made, true, _in_bfloat16):
        return torch.zeros(len(made)), torch.zeros(len(made))


def loss_of(x_hat, x, q=0.0, halved=False):
    z = torch.full((1, 1, 1, 4), 0.2)
    z[..., 2] = -0.4 if halved else 0.4
    rates = Rates(torch.full((len(x),), q), torch.ones(len(x)), torch.ones(len(x)))
    network = torch.nn.Module()
    network.rate_gain_dec = torch.zeros(10, 1)
    return NaturalLoss(Given(x_hat), network, Nobody())(x, rates, Noise(z, z)).loss.item()


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
    losses = [loss_of(flat, x, q) for q in (0.0, 2.69, 3.825, 4.96, 9.0)]
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


def test_a_weave_is_what_comes_again():
    generator = torch.Generator().manual_seed(7)
    noise = 0.03 * torch.randn(2, 3, 256, 256, generator=generator)
    pattern = 0.008 * torch.randn(1, 3, 8, 8, generator=generator).repeat(1, 1, 32, 32)
    for period in (8, 16):
        assert (weave(noise, period) < 0.1 / 255).all(), "what chance gives costs next to nothing"
        assert (weave(noise + pattern, period) > 8 * weave(noise, period)).all()
    expected = (pattern - pattern.mean(dim=(2, 3), keepdim=True)).abs().mean()
    torch.testing.assert_close(weave(pattern, 8), expected.reshape(1))
    assert weave(pattern[..., :40, :24], 16).isfinite().all(), "smaller than eight periods"


def test_texture_that_repeats_costs_more_than_texture_of_other_places():
    x = grass(1)
    tile = grass(2)[..., :8, :8].repeat(1, 1, 32, 32)
    assert loss_of(tile, x) > loss_of(grass(2), x) + 0.5


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
    on[..., 96:128, 32:128] += 0.1
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
    assert all(name.startswith("g_s.") for name in moved), "a look has the gains of its model"
    assert load_file(tmp_path / "run" / "lite.safetensors").keys() == before.keys(), "no network of features in it"
    assert "natural look" in (tmp_path / "run" / "CARD.md").read_text()


def test_the_judge_and_the_judged_learn_apart():
    torch.manual_seed(1)
    judge = Judge(8)
    made, true = (value.requires_grad_(True) for value in (torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64)))
    unlike, lesson = judge.verdict(made, true, False)
    assert unlike.shape == lesson.shape == (2,)
    unlike.sum().backward(retain_graph=True)
    assert made.grad.abs().sum() > 0
    assert all(p.grad is None for p in judge.parameters())
    made.grad = None
    lesson.sum().backward()
    assert made.grad is None
    # That of the last bias cancels while no verdict is clear.
    assert all(p.grad.abs().sum() > 0 for name, p in judge.named_parameters() if "weight" in name)


def test_the_judge_tells_grass_from_a_plane():
    torch.manual_seed(1)
    judge = Judge(8)
    optimizer = judge.optimizer()
    true, made = grass(1, side=128), grass(2, strength=0.01, side=128)
    for _ in range(60):
        optimizer.zero_grad()
        judge.verdict(made, true, False)[1].sum().backward()
        optimizer.step()
    with torch.no_grad():
        assert judge(2 * grass(3, side=128) - 1).mean() > judge(2 * grass(4, 0.01, 128) - 1).mean() + 0.5
    grey = made.clone().requires_grad_(True)
    judge.verdict(grey, true, False)[0].sum().backward()
    assert grey.grad.abs().sum() > 0


def test_a_training_goes_on_as_if_it_had_not_stopped(monkeypatch, tmp_path):
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    pictures = save_pictures(tmp_path / "pictures", count=2)
    config = TrainingConfig(
        steps=4, batch=1, lambdas=TINY_NARROW.rate_lambdas, part="synthesis", natural=True, precision="float32"
    )
    Trainer(config, Run(pictures, tmp_path / "whole"), ALONE).train()

    def kill(row):
        if row["step"] == 3:
            raise Killed

    run = Run(pictures, tmp_path / "part", log_every=1, save_every=2)
    with pytest.raises(Killed):
        Trainer(config, replace(run, report=kill), ALONE).train()
    Trainer(config, run, ALONE, resume=True).train()
    whole, resumed = (load(tmp_path / name / "checkpoint.pt", ALONE.device) for name in ("whole", "part"))
    assert resumed["step"] == 4
    for name, value in whole["judge"]["network"].items():
        assert torch.equal(value, resumed["judge"]["network"][name]), name
    for name, value in whole["network"].items():
        assert torch.equal(value, resumed["network"][name]), name


def test_what_is_refused():
    natural = TrainingConfig(steps=1, natural=True, part="synthesis")
    for wrong in ({"part": "all"}, {"metric": "ms-ssim"}, {"variant": "base", "lambdas": (0.013,)}):
        with pytest.raises(InvalidRecipe, match="for the synthesis of a model of variable rate"):
            replace(natural, **({"lambdas": ()} | wrong))
    for wrong in ({"perceptual": True}, {"ms_ssim_part": 0.2}, {"chroma": 0.1}):
        with pytest.raises(InvalidRecipe, match="loss of its own"):
            replace(natural, **wrong)
