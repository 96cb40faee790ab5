"""Each layer of exact arithmetic: the reference against Python's integers, every engine against the reference."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcm_core.entropy.exact import engine_choice, tables
from hpcm_core.entropy.exact.engine import Heads
from hpcm_core.entropy.exact.integers import (
    ACTIVATION_MAX,
    ALIGNED_BITS,
    EXPONENT_MIN,
    MEAN_MAX,
    SUM_BITS,
    Activation,
    Sum,
    block_shift,
    common_exponent,
    move,
    regrid,
    rnd,
    rnd_int,
)
from hpcm_core.entropy.exact.reference import ReferenceEngine, softmax_weights
from hpcm_core.entropy.exact.weights import EXPONENT_SPAN, WEIGHT_MAX, IntegerLayer, IntegerVector
from tests.hpcm_core.entropy.exact.exactly import ENGINES, integers

REFERENCE = ReferenceEngine()
OTHERS = [name for name in ENGINES if name != "reference"]
EXPONENTS = st.integers(EXPONENT_MIN, 8)
SEEDS = st.integers(0, 2**32 - 1)
EXAMPLES = settings(max_examples=25)


@pytest.fixture(params=OTHERS)
def engine(request):
    return ENGINES[request.param]()


def assert_equal(got, wanted):
    assert got.exponent == wanted.exponent
    assert torch.equal(got.values.long(), wanted.values.long())


def both(engine, make):
    """What make(engine) gives, on this engine and on the reference; also after the block shift."""
    got, wanted = make(engine), make(REFERENCE)
    assert_equal(got, wanted)
    assert int(wanted.values.abs().max()) < 1 << wanted.bits
    assert_equal(engine.shift(got), REFERENCE.shift(wanted))


def activation(seed, *shape, exponent=-10, extreme=False):
    """int16 values of full range; with `extreme` only the two ends of the range."""
    values = integers(seed, *shape, limit=ACTIVATION_MAX)
    if extreme:
        values = torch.where(values >= 0, ACTIVATION_MAX, -ACTIVATION_MAX)
    return Activation(values.to(torch.int16), exponent)


def layer(seed, outputs, inputs, extreme=False, bias=1 << 40):
    weight = integers(seed, outputs, inputs, limit=WEIGHT_MAX)
    if extreme:
        weight = torch.where(weight >= 0, WEIGHT_MAX, -WEIGHT_MAX)
    left = integers(seed + 1, outputs, limit=EXPONENT_SPAN).abs()
    while int((weight.abs().sum(1) * ACTIVATION_MAX << left).max()) + bias >= 1 << SUM_BITS:
        left = (left - 1).clamp(min=0)
    return IntegerLayer(weight.to(torch.int16), left, integers(seed + 2, outputs, limit=bias), -20)


# The reference against Python's integers.


@given(st.integers(-(2**52), 2**52), st.integers(0, 70))
def test_rnd_is_the_nearest_integer_ties_up(a, shift):
    exact = Fraction(a, 2 ** min(shift, 62)) + Fraction(1, 2)
    assert rnd_int(a, shift) == exact.__floor__()
    assert rnd(torch.tensor([a]), shift).item() == exact.__floor__()


@given(st.integers(0, 2**52), st.integers(-60, 20))
def test_block_shift_is_the_smallest_that_fits(peak, exponent):
    shift = block_shift(peak, exponent)
    assert rnd_int(peak, shift) <= ACTIVATION_MAX
    assert exponent + shift >= EXPONENT_MIN
    smaller = shift - 1
    assert shift == 0 or rnd_int(peak, smaller) > ACTIVATION_MAX or exponent + smaller < EXPONENT_MIN


@pytest.mark.parametrize("shift", range(1, 30))
def test_block_shift_at_the_tie(shift):
    """The largest magnitude that still rounds down to the limit, and the next one."""
    last = (ACTIVATION_MAX << shift) + (1 << (shift - 1)) - 1
    assert block_shift(last, 0) == shift
    assert block_shift(last + 1, 0) == shift + 1


@given(st.lists(st.tuples(st.integers(-70, 40), st.sampled_from([15, 19, 24, 46])), min_size=1, max_size=3))
def test_alignment_stays_in_range_and_is_exact_where_it_can_be(parts):
    g = common_exponent(*parts)
    for exponent, bits in parts:
        largest = (1 << bits) - 1
        moved = largest << (exponent - g) if exponent >= g else rnd_int(largest, g - exponent)
        assert moved <= 1 << ALIGNED_BITS
    finest = min(e for e, _ in parts)
    assert g >= finest
    assert g == finest or max(e + b for e, b in parts) - (g - 1) > ALIGNED_BITS, "no bit is given away"


@given(st.integers(-(2**46), 2**46), st.integers(-60, 60), st.sampled_from([-8, -12]))
def test_regrid(a, exponent, grid):
    value = Fraction(a) * Fraction(2) ** (exponent - grid)
    wanted = max(-MEAN_MAX, min(MEAN_MAX, (value + Fraction(1, 2)).__floor__()))
    if grid - exponent > 62:
        wanted = 0
    assert regrid(torch.tensor([a]), exponent, grid).item() == wanted


@EXAMPLES
@given(SEEDS, EXPONENTS, st.booleans(), st.booleans())
def test_linear_against_python(seed, exponent, leaky, with_plus):
    x, w = activation(seed, 2, 2, 5, exponent=exponent), layer(seed, 3, 5)
    plus = None if leaky or not with_plus else activation(seed + 1, 2, 2, 3, exponent=exponent - 7)
    got = REFERENCE.linear(x, w, leaky=leaky, plus=plus)
    for row in range(2):
        for column in range(2):
            for o in range(3):
                n = x.values[row, column].tolist()
                a = sum(p * q for p, q in zip(n, w.weight[o].tolist(), strict=True)) << int(w.left[o])
                a += rnd_int(int(w.bias[o]), exponent - EXPONENT_MIN)
                if leaky and a < 0:
                    a = (a * 41 + 2048) >> 12
                if plus is not None:
                    a = moved(a, exponent - 20 - got.exponent)
                    a += moved(int(plus.values[row, column, o]), plus.exponent - got.exponent)
                assert int(got.values[row, column, o]) == a


def moved(a, shift):
    return a << shift if shift >= 0 else rnd_int(a, -shift)


def test_depthwise_against_python():
    x, w = activation(5, 3, 4, 2), layer(6, 2, 9)
    got = REFERENCE.depthwise(x, w)
    for row in range(3):
        for column in range(4):
            for c in range(2):
                a = 0
                for tap in range(9):
                    i, j = row + tap // 3 - 1, column + tap % 3 - 1
                    if 0 <= i < 3 and 0 <= j < 4:
                        a += int(x.values[i, j, c]) * int(w.weight[c, tap])
                a = (a << int(w.left[c])) + rnd_int(int(w.bias[c]), x.exponent - EXPONENT_MIN)
                assert int(got.values[row, column, c]) == a


def python_attention(q, k, v, factor, exponent):
    """One head, one window: lists of tokens."""
    out = []
    for query in q:
        scores = [sum(a * b for a, b in zip(query, key, strict=True)) for key in k]
        weights = []
        for score in scores:
            steps = (max(scores) - score) * factor
            shift = 4 - exponent
            steps = rnd_int(steps, shift) if shift >= 0 else steps << -shift
            octave, part = divmod(steps, 1024)
            power = int(tables.powers()[part])
            weights.append(rnd_int(power, octave) if octave < 16 else 0)
        total = sum(weights)
        columns = zip(*v, strict=True)
        out.append([(32 * sum(w * a for w, a in zip(weights, c, strict=True)) + total) // (2 * total) for c in columns])
    return out


@EXAMPLES
@given(SEEDS, st.integers(-36, 12), st.sampled_from([1, 64, 4096]))
def test_attention_against_python(seed, exponent, divisor):
    heads = Heads(1, 2, tables.softmax_factor(3))
    q, k, v = (activation(seed + i, 2, 2, 3, exponent=exponent // 2) for i in range(3))
    q = Activation(q.values // divisor, q.exponent)
    got = REFERENCE.attend(q, k, v, heads)
    wanted = python_attention(
        *(x.values.reshape(4, 3).tolist() for x in (q, k, v)), heads.factor, q.exponent + k.exponent
    )
    assert got.values.reshape(4, 3).tolist() == wanted
    assert got.exponent == v.exponent - 4


def test_softmax_weights_are_powers_of_two():
    """Against 2^-t in floating point: right to the rounding of the table, zero from 16 octaves on."""
    below = torch.arange(0, 20 << 20, 997)
    got = softmax_weights(below, -6).double() / 65536
    t = below.double() * 2.0**-20
    assert (got - torch.where(t < 16, 2.0**-t, 0)).abs().max() < 2.0**-10
    assert got[0] == 1
    assert (got[t >= 16.001] == 0).all()
    assert softmax_weights(torch.tensor([0, 1, 1 << 50]), 300).tolist() == [65536, 0, 0]


def test_factors_of_the_published_heads():
    assert (tables.softmax_factor(20), tables.softmax_factor(16)) == (5285, 5909)


def test_tables_are_what_the_specification_says():
    """Literals against exact arithmetic: 2^16 / 2^(i/1024) rounded, and the scales on the grid 2^-12 rounded down."""
    from decimal import Decimal, localcontext

    from hpcm_core.entropy.ggm import thresholds

    with localcontext() as context:
        context.prec = 50
        half = Decimal("0.5")
        powers = [int(Decimal(2) ** (Decimal(16) - Decimal(i) / 1024) + half) for i in range(1024)]
    assert tables.powers().tolist() == powers
    assert tables.thresholds().tolist() == [int(t * 4096) for t in thresholds().double().tolist()]


# Every engine against the reference.


@EXAMPLES
@pytest.mark.parametrize("name", OTHERS)
@given(
    SEEDS,
    EXPONENTS,
    st.integers(1, 40),
    st.integers(1, 70),
    st.booleans(),
    st.sampled_from(["", "leaky", "narrow", "wide"]),
)
def test_linear(name, seed, exponent, inputs, outputs, extreme, then):
    x, w = activation(seed, 3, 5, inputs, exponent=exponent, extreme=extreme), layer(seed, outputs, inputs, extreme)
    plus = {
        "narrow": activation(seed + 3, 3, 5, outputs, exponent=-2),
        "wide": Sum(integers(seed + 4, 3, 5, outputs, limit=(1 << 19) - 1), -9, 19),
    }.get(then)
    both(ENGINES[name](), lambda e: e.linear(x, e.prepare(w), leaky=then == "leaky", plus=plus))


@pytest.mark.parametrize("inputs", [1023, 1024, 1025, 1026, 2304, 4096])
@pytest.mark.parametrize("sign", [1, -1])
def test_largest_sums(engine, inputs, sign):
    """Every product at its largest and of one sign, so that no digit's sum may run over; 4096 inputs are more than any
    variant has.
    """
    x = Activation(torch.full((7, 1, inputs), sign * ACTIVATION_MAX, dtype=torch.int16), -18)
    for weight in (WEIGHT_MAX, 63 * 128 - 64, 64, -WEIGHT_MAX):
        w = IntegerLayer(
            torch.full((33, inputs), weight, dtype=torch.int16), torch.zeros(33).long(), torch.zeros(33).long(), -20
        )
        both(engine, lambda e, w=w: e.linear(x, e.prepare(w)))
        assert int(REFERENCE.linear(x, w).values[0, 0, 0]) == sign * ACTIVATION_MAX * weight * inputs


@EXAMPLES
@pytest.mark.parametrize("name", OTHERS)
@given(SEEDS, EXPONENTS, st.integers(1, 5), st.integers(1, 5), st.integers(1, 130), st.booleans())
def test_depthwise(name, seed, exponent, height, width, channels, extreme):
    x = activation(seed, height, width, channels, exponent=exponent, extreme=extreme)
    w = layer(seed, channels, 9, extreme)
    both(ENGINES[name](), lambda e: e.depthwise(x, e.prepare_depthwise(w)))


def test_depthwise_of_the_largest(engine):
    x = Activation(torch.full((3, 3, 2), ACTIVATION_MAX, dtype=torch.int16), 0)
    w = IntegerLayer(torch.full((2, 9), WEIGHT_MAX, dtype=torch.int16), torch.tensor([0, 8]), torch.zeros(2).long(), 0)
    both(engine, lambda e: e.depthwise(x, e.prepare_depthwise(w)))


@EXAMPLES
@pytest.mark.parametrize("name", OTHERS)
@given(SEEDS, EXPONENTS)
def test_scale(name, seed, exponent):
    x, factors = activation(seed, 3, 4, 9, exponent=exponent), integers(seed, 9, limit=WEIGHT_MAX)
    both(ENGINES[name](), lambda e: e.scale(x, IntegerVector(factors, -13)))


@EXAMPLES
@pytest.mark.parametrize("name", OTHERS)
@given(SEEDS, st.integers(-18, 60), st.integers(-60, 60))
def test_join(name, seed, exponent, other):
    x = activation(seed, 3, 4, 5, exponent=exponent)
    y = Sum(integers(seed, 3, 4, 2, limit=1 << 24), other, 24)
    both(ENGINES[name](), lambda e: e.join(x, y))


@EXAMPLES
@pytest.mark.parametrize("name", OTHERS)
@given(SEEDS, st.integers(-36, 12), st.sampled_from([1, 8, 64, 512, 4096]), st.sampled_from([(2, 4, 16), (3, 8, 20)]))
def test_attend(name, seed, exponent, divisor, form):
    number, window, head = form
    heads = Heads(number, window, tables.softmax_factor(head))
    q, k, v = (activation(seed + i, 8, 16, number * head, exponent=exponent // 2) for i in range(3))
    q = Activation(q.values // divisor, q.exponent)
    both(ENGINES[name](), lambda e: e.attend(q, k, v, heads))


@pytest.mark.parametrize("shift", [1, 2, 9, 31, 36])
def test_ties_of_the_shift(engine, shift):
    """Sums that lie exactly between two activations, of both signs, at the largest magnitude that needs this shift."""
    steps = torch.tensor([-ACTIVATION_MAX, -3, -2, -1, 0, 1, 2, 3, ACTIVATION_MAX - 1])
    ties = ((2 * steps + 1) << (shift - 1)).view(1, 3, 3)
    wanted = [int(n) + 1 for n in steps]
    rounded = engine.shift(Sum(ties.clone(), 0))
    assert rounded.exponent == shift
    assert rounded.values.flatten().tolist() == wanted
    beside = engine.shift(Sum(ties - 1, 0))
    assert beside.values.flatten().tolist() == [w - 1 for w in wanted]


def test_a_zero_sum_has_the_finest_exponent(engine):
    rounded = engine.shift(Sum(torch.zeros(1, 1, 4, dtype=torch.int64), -44))
    assert (rounded.exponent, rounded.values.abs().max()) == (EXPONENT_MIN, 0)


def test_sums_of_tiny_weights_vanish(engine):
    """Shifts beyond 62 count as 62: layers of networks die, and their weights with them."""
    x, factors = activation(1, 2, 3, 4), integers(1, 4, limit=WEIGHT_MAX)
    for exponent in (-70, -71, -72, -160):
        both(engine, lambda e, exponent=exponent: e.scale(x, IntegerVector(factors, exponent)))


def test_move_goes_both_ways():
    assert move(torch.tensor([3, -3]), 2).tolist() == [12, -12]
    assert move(torch.tensor([6, -6]), -2).tolist() == [2, -1]


# The check at start.


@pytest.mark.parametrize("name", OTHERS)
def test_self_check_passes(name):
    assert engine_choice.self_check(ENGINES[name]()) is None


class Wrong(ReferenceEngine):
    """An engine of which one layer is off by one in one place."""

    def __init__(self, layer):
        super().__init__()
        self._layer = layer

    def __getattribute__(self, name):
        method = super().__getattribute__(name)
        if name != super().__getattribute__("_layer"):
            return method

        def run(*args, **kwargs):
            result = method(*args, **kwargs)
            result.values[-1, -1, -1] += 1
            return result

        return run


@pytest.mark.parametrize("layer", ["linear", "depthwise", "join", "attend", "shift"])
def test_self_check_finds_a_wrong_layer(layer):
    assert engine_choice.self_check(Wrong(layer)) is not None


def test_a_wrong_engine_is_replaced_and_the_log_says_so(monkeypatch, caplog):
    monkeypatch.setattr(engine_choice, "FastEngine", lambda: Wrong("attend"))
    engine_choice._checked_fast.cache_clear()
    try:
        with caplog.at_level("WARNING"):
            assert engine_choice.choose().name == "reference"
        assert "attention" in caplog.text
    finally:
        engine_choice._checked_fast.cache_clear()


def test_the_environment_forces_an_engine(monkeypatch):
    assert engine_choice.choose().name == "fast"
    monkeypatch.setenv(engine_choice.ENVIRONMENT, "reference")
    assert engine_choice.choose().name == "reference"
    monkeypatch.setenv(engine_choice.ENVIRONMENT, "quick")
    with pytest.raises(ValueError, match="quick"):
        engine_choice.choose()
