"""The decoder in one file of Python and NumPy, beside the program's: the same pixels, the same refusals."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import io
import re
import struct
import subprocess
import sys
import zlib

import numpy as np
import png
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import coder
from hpcm_core import codec, plain_decoder
from hpcm_core.entropy.streams import coder_tables
from hpcm_core.errors import HpcmError
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap, blocks
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.spaces import profile_of, space_of
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.hpcm_core.format.chunks import FULL, join, split
from tests.hpcm_core.test_quality_map import raw
from tests.learned import alone
from tests.paths import ROOT

pytestmark = pytest.mark.trust

WEIGHTS_FILE, TABLES_FILE = resource("models/lite.safetensors"), resource("ggm_tables.npz")
WEIGHTS, TABLES = plain_decoder.Weights(WEIGHTS_FILE), plain_decoder.Tables(TABLES_FILE)
NATURAL_FILE = resource("models/lite.natural.safetensors")
PHOTO = Picture.open(ROOT / "resources/samples/astronaut.png").pixels
SMALL = Picture(PHOTO[100:133, 200:247])
SMALL_FILE = codec.encode(SMALL, Recipe(quality=30), reconstruct=False).data
LOSSLESS_FILE = resource("models/lossless-m.safetensors")
LOSSLESS = plain_decoder.Weights(LOSSLESS_FILE)
with alone():
    SMALL_LOSSLESS = codec.encode(Picture(PHOTO[100:107, 200:213]), Recipe("lossless-m"), reconstruct=False).data


def plain(data, weights=WEIGHTS):
    return plain_decoder.decode(bytes(data), weights, TABLES)


def outcome(decode, data):
    """Pixels as bytes, or the name of the error."""
    try:
        return decode(data)
    except HpcmError as error:
        return type(error).__name__
    except plain_decoder.Refused as refused:
        return refused.kind


def both(data, weights=WEIGHTS):
    """What the two decoders make of a file."""
    mine = outcome(lambda data: codec.decode(data).picture.pixels.tobytes(), data)
    return mine, outcome(lambda data: plain(data, weights)[0].tobytes(), data)


def test_it_imports_python_and_numpy_alone():
    tree = ast.parse((ROOT / "hpcm_core/plain_decoder.py").read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= {*sys.stdlib_module_names, "numpy"}


@pytest.mark.parametrize("together", [2, 1], ids=["Lite", "the Lite before"])
def test_the_steps_are_those_of_the_document(together):
    text = (ROOT / "docs/exact-arithmetic-2.md").read_text("utf-8")
    patterns = re.findall(r"\d: ((?:\d,\d ?){2})[;.]", text.replace("\n", " "))
    rows = re.findall(r"^\| (\d+) \| (\d) \| (\d) × \d \| \w+[:,] (?:patterns )?(.*) \|$", text, re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, 9))
    coded = []
    for _, scale, cell, what in rows:
        parts = [re.findall(r"\((.*?)\)", what) or what.split("; ")]
        if scale == "3":
            parts = [[patterns[int(pattern)] for pattern in row.split()] for row in what.split(" and ")]
        slots = [
            [(part, *map(int, at.split(","))) for part, all_at in enumerate(row) for at in all_at.split()]
            for row in parts
        ]
        taken = [[slot for row in slots for slot in row]] if together == 2 else slots
        coded += [(int(scale), int(cell), slots) for slots in taken]
    assert coded == [(step.scale, step.cell, step.slots) for step in plain_decoder.schedule(together)]
    descents = re.findall(r"^\| to scale (\d) \| (.*) \|$", text, re.MULTILINE)
    assert len(descents) == 2
    for scale, line in descents:
        slots = [(part, *map(int, at.split(","))) for part, at in enumerate(re.findall(r"\d,\d", line))]
        assert slots == plain_decoder.DOWN[int(scale)].slots


def deep(pixels):
    return pixels.astype(np.uint16) * 257 + np.arange(pixels.size, dtype=np.uint16).reshape(pixels.shape) % 200


NOISE = np.random.default_rng(3).integers(0, 256, (64, 64, 3)).astype(np.uint8)
PICTURES = {
    "padded to 64, odd grids": (Picture(PHOTO[:60, :130]), 45),
    "padded to 256": (Picture(PHOTO[:250, 200:450]), 20),
    "one pixel": (Picture(PHOTO[:1, :1]), 100),
    "grey": (Picture(PHOTO[:70, :50, 1:2]), 60),
    "grey of 16 bits with alpha": (Picture(deep(PHOTO[:50, 60:130, :1]), deep(PHOTO[:50, 60:130, 1])), 80),
    "16 bits": (Picture(deep(PHOTO[100:170, 200:260])), 100),
    "alpha": (Picture(PHOTO[90:150, 200:250], PHOTO[90:150, 200:250, 2]), 10),
    "noise, with escapes": (Picture(NOISE), 100),
    "tiles and windows": (Picture(np.tile(PHOTO[:70, :400], (1, 3, 1))[:, :1100]), 5),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_pixels(name):
    picture, quality = PICTURES[name]
    encoded = codec.encode(picture, Recipe(quality=quality))
    samples, alpha, file = plain(encoded.data)
    assert samples.dtype == picture.pixels.dtype
    assert np.array_equal(samples, encoded.reconstruction.pixels)
    assert (alpha is None) == (picture.alpha is None)
    assert alpha is None or np.array_equal(alpha, picture.alpha)
    assert len(file.tiles) == (2 if "tiles" in name else 1)


@pytest.mark.parametrize("name", ["tiles and windows", "16 bits"])
def test_parts_that_are_kept_better(name):
    picture, quality = PICTURES[name]
    offsets = np.random.default_rng(4).integers(-22, 23, blocks(picture.width, picture.height))
    encoded = codec.encode(picture, Recipe(quality=quality, quality_map=QualityMap.of(offsets)))
    assert np.array_equal(plain(encoded.data)[0], encoded.reconstruction.pixels)


@pytest.mark.parametrize("name", ["grey of 16 bits with alpha", "alpha"])
@pytest.mark.parametrize("quality", [20, 60, 80])
def test_looks(name, quality):
    """Every one by the rules; without the look's weights, the faithful picture, whatever the file wishes."""
    picture, _ = PICTURES[name]
    data = codec.encode(picture, Recipe(quality=quality, look=77), reconstruct=False).data
    natural = plain_decoder.Weights(NATURAL_FILE)
    wanted = {look: codec.decode(data, look=look).picture.pixels for look in (0, 77, 256)}
    assert len({pixels.tobytes() for pixels in wanted.values()}) == (1 if quality == 80 else 3)
    for look, pixels in wanted.items():
        assert np.array_equal(plain_decoder.decode(data, WEIGHTS, TABLES, natural=natural, look=look)[0], pixels)
    assert np.array_equal(plain_decoder.decode(data, WEIGHTS, TABLES, natural=natural)[0], wanted[77])
    assert np.array_equal(plain(data)[0], wanted[0])


def test_a_look_of_other_weights_is_refused():
    natural = plain_decoder.Weights(NATURAL_FILE)
    natural.belongs_to = "da42c4b9b636977d"
    with pytest.raises(plain_decoder.Refused, match="not that of the file's weights"):
        plain_decoder.decode(SMALL_FILE, WEIGHTS, TABLES, natural=natural)


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
@settings(max_examples=60)
def test_streams_of_the_native_coder(data):
    draw = np.random.default_rng(data.draw(st.integers(0, 1 << 30)))
    count, spread = data.draw(st.sampled_from((0, 1, 7, 600, 5000))), data.draw(st.sampled_from((1, 40, 9000)))
    indices = draw.integers(0, 60, count).astype(np.uint8)
    symbols = np.rint(draw.normal(0, spread, count)).clip(-32767, 32767).astype(np.int32)
    encoder = coder.Encoder(coder_tables())
    encoder.push(symbols, indices)
    finished = encoder.finish()
    stream = plain_decoder.Stream(memoryview(finished), TABLES)
    parts = np.array_split(indices.astype(np.int64), 3)
    assert np.array_equal(np.concatenate([stream.pull(part) for part in parts]), symbols)
    stream.finish()
    if count:
        stream = plain_decoder.Stream(memoryview(finished + bytes(4)), TABLES)
        stream.pull(indices.astype(np.int64))
        with pytest.raises(plain_decoder.Refused, match="do not give the symbols"):
            stream.finish()


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


def test_what_an_archive_keeps_is_what_the_page_says():
    text = (ROOT / "docs/longevity.md").read_text("utf-8")
    kept = re.findall(r"`(resources/[^`]*)` \| [^|]*SHA-256 `(\w{64})`", text)
    kept += re.findall(r"`--natural (lite\.\w+\.safetensors)`[^`]*SHA-256 `(\w{64})`", text)
    assert len(kept) == 4
    for name, digest in kept:
        data = resource(name.removeprefix("resources/") if "/" in name else f"models/{name}").read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest, name


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


def test_files_without_loss_are_taken_apart(tmp_path, capsys):
    """Each tile is a file that any reader of JPEG XL takes."""
    golden = ROOT / "tests/golden/lossless/two-tiles.hpcm"
    arguments = [golden, WEIGHTS_FILE, TABLES_FILE, tmp_path / "a.png", "--parts", tmp_path / "parts"]
    assert plain_decoder.main([str(one) for one in arguments]) == 1
    assert "Its tiles are JPEG XL, which --parts writes." in capsys.readouterr().err
    tiles = [Picture.open(tmp_path / f"parts/tile-{number}.jxl").pixels for number in range(2)]
    assert np.array_equal(np.concatenate(tiles, axis=1), codec.decode(golden.read_bytes()).picture.pixels)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("interlaced", [False, True])
def test_alpha_planes_that_others_write(depth, interlaced):
    header = dataclasses.replace(FULL.header, width=45, height=33, bit_depth=depth)
    header = plain_decoder.read_header(container.pack_header(header), 1 << 20)
    plane = PHOTO[:33, :45, 0] if depth == 8 else deep(PHOTO[:33, :45, 0])
    written = io.BytesIO()
    writer = png.Writer(45, 33, greyscale=True, bitdepth=depth, interlace=interlaced)
    writer.write_array(written, plane.ravel().tolist())
    assert np.array_equal(plain_decoder.read_alpha(written.getvalue(), header), plane)
    filtered = io.BytesIO()
    Image.fromarray(plane).save(filtered, "PNG")  # Pillow chooses filters, pypng has none
    assert np.array_equal(plain_decoder.read_alpha(filtered.getvalue(), header), plane)
    data = written.getvalue()
    transparent = b"\0\0\0\2tRNS\0\0" + struct.pack(">I", zlib.crc32(b"tRNS\0\0"))
    other_size = data[:16] + b"\0\0\0\x2e" + data[20:]
    for wrong in (
        data[:-30],
        other_size,
        data[:33] + transparent + data[33:],
        data.replace(b"IDAT", b"IDAX"),
        b"",
        data[:8],
    ):
        with pytest.raises(plain_decoder.Refused, match="alpha plane cannot be read"):
            plain_decoder.read_alpha(wrong, header)


def test_every_filter_of_png():
    plane = PHOTO[:40, :50, 0]
    for size in (1, 2):
        rows, above = [], np.zeros(50, int)
        for number, line in enumerate(plane.astype(int)):
            left, corner = np.r_[[0] * size, line[:-size]], np.r_[[0] * size, above[:-size]]
            p = left + above - corner
            a, b, c = abs(p - left), abs(p - above), abs(p - corner)
            paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, above, corner))
            guess = (0 * line, left, above, (left + above) // 2, paeth)[number % 5]
            rows.append(np.r_[number % 5, (line - guess) % 256])
            above = line
        assert np.array_equal(plain_decoder.unfiltered(np.array(rows, np.uint8), size), plane)


def test_as_a_program(tmp_path):
    """By itself, in a folder where there is nothing else."""
    program = tmp_path / "plain_decoder.py"
    program.write_bytes((ROOT / "hpcm_core/plain_decoder.py").read_bytes())
    exif = b"II*\0\x08\0\0\0" + bytes(6)
    picture = Picture(deep(PHOTO[:40, :50]), deep(PHOTO[:40, :50, 0]), icc=profile_of(2, 3), exif=exif)
    encoded = codec.encode(picture, Recipe(quality=50))
    (tmp_path / "a.hpcm").write_bytes(encoded.data)

    def run(*arguments):
        command = [sys.executable, "-I", program, "a.hpcm", WEIGHTS_FILE, TABLES_FILE, *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert run("a.png", "--parts", "parts").returncode == 0
    read = Picture.open(tmp_path / "a.png")
    assert np.array_equal(read.pixels, encoded.reconstruction.pixels)
    assert np.array_equal(read.alpha, picture.alpha)
    assert space_of(read.icc, 3) == 2
    assert run("look.npy", "--look", "200").returncode == 2
    assert run("look.npy", "--natural", NATURAL_FILE, "--look", "200").returncode == 0
    natural = codec.decode(encoded.data, look=200).picture.pixels
    assert not np.array_equal(natural, read.pixels)
    assert np.array_equal(np.load(tmp_path / "look.npy")[..., :3], natural)
    assert (tmp_path / "parts/exif").read_bytes() == container.read(encoded.data).exif
    assert run("a.npy").returncode == 0
    assert np.array_equal(np.load(tmp_path / "a.npy")[..., :3], read.pixels)
    (tmp_path / "a.hpcm").write_bytes(encoded.data[:-1])
    refused = run("b.png")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("CorruptFile: The file is damaged")
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "b.png").exists()
    (tmp_path / "a.hpcm").write_bytes(SMALL_LOSSLESS)
    assert run("b.png").stderr.startswith("MissingModel: The file needs the weights 64bc53c7baad2490 of lossless-m")
    command = [sys.executable, "-I", program, "a.hpcm", LOSSLESS_FILE, "b.npy"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert np.array_equal(np.load(tmp_path / "b.npy"), PHOTO[100:107, 200:213])
    (tmp_path / "a.hpcm").write_bytes(SMALL_FILE)
    refused = subprocess.run([*command[:4], WEIGHTS_FILE, "b.png"], cwd=tmp_path, capture_output=True, text=True)
    assert refused.stderr == "ModelError: Files of lite need its tables, ggm_tables.npz.\n"
    (tmp_path / "a.hpcm").unlink()
    assert "a.hpcm: No such file" in run("b.png").stderr
