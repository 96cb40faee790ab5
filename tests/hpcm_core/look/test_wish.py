"""The chunk that holds a file's wish for a look."""

from __future__ import annotations

import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core import codec
from hpcm_core.errors import CorruptFile
from hpcm_core.format import container
from hpcm_core.format.look import pack_look, parse_look
from hpcm_core.recipe import Recipe
from tests.hpcm_core.format.chunks import join, split
from tests.hpcm_core.standin_look import install_look, wishing


@given(st.integers(0, 256))
def test_a_wish_comes_back(value):
    assert pack_look(value) == struct.pack("<H", value)
    assert parse_look(pack_look(value)) == value


@given(st.binary(max_size=6))
def test_any_bytes_are_a_look_or_one_error(payload):
    with suppress(CorruptFile):
        assert 0 <= parse_look(payload) <= 256
        assert len(payload) == 2


@pytest.mark.trust
@pytest.mark.parametrize("payload", [b"", b"\0", b"\1\1", b"\xff\xff", b"\0\0\0", b"\0\1\0\0"])
def test_damaged_wishes(payload, plain):
    with pytest.raises(CorruptFile, match="look cannot be unpacked"):
        codec.decode(wishing(plain.data, payload))


def test_a_wish_stands_once_and_before_the_tiles(plain):
    chunks = split(plain.data)
    wish = (b"look", pack_look(9))
    for misplaced in ([chunks[0], wish, wish, *chunks[1:]], [*chunks[:-1], wish, chunks[-1]]):
        with pytest.raises(CorruptFile, match="second or misplaced look"):
            container.read(join(misplaced))


def test_a_file_with_a_wish_differs_by_its_chunk_alone(picture, plain, home):
    install_look(home)
    wished = codec.encode(picture, Recipe(look=100))
    assert wished.data == wishing(plain.data, pack_look(100))
    assert len(wished.data) == len(plain.data) + 14
    assert wished.metrics.psnr == plain.metrics.psnr
    assert np.array_equal(wished.reconstruction.pixels, plain.reconstruction.pixels)
