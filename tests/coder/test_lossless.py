"""The native network and coder of profile 3, against plain loops in NumPy."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder import _lossless
from hpcm_core.models.lossless.counts import tables
from tests.coder.naive_lossless import M, Naive, Size, drawn

TABLES = tables()
SETS = _lossless.instruction_sets()
KINDS = ["RGB 8", "grey 8", "equal 8", "RGB 16", "grey 16", "equal 16"]
SIDES = [(1, 1), (1, 300), (300, 1), (2, 3), (7, 5), (13, 40), (64, 48)]


def network(arrays: dict, instruction_set: str = "", **options) -> _lossless.Network:
    return _lossless.Network(arrays, TABLES, instruction_set=instruction_set, **options)


def picture(draw: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Slopes with some noise, and a part that is noise alone."""
    slopes = np.arange(height)[:, None, None] * 3 + np.arange(width)[:, None] * [1, 2, -1] + draw.integers(0, 20)
    slopes = (slopes + draw.integers(-3, 4, (height, width, 3))) % 256
    return np.where(draw.random((height, width, 1)) < 0.1, draw.integers(0, 256, slopes.shape), slopes).astype(np.uint8)


def of_kind(draw: np.random.Generator, samples: np.ndarray, kind: str) -> np.ndarray:
    """The same as grey, as RGB of equal colours, or with more bits, a part of which is at the ends of its range."""
    if "16" in kind:
        ends = np.where(draw.random(samples.shape) < 0.5, 0, 65535)
        fine = samples.astype(np.uint16) * 257 + draw.integers(-200, 200, samples.shape)
        samples = np.where(draw.random(samples.shape) < 0.1, ends, np.clip(fine, 0, 65535)).astype(np.uint16)
    if "RGB" in kind:
        return samples
    return np.ascontiguousarray(samples[:, :, :1]) if "grey" in kind else np.repeat(samples[:, :, :1], 3, axis=2)


def decoded(native: _lossless.Network, stream: bytes, like: np.ndarray) -> np.ndarray:
    """The samples of a stream, of this shape and type."""
    samples = np.empty_like(like)
    native.decode(stream, samples)
    return samples


@pytest.mark.parametrize(("height", "width"), SIDES)
@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_streams_are_those_of_plain_loops(height, width, extreme, kind):
    draw = np.random.default_rng(height * 1000 + width + extreme)
    arrays = drawn(draw, Size(), extreme)
    samples = of_kind(draw, picture(draw, height, width), kind)
    plain = Naive(arrays)
    head, prediction = plain.heads(samples)
    wanted = plain.encode(samples)
    for name in SETS:
        native = network(arrays, name)
        assert native.name == name
        found = native.heads(samples)
        assert np.array_equal(found[1], prediction)
        assert np.array_equal(found[0], head)
        assert native.encode(samples) == wanted
        assert np.array_equal(decoded(native, wanted, samples), samples)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from(KINDS),
    st.sampled_from(SETS),
)
def test_models_of_any_size(seed, height, width, extreme, kind, name):
    draw = np.random.default_rng(seed)
    channels, between, hidden = draw.integers(1, 70, 3).tolist()
    arrays = drawn(draw, Size(channels, int(draw.integers(0, 3)), between, hidden, int(draw.integers(1, 17))), extreme)
    samples = of_kind(draw, picture(draw, height, width), kind)
    order = tuple(draw.permutation(3).tolist())
    native = network(arrays, name, order=order)
    stream = native.encode(samples)
    assert stream == Naive(arrays, order).encode(samples)
    assert np.array_equal(decoded(native, stream, samples), samples)


def test_the_bundled_size():
    draw = np.random.default_rng(5)
    arrays = drawn(draw, M)
    samples = picture(draw, 64, 48)
    wanted = Naive(arrays).encode(samples)
    assert [network(arrays, name).encode(samples) == wanted for name in SETS] == [True] * len(SETS)
    assert np.array_equal(decoded(network(arrays), wanted, samples), samples)


@pytest.mark.trust
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_streams_are_refused(kind):
    draw = np.random.default_rng(6)
    native = network(drawn(draw, Size()))
    samples = of_kind(draw, picture(draw, 9, 11), kind)
    stream = native.encode(samples)
    words = [stream[:at] for at in range(len(stream))] + [stream + b"\0\0\0\0", b"", stream + stream]
    turned = [stream[:at] + bytes([stream[at] ^ 1 << at % 8]) + stream[at + 1 :] for at in range(len(stream))]
    noise = [draw.bytes(len(stream)) for _ in range(20)]
    noise += [(2**30 + i).to_bytes(8, "little") + draw.bytes(len(stream) - 8) for i in range(20)]
    for damaged in words + turned + noise:
        with pytest.raises(ValueError, match="damaged"):
            decoded(native, damaged, samples)
    for height, width in ((9, 10), (11, 9), (10, 11), (1024, 1024)):
        with pytest.raises(ValueError, match="damaged"):
            decoded(native, stream, np.empty((height, width, samples.shape[2]), samples.dtype))
    for other in KINDS:
        if kind.replace("equal", "RGB") != other.replace("equal", "RGB"):
            with pytest.raises(ValueError, match="damaged"):
                decoded(native, stream, of_kind(draw, picture(draw, 9, 11), other))
    assert np.array_equal(decoded(native, memoryview(stream), samples), samples)


@pytest.mark.parametrize(("height", "width"), [(0, 5), (5, 0), (1025, 1), (1, 1025)])
def test_tiles_have_sides(height, width):
    native = network(drawn(np.random.default_rng(7), Size()))
    with pytest.raises(ValueError, match="sides"):
        native.decode(b"\0" * 12, np.zeros((height, width, 3), np.uint8))
    with pytest.raises(ValueError, match="sides"):
        native.encode(np.zeros((height, width, 3), np.uint8))


def test_samples_have_their_shape():
    native = network(drawn(np.random.default_rng(7), Size()))
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 2), np.uint16)):
        with pytest.raises(ValueError, match="height x width x 3"):
            native.encode(wrong)
        with pytest.raises(ValueError, match="height x width x 3"):
            native.decode(b"\0" * 12, wrong)
    for wrong in (np.zeros((4, 4, 3), np.int16), np.zeros((4, 4, 3), ">u2"), np.zeros((4, 8, 3), np.uint8)[:, ::2]):
        with pytest.raises(TypeError):
            native.encode(wrong)
        with pytest.raises(TypeError):
            native.decode(b"\0" * 12, wrong)
    sealed = np.zeros((4, 4, 3), np.uint8)
    sealed.flags.writeable = False
    with pytest.raises(ValueError, match="writ"):
        native.decode(b"\0" * 12, sealed)


@pytest.mark.parametrize("kind", KINDS)
def test_bits_of_samples_are_those_of_their_intervals(kind):
    """All that is in a stream but its closing bytes, from whoever codes or decodes; nothing else differs."""
    draw = np.random.default_rng(13)
    arrays = drawn(draw, Size())
    native = network(arrays)
    samples = of_kind(draw, picture(draw, 20, 30), kind)
    made, found = (np.zeros(samples.shape, np.float32) for _ in range(2))
    stream = native.encode(samples, made)
    native.decode(stream, np.empty_like(samples), found)
    assert stream == native.encode(samples)
    assert np.array_equal(made, found)
    coded = made[..., :1] if "equal" in kind else made
    assert coded.min() > 0
    assert made.sum() == coded.sum(), "no bits for samples that another stands for"
    assert 0 < 8 * len(stream) - made.sum(dtype=np.float64) <= 8 * 12
    for wrong in (made[:-1], made.astype(np.float64), made[:, ::2]):
        with pytest.raises(ValueError, match="Bits are"):
            native.encode(samples, wrong)


def _changed(arrays: dict, name: str, **values) -> dict:
    """With some of an array's values set, by their places."""
    array = arrays[name].copy()
    for place, value in values.items():
        array.reshape(-1)[int(place[1:])] = value
    return arrays | {name: array}


@pytest.mark.trust
def test_models_that_are_none_are_refused():
    arrays = drawn(np.random.default_rng(8), Size())
    network(arrays)
    for name, array in arrays.items():
        without = {other: arrays[other] for other in arrays if other != name}
        for wrong in (
            without,
            arrays | {name: array.astype(np.int64)},
            arrays | {name: array[..., :-1].copy()},
            arrays | {name: array[..., None]},
        ):
            with pytest.raises(ValueError, match=r"\.$"):
                network(wrong)
    with pytest.raises(ValueError, match="no array"):
        network({})
    for place, low, high in ((0, 1, 32767), (7, 1, 16383), (8, 0, 30), (9, 0, 30), (16, 1, 16383), (19, 1, 32767)):
        for value in (low - 1, high + 1, -(2**31), 2**31 - 1):
            with pytest.raises(ValueError, match="out of its range"):
                network(_changed(arrays, "constants", **{f"_{place}": value}))


@pytest.mark.trust
@pytest.mark.parametrize(
    "layer", ["predict", "embed", "blocks.0.conv_a", "blocks.1.context", "blocks.1.mlp.2", "head.2"]
)
def test_sums_that_could_overflow_are_refused(layer):
    arrays = drawn(np.random.default_rng(9), Size())
    limit = 128 if layer in ("predict", "embed") else 32767
    most = limit * int(np.abs(arrays[f"{layer}.weight"][0].astype(np.int64)).sum())
    arrays = _changed(arrays, f"{layer}.shift", _0=0)
    network(_changed(arrays, f"{layer}.bias", _0=2**31 - 1 - most))
    for wrong in (
        _changed(arrays, f"{layer}.bias", _0=2**31 - most),
        _changed(arrays, f"{layer}.bias", _0=most - 2**31),
        _changed(_changed(arrays, f"{layer}.bias", _0=2**31 - 1 - most), f"{layer}.shift", _0=1),
        _changed(arrays, f"{layer}.shift", _0=31),
    ):
        with pytest.raises(ValueError, match=r"32 bits|shift is too large"):
            network(wrong)


def test_tables_and_names_are_looked_at():
    arrays = drawn(np.random.default_rng(8), Size())
    for name, table in TABLES.items():
        for wrong in (table[:-1].copy(), -table, table * 70000):
            with pytest.raises(ValueError, match="tables"):
                _lossless.Network(arrays, TABLES | {name: wrong})
    with pytest.raises(ValueError, match="instruction set"):
        network(arrays, "none")
    for order in ((0, 1, 1), (1, 2, 3)):
        with pytest.raises(ValueError, match="order"):
            network(arrays, order=order)


class _Enough(Exception):
    pass


def test_work_ends_where_it_is_not_wanted():
    draw = np.random.default_rng(10)
    native = network(drawn(draw, Size()))
    samples = picture(draw, 200, 40)
    stream = native.encode(samples)

    def decode(check):
        native.decode(stream, np.empty_like(samples), None, check)

    for work in (lambda check: native.encode(samples, None, check), decode):
        calls = []

        def check(calls=calls):
            calls.append(None)
            if len(calls) == 3:
                raise _Enough

        with pytest.raises(_Enough):
            work(check)
        assert len(calls) == 3
        asked = []
        work(lambda asked=asked: asked.append(None))
        assert len(asked) > 200 * 2 // 50


def test_others_run_meanwhile():
    """A tile that takes a while does not keep Python's lock, and threads may share a network."""
    draw = np.random.default_rng(11)
    native = network(drawn(draw, M), "portable")
    samples = picture(draw, 96, 96)
    found = []
    threads = [threading.Thread(target=lambda: found.append(native.encode(samples))) for _ in range(2)]
    for thread in threads:
        thread.start()
    turns = 0
    while any(thread.is_alive() for thread in threads):
        turns += 1
        time.sleep(0.001)
    assert turns > 3
    assert found == [native.encode(samples)] * 2
