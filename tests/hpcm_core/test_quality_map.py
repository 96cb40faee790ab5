"""Parts of a picture that are kept better or coded more cheaply: the map, its chunk, and what encoder and decoder make
of it.
"""

from __future__ import annotations

import json
import tracemalloc
import zlib
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hpcm_core import checks, codec, metrics
from hpcm_core.errors import CorruptFile, InvalidRecipe, UnsupportedVersion
from hpcm_core.format import container
from hpcm_core.format.gain import MOST, QualityMap, blocks, pack_gain, parse_gain
from hpcm_core.format.mask import quality_map_of
from hpcm_core.integer.native import Native, instruction_sets
from hpcm_core.layers.transforms import spread
from hpcm_core.models.hpcm.integer import IntegerHPCM
from hpcm_core.models.hpcm.integer_family import INTEGER_FAMILY
from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms
from hpcm_core.models.loading import load
from hpcm_core.models.quadtree.config import QUAD_PRIOR
from hpcm_core.models.quadtree.family import QUADTREE_FAMILY
from hpcm_core.models.registry import edition_of
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.transform import coding
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.format.chunks import join, split
from tests.hpcm_core.models.float_lite import float_lite
from tests.hpcm_core.test_codec import photo
from tests.toy.family import install_toy
from tests.toy.plain import PlainFamily

FACE = (slice(40, 200), slice(160, 320))
"""Rows and columns of the sample photograph in which its face is."""


def drawn(width, height, *parts):
    """A map with offsets in some rectangles of blocks: (rows, columns, offset)."""
    offsets = np.zeros(blocks(width, height), np.int8)
    for rows, columns, offset in parts:
        offsets[rows, columns] = offset
    return QualityMap.of(offsets)


KEEP_LEFT = drawn(192, 160, (slice(None), slice(0, 1), MOST))


@pytest.fixture(scope="module")
def picture():
    return Picture(photo(192, 160))


@pytest.fixture(scope="module")
def painted(picture):
    return codec.encode(picture, Recipe(quality=40, quality_map=KEEP_LEFT))


# The chunk.


@given(rows=st.integers(1, 9), columns=st.integers(1, 9), data=st.data())
def test_a_map_comes_back(rows, columns, data):
    values = data.draw(st.lists(st.integers(-100, 100), min_size=rows * columns, max_size=rows * columns))
    made = QualityMap.of(np.array(values).reshape(rows, columns))
    width, height = data.draw(st.integers(64 * columns - 63, 64 * columns)), 64 * rows - data.draw(st.integers(0, 63))
    assert parse_gain(pack_gain(made), width, height) == made
    assert made.fits(width, height)
    assert not made.fits(width, height + 64)


@given(st.binary(max_size=60), st.integers(1, 700), st.integers(1, 700))
def test_any_bytes_are_a_map_or_one_error(payload, width, height):
    with suppress(CorruptFile):
        made = parse_gain(payload, width, height)
        assert made.fits(width, height)
        assert np.abs(made.offsets.astype(int)).max() <= 100


def test_every_latent_belongs_to_a_block():
    """Also in the padding, which has the last block's."""
    made = QualityMap.of(np.array([[1, 2], [3, 4]]))
    wanted = np.array([[1, 2, 2], [3, 4, 4], [3, 4, 4]]).repeat(4, 0).repeat(4, 1)
    assert np.array_equal(made.on_latents(12, 12, 16), wanted)
    assert np.array_equal(made.on_latents(24, 24, 8), wanted.repeat(2, 0).repeat(2, 1))


def raw(values: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(values) + stream.flush()


@pytest.mark.trust
@pytest.mark.parametrize(
    "payload",
    [b"", raw(bytes(5)), raw(bytes(7)), raw(bytes(6)) + b"x", raw(bytes(6))[:-1], raw(b"\x65" + bytes(5)),
     raw(b"\x80" + bytes(5)), zlib.compress(bytes(6)), raw(bytes(50_000_000))],
    ids=["empty", "too few", "too many", "more behind", "cut", "101", "-128", "zlib", "bomb"],
)  # fmt: skip
def test_damaged_maps(payload):
    assert parse_gain(raw(b"\x64\x9c" + bytes(4)), 129, 65).offsets.tolist() == [[100, -100, 0], [0, 0, 0]]
    with pytest.raises(CorruptFile):
        parse_gain(payload, 129, 65)


@pytest.mark.trust
def test_a_map_that_unfolds_takes_no_memory():
    payload = raw(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(CorruptFile):
            parse_gain(payload, 129, 65)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_map_costs_hardly_any_bytes():
    mask = np.zeros(blocks(6000, 4000), np.int8)
    mask[20:31, 40:52], mask[45:, :30] = MOST, -MOST
    assert len(pack_gain(QualityMap.of(mask))) < 100


def test_readers_without_the_chunk_refuse(painted, monkeypatch):
    monkeypatch.delitem(container._PLAIN, b"GAIN")
    with pytest.raises(UnsupportedVersion, match="GAIN"):
        codec.decode(painted.data)


def test_damage_in_a_file_is_one_error(painted):
    chunks = split(painted.data)
    at = next(i for i, (kind, _) in enumerate(chunks) if kind == b"GAIN")
    assert join(chunks) == painted.data
    for payload in (b"", raw(bytes(3)), chunks[at][1] + b"\0", raw(b"\x7f" * 9)):
        with pytest.raises(CorruptFile):
            codec.decode(join([*chunks[:at], (b"GAIN", payload), *chunks[at + 1 :]]))
    twice = [*chunks[:at], *chunks[at : at + 1], *chunks[at:]]
    late = [*chunks[:at], *chunks[at + 1 : -1], chunks[at], chunks[-1]]
    for misplaced in (twice, late):
        with pytest.raises(CorruptFile, match="GAIN"):
            codec.decode(join(misplaced))
    flipped = bytearray(painted.data)
    flipped[painted.data.index(b"GAIN") + 6] ^= 1
    with pytest.raises(CorruptFile, match="checksum"):
        codec.decode(bytes(flipped))


# The codec.


def test_a_painted_picture_decodes_to_what_was_shown(picture, painted):
    decoded = codec.decode(painted.data)
    assert np.array_equal(decoded.picture.pixels, painted.reconstruction.pixels)
    assert decoded.quality_map == KEEP_LEFT
    assert np.array_equal(decoded.bits.steps, painted.bits.steps)


def test_bits_and_quality_follow_the_brush(picture, painted):
    plain = codec.encode(picture, Recipe(quality=40))
    cheap = codec.encode(picture, Recipe(quality=40, quality_map=drawn(192, 160, (slice(0, 2), slice(1, 3), -MOST))))
    left, right = (slice(0, 160), slice(0, 64)), (slice(0, 128), slice(64, 192))

    def psnr(result, part):
        return metrics.psnr(picture.pixels[part], result.reconstruction.pixels[part])

    def bits(result, rows, columns):
        return float(result.bits.total[rows, columns].sum())

    assert psnr(painted, left) > psnr(plain, left) + 1.5
    assert bits(painted, slice(None), slice(0, 4)) > 1.4 * bits(plain, slice(None), slice(0, 4))
    assert psnr(cheap, right) < psnr(plain, right) - 1.5
    assert bits(cheap, slice(0, 8), slice(4, None)) < 0.7 * bits(plain, slice(0, 8), slice(4, None))
    assert painted.bits.total.sum() == pytest.approx(8 * painted.stream_bytes, rel=1e-5)


def test_a_painted_face_gains_at_equal_bytes():
    whole = Picture(photo(512, 512, 0))
    plain = codec.encode(whole, Recipe(quality=40))
    face = drawn(512, 512, (slice(0, 4), slice(2, 5), MOST))
    kept = codec.encode(whole, Recipe(quality=None, target_bytes=len(plain.data), quality_map=face))
    assert len(kept.data) <= len(plain.data)
    before, after = (metrics.psnr(whole.pixels[FACE], one.reconstruction.pixels[FACE]) for one in (plain, kept))
    assert after > before + 1.5


@pytest.mark.parametrize(("quality", "offset", "meant"), [(40, 10, 50), (90, 22, 100), (5, -22, 0)])
def test_one_offset_everywhere_is_another_quality(picture, quality, offset, meant):
    """The streams and samples of that quality, to the last bit."""
    everywhere = drawn(192, 160, (slice(None), slice(None), offset))
    made = codec.encode(picture, Recipe(quality=quality, quality_map=everywhere))
    wanted = codec.encode(picture, Recipe(quality=meant))
    assert container.read(made.data).tiles == container.read(wanted.data).tiles
    assert np.array_equal(codec.decode(made.data).picture.pixels, wanted.reconstruction.pixels)


def test_a_file_without_a_map_is_as_ever(picture):
    plain = codec.encode(picture, Recipe(quality=40))
    nothing = codec.encode(picture, Recipe(quality=40, quality_map=drawn(192, 160)))
    assert nothing.data == plain.data
    assert b"GAIN" not in plain.data
    assert codec.decode(plain.data).quality_map is None


@pytest.mark.parametrize(
    "shape", [(1, 1, 3), (300, 3, 3), (257, 255, 1), (70, 1090, 3)], ids=lambda shape: "x".join(map(str, shape))
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_shapes(shape, dtype):
    """Blocks that the picture's edge cuts, padding, two tiles."""
    rng = np.random.default_rng(shape[0])
    steps = [np.linspace(0, rng.uniform(1, 5), n) for n in shape[:2]]
    waves = (np.sin(steps[0])[:, None, None] + np.cos(steps[1])[:, None] + rng.uniform(0, 0.2, shape)) / 4 + 0.4
    offsets = rng.integers(-MOST, MOST + 1, blocks(shape[1], shape[0]))
    offsets.flat[0] = MOST
    pixels = np.rint(waves.clip(0, 1) * np.iinfo(dtype).max).astype(dtype)
    made = codec.encode(Picture(pixels), Recipe(quality=60, quality_map=QualityMap.of(offsets)))
    decoded = codec.decode(made.data)
    assert np.array_equal(decoded.picture.pixels, made.reconstruction.pixels)
    assert np.array_equal(decoded.quality_map.offsets, offsets)
    assert made.header.tile_cols == 1 + (shape[1] > 1024)


@pytest.mark.parametrize("name", instruction_sets())
def test_every_engine_gives_the_same_samples(name, painted):
    file = container.read(painted.data)
    config = INTEGER_FAMILY.configs["lite"]
    weights, engine = read_weights(resource("models/lite.safetensors")), Native(name, 2)
    transforms = IntegerTransforms(config, weights, engine, 40, 8, KEEP_LEFT)
    coded = coding.decode(config, transforms, IntegerHPCM(config, weights, engine), file.header, file.tiles, Job())
    assert np.array_equal(coded.pixels(Job()), painted.reconstruction.pixels)


def test_steps_of_a_painted_file(painted):
    last = codec.decode(painted.data, steps=8)
    assert np.array_equal(last.picture.pixels, painted.reconstruction.pixels)


# Networks of torch: arithmetic profile 1.


def coded(model, picture, quality, quality_map):
    header = codec.header_of(picture, model.name, model.identity, model.config, quality)
    q = codec.recorded_rate(quality, model.config)
    made = model.family.encode(model, picture, header, q, Job(), "cpu", quality_map)
    again = model.family.decode(model, header, made.tiles, q, Job(), "cpu", None, quality_map)
    pixels = made.pixels(Job())
    assert np.array_equal(again.pixels(Job()), pixels)
    return made, pixels


def test_profile_1(picture, monkeypatch):
    model = float_lite()
    _, pixels = coded(model, picture, 40, KEEP_LEFT)
    _, before = coded(model, picture, 40, None)
    left = (slice(0, 160), slice(0, 64))
    assert metrics.psnr(picture.pixels[left], pixels[left]) > metrics.psnr(picture.pixels[left], before[left]) + 1.5
    everywhere = drawn(192, 160, (slice(None), slice(None), 10))
    assert coded(model, picture, 40, everywhere)[0].tiles == coded(model, picture, 50, None)[0].tiles
    smaller = replace(model, config=replace(model.config, window=7))
    monkeypatch.setattr(model.network, "config", smaller.config)
    assert metrics.psnr(pixels, coded(smaller, picture, 40, KEEP_LEFT)[1]) > 60


def test_gains_are_spread_over_squares():
    gains = torch.arange(6.0).view(1, 1, 2, 3)
    wanted = np.kron(gains[0, 0].numpy(), np.ones((2, 2)))
    assert np.array_equal(spread(gains, torch.zeros(1, 1, 4, 6))[0, 0], wanted)
    for same in (gains, gains[..., :1, :1]):
        assert torch.equal(spread(same, torch.zeros(1, 1, 2, 3)), same)


@pytest.mark.parametrize("axis", [2, 3])
def test_gains_between_the_layers_of_a_transform(axis):
    """Quad-Prior multiplies where there are more positions than latents."""
    torch.manual_seed(2)
    network = QUADTREE_FAMILY.build(QUAD_PRIOR).eval()
    with torch.no_grad():
        for table in (network.rate_gain_enc, network.rate_gain_dec):
            table.copy_(torch.randn_like(table) / 4)
        x = torch.rand(1, 3, *((512, 128) if axis == 2 else (128, 512)))
        q = torch.full((1, 8, 32), 11.5)
        q[..., 16:] = 50
        q, far = q.transpose(2, axis - 1), network.config.halo
        y = network.analysis(x, q)
        for made, transform, shown, side in (
            (y, network.analysis, x, 1),
            (network.synthesis(y, q), network.synthesis, y, 16),
        ):
            low, high = (transform(shown, rate) for rate in (11.5, 50.0))
            assert not torch.allclose(low, high, atol=1e-2)
            length = made.shape[axis]
            for wanted, start in ((low, 0), (high, side * (16 + far))):
                got, part = (one.narrow(axis, start, length // 2 - side * far) for one in (made, wanted))
                assert torch.allclose(got, part, atol=1e-5)


def test_models_of_one_rate(tmp_path, monkeypatch):
    """An offset doubles the gain, which halves the error against what the toy gives without rounding."""
    network = install_toy(monkeypatch, tmp_path)
    model, picture = load("toy-mse-0.01"), Picture(photo(128, 128))
    made, pixels = coded(model, picture, 255, drawn(128, 128, (slice(None), slice(0, 1), MOST)))
    plain, before = coded(model, picture, 255, None)
    x = torch.from_numpy(picture.pixels / np.float32(255)).permute(2, 0, 1)[None]
    with torch.no_grad():
        unrounded = 255 * network.synthesis(network.analysis(x)).clamp(0, 1)[0].permute(1, 2, 0).numpy()
    error, error_before = (np.abs(one[:, :64] - unrounded[:, :64]).mean() for one in (pixels, before))
    assert np.array_equal(pixels[:, 64:], before[:, 64:])
    assert not np.array_equal(pixels[:, :64], before[:, :64])
    assert made.stream_bytes > plain.stream_bytes
    assert 0.3 < error / error_before < 0.75


# Who may ask for what.


def test_maps_that_are_refused(picture):
    with pytest.raises(InvalidRecipe, match="at most 22"):
        Recipe(quality_map=drawn(192, 160, (0, 0, -23)))
    with pytest.raises(InvalidRecipe, match="another size"):
        codec.encode(picture, Recipe(quality_map=drawn(193, 160, (0, 0, 5))))
    with pytest.raises(InvalidRecipe, match="one quality"):
        checks.check_map(KEEP_LEFT, picture, edition_of("lite")._replace(family=PlainFamily()))


def test_a_model_without_local_rates_has_no_painted_files(painted, monkeypatch):
    monkeypatch.setattr(type(INTEGER_FAMILY), "local_rates", False)
    with pytest.raises(CorruptFile, match="one quality"):
        codec.decode(painted.data)


def test_recipes_leave_the_map_out_of_their_files():
    recipe = Recipe(quality=30, quality_map=KEEP_LEFT)
    assert Recipe.from_json(recipe.to_json()) == replace(recipe, quality_map=None) != recipe
    assert hash(recipe) != hash(Recipe(quality=30))


# Masks.


def test_masks():
    pixels = np.full((70, 130, 3), 128, np.uint8)
    pixels[:10, :10] = 255
    pixels[0, 64:66] = [[0] * 3, [191] * 3]
    pixels[66:, 128:] = 127
    made = quality_map_of(Picture(pixels), 130, 70)
    assert made.offsets.tolist() == [[22, -6, 0], [0, 0, 0]]
    grey = np.full((64, 64, 1), 65535, np.uint16)
    assert quality_map_of(Picture(grey), 64, 64).offsets.tolist() == [[22]]
    clear = np.zeros((64, 64), np.uint16)
    assert quality_map_of(Picture(grey, clear), 64, 64).is_plain
    with pytest.raises(InvalidRecipe, match="64 x 64"):
        quality_map_of(Picture(grey), 65, 64)


def test_on_the_command_line(tmp_path, picture, painted):
    picture.save(tmp_path / "a.png")
    mask = np.full((160, 192), 128, np.uint8)
    mask[:, :60] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    run("encode", tmp_path / "a.png", "--mask", tmp_path / "mask.png")
    assert (tmp_path / "a.hpcm").read_bytes() == painted.data
    row = json.loads(run("info", tmp_path / "a.hpcm", "--json").output)["files"][0]
    assert (row["blocks_kept"], row["blocks_cheap"]) == (3, 0)
    assert row["gain"] == len(pack_gain(KEEP_LEFT))
    Image.fromarray(mask[:, :100]).save(tmp_path / "narrow.png")
    assert "100 x 160" in run("encode", tmp_path / "a.png", "-f", "--mask", tmp_path / "narrow.png", code=1).stderr
    assert "does not exist" in run("encode", tmp_path / "a.png", "-f", "--mask", tmp_path / "no.png", code=2).stderr


def test_what_a_mask_leaves_is_coded_cheaply(tmp_path, picture, painted):
    picture.save(tmp_path / "a.png")
    mask = np.full((160, 192), 128, np.uint8)
    mask[:, :60], mask[:64, 130:] = 255, 140
    Image.fromarray(mask).save(tmp_path / "mask.png")
    run("encode", tmp_path / "a.png", "--mask", tmp_path / "mask.png", "--cheap-rest")
    data = (tmp_path / "a.hpcm").read_bytes()
    assert codec.decode(data).quality_map.offsets.tolist() == [[22, -22, 2], [22, -22, -22], [22, -22, -22]]
    assert len(data) < len(painted.data)
    assert "--mask" in run("encode", tmp_path / "a.png", "-f", "--cheap-rest", code=2).stderr
