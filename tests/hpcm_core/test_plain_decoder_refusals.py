"""The plain decoder refuses what the program's does, in the same way."""

from __future__ import annotations

import dataclasses
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcm_core import plain_decoder
from hpcm_core.format import container
from tests.hpcm_core.format.chunks import join, split
from tests.hpcm_core.plain_decoding import (
    SMALL_FILE,
    TABLES,
    WEIGHTS,
    WEIGHTS_FILE,
    both,
    plain,
)
from tests.hpcm_core.test_quality_map import raw

pytestmark = pytest.mark.trust


@given(st.binary(max_size=4))
@settings(max_examples=40)
def test_any_wish(payload):
    head, *rest = split(SMALL_FILE)
    mine, other = both(join([head, (b"look", payload), *rest]))
    assert mine == "CorruptFile" or len(payload) == 2
    assert other == (mine if mine == "CorruptFile" else both(SMALL_FILE)[1])


@given(
    st.sampled_from((b"text", b"phys")),
    st.binary(max_size=10)
    | st.lists(st.sampled_from((b"a", b"\0", b"\xff", "ü".encode(), b"\xed\xa0\x80")), max_size=6).map(b"".join)
    | st.sampled_from((b"a\0b\0" * 4096, b"a\0b\0" * 4097))
    | st.tuples(*[st.integers(0, 2)] * 3).map(lambda numbers: struct.pack("<IIB", *numbers)),
)
@settings(max_examples=120)
def test_any_texts_and_resolution(kind, content):
    head, *rest = split(SMALL_FILE)
    mine, other = both(join([head, (kind, b"\0" + content), *rest]))
    assert mine == other


@given(st.binary(max_size=9) | st.integers(0, 255).map(lambda value: raw(bytes([value]))))
@settings(max_examples=60)
def test_any_map_of_qualities(payload):
    head, *rest = split(SMALL_FILE)
    mine, other = both(join([head, (b"GAIN", payload), *rest]))
    assert mine == other


@given(st.data())
@settings(max_examples=150)
def test_damage_ends_alike(data):
    """Bytes changed, some behind right checksums."""
    broken = bytearray(SMALL_FILE)
    if data.draw(st.booleans()):
        position = data.draw(st.integers(0, len(broken) - 1))
        broken[position] ^= data.draw(st.integers(1, 255))
        del broken[data.draw(st.sampled_from((len(broken), len(broken) // 2, position))) :]
    else:
        chunks = split(SMALL_FILE)
        number = data.draw(st.sampled_from((0, len(chunks) - 2)))
        payload = bytearray(chunks[number][1])
        # Not the arithmetic profile, and the model's hash and name: what is missing is not said in one order.
        free = [i for i in range(len(payload)) if number or not (i == 14 or i >= 22)]
        payload[data.draw(st.sampled_from(free))] ^= data.draw(st.integers(1, 255))
        chunks[number] = (chunks[number][0], bytes(payload))
        broken = join(chunks)
    mine, other = both(broken)
    assert mine == other


def test_chunks_that_are_wrong():
    head, table, tile, end = split(SMALL_FILE)
    bomb = b"\1" + struct.pack("<I", 1 << 30) + zlib.compress(bytes(1 << 20))
    cases = {
        "CorruptFile": [
            [table, head, tile, end], [head, tile, table, end], [head, table, end], [head, table, tile, tile, end],
            [head, head, table, tile, end], [head, table, table, tile, end],
            [head, table, tile, (b"exif", b"\0x"), end],
            [head, (b"exif", b"\0x"), (b"exif", b"\0x"), table, tile, end], [head, (b"exif", b"\2x"), table, tile, end],
            [head, (b"exif", b"\1\5\0\0\0x"), table, tile, end],
            [head, *[(b"look", b"\1\0")] * 2, table, tile, end], [head, (b"alph", b"x"), table, tile, end],
            [head, table, (b"TILE", tile[1][:15]), end], [head, table, tile],
        ],
        "UnsupportedVersion": [[head, (b"NEWS", b""), table, tile, end]],
        "LimitExceeded": [
            [head, (b"exif", bomb), table, tile, end], [head, (b"prev", bytes(17 << 20)), table, tile, end],
            [head, (b"iccp", bytes(5 << 20)), table, tile, end], [head, *[(b"news", b"")] * 65536, table, tile, end],
        ],
    }  # fmt: skip
    for kind, files in cases.items():
        for chunks in files:
            assert both(join(chunks)) == (kind, kind), [name for name, _ in chunks[:6]]
    ignored = join([head, (b"news", b"x"), table, (b"more", b""), tile, end])
    assert both(ignored)[0] == both(ignored)[1] == both(SMALL_FILE)[0]


def test_headers_beyond_the_limits():
    head, *rest = split(SMALL_FILE)
    for size in ((1 << 17, 1), (1 << 15, 1 << 14), (0xFFFFFFFF, 0xFFFFFFFF)):
        data = join([(b"HEAD", struct.pack("<II", *size) + head[1][8:]), *rest])
        assert both(data) == ("LimitExceeded", "LimitExceeded")
    with pytest.raises(plain_decoder.Refused, match="33 pixels is larger"):
        plain_decoder.decode(SMALL_FILE, WEIGHTS, TABLES, most_pixels=47 * 33 - 1)


def test_files_of_other_models_are_named():
    header = container.read(SMALL_FILE).header
    for change, kind, words in (
        ({"model_hash": bytes(8)}, "MissingModel", "needs the weights 0000000000000000"),
        ({"profile": 1}, "UnsupportedVersion", "lite in arithmetic profile 1"),
        ({"model_name": "base-psi"}, "UnsupportedVersion", "base-psi in arithmetic profile 2"),
    ):
        file = dataclasses.replace(container.read(SMALL_FILE), header=dataclasses.replace(header, **change))
        with pytest.raises(plain_decoder.Refused, match=words) as caught:
            plain(container.write(file))
        assert caught.value.kind == kind


def test_weights_and_tables_that_are_none(tmp_path):
    good = WEIGHTS_FILE.read_bytes()
    path = tmp_path / "some.safetensors"
    long, list_of = struct.pack("<Q", 1 << 60) + good[8:], good[:8] + b"[" + good[9:]
    for bad in (b"", good[:4], long, good[:5000], list_of, good[:-1]):
        path.write_bytes(bad)
        with pytest.raises(plain_decoder.Refused) as caught:
            plain_decoder.Weights(path)
        assert caught.value.kind == "ModelError"
        with pytest.raises(plain_decoder.Refused, match="The tables in"):
            plain_decoder.Tables(path)
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(plain_decoder.Refused, match="needs the weights"):
        plain_decoder.decode(SMALL_FILE, plain_decoder.Weights(path), TABLES)


def test_weights_whose_sums_could_leave_32_bits():
    weights = plain_decoder.Weights(WEIGHTS_FILE)
    weights.tensors["context_net.0.weight"] = np.full((512, 512), 300, np.int16)
    with pytest.raises(plain_decoder.Refused, match=r"context_net\.0 leave the range"):
        plain_decoder.Model(weights, TABLES, 8)
