"""The plain decoder beside the program's on files without loss."""

from __future__ import annotations

import re
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcm_core import codec, plain_decoder
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.format.chunks import join, split
from tests.hpcm_core.plain_decoding import (
    LOSSLESS,
    LOSSLESS_FILE,
    NOISE,
    PHOTO,
    SMALL_FILE,
    SMALL_LOSSLESS,
    TABLES_FILE,
    WEIGHTS_FILE,
    both,
)
from tests.hpcm_core.test_quality_map import raw
from tests.learned import alone
from tests.paths import ROOT

pytestmark = pytest.mark.trust


def between(samples):
    """Of 16 bits, and none that 8 bits have."""
    return samples.astype(np.uint16) * 256 + samples[::-1, ::-1]


WITHOUT_LOSS = {
    "one pixel": Picture(PHOTO[:1, :1]),
    "a row": Picture(PHOTO[7:8, :30]),
    "a column": Picture(PHOTO[:30, 7:8]),
    "noise": Picture(NOISE[:9, :31]),
    "two tiles, one column longer than the other": Picture(PHOTO[:2, :257]),
    "two tiles, one above the other": Picture(PHOTO[:258, :2]),
    "alpha": Picture(PHOTO[90:110, 200:217], PHOTO[90:110, 200:217, 2]),
    "grey": Picture(PHOTO[90:110, 200:217, 1:2]),
    "grey, two tiles": Picture(PHOTO[:2, :257, :1]),
    "deep": Picture(between(PHOTO[90:110, 200:217]), between(PHOTO[90:110, 200:217, 2])),
    "deep, noise": Picture(between(NOISE[:9, :31])),
    "deep, grey, two tiles": Picture(between(PHOTO[:2, :257, :1])),
    "deep, the ends side by side": Picture((NOISE[:9, :31] % 2) * np.uint16(65535)),
}


@pytest.mark.parametrize("name", WITHOUT_LOSS)
def test_pictures_without_loss(name):
    picture = WITHOUT_LOSS[name]
    with alone():
        data = codec.encode(picture, Recipe("lossless-m"), reconstruct=False).data
    samples, alpha, file = plain_decoder.decode(data, LOSSLESS)
    assert (file.header.name, file.header.profile) == ("lossless-m", 3)
    assert samples.dtype == picture.pixels.dtype
    assert np.array_equal(samples, picture.pixels)
    assert (alpha is None) == (picture.alpha is None)
    assert alpha is None or np.array_equal(alpha, picture.alpha)
    assert len(file.tiles) == (2 if "tiles" in name else 1)


def test_the_tables_are_those_of_the_document():
    rows = re.findall(
        r"^\| ([A-Z]+) \| (\d+) \| .* \| `(\w{8})` \|$",
        (ROOT / "docs/exact-arithmetic-3.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert [name for name, *_ in rows] == ["POWER", "INVERSE", "LOGISTIC", "FINE"]
    for table, (_, count, crc) in zip(plain_decoder.pixel_tables(), rows, strict=True):
        assert (len(table), f"{zlib.crc32(np.array(table, '<i4').tobytes()):08x}") == (int(count), crc)


@given(st.data())
@settings(max_examples=100)
def test_damage_without_loss_ends_alike(data):
    """Bytes changed behind right checksums: of the header, of a tile, whose bytes are cut and lengthened too."""
    chunks = split(SMALL_LOSSLESS)
    number = data.draw(st.sampled_from((0, 2)))
    payload = bytearray(chunks[number][1])
    free = [i for i in range(len(payload)) if number or not (i == 14 or i >= 22)]
    payload[data.draw(st.sampled_from(free))] ^= data.draw(st.integers(1, 255))
    if number:
        del payload[data.draw(st.sampled_from((len(payload), len(payload) - 4, len(payload) - 1, 12, 8, 0))) :]
        payload += bytes(data.draw(st.sampled_from((0, 0, 4))))
    chunks[number] = (chunks[number][0], bytes(payload))
    mine, other = both(join(chunks), LOSSLESS)
    assert mine == other
    assert number == 0 or mine == "ArithmeticMismatch"


def test_what_files_without_loss_have_not():
    head, *rest = split(SMALL_LOSSLESS)
    assert both(join([head, (b"look", b"\1\0"), *rest]), LOSSLESS)[1] == both(SMALL_LOSSLESS, LOSSLESS)[0]
    for chunk in ((b"GAIN", raw(bytes([3]))), (b"look", b"\1\2"), (b"look", b"")):
        assert both(join([head, chunk, *rest]), LOSSLESS) == ("CorruptFile", "CorruptFile")
    assert both(SMALL_LOSSLESS)[1] == both(SMALL_FILE, LOSSLESS)[1] == "MissingModel"


def test_weights_without_loss_that_are_out_of_range():
    for name, change in (
        ("constants", {0: 0}), ("constants", {7: 16384}), ("constants", {8: 31}), ("constants", {-1: 32768}),
        ("blocks.1.context.weight", {...: 32767}), ("blocks.2.mlp.0.shift", {5: 31}), ("embed.bias", {3: 2**31 - 1}),
    ):  # fmt: skip
        weights = plain_decoder.Weights(LOSSLESS_FILE)
        weights.tensors[name] = weights.tensors[name].copy()
        for at, value in change.items():
            weights.tensors[name][at] = value
        with pytest.raises(plain_decoder.Refused, match=r"leave the range"):
            plain_decoder.Lossless(weights)
    weights.tensors["head.2.weight"] = weights.tensors["head.2.weight"][1:]
    weights.tensors["embed.bias"] = LOSSLESS.tensors["embed.bias"]
    with pytest.raises(plain_decoder.Refused, match=r"head\.2\.weight are not those of lossless-m in profile 3"):
        plain_decoder.Lossless(weights)


def test_files_without_loss_are_taken_apart(tmp_path, capsys):
    """Each tile is a file that any reader of JPEG XL takes."""
    golden = ROOT / "tests/golden/lossless/two-tiles.hpcm"
    arguments = [golden, WEIGHTS_FILE, TABLES_FILE, tmp_path / "a.png", "--parts", tmp_path / "parts"]
    assert plain_decoder.main([str(one) for one in arguments]) == 1
    assert "Its tiles are JPEG XL, which --parts writes." in capsys.readouterr().err
    tiles = [Picture.open(tmp_path / f"parts/tile-{number}.jxl").pixels for number in range(2)]
    assert np.array_equal(np.concatenate(tiles, axis=1), codec.decode(golden.read_bytes()).picture.pixels)
