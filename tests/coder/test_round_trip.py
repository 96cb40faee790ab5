"""What goes in comes out, at the size that the symbols' costs say."""

from __future__ import annotations

import itertools
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder import CoderError, Decoder, Encoder, Tables


def encode(tables: Tables, symbols: np.ndarray, indices: np.ndarray) -> bytes:
    encoder = Encoder(tables)
    encoder.push(symbols, indices)
    return encoder.finish()


def decode(tables: Tables, data: bytes, indices: np.ndarray) -> np.ndarray:
    decoder = Decoder(data, tables)
    symbols = decoder.pull(indices)
    decoder.finish()
    return symbols


def cuts(rng: np.random.Generator, count: int) -> list[slice]:
    edges = [0, *sorted(rng.integers(0, count + 1, int(rng.integers(0, 8))).tolist()), count]
    return [slice(a, b) for a, b in itertools.pairwise(edges)]


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 3000), escapes=st.sampled_from([0.0, 0.01, 1.0]))
@settings(deadline=None)
def test_any_tables_and_symbols(random_tables, seed, count, escapes):
    rng = np.random.default_rng(seed)
    made = random_tables(rng)
    indices = rng.integers(0, len(made.rows), count).astype(np.uint8)
    symbols = made.sample(rng, indices, escapes)

    encoder = Encoder(made.tables)
    for cut in cuts(rng, count):
        encoder.push(symbols[cut], indices[cut])
    data = encoder.finish()
    assert data == encode(made.tables, symbols, indices)
    assert len(data) <= made.cost(symbols, indices) / 8 * 1.001 + 8

    decoder = Decoder(data, made.tables)
    for cut in cuts(rng, count):
        np.testing.assert_array_equal(decoder.pull(indices[cut]), symbols[cut])
    decoder.finish()


@pytest.mark.parametrize("value", [0, 1, -1, 5, -6, 1000, -1000, 32767, -32767])
def test_one_symbol(bells, value):
    symbols, indices = np.array([value], np.int32), np.array([20], np.uint8)
    data = encode(bells.tables, symbols, indices)
    assert len(data) <= 16
    assert decode(bells.tables, data, indices).tolist() == [value]


def test_no_symbols(bells):
    nothing = np.zeros(0, np.uint8)
    encoder = Encoder(bells.tables)
    encoder.push(nothing.astype(np.int32), nothing)
    data = encoder.finish()
    assert data == b""
    assert decode(bells.tables, data, nothing).shape == (0,)


def test_a_million_symbols(bells):
    rng = np.random.default_rng(0)
    indices = np.minimum(rng.geometric(1 / 12, 1_000_000) - 1, 59).astype(np.uint8)
    symbols = bells.sample(rng, indices, 1e-5)
    data = encode(bells.tables, symbols, indices)
    np.testing.assert_array_equal(decode(bells.tables, data, indices), symbols)
    assert len(data) <= bells.cost(symbols, indices) / 8 * 1.001 + 8


@pytest.mark.parametrize("count", [500, 20_000, 30_000, 36_000, 40_000, 140_000, 160_000, 400_000, 450_000, 500_000])
@pytest.mark.parametrize("table", [0, 16])
def test_payload_bound_where_the_number_of_states_changes(bells, table, count):
    rng = np.random.default_rng(count)
    indices = np.full(count, table, np.uint8)
    symbols = bells.sample(rng, indices)
    data = encode(bells.tables, symbols, indices)
    assert len(data) <= bells.cost(symbols, indices) / 8 * 1.001 + 8
    np.testing.assert_array_equal(decode(bells.tables, data, indices), symbols)


def test_large_streams_have_eight_states(bells):
    indices = np.full(200_000, 30, np.uint8)
    data = encode(bells.tables, bells.sample(np.random.default_rng(0), indices), indices)
    assert data[7] >> 6 == 3


@pytest.mark.parametrize("row", [[0, 65535, 65536], [0, 1, 65536], [0, 65536]])
def test_nearly_free_symbols(make_tables, row):
    made = make_tables([row], [0])
    indices = np.zeros(300_000, np.uint8)
    symbols = np.zeros(300_000, np.int32)
    data = encode(made.tables, symbols, indices)
    assert len(data) <= made.cost(symbols, indices) / 8 * 1.001 + 8
    np.testing.assert_array_equal(decode(made.tables, data, indices), symbols)


def test_shapes(bells):
    rng = np.random.default_rng(1)
    for shape in [(), (0, 3), (2, 3, 4), (1, 5, 1, 2)]:
        indices = rng.integers(0, 60, shape).astype(np.uint8)
        symbols = bells.sample(rng, indices)
        decoded = decode(bells.tables, encode(bells.tables, symbols, indices), indices)
        assert decoded.shape == shape
        assert decoded.dtype == np.int32
        np.testing.assert_array_equal(decoded, symbols)
        assert bells.tables.bits(symbols, indices).shape == shape


def test_arrays_that_are_not_contiguous(bells):
    rng = np.random.default_rng(2)
    indices = rng.integers(0, 60, (30, 40)).astype(np.uint8)
    symbols = bells.sample(rng, indices)
    data = encode(bells.tables, symbols.T, indices.T)
    assert data == encode(bells.tables, symbols.T.copy(), indices.T.copy())
    np.testing.assert_array_equal(decode(bells.tables, data, indices.T), symbols.T)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, np.frombuffer])
def test_any_bytes(bells, kind):
    indices = np.array([3, 30, 59], np.uint8)
    symbols = np.array([0, -4, 70], np.int32)
    data = encode(bells.tables, symbols, indices)
    data = np.frombuffer(data, np.uint8) if kind is np.frombuffer else kind(data)
    assert decode(bells.tables, data, indices).tolist() == [0, -4, 70]


def test_the_decoder_keeps_its_bytes_and_tables(make_tables):
    indices = np.zeros(1000, np.uint8)
    decoder = Decoder(encode(make_tables([[0, 9, 65536]], [0]).tables, indices.astype(np.int32), indices),
                      make_tables([[0, 9, 65536]], [0]).tables)  # fmt: skip
    assert not decoder.pull(indices).any()
    decoder.finish()


def test_bits(bells):
    rng = np.random.default_rng(3)
    indices = rng.integers(0, 60, 2000).astype(np.uint8)
    symbols = bells.sample(rng, indices, 0.1)
    bits = bells.tables.bits(symbols, indices)
    assert bits.dtype == np.float32
    expected = [bells.cost(symbols[i : i + 1], indices[i : i + 1]) for i in range(2000)]
    np.testing.assert_allclose(bits, expected, rtol=1e-6, atol=1e-7)


def test_refused_tables(make_tables):
    def refuse(match, rows, offsets):
        with pytest.raises(ValueError, match=match):
            make_tables(rows, offsets)

    refuse("frequency", [[0, 5, 5, 65536]], [0])
    refuse("frequency", [[0, 7, 5, 65536]], [0])
    refuse("run from 0 to 65536", [[1, 5, 65536]], [0])
    refuse("run from 0 to 65536", [[0, 5, 65535]], [0])
    refuse("32767", [[0, 5, 65536]], [-32768])
    refuse("32767", [[0, 5, 65536]], [32768])
    refuse("1 to 256", [[0, 65536]] * 257, [0] * 257)
    assert len(make_tables([[0, 5, 65536]] * 256, [0] * 256).tables) == 256

    cdf, lengths, offsets = np.array([[0, 5, 65536]]), np.array([3]), np.array([0])
    for length in [-1, 0, 1, 4, 2**40]:
        with pytest.raises(ValueError, match=r"length|run"):
            Tables(cdf, np.array([length]), offsets)
    for wrong in [(cdf[0], lengths, offsets), (cdf, lengths[:0], offsets), (cdf, lengths, np.array([0, 0]))]:
        with pytest.raises(ValueError, match="T rows"):
            Tables(*wrong)
    with pytest.raises(ValueError, match="1 to 256"):
        Tables(np.zeros((0, 3), np.int32), lengths[:0], offsets[:0])
    with pytest.raises(TypeError):
        Tables(cdf.astype(np.float64), lengths, offsets)


def test_refused_symbols(bells):
    encoder = Encoder(bells.tables)
    zero = np.zeros(1, np.int32)
    for symbols, indices in [([32768], [0]), ([-32768], [0]), ([-(2**31)], [0]), ([0], [60]), ([0, 0], [0])]:
        arrays = np.array(symbols, np.int32), np.array(indices, np.uint8)
        with pytest.raises(ValueError, match=r"32767|names none|one index"):
            encoder.push(*arrays)
        with pytest.raises(ValueError, match=r"32767|names none|one index"):
            bells.tables.bits(*arrays)
    with pytest.raises(TypeError):
        encoder.push(zero.astype(np.float32), zero.astype(np.uint8))
    with pytest.raises(TypeError):
        encoder.push(zero, zero.astype(np.int64))
    assert encoder.finish() == b""  # none of these were taken
    with pytest.raises(RuntimeError):
        encoder.push(zero, zero.astype(np.uint8))
    with pytest.raises(RuntimeError):
        encoder.finish()


def test_a_refused_push_leaves_the_encoder_as_it_was(bells):
    encoder = Encoder(bells.tables)
    indices = np.full(3, 10, np.uint8)
    encoder.push(np.array([500, 1, -500], np.int32), indices)
    with pytest.raises(ValueError, match="32767"):
        encoder.push(np.array([700, -700, 40_000], np.int32), indices)
    encoder.push(np.array([600, 0, -600], np.int32), indices)
    decoded = decode(bells.tables, encoder.finish(), np.tile(indices, 2))
    assert decoded.tolist() == [500, 1, -500, 600, 0, -600]


def test_an_index_without_a_table_leaves_the_decoder_as_it_was(bells):
    indices = np.array([5, 40], np.uint8)
    decoder = Decoder(encode(bells.tables, np.array([0, 9], np.int32), indices), bells.tables)
    with pytest.raises(ValueError, match="60") as caught:
        decoder.pull(np.array([5, 60], np.uint8))
    assert not isinstance(caught.value, CoderError)
    assert decoder.pull(indices).tolist() == [0, 9]
    decoder.finish()


def test_threads(bells):
    rng = np.random.default_rng(4)
    jobs = []
    for count in [200_000, 50_000, 300_000, 1000] * 2:
        indices = rng.integers(0, 60, count).astype(np.uint8)
        jobs.append((bells.sample(rng, indices), indices))
    alone = [encode(bells.tables, *job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: encode(bells.tables, *job), jobs))
        decoded = list(pool.map(lambda data, job: decode(bells.tables, data, job[1]), alone, jobs))
    assert together == alone
    for symbols, (expected, _) in zip(decoded, jobs, strict=True):
        np.testing.assert_array_equal(symbols, expected)


def test_one_encoder_in_many_threads(bells):
    encoder = Encoder(bells.tables)
    indices = np.full(200, 20, np.uint8)
    symbols = np.full(200, 99, np.int32)  # escapes, all of which are kept in one list
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: [encoder.push(symbols, indices) for _ in range(500)], range(4)))
    decoded = decode(bells.tables, encoder.finish(), np.tile(indices, 2000))
    assert (decoded == 99).all()


def test_python_runs_meanwhile(bells):
    indices = np.full(20_000_000, 20, np.uint8)
    symbols = np.zeros(indices.shape, np.int32)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)  # nothing but a release within a call lets another thread run
    try:
        for _ in range(5):
            done: list[bool] = []

            def work(done=done):
                Encoder(bells.tables).push(symbols, indices)
                done.append(True)

            thread = threading.Thread(target=work)
            thread.start()
            ran_meanwhile = not done
            thread.join()
            if ran_meanwhile:
                return
    finally:
        sys.setswitchinterval(interval)
    pytest.fail("No other thread ran while the encoder worked.")
