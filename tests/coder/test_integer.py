"""The kernels of arithmetic profile 2 from Python, against plain loops in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder import _integer
from tests.coder import naive_integer as naive
from tests.coder.naive_integer import FEATURE_MAX, Layer, drawn

SENTENCE = r"\.$|not writeable"

sides = st.integers(1, 9)
seeds = st.integers(0, 2**32 - 1)
engines = st.builds(_integer.Engine, st.sampled_from(_integer.instruction_sets()), st.integers(1, 3))


def matrix(layer: Layer) -> _integer.Matrix:
    return _integer.Matrix(layer.weight, layer.bias, layer.shift, layer.low, layer.high, layer.leaky, layer.limit)


def columns(layer: Layer) -> _integer.Depthwise:
    return _integer.Depthwise(layer.weight, layer.bias, layer.shift, layer.low, layer.high, layer.limit)


class Wide:
    """A slice of channels of a wider tensor of drawn values, which is to keep the others."""

    def __init__(self, draw: np.random.Generator, height: int, width: int, channels: int, most: int = FEATURE_MAX):
        before, after = (int(draw.integers(0, 2) * draw.integers(0, 5)) for _ in range(2))
        values = draw.integers(-most, most + 1, (height, width, before + channels + after))
        ends = np.where(values < 0, -most, most)
        self.all = np.where(draw.random() < 0.3, ends, values).astype(np.int16)
        self.slice = self.all[..., before : before + channels]
        self._was = self.all.copy()
        self._was[..., before : before + channels] = 0

    def rest_is_kept(self) -> bool:
        now = self.all.copy()
        start = (self.slice.__array_interface__["data"][0] - self.all.__array_interface__["data"][0]) // 2
        now[..., start : start + self.slice.shape[2]] = 0
        return np.array_equal(now, self._was)


@settings(max_examples=60, deadline=None)
@given(engines, seeds, sides, sides, st.integers(1, 20), st.integers(1, 70), st.sampled_from([1, 2, 4]))
def test_patches(engine, seed, height, width, channels, outputs, side):
    draw = np.random.default_rng(seed)
    limit = int(draw.choice([255, FEATURE_MAX, 32767, 32768]))
    x = Wide(draw, height * side, width * side, channels, min(limit, 32767)).slice
    layer = drawn(draw, outputs, side**2 * channels, limit=limit, leaky=bool(draw.integers(2)))
    out = Wide(draw, height, width, outputs)
    engine.patches(x, side, matrix(layer), out.slice)
    assert np.array_equal(out.slice, naive.patches(x, side, layer))
    assert out.rest_is_kept()


@settings(max_examples=60, deadline=None)
@given(engines, seeds, sides, sides, st.integers(1, 40), st.integers(1, 18), st.sampled_from([1, 2, 4]))
def test_spread(engine, seed, height, width, inputs, channels, side):
    draw = np.random.default_rng(seed)
    x = Wide(draw, height, width, inputs).slice
    low, high = [(-FEATURE_MAX, FEATURE_MAX), (0, 255), (-32768, 32767)][draw.integers(3)]
    layer = drawn(draw, side**2 * channels, inputs, low=low, high=high)
    out = np.empty((height * side, width * side, channels), np.int16)
    engine.spread(x, side, matrix(layer), out)
    assert np.array_equal(out, naive.spread(x, side, layer))


@settings(max_examples=60, deadline=None)
@given(engines, seeds, sides, sides, st.integers(1, 70), st.integers(1, 40), st.data())
def test_partial_block(engine, seed, height, width, channels, hidden, data):
    split = data.draw(st.integers(1, channels))
    draw = np.random.default_rng(seed)
    limit = int(draw.choice([FEATURE_MAX, 32767]))
    x = Wide(draw, height, width, channels, limit).slice
    conv = drawn(draw, split, 9 * split, limit=limit)
    expand = drawn(draw, hidden, channels, limit=limit, leaky=True)
    reduce = drawn(draw, channels, hidden, low=-limit, high=limit)
    out = Wide(draw, height, width, channels)
    engine.partial_block(x, *map(matrix, (conv, expand, reduce)), out.slice)
    assert np.array_equal(out.slice, naive.partial_block(x, conv, expand, reduce))
    assert out.rest_is_kept()


@settings(max_examples=60, deadline=None)
@given(engines, seeds, sides, sides, st.integers(1, 150), st.integers(1, 40))
def test_depthwise_block(engine, seed, height, width, channels, hidden):
    draw = np.random.default_rng(seed)
    x = Wide(draw, height, width, channels).slice
    conv = drawn(draw, channels, 9, depthwise=True)
    expand, reduce = drawn(draw, hidden, channels, leaky=True), drawn(draw, channels, hidden)
    out = Wide(draw, height, width, channels)
    engine.depthwise_block(x, columns(conv), matrix(expand), matrix(reduce), out.slice)
    assert np.array_equal(out.slice, naive.depthwise_block(x, conv, expand, reduce))
    assert out.rest_is_kept()


def test_channels_of_one_tensor_are_input_and_output():
    draw = np.random.default_rng(1)
    both = draw.integers(-FEATURE_MAX, FEATURE_MAX + 1, (4, 5, 17)).astype(np.int16)
    layer = drawn(draw, 8, 9)
    engine = _integer.Engine("portable", 1)
    for x, out in ((both[..., :9], both[..., 9:]), (both[..., 8:], both[..., :8])):
        before = x.copy()
        engine.patches(x, 1, matrix(layer), out)
        assert np.array_equal(x, before)
        assert np.array_equal(out, naive.patches(x, 1, layer))


@pytest.mark.parametrize("set_by", ["weight", "bias", "shift"])
def test_sums_that_could_overflow_are_refused(set_by):
    """2^31 - 1 is the largest sum; one more of anything is too much."""
    weight = np.array([[16384, 16384, -16384, 16383]], np.int16)  # 65535 * 32767 = 2^31 - 98303
    bias, shift = np.array([98302 - 2**15], np.int32), np.array([16], np.uint8)
    _integer.Matrix(weight, bias, shift, -5, 5, False, 32767)
    _integer.Depthwise(np.pad(weight.T, ((0, 5), (0, 0))), bias, shift, -5, 5, 32767)
    if set_by == "weight":
        weight[0, 3] += 1
    elif set_by == "bias":
        bias += 1
    else:
        shift += 1
    with pytest.raises(ValueError, match="32 bits"):
        _integer.Matrix(weight, bias, shift, -5, 5, False, 32767)
    with pytest.raises(ValueError, match="32 bits"):
        _integer.Depthwise(np.pad(weight.T, ((0, 5), (0, 0))), bias, shift, -5, 5, 32767)


@pytest.mark.parametrize("change", [
    {"weight": np.ones(3, np.int16)},
    {"weight": np.ones((0, 3), np.int16), "bias": np.ones(0, np.int32), "shift": np.ones(0, np.uint8)},
    {"weight": np.ones((2, 0), np.int16)},
    {"weight": np.ones((2, 3), np.int32)},
    {"bias": np.ones(3, np.int32)},
    {"bias": np.ones(2, np.int64)},
    {"shift": np.ones(1, np.uint8)},
    {"shift": np.full(2, 31, np.uint8)},
    {"low": 6},
    {"high": 40000},
    {"limit": 0},
    {"limit": 32769},
])  # fmt: skip
def test_bad_weights_are_refused(change):
    good = {
        "weight": np.ones((2, 3), np.int16),
        "bias": np.ones(2, np.int32),
        "shift": np.ones(2, np.uint8),
        "low": -5,
        "high": 5,
        "leaky": False,
        "limit": 100,
    }
    _integer.Matrix(**good)
    with pytest.raises((ValueError, TypeError)):
        _integer.Matrix(**good | change)


@pytest.mark.parametrize(("name", "threads"), [("mmx", 1), ("portable", 0), ("portable", -1)])
def test_bad_engines_are_refused(name, threads):
    with pytest.raises(ValueError, match=SENTENCE):
        _integer.Engine(name, threads)


def tensor(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.int16)


def backwards(a: np.ndarray) -> np.ndarray:
    return a[::-1, ::-1, ::-1]


def at_odd_address(*shape: int) -> np.ndarray:
    raw = np.zeros(2 * int(np.prod(shape)) + 2, np.uint8)
    offset = 1 - raw.__array_interface__["data"][0] % 2
    return raw[offset : offset + 2 * int(np.prod(shape))].view(np.int16).reshape(shape)


def read_only(a: np.ndarray) -> np.ndarray:
    a.setflags(write=False)
    return a


WRONG = {
    "dtype": tensor(4, 6, 5).astype(np.int32),
    "sign": tensor(4, 6, 5).astype(np.uint16),
    "byte order": tensor(4, 6, 5).astype(tensor(1).dtype.newbyteorder()),
    "axes": tensor(4, 30),
    "empty": tensor(4, 0, 5),
    "channels apart": tensor(4, 6, 10)[..., ::2],
    "channels first": tensor(5, 4, 6).transpose(1, 2, 0),
    "rows apart": tensor(4, 7, 5)[:, :6],
    "columns apart only": tensor(4, 12, 5)[:, ::2][:, :, :5][::1, :5],
    "backwards": backwards(tensor(4, 6, 5)),
    "one position for all": np.broadcast_to(tensor(1, 1, 5), (4, 6, 5)),
    "one row for all": np.broadcast_to(tensor(1, 6, 5), (4, 6, 5)),
    "overlapping positions": np.lib.stride_tricks.as_strided(tensor(200), (4, 6, 5), (48, 8, 2)),
    "odd address": at_odd_address(4, 6, 5),
    "height": tensor(5, 6, 5),
    "width": tensor(4, 7, 5),
    "channels": tensor(4, 6, 6),
}


@pytest.mark.parametrize("operation", ["patches", "spread", "partial_block", "depthwise_block"])
@pytest.mark.parametrize("fault", WRONG)
def test_bad_tensors_are_refused(operation, fault):
    draw = np.random.default_rng(2)
    one, conv = matrix(drawn(draw, 5, 5)), matrix(drawn(draw, 2, 18))
    engine = _integer.Engine("portable", 1)
    weights, rest = {
        "patches": ((1, one), ()),
        "spread": ((1, one), ()),
        "partial_block": ((conv, one, one), ()),
        "depthwise_block": ((columns(drawn(draw, 5, 9, depthwise=True)), one, one), ()),
    }[operation]
    run = getattr(engine, operation)
    run(tensor(4, 6, 5), *weights, tensor(4, 6, 5), *rest)
    for x, out in ((WRONG[fault], tensor(4, 6, 5)), (tensor(4, 6, 5), WRONG[fault])):
        with pytest.raises(ValueError, match=SENTENCE):
            run(x, *weights, out, *rest)
    together = tensor(8, 6, 5)
    wide = tensor(4, 6, 9)
    for x, out in (
        (together[:4], together[:4]),
        (together[:4], together[1:5]),
        (together[3:7], together[:4]),
        (wide[..., :5], wide[..., 4:]),
        (wide[..., 4:], wide[..., :5]),
        (tensor(4, 6, 5), read_only(tensor(4, 6, 5))),
    ):
        with pytest.raises(ValueError, match=SENTENCE):
            run(x, *weights, out, *rest)


def test_weights_that_do_not_fit_are_refused():
    draw = np.random.default_rng(3)
    engine = _integer.Engine("portable", 1)
    one, other, wide = (matrix(drawn(draw, o, k)) for o, k in ((5, 5), (5, 6), (6, 5)))
    nine = columns(drawn(draw, 5, 9, depthwise=True))
    x, out = tensor(4, 6, 5), tensor(4, 6, 5)
    for conv in (one, matrix(drawn(draw, 6, 54))):  # no 3x3; of more channels than there are
        with pytest.raises(ValueError, match=SENTENCE):
            engine.partial_block(x, conv, one, one, out)
    conv = matrix(drawn(draw, 2, 18))
    for expand, reduce in ((other, one), (one, other), (one, wide), (wide, one)):
        with pytest.raises(ValueError, match=SENTENCE):
            engine.partial_block(x, conv, expand, reduce, out)
        with pytest.raises(ValueError, match=SENTENCE):
            engine.depthwise_block(x, nine, expand, reduce, out)
    with pytest.raises(ValueError, match=SENTENCE):
        engine.depthwise_block(x, columns(drawn(draw, 6, 9, depthwise=True)), one, one, out)
    for run, small, large in ((engine.patches, out, x), (engine.spread, x, out)):
        for side in (0, 2, 17, 2**63 + 1):
            with pytest.raises(ValueError, match=SENTENCE):
                run(large, side, one, small)
    with pytest.raises(ValueError, match="lie together"):
        engine.spread(x, 1, one, tensor(4, 6, 9)[..., :5])
