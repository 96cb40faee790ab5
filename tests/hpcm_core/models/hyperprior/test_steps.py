"""CHARM* and codecs in four steps: what is coded where, transforms with gains inside, exact tables."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from hpcm_core.entropy.exact import tables
from hpcm_core.entropy.exact.integers import Activation
from hpcm_core.entropy.exact.layers import LayerReader
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.layers.blocks import ConvStack
from hpcm_core.layers.transforms import Transform
from hpcm_core.models import registry
from hpcm_core.models.charm.config import CONFIGS as CHARM
from hpcm_core.models.hyperprior.places import SlicedPlace
from hpcm_core.models.quadtree.config import CONFIGS as QUADTREE
from hpcm_core.models.quadtree.config import QUAD_PRIOR, ROTATED, quad_prior

RASTER = tuple((phase,) * 4 for phase in range(4))
"""All groups at the same position, row by row: the order of Quad-Prior's detailed description."""
VARIANTS = [*CHARM.values(), *QUADTREE.values(), replace(QUAD_PRIOR, name="raster", order=RASTER)]


@pytest.mark.parametrize("config", VARIANTS, ids=lambda config: config.name)
@pytest.mark.parametrize(("height", "width"), [(4, 4), (12, 20), (64, 60)])
def test_every_latent_is_coded_once(config, height, width):
    m = config.latent_channels
    place = torch.arange(m * height * width).view(1, m, height, width)
    coded, spread = torch.zeros(m * height * width, dtype=torch.int64), torch.zeros(height, width)
    for sampling in config.samplings:
        packed = SlicedPlace(sampling).pack(place)
        coded.index_add_(0, packed.flatten(), torch.ones(packed.numel(), dtype=torch.int64))
        spread += SlicedPlace(sampling).spread(torch.ones_like(packed))
    assert (coded == 1).all()
    assert (spread == m).all()
    streams = [config.stream_of(i) for i in range(len(config.samplings))]
    assert streams == sorted(streams)
    assert set(streams) == {1, 2, 3}


def test_streams_of_ten_slices():
    assert [CHARM["base-charm"].stream_of(i) for i in range(10)] == [1, 1, 2, 2, 2, 3, 3, 3, 3, 3]


def test_every_position_has_a_symbol_from_the_first_step_on():
    """What the rotation is for, and what the same order for all groups would not do."""
    first = [set(row) for row in (ROTATED[0], RASTER[0])]
    assert [len(phases) for phases in first] == [4, 1]
    for quarter in range(4):
        assert sorted(row[quarter] for row in ROTATED) == [0, 1, 2, 3]


def test_the_order_is_part_of_the_identity():
    family = registry.family_of("quad-prior")
    assert family.arithmetic(QUAD_PRIOR) != family.arithmetic(replace(QUAD_PRIOR, order=RASTER))
    assert family.arithmetic(QUAD_PRIOR) == family.arithmetic(replace(QUAD_PRIOR, window=16))


def test_what_is_usual_goes_without_saying():
    """A field that a later version adds changes no identity of before."""
    said = registry.family_of("quad-prior").arithmetic(QUAD_PRIOR)
    assert not {"order", "partial", "common_blocks", "window"} & said.keys()
    assert {"name", "wide", "reduced", "gains_inside", "rate_lambdas", "g_a", "h_s"} <= said.keys()
    assert json.loads(json.dumps(said)) == said
    assert said["h_a"]["TransformSpec"]["layers"][:2] == [
        {"Conv": {"channels": 96, "kernel": 1, "stride": 1}},
        {"Blocks": {"count": 2, "depthwise": True}},
    ]
    assert {"Gain": {}} in said["g_a"]["TransformSpec"]["layers"]


def test_gains_multiply_inside_the_transforms():
    config = quad_prior("quad-prior", 16, 12, 8, (1, 1))
    network = registry.family_of("quad-prior").build(config).double()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for table in (network.rate_gain_enc, network.rate_gain_dec):
            table.copy_(torch.rand(table.shape, generator=generator))
    x = torch.rand(2, 3, 64, 64, dtype=torch.double, generator=generator)
    at = torch.tensor([3.25, 62.5], dtype=torch.double)
    y = network.analysis(x, at)
    # By hand: a quarter of the way from row 3 to row 4, on the log scale, after the first DCBlock.
    steps = dict(network.g_a.named_children())
    t = steps["first"](steps["lift"](torch.nn.functional.pixel_unshuffle(x[:1] - 0.5, 8)))
    table = network.rate_gain_enc
    t = t * torch.exp(0.75 * table[3] + 0.25 * table[4]).view(1, -1, 1, 1)
    assert torch.allclose(steps["down"](steps["blocks"](t)), y[:1])
    assert torch.allclose(network.analysis(x[1:], 62.5), y[1:]), "a batch of rates is each rate alone"
    steps = dict(network.g_s.named_children())
    t = steps["up"](y[1:]) * torch.exp((table := network.rate_gain_dec)[62:].mean(dim=0)).view(1, -1, 1, 1)
    t = steps["last"](steps["lower"](steps["blocks"](t)))
    wanted = torch.nn.functional.pixel_shuffle(t, 8) + 0.5
    assert torch.allclose(network.synthesis(y[1:], 62.5), wanted)
    assert torch.allclose(network.synthesis(y, at)[1:], wanted)
    assert table.shape == (64, 16)


def test_halo_is_what_gradients_reach():
    """As the halo of HPCM's transforms is tested, for patches and depthwise blocks."""
    config = quad_prior("quad-prior", 8, 8, 8, (2, 3))
    size = 2 * config.halo + 3
    middle = config.halo + 1
    torch.manual_seed(0)
    g_s, g_a = Transform(config.g_s, 4).double(), Transform(config.g_a, 4).double()
    y_hat = torch.randn(1, 8, size, size, dtype=torch.double, requires_grad=True)
    block = slice(16 * middle, 16 * middle + 16)
    (gradient,) = torch.autograd.grad(g_s(y_hat)[..., block, block].sum(), y_hat)
    x = torch.randn(1, 3, 16 * size, 16 * size, dtype=torch.double, requires_grad=True)
    (of_x,) = torch.autograd.grad(g_a(x)[..., middle, middle].sum(), x)
    reached = [
        int((torch.nonzero(influence) - middle).abs().max())
        for influence in (
            gradient.abs().sum(dim=(0, 1)),
            of_x.abs().sum(dim=(0, 1)).reshape(size, 16, size, 16).sum(dim=(1, 3)),
        )
    ]
    assert max(reached) == config.halo


def test_half_tanh():
    x = torch.arange(-2000, 2001)
    exact = 128 * torch.tanh(x.double() / 256)
    got = tables.half_tanh(x)
    assert ((got - exact).abs() <= 0.5 + 1e-9)[(x.abs() <= 1024)].all()
    assert (got - exact).abs().max() < 1, "one beyond the table"
    assert torch.equal(got, -tables.half_tanh(-x))
    assert got.dtype == torch.int64


def test_stacks_of_convolutions_in_integers():
    torch.manual_seed(0)
    stack = ConvStack((12, 9, 5)).requires_grad_(False)
    x = torch.randn(1, 12, 6, 7)
    scale = 2**-10
    n = (x / scale).round()
    run = LayerReader(ReferenceEngine()).chain(stack)
    total = run(Activation(n[0].permute(1, 2, 0).long(), -10))
    got = total.values.double() * 2.0**total.exponent
    assert torch.allclose(got.permute(2, 0, 1).float(), stack(n * scale)[0], atol=2e-3)
