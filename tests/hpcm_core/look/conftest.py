"""Looks are tested with one of their own, and without those of the program."""

from __future__ import annotations

import pytest

from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.standin_look import without_bundled_looks
from tests.hpcm_core.test_codec import photo


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    without_bundled_looks(monkeypatch, tmp_path / "bundle")
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def picture():
    return Picture(photo(192, 160))


@pytest.fixture(scope="module")
def plain(picture):
    return codec.encode(picture, Recipe())
