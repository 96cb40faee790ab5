"""What a look is called, how far it reaches, how pictures are mixed, and looks in recipes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hpcm_core import codec, look
from hpcm_core.errors import HpcmError, InvalidRecipe
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.look import NATURAL, mix, parse, reach, said
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.test_codec import photo

# What quality leaves of a look.


def test_reach():
    assert [reach(quality) for quality in (0, 50, 51, 60, 74, 75, 76, 100)] == [256, 256, 245, 153, 10, 0, 0, 0]
    assert reach(FIXED_RATE) == NATURAL


# What a look is called.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("faithful", 0),
        ("natural", 256),
        (" Natural", 256),
        ("0", 0),
        ("1", 256),
        ("0.5", 128),
        ("0.002", 1),
        ("1e-9", 0),
    ],
)
def test_what_a_look_is_called(text, value):
    assert parse(text) == value


@pytest.mark.parametrize("text", ["", "1.1", "-0.1", "nan", "inf", "vivid", "128", "0,5", "50%"])
def test_what_is_no_look(text):
    with pytest.raises(HpcmError, match="faithful, natural, or a number from 0"):
        parse(text)


def test_every_look_is_said_so_that_it_is_understood():
    assert [parse(said(value)) for value in range(NATURAL + 1)] == list(range(NATURAL + 1))
    assert (said(0), said(64), said(256)) == ("faithful", "0.25", "natural")


# Mixing.


@given(st.data(), st.integers(0, 256), st.sampled_from([np.uint8, np.uint16]))
def test_mixing_is_exact(data, value, dtype):
    shape = data.draw(arrays.array_shapes(min_dims=3, max_dims=3, max_side=9))
    a, b = (data.draw(arrays.arrays(dtype, shape)) for _ in range(2))
    wanted = [(int(f) * (256 - value) + int(n) * value + 128) >> 8 for f, n in zip(a.flat, b.flat, strict=True)]
    mixed = mix(a, b, value)
    assert mixed.dtype == dtype
    assert mixed.ravel().tolist() == wanted
    assert mix(a, b, 0).tolist() == a.tolist()
    assert mix(a, b, 256).tolist() == b.tolist()
    assert mix(b, a, 256 - value).astype(int).tolist() == pytest.approx(mixed.astype(int), abs=1)  # but for ties


def test_mixing_takes_the_largest_samples_and_many_rows():
    """And a picture can be put where one of the two was."""
    for dtype in (np.uint8, np.uint16):
        white = np.full((131, 3, 1), np.iinfo(dtype).max, dtype)
        black = np.zeros_like(white)
        assert (mix(white, white, 77) == white).all()
        half = mix(white, black, 128)
        assert (half == (int(white[0, 0, 0]) + 1) // 2).all()
        assert mix(white, black, 128, out=white) is white
        assert np.array_equal(white, half)


def test_what_cannot_be_mixed():
    a = np.zeros((2, 2, 3), np.uint8)
    for b, value in ((a[:1], 5), (a.astype(np.uint16), 5), (a, 257), (a, -1)):
        with pytest.raises(ValueError, match=r"not alike|no look"):
            mix(a, b, value)


# Recipes.


def test_recipes_keep_a_look():
    assert "look" not in Recipe().to_json()
    for value in range(NATURAL + 1):
        assert Recipe.from_json(Recipe(look=value).to_json()) == Recipe(look=value)
    assert Recipe.from_json('{"version": 1, "look": "natural"}').look == NATURAL
    assert Recipe.from_json('{"version": 1, "look": 1}').look == NATURAL


@pytest.mark.parametrize("value", ["2", '"vivid"', "true", "[1]", "-0.5", "1e999"])
def test_recipes_with_no_look(value):
    with pytest.raises(InvalidRecipe, match=r"faithful, natural,? or a number from 0"):
        Recipe.from_json(f'{{"version": 1, "look": {value}}}')


def test_looks_are_whole_numbers():
    for value in (-1, 257, 1.0, True, None):
        with pytest.raises(InvalidRecipe, match="look must be"):
            Recipe(look=value)
    for value in (-1, 257):
        with pytest.raises(ValueError, match="no look"):
            codec.decode(codec.encode(Picture(photo(16, 16)), Recipe()).data, look=value)
    assert look.FAITHFUL == 0
