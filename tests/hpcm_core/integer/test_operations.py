"""Who computes profile 2: the reference says what the specification does, and native kernels are checked against it."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from hpcm_core.errors import HpcmError, ModelError
from hpcm_core.integer import layers, native
from hpcm_core.integer.native import Native, instruction_sets, self_check
from hpcm_core.integer.operations import operations
from hpcm_core.integer.reference import Reference
from tests.coder import naive_integer as naive
from tests.coder.naive_integer import FEATURE_MAX, Layer, drawn

ENGINES = {"reference": Reference, **{name: lambda name=name: Native(name, 2) for name in instruction_sets()}}


def matrix(layer: Layer) -> layers.Matrix:
    return layers.Matrix(*vars(layer).values())


def columns(layer: Layer) -> layers.Depthwise:
    return layers.Depthwise(layer.weight, layer.bias, layer.shift)


@pytest.fixture
def draw() -> np.random.Generator:
    return np.random.default_rng(4)


def features(draw: np.random.Generator, *shape: int) -> np.ndarray:
    return draw.integers(-FEATURE_MAX, FEATURE_MAX + 1, shape).astype(np.int16)


@pytest.fixture(params=ENGINES)
def run(request):
    return ENGINES[request.param]()


def into(make, *shape: int) -> np.ndarray:
    """What an operation leaves in a slice of channels; nothing beside it."""
    wide = np.full((*shape[:2], shape[2] + 3), 77, np.int16)
    given = make(wide[..., 1:-2])
    assert np.shares_memory(given, wide)
    assert (wide[..., 0] == 77).all()
    assert (wide[..., -2:] == 77).all()
    return given


@pytest.mark.parametrize("side", [1, 2, 4])
def test_convolutions(run, draw, side):
    x, layer = features(draw, 3 * side, 5 * side, 7), drawn(draw, 35, 7 * side**2, leaky=True)
    wanted = naive.patches(x, side, layer)
    assert np.array_equal(run.patches(x, side, matrix(layer)), wanted)
    assert np.array_equal(into(lambda out: run.patches(x, side, matrix(layer), out), 3, 5, 35), wanted)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_convolutions_by_phase(run, draw, stride):
    x, layer = features(draw, 6, 5, 70), drawn(draw, 35, 70)
    x[::stride, 1::stride, 32:64] = x[:, ::stride, :32] = 0
    assert np.array_equal(run.pointwise(x, stride, matrix(layer)), naive.patches(x, 1, layer))


@pytest.mark.parametrize("side", [1, 2, 4])
def test_transposed_convolutions(run, draw, side):
    x, layer = features(draw, 3, 5, 7), drawn(draw, 3 * side**2, 7, low=0, high=255)
    assert np.array_equal(run.spread(x, side, matrix(layer)), naive.spread(x, side, layer))


def test_blocks(run, draw):
    x = features(draw, 5, 4, 21)
    conv, expand, reduce = drawn(draw, 6, 54), drawn(draw, 33, 21, leaky=True), drawn(draw, 21, 33)
    block = layers.PartialBlock(matrix(conv), matrix(expand), matrix(reduce))
    assert np.array_equal(run.partial_block(x, block), naive.partial_block(x, conv, expand, reduce))
    conv = drawn(draw, 21, 9, depthwise=True)
    block = layers.DepthwiseBlock(columns(conv), block.expand, block.reduce)
    assert np.array_equal(run.depthwise_block(x, block), naive.depthwise_block(x, conv, expand, reduce))


@pytest.mark.parametrize("shift", [0, 1, 15, 30])
def test_factors(run, draw, shift):
    scale = layers.Scale(draw.integers(-32768, 32768, 7).astype(np.int16), np.full(7, shift, np.uint8))
    x = features(draw, 3, 5, 7)
    exact = [[(int(n) * int(scale.factor[i % 7]) + 2**shift // 2) // 2**shift for i, n in enumerate(x.ravel())]]
    assert np.array_equal(run.scale(x, scale).ravel()[None], np.clip(exact, -FEATURE_MAX, FEATURE_MAX))


def test_layers_whose_sums_could_overflow_are_refused():
    weight, shift = np.full((1, 4), 32767, np.int16), np.zeros(1, np.uint8)
    bias = np.array([2**31 - 1 - 4 * 32767 * FEATURE_MAX], np.int32)
    layers.Matrix(weight, bias, shift)
    layers.Depthwise(weight.T, bias, shift)
    for make, weights in ((layers.Matrix, weight), (layers.Depthwise, weight.T)):
        with pytest.raises(ModelError):
            make(weights, bias + 1, shift)
        with pytest.raises(ModelError):
            make(weights, bias, shift + 1)
        with pytest.raises(ModelError):
            make(weights // 99, bias, shift + 31)


@pytest.mark.parametrize("name", instruction_sets())
def test_self_check_passes(name):
    assert self_check(Native(name, 1)) is None


FAULTS = {
    "patches": {"1x1 convolution", "convolution"},
    "pointwise": {"1x1 convolution by phase"},
    "spread": {"transposed convolution"},
    "partial_block": {"block with a partial convolution"},
    "depthwise_block": {"block with a depthwise convolution"},
    "scale": {"scale"},
}


@pytest.mark.parametrize("operation", FAULTS)
def test_self_check_sees_a_fault(operation):
    assert self_check(faulty(operation)()) in FAULTS[operation]


def faulty(operation: str) -> type[Native]:
    """A Native of which one operation leaves its last value one too large."""

    def wrong(self, *arguments):
        result = getattr(Native, operation)(self, *arguments)
        result[-1, -1, -1] += 1
        return result

    return type("Faulty", (Native,), {operation: wrong})


@pytest.fixture
def fresh_choice():
    operations.cache_clear()
    yield
    operations.cache_clear()


def test_kernels_serve(fresh_choice):
    assert operations().name == instruction_sets()[0]


def test_wrong_kernels_do_not_serve(fresh_choice, monkeypatch, caplog):
    """The next instruction set does, and if all are wrong nothing is computed."""
    wrong = {instruction_sets()[0]}

    def native_of(name):
        return (faulty("spread") if name in wrong else Native)(name)

    monkeypatch.setattr(native, "Native", native_of)
    with caplog.at_level(logging.ERROR):
        assert operations().name == instruction_sets()[1]
    assert "transposed convolution" in caplog.text
    wrong.update(instruction_sets())
    operations.cache_clear()
    with pytest.raises(HpcmError, match="computes wrongly"):
        operations()


def test_chains_whose_layers_do_not_fit_are_refused(draw):
    down, up = layers.Down(2, matrix(drawn(draw, 12, 28))), layers.Up(2, matrix(drawn(draw, 28, 12)))
    native.chain([down, up, down])
    for wrong in ([], [down, down], [layers.Down(3, down.matrix)], [layers.Up(17, up.matrix)], [down, up, up]):
        with pytest.raises(ValueError, match="do not fit"):
            native.chain(wrong)
