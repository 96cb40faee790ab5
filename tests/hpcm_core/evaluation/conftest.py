from __future__ import annotations

import pytest
from PIL import Image

from tests.hpcm_core.test_codec import photo


@pytest.fixture
def folder(tmp_path):
    """A folder of two pictures of 192 x 176 pixels."""
    for name, left in (("a.png", 0), ("b.png", 200)):
        Image.fromarray(photo(192, 176, left)).save(tmp_path / name)
    return tmp_path
