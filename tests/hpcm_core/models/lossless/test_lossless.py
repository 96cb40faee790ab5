"""The autoregressive model: nothing is seen before it is known, and what it says are distributions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcm_core.layers import masked
from hpcm_core.layers.masked import MaskedConv, across
from hpcm_core.models.lossless.config import CONFIGS, SLANT, LosslessConfig
from hpcm_core.models.lossless.mixture import LEVELS, Mixture, probability
from hpcm_core.models.lossless.network import Lossless
from hpcm_core.models.lossless.start import predict_linearly
from hpcm_core.models.macs import cost
from hpcm_core.picture.picture import Picture
from hpcm_core.resources import resource

TINY = LosslessConfig("lossless-tiny", channels=8, mixtures=3, hidden=8, blocks=2)


def any_network(config: LosslessConfig, seed: int = 0) -> Lossless:
    """Weights of a usual size everywhere, also where a training begins with zeros; float64."""
    torch.manual_seed(seed)
    network = Lossless(config).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.3 * torch.randn_like(parameter))
    return network


def photograph(side: int) -> torch.Tensor:
    pixels = Picture.open(resource("samples/chelsea.png")).rgb()[60 : 60 + side, 100 : 100 + side]
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float() / 255


def test_the_known_neighbours():
    """Of a 7 x 7 square 23 before a pixel's group and 26 with it, as the order column + 2 row says."""
    assert SLANT == 2
    assert TINY.before == (7, 7, 5, 3, 1)
    assert TINY.along == (7, 7, 6, 4, 2)


@pytest.mark.parametrize("known", [TINY.before, TINY.along])
def test_a_masked_convolution_is_one_with_zeros(known):
    """Beside torch's with a whole square of weights, in which the order itself says which are zero."""
    torch.manual_seed(1)
    conv = MaskedConv(2, 3, known).double()
    row, column = torch.meshgrid(torch.arange(-3, 4), torch.arange(-3, 4), indexing="ij")
    mask = column + 2 * row < (1 if known == TINY.along else 0)
    square = torch.zeros(3, 2, 7, 7, dtype=torch.float64)
    square[:, :, mask] = conv.weight.detach()
    x = torch.randn(2, 2, 9, 11, dtype=torch.float64)
    wanted = torch.nn.functional.conv2d(x, square, padding=3)
    torch.testing.assert_close(conv(x), wanted)
    rows = conv.neighbours(x[:1])
    torch.testing.assert_close(conv.weight.flatten(1) @ rows, wanted[0].flatten(1))


def test_a_depthwise_kernel_is_the_same_across_all_channels(monkeypatch):
    """As a GPU computes it: equal results and gradients."""
    torch.manual_seed(2)
    conv = MaskedConv(5, 5, TINY.along, groups=5).double()
    x = torch.randn(2, 5, 9, 11, dtype=torch.float64, requires_grad=True)

    def results():
        found = conv(x)
        return found, *torch.autograd.grad(found.square().sum(), (x, *conv.parameters()))

    own = results()
    seen = []
    monkeypatch.setattr(masked, "MATRIX_UNITS", {"cpu"})
    monkeypatch.setattr(masked, "across", lambda kernel: seen.append(kernel) or across(kernel))
    for one, other in zip(own, results(), strict=True):
        torch.testing.assert_close(one, other)
    assert len(seen) == 1
    assert across(seen[0]).shape == (5, 5, 5, 7)


def test_in_bfloat16_it_says_nearly_the_same(monkeypatch):
    """As a GPU trains it: everything in bfloat16 but the prediction and the head. A coarser prediction would show."""
    torch.manual_seed(3)
    network = Lossless(TINY)
    x = photograph(64)
    predict_linearly(network, x)
    with torch.no_grad():
        for block in network.blocks:
            block.conv_out.weight.normal_(std=0.1)
        network.head[-1].weight.normal_(std=0.02)
        wanted = network.bits(x)
        monkeypatch.setattr(masked, "MATRIX_UNITS", {"cpu"})
        with torch.autocast("cpu", torch.bfloat16):
            found = network.bits(x)
            prediction = network(network.samples(x)).prediction
    assert found.dtype == torch.float32
    assert float((found - wanted).abs().max()) > 0
    assert float(found.mean()) == pytest.approx(float(wanted.mean()), rel=2e-3)
    torch.testing.assert_close(prediction, network(network.samples(x)).prediction, rtol=0, atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_pixel_changes_nothing_before_it(data):
    """Distributions of its own group and of earlier ones stay what they are, and some later one changes."""
    height, width = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    row, column = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    network = any_network(TINY, data.draw(st.integers(0, 3)))
    samples = torch.randint(0, LEVELS, (1, 3, height, width), generator=torch.Generator().manual_seed(row)).double()
    changed = samples.clone()
    changed[0, data.draw(st.integers(0, 2)), row, column] = data.draw(st.sampled_from((-500.0, 1000.0)))
    with torch.no_grad():
        before, after = network(samples), network(changed)
    groups = torch.arange(width) + SLANT * torch.arange(height)[:, None]
    early = groups <= column + SLANT * row
    for one, other in zip(before, after, strict=True):
        torch.testing.assert_close(one[..., early], other[..., early], rtol=0, atol=1e-9)
    if column < width - 1:
        assert not torch.allclose(before.means[..., row, column + 1], after.means[..., row, column + 1])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_colour_is_seen_by_those_after_it_alone(place):
    network = any_network(TINY)
    samples = torch.full((1, 3, 1, 1), 90.0, dtype=torch.float64)
    changed = samples.clone()
    changed[0, place] = 140
    with torch.no_grad():
        mixture = network(samples)
        before, after = mixture.conditional(samples)[0, 0, :, 0, 0], mixture.conditional(changed)[0, 0, :, 0, 0]
    assert [bool(same) for same in before == after] == [colour <= place for colour in range(3)]


def test_the_order_of_colours():
    """Green first: the bits of the first plane are those that the same network gives for green as it is."""
    network = any_network(replace(TINY, order=(1, 2, 0)))
    x = photograph(16).double()
    other = any_network(TINY)
    with torch.no_grad():
        torch.testing.assert_close(network.bits(x), other.bits(x[:, [1, 2, 0]]))


def test_tiles_know_nothing_of_each_other():
    network = any_network(replace(TINY, tile=16))
    x = photograph(40).double()
    with torch.no_grad():
        bits = network.bits(x)
        alone = network.bits(x[:, :, 16:32, 16:32])
        moved = network.bits(torch.cat((1 - x[:, :, :16], x[:, :, 16:]), dim=2))
    torch.testing.assert_close(bits[:, :, 16:32, 16:32], alone)
    torch.testing.assert_close(bits[:, :, 16:], moved[:, :, 16:])


def random_mixture(seed: int, count: int = 7) -> Mixture:
    """Of one row of pixels: means far outside too, scales from an edge to noise."""
    rng = np.random.default_rng(seed)
    shape = (1, count, 3, 1, 5)
    weights = rng.dirichlet(np.ones(count), size=(1, 1, 5)).transpose(0, 3, 1, 2)
    parts = (
        rng.uniform(0, 255, (1, 3, 1, 5)),
        weights,
        rng.uniform(-300, 600, shape),
        2.0 ** rng.uniform(-2, 7, shape),
        rng.uniform(-2, 2, shape),
    )
    return Mixture(*(torch.from_numpy(part) for part in parts))


@pytest.mark.parametrize("seed", range(3))
def test_probabilities_are_those_of_a_naive_loop(seed):
    """Every value of the last colour given the others, in float32 against sums written out in float64."""
    mixture = random_mixture(seed)
    single = Mixture(*(part.float() for part in mixture))
    rng = np.random.default_rng(seed + 10)
    known = rng.integers(0, LEVELS, (2, 5))
    found = []
    for value in range(LEVELS):
        samples = torch.from_numpy(np.concatenate((known, np.full((1, 5), value)))[None, :, None].astype(np.float32))
        found.append(probability(single, samples)[0, 2, 0])
    table = torch.stack(found).double().numpy()
    np.testing.assert_allclose(table.sum(axis=0), 1, atol=2e-5)
    assert (table >= 2.0**-18).all()

    def logistic(x):
        return 0.5 + 0.5 * np.tanh(x / 2)

    for column in range(5):
        for value in (0, 1, 57, 128, 254, 255):
            inside = 0.0
            for k in range(7):
                place = (0, k, slice(None), 0, column)
                _, b, c = mixture.coefficients[place].tolist()
                red, green, _ = (known[i, column] - float(mixture.prediction[0, i, 0, column]) for i in (0, 1, 1))
                mean = float(mixture.means[place][2]) + b * red + c * green
                scale = float(mixture.scales[place][2])
                high = 1.0 if value == 255 else logistic((value + 0.5 - mean) / scale)
                low = 0.0 if value == 0 else logistic((value - 0.5 - mean) / scale)
                inside += float(mixture.weights[0, k, 0, column]) * (high - low)
            wanted = inside * (1 - 2.0**-10) + 2.0**-18
            assert table[value, column] == pytest.approx(wanted, rel=2e-4, abs=2e-7)


def test_colours_given_those_before():
    """The probability of the first does not know the second, the second's mean moves by the coefficient."""
    mixture = random_mixture(5)
    samples = mixture.prediction + torch.tensor([4.0, -8.0, 0.0], dtype=torch.float64).view(1, 3, 1, 1)
    means = mixture.conditional(samples)
    a, b, c = mixture.coefficients.unbind(dim=2)
    torch.testing.assert_close(means[:, :, 0], mixture.means[:, :, 0])
    torch.testing.assert_close(means[:, :, 1], mixture.means[:, :, 1] + 4 * a)
    torch.testing.assert_close(means[:, :, 2], mixture.means[:, :, 2] + 4 * b - 8 * c)


def test_the_start_is_the_best_linear_prediction():
    """Its errors are those of NumPy's least squares on neighbours gathered one by one, and it codes accordingly."""
    x = photograph(96)
    torch.manual_seed(0)
    network = Lossless(TINY)
    predict_linearly(network, x)
    samples = network.samples(x)
    with torch.no_grad():
        mixture, bits = network(samples), float(network.bits(x).mean())
    padded = np.pad(samples[0].numpy().astype(np.float64), ((0, 0), (3, 3), (3, 3)), constant_values=128)
    places = [(r, c) for r in range(-3, 4) for c in range(-3, 4) if c + 2 * r < 0]
    gathered = [padded[:, 3 + r : 99 + r, 3 + c : 99 + c].reshape(3, -1) for r, c in places]
    inputs = np.concatenate([*gathered, np.ones((1, 96 * 96))]).T
    squares = []
    for colour in range(3):
        target = samples[0, colour].numpy().reshape(-1).astype(np.float64)
        left = target - inputs @ np.linalg.lstsq(inputs, target, rcond=None)[0]
        found = target - mixture.prediction[0, colour].numpy().reshape(-1)
        assert np.square(found).mean() == pytest.approx(np.square(left).mean(), rel=0.03)
        before = mixture.conditional(samples)[0, :, colour].numpy().reshape(TINY.mixtures, -1)
        assert np.ptp(before, axis=0).max() < 1e-3, "all components begin at one mean"
        squares.append(np.square(target - before[0]).mean())
    assert squares[1] < 0.5 * np.square(samples[0, 1].numpy() - mixture.prediction[0, 1].numpy()).mean()
    # A normal distribution of just that size would take so much.
    assert bits < np.mean([0.5 * np.log2(2 * np.pi * np.e * square) for square in squares]) + 0.3


def test_one_crop_can_be_learned_by_heart():
    x = photograph(16)
    torch.manual_seed(0)
    network = Lossless(TINY)
    predict_linearly(network, x)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(250):
        optimizer.zero_grad()
        loss = network.bits(x).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.75 * losses[0]
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not idle


@pytest.mark.parametrize(("name", "kmacs"), [("lossless-xs", 31), ("lossless-s", 109), ("lossless-m", 231)])
def test_sizes(name, kmacs):
    """Counted on the networks, and weight by weight: about as many parameters as thousands of operations a pixel."""
    network, counted = Lossless(CONFIGS[name]), cost(name)
    weights = sum(p.numel() for key, p in network.named_parameters() if key.endswith("weight"))
    assert counted.total * 1000 == weights
    assert counted.total == pytest.approx(kmacs, rel=0.08)
    assert counted.parameters == sum(p.numel() for p in network.parameters())
