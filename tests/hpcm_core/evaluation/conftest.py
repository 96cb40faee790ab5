from __future__ import annotations

import pytest
from PIL import Image

from hpcm_core.evaluation import duel as fighting
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.test_codec import photo

PICTURE = Picture(photo(256, 240))
"""What is fought over in the tests of the duel."""


@pytest.fixture
def folder(tmp_path):
    """A folder of two pictures of 192 x 176 pixels."""
    for name, left in (("a.png", 0), ("b.png", 200)):
        Image.fromarray(photo(192, 176, left)).save(tmp_path / name)
    return tmp_path


@pytest.fixture(scope="module")
def ours():
    return fighting.of_recipe(PICTURE, Recipe(quality=30))
