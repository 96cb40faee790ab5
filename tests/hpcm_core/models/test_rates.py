"""The quality scale, on Lite's table of lambdas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.errors import InvalidRecipe
from hpcm_core.models.hpcm.config import LITE
from hpcm_core.models.rates import lambda_to_q, lambda_to_quality, q_to_lambda, quality_to_lambda, quality_to_q

TABLE = LITE.rate_lambdas


def test_the_table_is_met_at_whole_positions():
    for q, lmbda in enumerate(TABLE):
        assert q_to_lambda(q, TABLE) == pytest.approx(lmbda, rel=1e-12)
        assert lambda_to_q(lmbda, TABLE) == pytest.approx(q, abs=1e-12)
        assert lambda_to_quality(lmbda, TABLE) == round(100 * q / (len(TABLE) - 1))
    six = TABLE[:6]
    for q, lmbda in enumerate(six):
        assert quality_to_q(20 * q, six) == q
        assert quality_to_lambda(20 * q, six) == pytest.approx(lmbda, rel=1e-12)
        assert lambda_to_quality(lmbda, six) == 20 * q
    assert quality_to_lambda(0, TABLE) == pytest.approx(TABLE[0], rel=1e-12)
    assert quality_to_lambda(100, TABLE) == pytest.approx(TABLE[-1], rel=1e-12)


def test_between_two_entries_lambda_is_their_geometric_mean():
    assert q_to_lambda(2.5, TABLE) == pytest.approx((0.0067 * 0.013) ** 0.5, rel=1e-12)
    assert quality_to_lambda(50, TABLE) == pytest.approx((0.025 * 0.0483) ** 0.5, rel=1e-12)
    assert q_to_lambda(4.25, TABLE) == pytest.approx(0.025**0.75 * 0.0483**0.25, rel=1e-12)


def test_every_quality_comes_back_and_rises():
    values = [quality_to_lambda(quality, TABLE) for quality in range(101)]
    assert values == sorted(set(values))
    assert [lambda_to_quality(value, TABLE) for value in values] == list(range(101))


@given(st.floats(0, len(TABLE) - 1))
def test_positions_come_back(q):
    assert lambda_to_q(q_to_lambda(q, TABLE), TABLE) == pytest.approx(q, abs=1e-9)


def test_outside_the_scale():
    for lmbda in (0.0017, 0.81, 0.0, -1.0, float("nan")):
        with pytest.raises(InvalidRecipe, match=r"between 0\.0018 and 0\.8"):
            lambda_to_quality(lmbda, TABLE)
    for q in (-0.01, len(TABLE) - 0.99, float("nan")):
        with pytest.raises(InvalidRecipe):
            q_to_lambda(q, TABLE)
    for quality in (-1, 101):
        with pytest.raises(InvalidRecipe):
            quality_to_q(quality, TABLE)


def test_other_tables():
    longer = (*TABLE[:6], 0.1)
    assert quality_to_q(100, longer) == 6
    assert quality_to_lambda(100, longer) == pytest.approx(0.1)
    assert lambda_to_quality(0.1, longer) == 100
