"""Weights as integers, and the refusal of models whose sums could leave the exact range."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.entropy.exact.integers import ACTIVATION_MAX, EXPONENT_MIN, SUM_BITS
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.entropy.exact.weights import EXPONENT_SPAN, WEIGHT_MAX, exponents, integer_layer, on_grid
from hpcm_core.errors import ModelError
from hpcm_core.models.hpcm.exact import ExactEntropy
from tests.hpcm_core.entropy.exact.exactly import network, small

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**20), max_value=2.0**20)


@given(st.lists(FLOATS, min_size=1, max_size=8), st.integers(-40, 10))
def test_on_grid_rounds_as_fractions_do(values, grid):
    if max(abs(v) for v in values) / 2.0**grid >= 2**60:
        return
    wanted = [(Fraction(v) / Fraction(2) ** grid + Fraction(1, 2)).__floor__() for v in values]
    for flush in (False, True):
        torch.set_flush_denormal(flush)
        try:
            assert on_grid(torch.tensor(values), grid, 61).tolist() == wanted
        finally:
            torch.set_flush_denormal(False)


def test_denormals_are_read_whatever_the_mode():
    tiny = torch.tensor([1e-45, -1e-40])
    torch.set_flush_denormal(True)
    try:
        assert on_grid(tiny, -149, 61).tolist() == [1, -71362]
    finally:
        torch.set_flush_denormal(False)


@given(st.lists(FLOATS.filter(lambda v: v == 0 or abs(v) > 2e-38), min_size=1, max_size=8))
def test_exponent_is_the_smallest_that_fits(values):
    (f,) = exponents(torch.tensor([values])).tolist()
    if not any(values):
        assert f < -(1 << 20)
        return
    largest = max(Fraction(abs(v)) for v in values)
    assert (largest / Fraction(2) ** f + Fraction(1, 2)).__floor__() <= WEIGHT_MAX
    assert (largest / Fraction(2) ** (f - 1) + Fraction(1, 2)).__floor__() > WEIGHT_MAX


def test_channels_have_their_own_exponents_within_the_span():
    weight = torch.tensor([[1.0, 0.3], [2.0**-4, 0.01], [2.0**-30, 0], [0, 0]])
    layer = integer_layer(weight, torch.tensor([0.5, -0.25, 0, 1.0]))
    f = layer.exponent + layer.left
    assert f.tolist() == [-12, -16, -20, -20]
    assert layer.weight.tolist() == [[4096, 1229], [4096, 655], [0, 0], [0, 0]]
    assert int(layer.left.max()) == EXPONENT_SPAN
    assert layer.bias.tolist() == [1 << 37, -(1 << 36), 0, 1 << 38]
    assert layer.bias_for(EXPONENT_MIN + 30).tolist() == [1 << 7, -(1 << 6), 0, 1 << 8]


def test_sums_that_would_not_fit_are_refused():
    rows = torch.ones(2, 1 << 10)
    rows[1] *= 2.0**-EXPONENT_SPAN
    layer = integer_layer(rows, torch.zeros(2))
    assert (int(layer.weight[0].sum()) * ACTIVATION_MAX << int(layer.left[0])).bit_length() == SUM_BITS - 1
    with pytest.raises(ModelError, match="exact arithmetic"):
        integer_layer(rows.repeat(1, 4), torch.zeros(2))
    with pytest.raises(ModelError, match="exact arithmetic"):
        integer_layer(torch.full((1, 1), 2.0**-40), torch.ones(1))


@pytest.mark.parametrize(
    ("variant", "parameter"),
    [
        ("lite", "h_s.branch.0.weight"),
        ("lite", "y_spatial_prior_s3.branch_1.0.branch.1.bias"),
        ("base", "attn_s2.conv_k.bias"),
    ],
)
def test_a_model_out_of_range_is_refused_when_loaded(variant, parameter):
    model = network(small(variant))
    ExactEntropy(model, ReferenceEngine())
    with torch.no_grad():
        tensor = dict(model.named_parameters())[parameter]
        if parameter.endswith("bias"):
            tensor[0] = 1e9
        else:
            # One strong channel beside one that needs the finest grid, and a bias that does not fit it.
            tensor *= 1e-12
    with pytest.raises(ModelError, match="exact arithmetic"):
        ExactEntropy(model, ReferenceEngine())
