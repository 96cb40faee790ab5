"""Recipes: what is valid, their JSON form, and Lite's quality scale."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.errors import InvalidRecipe
from hpcm_core.recipe import (
    LITE_LAMBDAS,
    Recipe,
    lambda_to_q,
    lambda_to_quality,
    q_to_lambda,
    quality_to_lambda,
    quality_to_q,
)

rates = st.one_of(
    st.fixed_dictionaries({"model": st.just("lite"), "quality": st.integers(0, 100)}),
    st.fixed_dictionaries({"model": st.just("lite"), "lmbda": st.floats(LITE_LAMBDAS[0], LITE_LAMBDAS[-1])}),
    st.fixed_dictionaries(
        {
            "model": st.sampled_from(["base", "large"]),
            "lmbda": st.floats(0, 1000, exclude_min=True) | st.integers(1, 9),
        }
    ),
)


def test_defaults():
    assert Recipe() == Recipe(model="lite", quality=40, metric="mse", keep_metadata=True, embed_preview=False)
    assert Recipe(lmbda=0.01).quality is None


@given(rates, st.sampled_from(["mse", "ms-ssim"]), st.booleans(), st.booleans())
def test_json_round_trip(rate, metric, keep, preview):
    recipe = Recipe(**rate, metric=metric, keep_metadata=keep, embed_preview=preview)
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_json(recipe.to_json().encode()) == recipe


def test_json_is_for_people_too():
    assert json.loads(Recipe("base", lmbda=0.013).to_json()) == {
        "version": 1,
        "model": "base",
        "lambda": 0.013,
        "metric": "mse",
        "keep_metadata": True,
        "embed_preview": False,
    }
    assert Recipe.from_json('{"version": 1}') == Recipe()
    assert Recipe.from_json('{"version": 1, "model": "base", "lambda": 1}') == Recipe("base", lmbda=1.0)


@pytest.mark.parametrize(
    "values",
    [
        {"quality": -1},
        {"quality": 101},
        {"quality": 60.0},
        {"quality": True},
        {"quality": "60"},
        {"quality": 60, "lmbda": 0.01},
        {"lmbda": 0},
        {"lmbda": 0.9},
        {"lmbda": -0.01},
        {"lmbda": float("nan")},
        {"lmbda": float("inf")},
        {"lmbda": 10**400},
        {"lmbda": True},
        {"lmbda": "0.013"},
        {"model": "base"},
        {"model": "base", "quality": 60},
        {"model": ""},
        {"model": "../lite"},
        {"model": "Lite"},
        {"model": "lite\n"},
        {"model": "m" * 33, "lmbda": 0.01},
        {"model": None},
        {"metric": "psnr"},
        {"metric": ["mse"]},
        {"keep_metadata": 1},
        {"embed_preview": None},
    ],
)
def test_invalid_values(values):
    with pytest.raises(InvalidRecipe, match=r"^[A-Z].*\.$"):
        Recipe(**values)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "recipe",
        "[]",
        "null",
        "{}",
        '{"version": 2}',
        '{"version": 1.0}',
        '{"version": true}',
        '{"version": "1"}',
        '{"version": 1, "colour": "red"}',
        '{"version": 1, "lmbda": 0.01}',
        '{"version": 1, "quality": 60, "lambda": 0.01}',
        '{"version": 1, "quality": null}',
        '{"version": 1, "quality": 60, "quality": 61}',
        '{"version": 1, "lambda": NaN}',
        '{"version": 1, "lambda": 1e999}',
        '{"version": 1, "lambda": 1' + "0" * 5000 + "}",
        '{"version": 1} {"version": 1}',
        b'{"version": 1, "model": "\xff"}',
        '{"a":' * 100_000,
    ],
)
def test_invalid_json(text):
    with pytest.raises(InvalidRecipe, match=r"^[A-Z].*\.$"):
        Recipe.from_json(text)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_random_text(text):
    with pytest.raises(InvalidRecipe):
        Recipe.from_json(text)


def test_replacing_the_rate():
    base = dataclasses.replace(Recipe(), model="base", quality=None, lmbda=0.013)
    assert base == Recipe("base", lmbda=0.013)
    with pytest.raises(InvalidRecipe, match="not several"):
        dataclasses.replace(Recipe(), lmbda=0.013)


# The quality scale


def test_the_table_is_met_at_whole_positions():
    for q, lmbda in enumerate(LITE_LAMBDAS):
        assert q_to_lambda(q) == pytest.approx(lmbda, rel=1e-12)
        assert lambda_to_q(lmbda) == pytest.approx(q, abs=1e-12)
        assert lambda_to_quality(lmbda) == round(100 * q / (len(LITE_LAMBDAS) - 1))
    six = LITE_LAMBDAS[:6]
    for q, lmbda in enumerate(six):
        assert quality_to_q(20 * q, six) == q
        assert quality_to_lambda(20 * q, six) == pytest.approx(lmbda, rel=1e-12)
        assert lambda_to_quality(lmbda, six) == 20 * q
    assert quality_to_lambda(0) == pytest.approx(LITE_LAMBDAS[0], rel=1e-12)
    assert quality_to_lambda(100) == pytest.approx(LITE_LAMBDAS[-1], rel=1e-12)


def test_between_two_entries_lambda_is_their_geometric_mean():
    assert q_to_lambda(2.5) == pytest.approx((0.0067 * 0.013) ** 0.5, rel=1e-12)
    assert quality_to_lambda(50) == pytest.approx((0.025 * 0.0483) ** 0.5, rel=1e-12)
    assert q_to_lambda(4.25) == pytest.approx(0.025**0.75 * 0.0483**0.25, rel=1e-12)


def test_a_recipe_comes_from_a_file(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(Recipe(quality=12).to_json())
    assert Recipe.from_file(path) == Recipe(quality=12)
    path.write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(InvalidRecipe, match=r"^mine\.json is too large for a recipe\.$"):
        Recipe.from_file(path)
    with pytest.raises(FileNotFoundError):
        Recipe.from_file(tmp_path / "none.json")


def test_every_quality_comes_back_and_rises():
    values = [quality_to_lambda(quality) for quality in range(101)]
    assert values == sorted(set(values))
    assert [lambda_to_quality(value) for value in values] == list(range(101))


@given(st.floats(0, len(LITE_LAMBDAS) - 1))
def test_positions_come_back(q):
    assert lambda_to_q(q_to_lambda(q)) == pytest.approx(q, abs=1e-9)


def test_outside_the_scale():
    for lmbda in (0.0017, 0.81, 0.0, -1.0, float("nan")):
        with pytest.raises(InvalidRecipe, match=r"between 0\.0018 and 0\.8"):
            lambda_to_quality(lmbda)
    for q in (-0.01, len(LITE_LAMBDAS) - 0.99, float("nan")):
        with pytest.raises(InvalidRecipe):
            q_to_lambda(q)
    for quality in (-1, 101):
        with pytest.raises(InvalidRecipe):
            quality_to_q(quality)


def test_other_tables():
    longer = (*LITE_LAMBDAS[:6], 0.1)
    assert quality_to_q(100, longer) == 6
    assert quality_to_lambda(100, longer) == pytest.approx(0.1)
    assert lambda_to_quality(0.1, longer) == 100
