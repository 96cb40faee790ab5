"""Files of the learned lossless coder: every sample comes back, and it is said where the bits went."""

from __future__ import annotations

import threading
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load_file

from coder import _lossless
from hpcm_core import codec, plain_decoder
from hpcm_core.errors import (
    ArithmeticMismatch,
    Cancelled,
    InvalidRecipe,
    MissingModel,
    ModelError,
)
from hpcm_core.evaluation import rd
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap
from hpcm_core.format.tile import parse_tile
from hpcm_core.models import registry
from hpcm_core.models.catalogue import list_models
from hpcm_core.models.loading import load
from hpcm_core.models.lossless.counts import tables
from hpcm_core.models.lossless.integers import Integers
from hpcm_core.models.lossless.native import Stop
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.hpcm_core.models.jpegxl.test_lossless import kept, noise
from tests.learned import alone

LEARNED = Recipe("lossless-m")
WEIGHTS = resource("models/lossless-m.safetensors")


def photo(height, width):
    """A part of a photograph."""
    return np.ascontiguousarray(Picture.open(resource("samples/chelsea.png")).rgb()[40 : 40 + height, 60 : 60 + width])


KINDS = [(3, 8), (1, 8), (3, 16), (1, 16)]
"""Channels and bits of a sample."""


@pytest.fixture(autouse=True, scope="module")
def by_the_network():
    """test_rival.py is about what JPEG XL makes smaller."""
    with alone():
        yield


@pytest.mark.parametrize(("channels", "bits"), KINDS)
@pytest.mark.parametrize("size", [(33, 47), (1, 1), (1, 600), (600, 1), (2, 3)])
def test_every_sample_comes_back(size, channels, bits):
    """Noise, one colour, the ends of the range side by side, equal colours, one pixel, a line of pixels either way."""
    shape, most = (*size, channels), (1 << bits) - 1
    ends = np.where(noise(shape, 8, 3) % 2, most, 0)
    equal = np.broadcast_to(noise((*size, 1), bits), shape)
    single = [np.full(shape, value) for value in (most, 1 << (bits - 2), 0)]
    for pixels in (noise(shape, bits), *single, ends, equal):
        encoded = kept(Picture(pixels.astype(f"u{bits // 8}")), LEARNED)
        assert (encoded.header.model_name, encoded.header.profile) == ("lossless-m", 3)
        assert (encoded.header.channels, encoded.header.bit_depth) == (channels, bits)


@pytest.mark.parametrize(("channels", "bits"), KINDS)
def test_a_long_line(channels, bits):
    kept(Picture(noise((1, 5000, channels), bits)), LEARNED)


def test_what_the_model_has_never_seen():
    """Checks of single pixels, stripes of the ends of the range, one pixel that differs."""
    y, x = np.mgrid[:40, :50]
    checks = np.repeat(((x + y) % 2 * 255).astype(np.uint8)[:, :, None], 3, 2)
    single = np.full((40, 50, 3), 7, np.uint8)
    single[20, 30] = (255, 0, 255)
    for pixels in (checks, single, 255 - checks * np.array([1, 0, 1], np.uint8)):
        kept(Picture(pixels), LEARNED)


@pytest.mark.parametrize(("channels", "bits"), KINDS)
def test_alpha(channels, bits):
    alpha = noise((33, 47), bits, 1) & noise((33, 47), bits, 2)
    encoded = kept(Picture(noise((33, 47, channels), bits), alpha), LEARNED)
    assert encoded.header.profile == 3


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_every_sample_of_any_picture(data):
    height, width = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    channels, bits = data.draw(st.sampled_from(KINDS))
    kept(Picture(data.draw(arrays(f"u{bits // 8}", (height, width, channels)))), LEARNED)


@pytest.mark.parametrize("bits", [8, 16])
def test_black_and_white_in_three_colours(bits):
    """As a tile of grey, but for what stands above its first state; a tile with one pixel in colour is none."""
    grey = photo(40, 300)[:, :, :1].astype(f"u{bits // 8}") * (1 if bits == 8 else 257)
    pixels = np.repeat(grey, 3, axis=2)
    pixels[3, 200, 2] ^= 1
    encoded, of_grey = kept(Picture(pixels), LEARNED), kept(Picture(grey), LEARNED)
    (first, second), (grey_first, grey_second) = (
        [parse_tile(one, 1).streams[0] for one in container.read(made.data).tiles] for made in (encoded, of_grey)
    )
    assert first[7] == grey_first[7] | 0x80
    assert (first[:7], first[8:-4]) == (grey_first[:7], grey_first[8:-4]), "but for the checksum of the samples"
    assert len(second) > 1.05 * len(grey_second)
    whole = kept(Picture(np.repeat(grey, 3, axis=2)), LEARNED)
    assert whole.stream_bytes == of_grey.stream_bytes
    assert np.array_equal(whole.bits.steps, np.concatenate([of_grey.bits.steps, 0 * of_grey.bits.steps.repeat(2, 0)]))
    samples, _, _ = plain_decoder.decode(encoded.data, plain_decoder.Weights(WEIGHTS))
    assert np.array_equal(samples, pixels)


def test_a_grey_file_has_no_equal_colours():
    """What says that three are equal is damage where there is one."""
    file = container.read(codec.encode(Picture(photo(20, 30)[:, :, :1]), LEARNED, reconstruct=False).data)
    payload = bytearray(file.tiles[0])
    payload[7] |= 0x80
    damaged = container.write(replace(file, tiles=(bytes(payload),)))
    with pytest.raises(ArithmeticMismatch, match="do not give the pixels"):
        codec.decode(damaged)
    with pytest.raises(plain_decoder.Refused, match="do not give the symbols"):
        plain_decoder.decode(damaged, plain_decoder.Weights(WEIGHTS))


def test_samples_of_16_bits_cost_what_is_below_8():
    """A byte more of noise takes a byte more, and none where it says nothing new."""
    pixels = photo(60, 90).astype(np.uint16) * 256
    small, large = (kept(Picture(one), LEARNED).stream_bytes for one in (pixels, pixels + noise(pixels.shape, 8)))
    of_8 = kept(Picture(photo(60, 90)), LEARNED).stream_bytes
    assert abs(large - of_8 - pixels.size) < 0.05 * pixels.size
    assert small > of_8


def test_the_file_says_what_it_is():
    encoded = kept(Picture(photo(20, 30)), LEARNED)
    header = container.read(encoded.data).header
    assert (header.model_name, header.profile, header.quality, header.padding) == ("lossless-m", 3, 255, 0)
    assert header.model_hash == load("lossless-m").identity
    assert registry.lossless_coder(header.model_name, header.profile) == "a neural network"
    tile = parse_tile(container.read(encoded.data).tiles[0], 1)
    assert encoded.stream_bytes == len(tile.streams[0])
    assert tile.symbols_crc == zlib.crc32(photo(20, 30).tobytes())


@pytest.mark.parametrize(("channels", "bits"), KINDS)
def test_where_the_bits_went(channels, bits):
    """In cells of 8 x 8 pixels, a map a colour, from encoder and decoder alike; of three tiles that cut through cells.
    Together they are the streams.
    """
    pixels = np.full((20, 530, 3), 200, np.uint8)
    pixels[4:20, 300:340, 1] = noise((16, 40), 8)
    samples = np.ascontiguousarray(pixels if channels == 3 else pixels[..., 1:2]).astype(f"u{bits // 8}") * (
        257 if bits == 16 else 1
    )
    encoded = kept(Picture(samples), LEARNED)
    decoded = codec.decode(encoded.data)
    assert encoded.header.tile_cols == 3
    for maps, stream_bytes in ((encoded.bits, encoded.stream_bytes), (decoded.bits, decoded.stream_bytes)):
        assert (maps.labels, maps.cell, maps.colours) == (("Y",) if channels == 1 else ("R", "G", "B"), 8, True)
        assert maps.steps.shape == (channels, 3, 67)
        assert abs(float(maps.steps.sum(dtype=np.float64)) / 8 - stream_bytes) < 1e-4 * stream_bytes
        assert np.array_equal(maps.steps, encoded.bits.steps)
        green = maps.steps[channels // 2]
        assert green[1, 38:42].min() > 1.5 * np.delete(green, np.s_[37:44], axis=1).max(), "where the noise is"
        assert green[0, 38] < 0.9 * green[1, 38], "of the first cells half"
        assert channels == 1 or green[1, 38:42].min() > maps.steps[0, 1, 38:42].max(), "not in red"
    whole = sum(parse_tile(one, 1).stream_bytes for one in container.read(encoded.data).tiles)
    assert whole == encoded.stream_bytes == decoded.stream_bytes


def test_tiles_know_nothing_of_each_other():
    """Of 257 x 513 pixels: rows of 129 and 128, columns of 171."""
    pixels = noise((257, 513, 3), 8) // 8
    pixels[:200, :290] = photo(200, 290)
    encoded = kept(Picture(pixels), LEARNED)
    assert (encoded.header.tile_rows, encoded.header.tile_cols) == (2, 3)
    alone = codec.encode(Picture(np.ascontiguousarray(pixels[:129, :171])), LEARNED, reconstruct=False)
    assert bytes(container.read(alone.data).tiles[0]) == bytes(container.read(encoded.data).tiles[0])


def test_any_number_of_threads_makes_the_same_file(monkeypatch):
    picture = Picture(np.tile(photo(60, 90), (5, 4, 1)))
    files = []
    for threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        files.append(kept(picture, LEARNED).data)
    assert files[0] == files[1]


def test_any_instruction_set_makes_the_same_file():
    integers = Integers.of(registry.config_of("lossless-m"), load_file(WEIGHTS))
    samples = photo(31, 45)
    networks = [
        _lossless.Network(dict(integers.arrays), tables(), integers.config.order, name)
        for name in _lossless.instruction_sets()
    ]
    for wanted in (samples, samples[:, :, 1:2].astype(np.uint16) * 250):
        (payload,) = {network.encode(np.ascontiguousarray(wanted)) for network in networks}
        for network in networks:
            found = np.empty_like(wanted, order="C")
            network.decode(payload, found)
            assert np.array_equal(found, wanted)
    with pytest.raises(ValueError, match="no instruction set"):
        _lossless.Network(dict(integers.arrays), tables(), integers.config.order, "abacus")


def test_a_job_can_be_stopped(monkeypatch):
    """What waits is given up, and what runs is told."""
    told = []

    class Telling(Stop):
        def set(self):
            super().set()
            told.append(None)

    monkeypatch.setattr("hpcm_core.models.lossless.native.Stop", Telling)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    picture = Picture(np.tile(photo(128, 128), (2, 6, 1)))
    data = codec.encode(picture, LEARNED, reconstruct=False).data
    for work in (
        lambda **told: codec.encode(picture, LEARNED, **told),
        lambda **told: codec.decode(data, **told),
    ):
        asked, stages = [], []

        def cancel(asked=asked):
            asked.append(None)
            return len(asked) > 4

        with pytest.raises(Cancelled):
            work(progress=lambda stage, fraction, stages=stages: stages.append((str(stage), fraction)), cancel=cancel)
        assert {stage for stage, _ in stages} & {"Coding", "Decoding"}
        assert max(fraction for _, fraction in stages) < 0.7
        assert told.pop() is None
    assert not [one for one in threading.enumerate() if "ThreadPoolExecutor" in one.name]


def test_a_job_is_stopped_while_its_only_tile_runs(monkeypatch):
    """A tile takes some tenths of a second; nobody waits for its end."""
    ended = []

    class Telling(Stop):
        def check(self):
            try:
                super().check()
            except Cancelled:
                ended.append(None)
                raise

    monkeypatch.setattr("hpcm_core.models.lossless.native.Stop", Telling)
    picture = Picture(noise((256, 256, 3), 8))
    data = codec.encode(picture, LEARNED, reconstruct=False).data
    for work in (
        lambda **told: codec.encode(picture, LEARNED, **told),
        lambda **told: codec.decode(data, **told),
    ):
        seen = []
        with pytest.raises(Cancelled):
            work(
                progress=lambda stage, _, seen=seen: seen.append(str(stage)),
                cancel=lambda seen=seen: bool({"Coding", "Decoding"} & {*seen}),
            )
        assert ended.pop() is None


def test_work_within_a_tile_is_stopped():
    """It looks up often, and raises what it is told."""
    coder, samples = load("lossless-m").network, photo(64, 64)
    payload, _ = coder.encode(samples, Stop())
    for work in (
        lambda stop: coder.encode(samples, stop),
        lambda stop: coder.decode(payload, samples.shape, samples.dtype, stop),
    ):

        class Third(Stop):
            asked = 0

            def check(self):
                self.asked += 1
                if self.asked == 3:
                    self.set()
                super().check()

        stop = Third()
        with pytest.raises(Cancelled):
            work(stop)
        assert stop.asked == 3


# Recipes, and who knows it.


@pytest.mark.parametrize("rate", [{"quality": 3}, {"lmbda": 0.1}, {"target_bytes": 9}, {"target_psnr": 40.0}])
def test_there_is_no_rate(rate):
    with pytest.raises(InvalidRecipe, match="keeps every pixel as it is and takes no quality, lambda or target"):
        Recipe("lossless-m", **rate)


def test_recipes():
    assert Recipe.from_json(LEARNED.to_json()) == LEARNED
    with pytest.raises(InvalidRecipe, match="no effort"):
        Recipe("lossless-m", effort=3)
    with pytest.raises(InvalidRecipe, match="no part of a picture can be kept better"):
        codec.encode(Picture(photo(20, 30)), replace(LEARNED, quality_map=QualityMap(1, 1, b"\x05")))
    assert Recipe("lossless").model == "lossless", "JPEG XL stays what is taken unless this one is named"


def test_it_is_among_the_models():
    infos = {info.name: info for info in list_models()}
    assert (infos["lossless-m"].state, infos["lossless-m"].path) == ("bundled", WEIGHTS)
    assert [*infos][-2:] == ["lossless", "lossless-m"]
    assert "lossless-m" not in [series.name for series in rd.of_models()]
    with pytest.raises(ModelError, match="has no curve"):
        rd.of_models(["lossless-m"])
    with pytest.raises(MissingModel, match="lossless-s is not installed"):
        codec.encode(Picture(photo(20, 30)), Recipe("lossless-s"))
