"""The decoder in one file of Python and NumPy, beside the program's: the same pixels; and what its documents say."""

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
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap, blocks
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.spaces import profile_of, space_of
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.hpcm_core.format.chunks import FULL
from tests.hpcm_core.plain_decoding import (
    LOSSLESS_FILE,
    NATURAL_FILE,
    NOISE,
    PHOTO,
    SMALL_FILE,
    SMALL_LOSSLESS,
    TABLES,
    TABLES_FILE,
    WEIGHTS,
    WEIGHTS_FILE,
    deep,
    plain,
)
from tests.paths import ROOT

pytestmark = pytest.mark.trust


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


def test_what_an_archive_keeps_is_what_the_page_says():
    text = (ROOT / "docs/longevity.md").read_text("utf-8")
    kept = re.findall(r"`(resources/[^`]*)` \| [^|]*SHA-256 `(\w{64})`", text)
    kept += re.findall(r"`--natural (lite\.\w+\.safetensors)`[^`]*SHA-256 `(\w{64})`", text)
    assert len(kept) == 4
    for name, digest in kept:
        data = resource(name.removeprefix("resources/") if "/" in name else f"models/{name}").read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest, name


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
    needed = container.read(SMALL_LOSSLESS).header.model_hash.hex()
    assert run("b.png").stderr.startswith(f"MissingModel: The file needs the weights {needed} of lossless-m")
    command = [sys.executable, "-I", program, "a.hpcm", LOSSLESS_FILE, "b.npy"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert np.array_equal(np.load(tmp_path / "b.npy"), PHOTO[100:107, 200:213])
    (tmp_path / "a.hpcm").write_bytes(SMALL_FILE)
    refused = subprocess.run([*command[:4], WEIGHTS_FILE, "b.png"], cwd=tmp_path, capture_output=True, text=True)
    assert refused.stderr == "ModelError: Files of lite need its tables, ggm_tables.npz.\n"
    (tmp_path / "a.hpcm").unlink()
    assert "a.hpcm: No such file" in run("b.png").stderr
