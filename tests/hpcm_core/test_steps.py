"""Progressive decoding: what a decoder has after some of the steps, the rest at its predicted means."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from hpcm_core import checks, codec, metrics
from hpcm_core.entropy.model import Request
from hpcm_core.entropy.streams import decode_tile, decode_tiles, encode_tile, preview_tile
from hpcm_core.errors import ArithmeticMismatch, HpcmError
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap
from hpcm_core.format.tile import pack_tile, parse_tile
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.models.float_lite import float_lite
from tests.hpcm_core.test_codec import photo

STEPS = 8


@pytest.fixture(scope="module")
def encoded():
    return codec.encode(Picture(photo(192, 160)), Recipe(quality=40))


@pytest.fixture(scope="module")
def after(encoded):
    """What is decoded after each number of steps."""
    return [codec.decode(encoded.data, steps=steps) for steps in range(STEPS + 1)]


def test_the_last_step_is_the_picture(encoded, after):
    whole = codec.decode(encoded.data)
    assert np.array_equal(after[-1].picture.pixels, whole.picture.pixels)
    assert np.array_equal(after[-1].bits.steps, whole.bits.steps)
    assert np.array_equal(whole.picture.pixels, encoded.reconstruction.pixels)


def test_every_step_brings_the_picture_nearer(encoded, after):
    psnr = [metrics.psnr(photo(192, 160), one.picture.pixels) for one in after]
    assert psnr == sorted(psnr)
    assert psnr[-1] == encoded.metrics.psnr
    assert psnr[0] > 10, "the hyperprior alone shows something"
    assert psnr[-1] - psnr[0] > 10


def test_bits_so_far_are_those_of_the_steps_that_were_decoded(encoded, after):
    whole = encoded.bits.per_step
    for steps, one in enumerate(after):
        assert not one.bits.per_step[steps + 1 :].any()
        # Without the closing bytes of the streams, which the whole file's maps share out.
        assert one.bits.per_step[: steps + 1] == pytest.approx(whole[: steps + 1], rel=0.02, abs=300)


def test_what_comes_later_is_not_looked_at(encoded, after):
    """With other symbols in the last stream, whose steps are not decoded, nothing changes; with others before, much."""
    file = container.read(encoded.data)
    (payload,) = file.tiles
    tile = parse_tile(payload, 4)
    streams = [*tile.streams[:3], bytes(reversed(tile.streams[3]))]
    data = container.write(replace(file, tiles=(pack_tile(replace(tile, streams=tuple(streams))),)))
    assert np.array_equal(codec.decode(data, steps=5).picture.pixels, after[5].picture.pixels)
    with pytest.raises(ArithmeticMismatch):
        codec.decode(data)
    assert not np.array_equal(after[4].picture.pixels, after[5].picture.pixels)


def test_latents_that_are_not_known_stand_at_their_means():
    """Of an entropy model whose means are known: latents are either coded or exactly the mean."""

    class Half:
        streams, labels = 1, ("first", "second")

        def steps(self, height, width):
            out = np.zeros((1, 2, height, width), np.float32)
            for channel, label in enumerate(self.labels):
                mean = np.float32(0.25 + 4 * channel + out[0, 0].max())
                symbols = yield Request(0, label, np.full((height, width), 30, np.uint8), mean, Channel(channel))
                out[0, channel] = symbols + mean
            return out

    class Channel:
        def __init__(self, channel):
            self.channel = channel

        def pack(self, y):
            return y[0, self.channel]

        def spread(self, bits):
            return bits

    y = np.random.default_rng(5).normal(0, 3, (1, 2, 6, 7)).astype(np.float32)
    code = encode_tile(Half(), y, lambda: None)
    whole = decode_tile(Half(), code.tile, 6, 7, lambda: None)
    first = preview_tile(Half(), code.tile, 6, 7, lambda: None, 1)
    none = preview_tile(Half(), code.tile, 6, 7, lambda: None, 0)
    assert np.array_equal(whole.y_hat, code.y_hat)
    assert np.array_equal(first.y_hat[0, 0], whole.y_hat[0, 0])
    assert (first.y_hat[0, 1] == 4.25 + whole.y_hat[0, 0].max()).all()
    assert (none.y_hat[0, 0] == 0.25).all()
    assert (none.y_hat[0, 1] == 4.5).all()
    assert not none.bits.any()
    assert first.bits[0].any()


@pytest.mark.parametrize("steps", [-1, STEPS + 1])
def test_there_are_no_other_steps(encoded, steps):
    with pytest.raises(HpcmError, match="lite has 8 coding steps"):
        codec.decode(encoded.data, steps=steps)


def test_models_without_a_hyperprior_count_all_their_steps(encoded):
    header = container.read(encoded.data).header
    assert [checks.known_labels(header, ("even", "odd"), steps) for steps in (None, 0, 1, 2)] == [None, 0, 1, None]
    assert [checks.known_labels(header, ("z", "1"), steps) for steps in (None, 0, 1)] == [None, 1, None]


def test_on_the_command_line(encoded, after, tmp_path):
    (tmp_path / "a.hpcm").write_bytes(encoded.data)
    result = run("decode", tmp_path / "a.hpcm", "-o", tmp_path / "early.png", "--steps", 3, "--json")
    row = json.loads(result.output)["files"][0]
    assert np.array_equal(Picture.open(tmp_path / "early.png").pixels, after[3].picture.pixels)
    assert row["stream_bytes_so_far"] == round(float(after[3].bits.per_step.sum()) / 8)
    assert "8 coding steps" in run("decode", tmp_path / "a.hpcm", "-o", tmp_path / "x.png", "--steps", 9, code=1).stderr
    assert "--steps" in run("decode", tmp_path / "a.hpcm", "--steps", -1, code=2).stderr


# A first look, at half the size.


@pytest.fixture(scope="module")
def large():
    """A picture of several tiles, and sizes that no padding fits."""
    part = photo(512, 512, 0)
    pixels = np.concatenate([np.concatenate([part, part[:, ::-1]], 1)] * 3)[:1100]
    pixels = np.ascontiguousarray(np.concatenate([pixels, pixels], 1)[:, :1501])
    return codec.encode(Picture(pixels), Recipe(quality=40)), pixels


def likeness(half, pixels):
    """The correlation of means of 16 x 16 pixels of the first and 32 x 32 of the second."""

    def means(samples, side):
        height, width = (pixels.shape[0] // 32, pixels.shape[1] // 32)
        return samples[: height * side, : width * side].reshape(height, side, width, side, 3).mean((1, 3)).ravel()

    return np.corrcoef(means(half, 16), means(pixels, 32))[0, 1]


def test_the_first_look_is_the_picture_at_half_its_size(large):
    encoded, pixels = large
    half = codec.decode_half(encoded.data)
    assert (half.width, half.height) == (751, 550)
    assert half.pixels.dtype == np.uint8
    assert likeness(half.pixels, pixels) > 0.8


def test_the_first_look_takes_a_quarter_of_the_work(large, monkeypatch):
    """Latents that are asked for, and those that synthesis is done of: of each a quarter and the hyperprior."""
    from hpcm_core.models.hpcm.integer import IntegerHPCM
    from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms

    def step_by_step(self, *tiles_and_latents):
        return decode_tiles(
            SimpleNamespace(streams=self.streams, labels=self.labels, steps=self.steps), *tiles_and_latents
        )

    asked, synthesized = [], []
    steps, synthesize = IntegerHPCM.steps, IntegerTransforms.synthesize

    def counted(self, height, width):
        symbols = None
        inner = steps(self, height, width)
        request = next(inner)
        while True:
            asked.append((request.label, request.indices.size))
            symbols = yield request
            try:
                request = inner.send(symbols)
            except StopIteration as end:
                return end.value

    monkeypatch.setattr(IntegerHPCM, "steps", counted)
    monkeypatch.setattr(IntegerHPCM, "decode_tiles", step_by_step)
    monkeypatch.setattr(
        IntegerTransforms, "synthesize", lambda self, y, *rest: synthesized.append(y.size) or synthesize(self, y, *rest)
    )
    encoded, _ = large
    codec.decode(encoded.data)
    whole = {label: sum(size for of, size in asked if of == label) for label in dict(asked)}
    asked.clear()
    codec.decode_half(encoded.data)
    half = {label: sum(size for of, size in asked if of == label) for label in dict(asked)}
    assert list(half) == ["z", "1", "2", "3", "4", "5"], "what the finest grid has is not decoded"
    assert all(half[label] == whole[label] for label in half)
    assert sum(half[label] for label in "12345") * 4 == sum(whole[label] for label in whole if label != "z")
    assert synthesized[1] * 4 == synthesized[0]


def test_the_first_look_shows_parts_that_are_kept_better(large):
    """The gain of a block is its own there too: with another, the block would be flat or glaring."""
    encoded, pixels = large
    offsets = np.zeros((18, 24), np.int8)
    offsets[4:9, 5:12] = 22
    painted = codec.encode(Picture(pixels), Recipe(quality=40, quality_map=QualityMap.of(offsets)), reconstruct=False)
    plain = codec.decode_half(encoded.data).pixels[128:288, 160:384].astype(float)
    better = codec.decode_half(painted.data).pixels[128:288, 160:384].astype(float)
    assert better.std() == pytest.approx(plain.std(), rel=0.2)
    assert abs(better.mean() - plain.mean()) < 5


def test_a_first_look_of_networks_of_torch():
    """Profile 1, as Base and Large have it: Lite of before, with weights that the program brings along."""
    pytest.importorskip("torch")
    model, pixels = float_lite(), photo(512, 512, 0)
    header = codec.header_of(Picture(pixels), "lite", model.identity, model.config, 40)
    job = Job()
    tiles = model.family.encode(model, Picture(pixels), header, 4.0, job, "cpu").tiles
    half = model.family.decode_half(model, header, tiles, 4.0, job, "cpu")
    assert half.shape == (256, 256, 3)
    assert likeness(half, pixels) > 0.8


def test_there_is_no_first_look_where_everything_comes_at_once():
    data = codec.encode(Picture(photo(64, 64)), Recipe("lossless"), reconstruct=False).data
    assert codec.decode_half(data) is None


def test_a_damaged_file_is_told_by_the_first_look_too(encoded):
    file = container.read(encoded.data)
    tile = parse_tile(file.tiles[0], 4)
    cut = container.write(replace(file, tiles=(pack_tile(replace(tile, streams=(tile.streams[0], b"", b"", b""))),)))
    with pytest.raises(ArithmeticMismatch):
        codec.decode_half(cut)
    with pytest.raises(HpcmError, match="cancelled"):
        codec.decode_half(encoded.data, cancel=lambda: True)
