"""The distribution in integers: it parts the range of a coder whatever the parameters, and is close to floats."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcm_core.models.lossless import counts, mixture
from hpcm_core.models.lossless.counts import LEVELS, TOTAL_BITS, Counts
from hpcm_core.models.lossless.mixture import Mixture, probability

TOTAL = 1 << TOTAL_BITS
EXTREMES = (-(1 << 24) + 1, -1, 0, 128 << 8, 255 << 8, (1 << 24) - 1)


def table(found: Counts) -> np.ndarray:
    """cum of all bounds: n x 257."""
    count = len(found.means)
    return np.stack([found.cumulative(np.full(count, b)) for b in range(LEVELS + 1)], axis=1)


def drawn(seed: int, count: int = 400, components: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As photographs have it: means near each other, scales from a third of a level to twenty."""
    rng = np.random.default_rng(seed)
    shape = (count, components)
    logits = np.round(1024 * np.log2(rng.dirichlet(np.ones(components), count))).astype(np.int64)
    means = np.round(256 * (rng.normal(128, 40, (count, 1)) + rng.normal(0, 3, shape))).astype(np.int64)
    scales = np.round(64 * rng.uniform(math.log2(0.3), math.log2(20), shape)).astype(np.int64)
    return logits, means, scales


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_every_value_has_an_interval_whatever_the_parameters(data):
    count = data.draw(st.integers(1, 10))

    def row(values):
        return np.array([data.draw(st.lists(values, min_size=count, max_size=count))], dtype=np.int64)

    logits = row(st.one_of(st.integers(-(1 << 30), 1 << 30), st.integers(-2000, 2000)))
    means = row(st.one_of(st.sampled_from(EXTREMES), st.integers(-(1 << 12), 1 << 17)))
    found = Counts.of(logits, means, row(st.integers(-1000, 1000)), data.draw(st.booleans()))
    if found.deep and data.draw(st.booleans()):
        found = found.lower(np.array([data.draw(st.integers(0, 255))]))
    cum = table(found)[0]
    assert cum[0] == 0
    assert cum[-1] == TOTAL
    assert (np.diff(cum) >= 1).all()
    slots = np.array([0, TOTAL - 1, *data.draw(st.lists(st.integers(0, TOTAL - 1), min_size=1, max_size=8))])
    many = Counts(
        *(np.repeat(part, len(slots), axis=0) for part in (found.weights, found.means, found.inverses)),
        found.deep,
        None if found.uppers is None else np.repeat(found.uppers, len(slots)),
    )
    assert many.find(slots).tolist() == (np.searchsorted(cum, slots, side="right") - 1).tolist()


def test_the_integers_are_those_of_a_naive_loop():
    """Python's own integers, and tables from the formula in float: no entry is near a half."""
    logits, means, scales = drawn(1, 12)
    found = Counts.of(logits, means, scales)

    def logistic(i):
        return round(65536 / (1 + math.exp(-i / 256)))

    for n in range(12):
        largest = max(logits[n].tolist())
        weights = []
        for logit in logits[n].tolist():
            octave, rest = divmod(largest - logit, 1024)
            power = round(2 ** (16 - rest / 1024))
            weights.append((power + (1 << octave) // 2) // (1 << octave) if octave < 16 else 0)
        assert found.weights[n].tolist() == weights
        inverses = [round(2 ** (16 - scale / 64)) for scale in scales[n].tolist()]
        for bound in (1, 2, 100, 128, 140, 254, 255):
            inside = 0
            for weight, mean, inverse in zip(weights, means[n].tolist(), inverses, strict=True):
                steps = ((256 * bound - 128 - mean) * inverse) // (1 << 16)
                inside += weight * logistic(max(-3072, min(3072, steps)))
            wanted = inside * (TOTAL - 256) // (65536 * sum(weights)) + bound
            assert found.cumulative(np.full(12, bound))[n] == wanted


def test_the_integers_of_halves_are_those_of_a_naive_loop():
    """Of samples of 16 bits: sums up to edges between 0 and 65536, of which the upper half takes every 256th."""
    logits, means, scales = drawn(1, 12)
    means[:, 0], scales[:, 0] = means[:, 0].clip(0, 300), -320
    found = Counts.of(logits, means, scales, deep=True)

    def fine(i):
        return round(Fraction(1 << 24) / (1 + Fraction(math.exp(-i / 256))))

    def until(n, edge):
        whole = sum(found.weights[n].tolist()) << 24
        if edge in (0, 65536):
            return whole if edge else 0
        total = 0
        for weight, mean, scale in zip(found.weights[n].tolist(), means[n].tolist(), scales[n].tolist(), strict=True):
            at = max(-3072 * 256, min((edge - mean) * round(2 ** (16 - scale / 64)) // 256, 3072 * 256 - 1))
            entry, rest = divmod(at, 256)
            total += weight * (fine(entry) + (fine(entry + 1) - fine(entry)) * rest // 256)
        return total

    for n in range(12):
        middle = int(means[n, 0]) >> 8
        for upper in {0, 255, min(max(middle, 0), 255), 40}:
            first, last = until(n, 256 * upper), until(n, 256 * upper + 256)
            lower = found.lower(np.full(12, upper))
            for bound in (1, 100, 255):
                whole = until(n, 256 * bound) * (TOTAL - 256) // until(n, 65536) + bound
                assert found.cumulative(np.full(12, bound))[n] == whole
                inside = (until(n, 256 * upper + bound) - first) * (TOTAL - 256)
                wanted = inside // (last - first) + bound if last > first else 1024 * bound
                assert lower.cumulative(np.full(12, bound))[n] == wanted


def test_halves_cost_nothing_to_speak_of():
    """Bits a sample of 16 bits beyond those of its distribution in floats, on average over it."""
    logits, means, scales = drawn(7, 40)
    scales[:20] -= 200  # down to an eighth of a level
    scales = scales.clip(-320)
    found = Counts.of(logits, means, scales, deep=True)
    weights = 2.0 ** (logits / 1024)
    weights /= weights.sum(axis=1, keepdims=True)
    edges = np.arange(65537)
    for n in range(0, 40, 3):
        away = (edges[:, None] - means[n]) / 256 / 2.0 ** (scales[n] / 64)
        below = (weights[n] * (0.5 + 0.5 * np.tanh(away / 2))).sum(axis=1)
        below[0], below[-1] = 0, 1
        wanted = np.diff(below)
        likely = np.flatnonzero(wanted > 1e-7)
        many = Counts(
            *(np.repeat(part[n : n + 1], len(likely), axis=0) for part in (found.weights, found.means, found.inverses)),
            deep=True,
        )
        upper = many.interval(likely >> 8)[1] / TOTAL
        share = upper * many.lower(likely >> 8).interval(likely & 255)[1] / TOTAL
        extra = float((wanted[likely] * np.log2(wanted[likely] / share)).sum())
        assert -0.001 < extra < 0.006


def test_intervals_lie_side_by_side():
    found = Counts.of(*drawn(2, 256))
    values = np.arange(256)
    start, length = found.interval(values)
    assert found.find(start).tolist() == found.find(start + length - 1).tolist() == values.tolist()


def float_table(logits: np.ndarray, means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """P of every value of the first colour as a training computes it: n x 256, float64."""
    n, k = means.shape

    def parted(values):
        return torch.from_numpy(values.T.copy()).view(1, k, 1, 1, n).expand(1, k, 3, 1, n)

    weights = torch.softmax(torch.from_numpy(logits.T / 1024 * math.log(2)), dim=0).view(1, k, 1, n)
    centre = torch.zeros(1, 3, 1, n, dtype=torch.float64)
    whole = Mixture(centre, weights, parted(means / 256), parted(2.0 ** (scales / 64)), parted(np.zeros((n, k))))
    rows = [probability(whole, torch.full((1, 3, 1, n), float(v), dtype=torch.float64))[0, 0, 0] for v in range(256)]
    return torch.stack(rows, dim=1).numpy()


@pytest.mark.parametrize("seed", range(3))
def test_integers_cost_nothing_to_speak_of(seed):
    """Bits a sample beyond those of the distribution a training sees: a thousandth at most, and none is far off."""
    parameters = drawn(seed)
    wanted = float_table(*parameters)
    np.testing.assert_allclose(wanted.sum(axis=1), 1, atol=1e-9)
    share = np.diff(table(Counts.of(*parameters)), axis=1) / TOTAL
    extra = (wanted * np.log2(wanted / share)).sum(axis=1)
    assert 0 <= extra.mean() < 0.001
    assert extra.max() < 0.01


def test_training_and_coder_speak_of_the_same():
    assert mixture.LEVELS == counts.LEVELS
    assert mixture.SHARE == 2.0**-counts.TOTAL_BITS
    assert [64 * bound for bound in mixture.LOG_SCALES] == list(counts.LOG_SCALES)
