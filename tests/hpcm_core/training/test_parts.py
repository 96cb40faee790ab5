"""Training a part of a network: what moves learns as it does in the whole, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.training.config import PARTS, TrainingConfig
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.training.loss import RateDistortion, Rates
from hpcm_core.training.parts import release
from hpcm_core.transform.relaxed import Noise, draw_noise
from tests.hpcm_core.training.tiny import ALONE, TINY_NARROW, save_pictures

BEGINNINGS = {
    "all": "",
    "entropy": ("h_a", "h_s", "y_", "adaptive", "context", "means_", "scales_"),
    "synthesis": "g_s",
}


def gradients(network, part):
    release(network, part)
    network.zero_grad()
    generator = torch.Generator().manual_seed(2)
    noise = Noise(*(values.double() for values in draw_noise(network.config, 2, 256, generator)))
    x = torch.rand(2, 3, 256, 256, generator=torch.Generator().manual_seed(1)).double()
    rates = Rates(torch.tensor([0.5, 1.5]).double(), torch.tensor([0.01, 0.02]), torch.ones(2))
    RateDistortion(HPCM_FAMILY, network, chroma=0.2)(x, rates, noise).loss.backward()
    return {name: p.grad for name, p in network.named_parameters() if p.grad is not None}


def test_a_part_learns_as_in_the_whole():
    torch.manual_seed(0)
    network = HPCM(TINY_NARROW).double()
    network.rate_gain_enc.data.fill_(3.0)  # symbols other than nought
    whole = gradients(network, "all")
    learning = {}
    for part in PARTS[1:]:
        learning[part] = gradients(network, part)
        for name, gradient in learning[part].items():
            assert torch.allclose(gradient, whole[name], rtol=1e-6, atol=1e-12), name
    for part, names in learning.items():
        assert names, part
        assert all(name.startswith((*BEGINNINGS[part], "g_s", "rate_gain_dec")) for name in names)
    assert set(learning["entropy"]) == {name for name in whole if name.startswith(BEGINNINGS["entropy"])}
    assert set(learning["synthesis"]) == {name for name in whole if name.startswith(("g_s", "rate_gain_dec"))}


@pytest.mark.parametrize("part", PARTS)
def test_nothing_else_moves(part, tmp_path, monkeypatch):
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    pictures = save_pictures(tmp_path / "pictures", count=2)
    config = TrainingConfig(lambdas=TINY_NARROW.rate_lambdas, steps=3, batch=2, part=part, precision="float32")
    trainer = Trainer(config, Run(pictures, tmp_path / "run"), ALONE)
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    averaged = {name: value.clone() for name, value in trainer.average.state_dict().items()}
    trainer.train()
    moved = {name for name, value in trainer.network.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == set(release(trainer.network, part))
    assert moved == {n for n, value in trainer.average.state_dict().items() if not torch.equal(value, averaged[n])}
    # It goes on where it was.
    again = Trainer(replace(config, steps=4), Run(pictures, tmp_path / "run"), ALONE, resume=True)
    again.train()
    assert again.step == 4
