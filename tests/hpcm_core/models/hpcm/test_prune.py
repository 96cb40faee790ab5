"""A smaller network from a trained one: what can be left out without loss is, and everything else is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import save_file

from hpcm_core.cli.models import models
from hpcm_core.errors import ModelError
from hpcm_core.layers.blocks import DWConvBlock, PConvBlock
from hpcm_core.layers.spec import Blocks, Conv, TransformSpec
from hpcm_core.models.hpcm import derived
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.prune import prune
from hpcm_core.models.hpcm.schedule import S_2_3_3, S_2_3_12
from hpcm_core.training.start import load_initial
from hpcm_core.transform.relaxed import forward
from tests.hpcm_core.training.tiny import TINY_NARROW, save_pictures

THIN = replace(
    TINY_NARROW,
    g_a=TransformSpec(3, (Conv(24, 4, 4), Blocks(1, hidden=30), Conv(32), Conv(32))),
    g_s=TransformSpec(
        32, (Conv(32, transposed=True), Conv(24, transposed=True), Blocks(1, hidden=40), Conv(3, 4, 4, transposed=True))
    ),
    context_hidden=50,
)


def network():
    torch.manual_seed(0)
    made = HPCM(TINY_NARROW)
    made.rate_gain_enc.data.fill_(3.0)
    made.rate_gain_dec.data.fill_(-3.0)
    return made


def crops(count):
    generator = torch.Generator().manual_seed(1)
    return [(torch.rand(1, 3, 256, 256, generator=generator), torch.tensor([0.4])) for _ in range(count)]


@torch.no_grad()
def results(made):
    """Pixels and bits of a crop that it was not fitted on."""
    return forward(made, *crops(9)[-1], None)


def test_hidden_channels_that_say_nothing_cost_nothing():
    made = network()
    hidden_of = {PConvBlock: {24: 30}, DWConvBlock: {40: 50}}
    for name, module in made.named_modules():
        if isinstance(module, PConvBlock | DWConvBlock):
            expand, reduce = module.branch[1], module.branch[3]
            kept = 40 if name.startswith("g_s") else hidden_of[type(module)][expand.in_channels]
            silent = torch.randperm(expand.out_channels, generator=torch.Generator().manual_seed(3))[kept:]
            reduce.weight.data[:, silent] = 0
    small = prune(made, THIN, crops(2))
    before, after = results(made), results(small)
    assert torch.allclose(after.x_hat, before.x_hat, atol=2e-3)
    assert after.bits_y.item() == pytest.approx(before.bits_y.item(), rel=1e-3)
    assert after.bits_z.item() == before.bits_z.item()


def test_the_last_layer_is_fitted():
    """Closer to what it was than with the same hidden channels and the weights that they had."""
    made = network()
    small = prune(made, THIN, crops(4))
    plain = HPCM(THIN)
    plain.load_state_dict(small.state_dict())
    for old, new in zip(made.modules(), plain.modules(), strict=True):
        if isinstance(old, PConvBlock):
            kept = [
                next(i for i, row in enumerate(old.branch[1].weight) if torch.equal(row, wanted))
                for wanted in new.branch[1].weight
            ]
            new.branch[3].weight.data = old.branch[3].weight.data[:, kept]
            new.branch[3].bias.data = old.branch[3].bias.data
    before, fitted, as_they_were = (results(n).x_hat for n in (made, small, plain))
    assert (fitted - before).square().mean() < 0.5 * (as_they_were - before).square().mean()


def test_joined_steps_take_the_first():
    made = network()
    small = prune(made, replace(TINY_NARROW, schedule=S_2_3_3), crops(1))
    sources = {2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 8: 10}
    steps = made.config.schedule.steps
    for step in small.config.schedule.steps[1:]:
        source = steps[sources[step.number] - 1]
        assert torch.equal(small.adaptor_of(step).weight, made.adaptor_of(source).weight)
        assert torch.equal(small.adaptive_params_list[step.number - 2], made.adaptive_params_list[source.number - 2])
    # The coarse scales and the transforms are what they were.
    assert torch.equal(
        small.y_spatial_prior_s1_s2.branch_1[0].branch[1].weight,
        made.y_spatial_prior_s1_s2.branch_1[0].branch[1].weight,
    )
    before, after = results(made), results(small)
    assert after.bits_y.item() == pytest.approx(before.bits_y.item(), rel=0.05)


def test_nothing_to_leave_out():
    made = network()
    same = prune(made, TINY_NARROW, crops(1)).state_dict()
    assert all(torch.equal(value, same[name]) for name, value in made.state_dict().items())


@pytest.mark.parametrize(
    "config",
    [
        replace(TINY_NARROW, context_channels=24),
        replace(TINY_NARROW, schedule=S_2_3_12),
        replace(TINY_NARROW, context_hidden=200),
    ],
)
def test_what_is_no_smaller_network(config):
    with pytest.raises(ModelError):
        prune(network(), config, crops(1))


def test_from_a_file_to_a_training(tmp_path, monkeypatch):
    """hpcm models prune writes what hpcm train --init takes."""
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    monkeypatch.setattr(derived, "LITE_2_3_6", TINY_NARROW)
    pictures = save_pictures(tmp_path / "pictures", count=2, height=400, width=400)
    source, target = tmp_path / "lite.safetensors", tmp_path / "new" / "small.safetensors"
    save_file(network().state_dict(), source)
    options = ["--variant", "lite", "--to", "lite-2-3-3", "--pictures", pictures, "--crops", 2, "-o", target]
    done = CliRunner().invoke(models, ["prune", str(source), *map(str, options)], catch_exceptions=False)
    assert done.exit_code == 0
    small = HPCM(replace(TINY_NARROW, name="lite-2-3-3", schedule=S_2_3_3))
    load_initial(target, small, TINY_NARROW.rate_lambdas)
    assert torch.equal(small.adaptive_params_list[6], network().adaptive_params_list[8])


def test_what_cannot_be_pruned(tmp_path):
    (tmp_path / "lite.safetensors").write_bytes(b"no weights")
    base = ["prune", str(tmp_path / "lite.safetensors"), "--pictures", str(tmp_path), "-o", str(tmp_path / "x")]
    done = CliRunner().invoke(models, base)
    assert done.exit_code == 2
    assert "damaged" in done.output
    done = CliRunner().invoke(models, [*base, "--to", "lite-3"])
    assert done.exit_code == 2
    assert "lite-3" in done.output
    assert not (tmp_path / "x").exists()
