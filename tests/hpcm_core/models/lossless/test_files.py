"""Files of the learned lossless coder: every sample comes back, and what is wrong with a file is said."""

from __future__ import annotations

import threading
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load_file, save_file

from coder import _lossless
from hpcm_core import codec, plain_decoder
from hpcm_core.advice import better_choice
from hpcm_core.errors import (
    ArithmeticMismatch,
    Cancelled,
    CorruptFile,
    HpcmError,
    InvalidRecipe,
    LimitExceeded,
    MissingModel,
    ModelError,
)
from hpcm_core.evaluation import rd
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap
from hpcm_core.format.tile import Tile, pack_tile, parse_tile
from hpcm_core.limits import Limits
from hpcm_core.models import registry
from hpcm_core.models.catalogue import list_models
from hpcm_core.models.checkpoint import import_checkpoint
from hpcm_core.models.loading import load
from hpcm_core.models.lossless.counts import tables
from hpcm_core.models.lossless.integers import Integers
from hpcm_core.models.lossless.native import Stop
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.hpcm_core.models.jpegxl.test_lossless import kept, noise

LEARNED = Recipe("lossless-m")
WEIGHTS = resource("models/lossless-m.safetensors")


def photo(height, width):
    """A part of a photograph."""
    return np.ascontiguousarray(Picture.open(resource("samples/chelsea.png")).rgb()[40 : 40 + height, 60 : 60 + width])


@pytest.mark.parametrize("size", [(33, 47), (1, 1), (1, 600), (600, 1), (2, 3)])
def test_every_sample_comes_back(size):
    """Noise, one colour, one pixel, a line of pixels either way."""
    for pixels in (noise((*size, 3), 8), np.full((*size, 3), 255, np.uint8), np.zeros((*size, 3), np.uint8)):
        encoded = kept(Picture(pixels), LEARNED)
        assert (encoded.header.model_name, encoded.header.profile) == ("lossless-m", 3)


def test_a_long_line():
    kept(Picture(noise((1, 5000, 3), 8)), LEARNED)


def test_what_the_model_has_never_seen():
    """Checks of single pixels, stripes of the ends of the range, one pixel that differs."""
    y, x = np.mgrid[:40, :50]
    checks = np.repeat(((x + y) % 2 * 255).astype(np.uint8)[:, :, None], 3, 2)
    single = np.full((40, 50, 3), 7, np.uint8)
    single[20, 30] = (255, 0, 255)
    for pixels in (checks, single, 255 - checks * np.array([1, 0, 1], np.uint8)):
        kept(Picture(pixels), LEARNED)


def test_alpha():
    alpha = noise((33, 47), 8, 1) & noise((33, 47), 8, 2)
    encoded = kept(Picture(noise((33, 47, 3), 8), alpha), LEARNED)
    assert encoded.header.profile == 3


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_every_sample_of_any_picture(data):
    height, width = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    kept(Picture(data.draw(arrays(np.uint8, (height, width, 3)))), LEARNED)


def test_photographs_are_smaller_than_by_jpeg_xl():
    picture = Picture(photo(256, 256))
    assert len(kept(picture, LEARNED).data) < 0.99 * len(kept(picture, Recipe("lossless")).data)


@pytest.mark.parametrize(("channels", "bits"), [(1, 8), (1, 16), (3, 16)])
def test_what_it_does_not_code_is_coded_by_jpeg_xl(channels, bits):
    picture = Picture(noise((20, 30, channels), bits), noise((20, 30), bits))
    encoded = kept(picture, LEARNED)
    assert (encoded.header.model_name, encoded.header.profile) == ("lossless", 4)
    assert encoded.data == codec.encode(picture, Recipe("lossless")).data


def test_the_file_says_what_it_is():
    encoded = kept(Picture(photo(20, 30)), LEARNED)
    header = container.read(encoded.data).header
    assert (header.model_name, header.profile, header.quality, header.padding) == ("lossless-m", 3, 255, 0)
    assert header.model_hash == load("lossless-m").identity
    assert registry.lossless_coder(header.model_name, header.profile) == "a neural network"
    assert encoded.bits is None
    tile = parse_tile(container.read(encoded.data).tiles[0], 1)
    assert encoded.stream_bytes == len(tile.streams[0])
    assert tile.symbols_crc == zlib.crc32(photo(20, 30).tobytes())


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
    (payload,) = {network.encode(samples, lambda: None) for network in networks}
    for network in networks:
        assert np.array_equal(network.decode(payload, 31, 45, lambda: None), samples)
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
    payload = coder.encode(samples, Stop())
    for work in (lambda stop: coder.encode(samples, stop), lambda stop: coder.decode(payload, 64, 64, stop)):

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


def test_of_drawn_pictures_it_is_said_what_is_better():
    """Text-like strokes on white, where lossless WebP is far smaller."""
    pixels = np.full((200, 300, 3), 255, np.uint8)
    draw = np.random.default_rng(0)
    for _ in range(150):
        y, x = draw.integers(0, 190), draw.integers(0, 280)
        pixels[y : y + 2, x : x + draw.integers(3, 20)] = draw.integers(0, 255, 3)
    encoded = kept(Picture(pixels), LEARNED)
    said = better_choice(Picture(pixels), len(encoded.data), encoded.metrics.psnr)
    assert "Lossless WebP is the better choice here" in said


# Files that are not what they should be.


@pytest.fixture(scope="module")
def file():
    """A file whose parts tests change; its picture is 60 x 40."""
    return container.read(codec.encode(Picture(photo(40, 60)), LEARNED, reconstruct=False).data)


def with_payload(file, payload):
    return container.write(replace(file, tiles=(bytes(payload),)))


def test_damage_ends_in_one_error(file):
    """Under checksums of chunks that are right, so that the stream's own damage is met."""
    payload = bytes(file.tiles[0])
    for place in (*range(16), *range(16, len(payload), 97), *range(len(payload) - 8, len(payload))):
        copy = bytearray(payload)
        copy[place] ^= 1 << place % 8
        with pytest.raises(ArithmeticMismatch, match="do not give the pixels"):
            codec.decode(with_payload(file, copy))


def test_a_file_that_is_cut_short_or_too_long(file):
    payload = bytes(file.tiles[0])
    for length in (0, 1, 3, 4, 11, 12, 13, 16, len(payload) // 2, len(payload) - 4, len(payload) - 1):
        with pytest.raises(HpcmError):
            codec.decode(with_payload(file, payload[:length]))
    stream, crc = payload[:-4], payload[-4:]
    for longer in (b"\0", b"\0\0\0\0", b"\1\2\3\4" * 5):
        with pytest.raises(ArithmeticMismatch):
            codec.decode(with_payload(file, stream + longer + crc))


def test_other_samples_than_were_coded(file):
    other = parse_tile(container.read(codec.encode(Picture(photo(40, 60) ^ 1), LEARNED).data).tiles[0], 1)
    crc = parse_tile(file.tiles[0], 1).symbols_crc
    with pytest.raises(ArithmeticMismatch, match="do not give the pixels"):
        codec.decode(with_payload(file, pack_tile(Tile(other.streams, crc))))


def test_random_bytes(file):
    draw = np.random.default_rng(3)
    for length in (12, 16, 100, 4000):
        with pytest.raises(ArithmeticMismatch):
            codec.decode(with_payload(file, draw.bytes(length)))


def test_a_header_of_another_picture(file):
    for wrong in ({"width": 61}, {"height": 39}):
        with pytest.raises(ArithmeticMismatch):
            codec.decode(container.write(replace(file, header=replace(file.header, **wrong))))
    for wrong in ({"channels": 1}, {"bit_depth": 16}):
        with pytest.raises(CorruptFile, match="not of a kind that its model codes"):
            codec.decode(container.write(replace(file, header=replace(file.header, **wrong))))
    for wrong in ({"quality": 40}, {"padding": 1}, {"tile_rows": 2}, {"profile": 4}):
        tiles = file.tiles * wrong.get("tile_rows", 1)
        with pytest.raises(HpcmError):
            codec.decode(container.write(replace(file, tiles=tiles, header=replace(file.header, **wrong))))
    with pytest.raises(MissingModel, match="needs the weights 0000000000000000"):
        codec.decode(container.write(replace(file, header=replace(file.header, model_hash=bytes(8)))))


def test_memory_is_asked_for_first(file):
    with pytest.raises(LimitExceeded, match="GiB of memory"):
        codec.decode(container.write(file), limits=Limits(memory=1 << 18))
    with pytest.raises(LimitExceeded, match="GiB of memory"):
        codec.encode(Picture(photo(40, 60)), LEARNED, limits=Limits(memory=1 << 18))


def test_every_thread_needs_memory(file, monkeypatch):
    """For a tile of 60 x 40 each, beside what it reads again."""
    family, config = registry.family_of("lossless-m"), registry.config_of("lossless-m")
    needed = []
    for threads in (1, 5):
        monkeypatch.setenv("OMP_NUM_THREADS", str(threads))
        needed.append(family.memory(config, file.header))
    assert needed[1] - needed[0] == 4 * ((4 << 20) + 64 * 60 * 40)
    large = family.memory(config, replace(file.header, width=4000, height=3000))
    assert large - needed[1] >= 2 * 3 * (4000 * 3000 - 60 * 40)


def test_the_decoder_for_archives_gives_the_same(file):
    data = container.write(file)
    samples, _, _ = plain_decoder.decode(data, plain_decoder.Weights(WEIGHTS))
    assert np.array_equal(samples, codec.decode(data).picture.pixels)


# Weights that are not what they should be.


def hostile(name, change):
    """Bundled weights of which one tensor is another."""
    weights = load_file(WEIGHTS)
    weights[name] = change(weights[name].copy())
    return weights


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("head.2.weight", lambda one: np.full_like(one, 32767)),
        ("embed.bias", lambda one: np.full_like(one, 2**31 - 1)),
        ("embed.bias", lambda one: np.full_like(one, -(2**31))),
        ("blocks.1.context.weight", lambda one: np.full_like(one, -32768)),
        ("blocks.0.conv_a.shift", lambda one: np.full_like(one, 255)),
        ("constants", lambda one: np.zeros_like(one)),
        ("constants", lambda one: np.full_like(one, 2**31 - 1)),
        ("predict.weight", lambda one: one.astype(np.float32)),
        ("predict.weight", lambda one: one.astype(np.int32)),
        ("predict.weight", lambda one: one[:, :-1]),
    ],
)
def test_hostile_weights_are_refused(name, change, tmp_path, monkeypatch):
    """Nothing is computed with them, wherever they come from."""
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    weights = {key: np.ascontiguousarray(value) for key, value in hostile(name, change).items()}
    save_file(weights, tmp_path / "hostile.safetensors")
    family, config = registry.family_of("lossless-m"), registry.config_of("lossless-m")
    with pytest.raises(ModelError):
        family.restore(config, weights)
    identity = bytes(range(8))
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "hostile.safetensors").rename(folder / f"lossless-m@{identity.hex()}.safetensors")
    with pytest.raises(ModelError):
        load("lossless-m", identity)


def test_weights_of_before_are_found_by_their_hash(file, tmp_path, monkeypatch):
    """Imported ones beside the bundled; each file names its own."""
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    save_file(hostile("head.2.bias", lambda one: one + 1), tmp_path / "other.safetensors")
    import_checkpoint(tmp_path / "other.safetensors", "lossless-m", "mse", None)
    (path,) = (tmp_path / "models").iterdir()
    identity = bytes.fromhex(path.stem.partition("@")[2])
    other = load("lossless-m", identity)
    assert other.identity == identity != load("lossless-m").identity
    with pytest.raises(ArithmeticMismatch):
        codec.decode(container.write(replace(file, header=replace(file.header, model_hash=identity))))
    assert np.array_equal(codec.decode(container.write(file)).picture.pixels, photo(40, 60))
