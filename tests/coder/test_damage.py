"""Damaged bytes end in CoderError, or in the right number of symbols and then CoderError; never in a crash."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder import CoderError, Decoder, Encoder

pytestmark = pytest.mark.trust


def stream(made, rng, count, escapes=0.001):
    indices = rng.integers(0, len(made.rows), count).astype(np.uint8)
    symbols = made.sample(rng, indices, escapes)
    encoder = Encoder(made.tables)
    encoder.push(symbols, indices)
    return encoder.finish(), symbols, indices


def accepted(data, made, indices) -> bool:
    """Whether the bytes are taken for a stream. Checks that an error comes again in every later call."""
    decoder = Decoder(data, made.tables)
    try:
        for part in np.array_split(indices, 3):
            assert decoder.pull(part).shape == part.shape
        decoder.finish()
    except CoderError:
        for _ in range(2):
            with pytest.raises(CoderError):
                decoder.pull(indices)
            with pytest.raises(CoderError):
                decoder.pull(indices[:0])
            with pytest.raises(CoderError):
                decoder.finish()
        return False
    return True


@pytest.mark.parametrize("count", [1, 30, 3000, 40_000])
def test_truncated(bells, count):
    rng = np.random.default_rng(count)
    data, _, indices = stream(bells, rng, count)
    assert accepted(data, bells, indices)
    assert not accepted(b"", bells, indices)
    lengths = {*range(min(len(data), 80)), *range(max(0, len(data) - 80), len(data))}
    for length in lengths | set(rng.integers(0, len(data), 50).tolist()):
        assert not accepted(data[:length], bells, indices)


@pytest.mark.parametrize("count", [0, 1, 3000, 40_000])
def test_extended(bells, count):
    rng = np.random.default_rng(count)
    data, _, indices = stream(bells, rng, count)
    for length in [1, 2, 3, 4, 8, 16, 4000]:
        assert not accepted(data + rng.bytes(length), bells, indices)
        assert not accepted(data + bytes(length), bells, indices)
    assert not accepted(data + data, bells, indices) or not data


@pytest.mark.parametrize("count", [1, 40, 40_000, 100_000])
def test_flipped_bits(bells, count):
    rng = np.random.default_rng(count)
    data, _, indices = stream(bells, rng, count)
    places = range(8 * len(data)) if count < 100 else rng.integers(0, 8 * len(data), 60).tolist()
    for place in [*range(64), *places]:
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        assert not accepted(bytes(damaged), bells, indices)


@pytest.mark.parametrize("fewer", [1, 7, 8, 500])
def test_other_number_of_symbols(bells, fewer):
    data, _, indices = stream(bells, np.random.default_rng(0), 20_000)
    assert not accepted(data, bells, indices[:-fewer])
    assert not accepted(data, bells, np.append(indices, np.full(fewer, 30, np.uint8)))


def test_nothing_can_be_pulled_after_the_end(bells):
    data, _, indices = stream(bells, np.random.default_rng(0), 100)
    decoder = Decoder(data, bells.tables)
    decoder.pull(indices)
    decoder.finish()
    decoder.finish()
    with pytest.raises(CoderError):
        decoder.pull(np.zeros(1, np.uint8))


def test_other_indices(bells):
    data, _, indices = stream(bells, np.random.default_rng(0), 20_000)
    assert not accepted(data, bells, indices[::-1])


@given(data=st.binary(max_size=400), seed=st.integers(0, 2**32 - 1), count=st.integers(0, 5000))
@settings(deadline=None, max_examples=300)
def test_random_bytes(random_tables, data, seed, count):
    rng = np.random.default_rng(seed)
    made = random_tables(rng)
    decoder = Decoder(data, made.tables)
    indices = rng.integers(0, len(made.rows), count).astype(np.uint8)
    try:
        symbols = decoder.pull(indices)
    except CoderError:
        return
    assert symbols.shape == (count,)
    assert np.abs(symbols).max(initial=0) <= 32767


def test_bytes_that_are_not_contiguous(bells):
    data, _, _ = stream(bells, np.random.default_rng(0), 100)
    for wrong in [memoryview(data + data)[::2], np.zeros(4, np.int32), np.zeros((2, 8), np.uint8)]:
        with pytest.raises(TypeError):
            Decoder(wrong, bells.tables)
