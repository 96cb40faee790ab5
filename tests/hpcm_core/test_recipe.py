"""Recipes: what is valid, their JSON form."""

import contextlib
import dataclasses
import json
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.errors import InvalidRecipe
from hpcm_core.models.hpcm.config import LITE
from hpcm_core.recipe import Recipe

pytestmark = pytest.mark.trust

rates = st.one_of(
    st.fixed_dictionaries({"model": st.just("lite"), "quality": st.integers(0, 100)}),
    st.fixed_dictionaries({"model": st.just("lite"), "lmbda": st.floats(LITE.rate_lambdas[0], LITE.rate_lambdas[-1])}),
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


def test_a_recipe_comes_from_a_file(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(Recipe(quality=12).to_json())
    assert Recipe.from_file(path) == Recipe(quality=12)
    path.write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(InvalidRecipe, match=r"^mine\.json is too large for a recipe\.$"):
        Recipe.from_file(path)
    with pytest.raises(FileNotFoundError):
        Recipe.from_file(tmp_path / "none.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFOs among its files")
def test_a_file_without_size_is_not_read_to_its_end(tmp_path):
    fifo, written = tmp_path / "recipe.json", []
    os.mkfifo(fifo)

    def write():
        with contextlib.suppress(BrokenPipeError), fifo.open("wb", buffering=0) as file:
            written.extend(file.write(b" " * 65536) for _ in range(64))

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    with pytest.raises(InvalidRecipe, match="too large"):
        Recipe.from_file(fifo)
    writer.join(10)
    assert sum(written) < 64 * 65536
