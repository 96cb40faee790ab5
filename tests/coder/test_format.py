"""The bytes against a coder of a few lines, written from the description of the format and with Python's integers."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder import CoderError, Decoder, Encoder

LOWER = 2**30


class Reader:
    """Decodes one symbol after the other."""

    def __init__(self, data: bytes) -> None:
        words = [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]
        count = 2 ** (words[1] >> 30)
        words[1] &= 2**30 - 1
        self.states = [words[2 * j] + (words[2 * j + 1] << 32) for j in range(count)]
        self.words = words[2 * count :]

    def refill(self, lane: int) -> None:
        if self.states[lane] < LOWER:
            self.states[lane] = (self.states[lane] << 32) + self.words.pop(0)

    def raw(self, lane: int, bits: int) -> int:
        self.states[lane], value = divmod(self.states[lane], 2**bits)
        self.refill(lane)
        return value

    def symbol(self, position: int, cdf: list[int], offset: int) -> int:
        lane = position % len(self.states)
        high, slot = divmod(self.states[lane], 65536)
        k = bisect_right(cdf, slot) - 1
        self.states[lane] = (cdf[k + 1] - cdf[k]) * high + slot - cdf[k]
        self.refill(lane)
        escape = len(cdf) - 2
        if k < escape:
            return k + offset
        bits = self.raw(lane, 5)
        u = 2**bits + self.raw(lane, bits) - 1
        return offset + (-(u + 1) // 2 if u % 2 else u // 2 + escape)

    @property
    def ended(self) -> bool:
        return not self.words and all(x == LOWER for x in self.states)


class Writer:
    """Encodes the last symbol first."""

    def __init__(self, states: int) -> None:
        self.states = [LOWER] * states
        self.words: list[int] = []

    def put(self, lane: int, start: int, frequency: int, total: int) -> None:
        x = self.states[lane]
        if x >= 2**62 // total * frequency:
            x, word = divmod(x, 2**32)
            self.words.append(word)
        self.states[lane] = x // frequency * total + start + x % frequency

    def symbol(self, position: int, value: int, cdf: list[int], offset: int) -> None:
        lane = position % len(self.states)
        w, escape = value - offset, len(cdf) - 2
        if not 0 <= w < escape:
            u = -2 * w - 1 if w < 0 else 2 * (w - escape)
            bits = (u + 1).bit_length() - 1
            self.put(lane, u + 1 - 2**bits, 1, 2**bits)
            self.put(lane, bits, 1, 32)
            w = escape
        self.put(lane, cdf[w], cdf[w + 1] - cdf[w], 65536)

    def finish(self) -> bytes:
        self.states[0] += (len(self.states).bit_length() - 1) << 62
        return b"".join(
            [x.to_bytes(8, "little") for x in self.states] + [w.to_bytes(4, "little") for w in reversed(self.words)]
        )


def check(made, symbols, indices) -> int:
    encoder = Encoder(made.tables)
    encoder.push(symbols, indices)
    data = encoder.finish()

    reader = Reader(data)
    table = [(made.rows[t], made.offsets[t]) for t in indices.tolist()]
    assert [reader.symbol(i, *table[i]) for i in range(len(table))] == symbols.tolist()
    assert reader.ended

    writer = Writer(len(reader.states))
    for i in reversed(range(len(table))):
        writer.symbol(i, int(symbols[i]), *table[i])
    assert data == writer.finish()
    return len(reader.states)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 300), escapes=st.sampled_from([0.0, 0.1, 1.0]))
@settings(deadline=None)
def test_short_streams(random_tables, seed, count, escapes):
    rng = np.random.default_rng(seed)
    made = random_tables(rng)
    indices = rng.integers(0, len(made.rows), count).astype(np.uint8)
    check(made, made.sample(rng, indices, escapes), indices)


@pytest.mark.parametrize(("count", "states"), [(3_000, 1), (7_000, 2), (22_000, 4), (48_000, 8)])
def test_every_number_of_states(make_tables, count, states):
    rng = np.random.default_rng(count)
    made = make_tables([[0, 3, 1000, 20000, 20001, 65530, 65536], [0, *range(5, 65536, 16), 65536]], [-3, -100])
    indices = (rng.random(count) < 0.95).astype(np.uint8)
    assert check(made, made.sample(rng, indices, 0.01), indices) == states


@pytest.mark.parametrize("value", [32768, -32768, 65535, -65536, 600_000, -(2**30)])
def test_values_out_of_range(make_tables, value):
    made = make_tables([[0, 7, 65530, 65536]], [-1])
    writer = Writer(1)
    writer.symbol(0, value, made.rows[0], made.offsets[0])
    with pytest.raises(CoderError, match="impossible value"):
        Decoder(writer.finish(), made.tables).pull(np.zeros(1, np.uint8))


@pytest.mark.parametrize(
    "states",
    [[0], [LOWER - 1], [LOWER + 2**62, LOWER - 1], [LOWER + 2**62, LOWER + 2**62], [LOWER + 2**62], [LOWER + 2**63]],
)
def test_impossible_states(make_tables, states):
    made = make_tables([[0, 7, 65536]], [0])
    decoder = Decoder(b"".join(x.to_bytes(8, "little") for x in states), made.tables)
    with pytest.raises(CoderError, match="state"):
        decoder.pull(np.zeros(0, np.uint8))


def test_bytes_never_change(make_tables):
    made = make_tables([[0, 16384, 49152, 65530, 65536], [0, 1000, 65536]], [-1, 0])
    symbols = np.array([0, 0, -1, 1, 0, 32767, -32767, 2, 0, 1], np.int32)
    indices = np.array([0, 1, 0, 0, 1, 0, 1, 0, 0, 0], np.uint8)
    encoder = Encoder(made.tables)
    encoder.push(symbols, indices)
    assert encoder.finish().hex() == "cf4246cab6f2c9036fff7f93feffaaad"
