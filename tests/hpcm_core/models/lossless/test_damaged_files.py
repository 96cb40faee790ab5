"""Files and weights of the learned lossless coder that are not what they should be: each ends in one error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from hpcm_core import codec, plain_decoder
from hpcm_core.errors import (
    ArithmeticMismatch,
    HpcmError,
    LimitExceeded,
    MissingModel,
    ModelError,
)
from hpcm_core.format import container
from hpcm_core.format.tile import Tile, pack_tile, parse_tile
from hpcm_core.limits import Limits
from hpcm_core.models import registry
from hpcm_core.models.checkpoint import import_checkpoint
from hpcm_core.models.loading import load
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.models.jpegxl.test_lossless import noise
from tests.hpcm_core.models.lossless.test_files import LEARNED, WEIGHTS, photo
from tests.learned import alone

# Files that are not what they should be.


@pytest.fixture(scope="module")
def file():
    """A file whose parts tests change; its picture is 60 x 40."""
    with alone():
        return container.read(codec.encode(Picture(photo(40, 60)), LEARNED, reconstruct=False).data)


@pytest.fixture(scope="module", params=["RGB 8", "grey 8", "RGB 16", "grey 16"])
def any_file(request):
    """The same of every kind of samples."""
    pixels = photo(40, 60)[:, :, : 3 if "RGB" in request.param else 1]
    if "16" in request.param:
        pixels = pixels.astype(np.uint16) * 257 ^ noise(pixels.shape, 8)
    with alone():
        return container.read(codec.encode(Picture(np.ascontiguousarray(pixels)), LEARNED, reconstruct=False).data)


def with_payload(file, payload):
    return container.write(replace(file, tiles=(bytes(payload),)))


def test_damage_ends_in_one_error(any_file):
    """Under checksums of chunks that are right, so that the stream's own damage is met."""
    payload = bytes(any_file.tiles[0])
    for place in (*range(16), *range(16, len(payload), 97), *range(len(payload) - 8, len(payload))):
        copy = bytearray(payload)
        copy[place] ^= 1 << place % 8
        with pytest.raises(ArithmeticMismatch, match="do not give the pixels"):
            codec.decode(with_payload(any_file, copy))


def test_a_file_that_is_cut_short_or_too_long(any_file):
    payload = bytes(any_file.tiles[0])
    for length in (0, 1, 3, 4, 11, 12, 13, 16, len(payload) // 2, len(payload) - 4, len(payload) - 1):
        with pytest.raises(HpcmError):
            codec.decode(with_payload(any_file, payload[:length]))
    stream, crc = payload[:-4], payload[-4:]
    for longer in (b"\0", b"\0\0\0\0", b"\1\2\3\4" * 5):
        with pytest.raises(ArithmeticMismatch):
            codec.decode(with_payload(any_file, stream + longer + crc))


def test_other_samples_than_were_coded(file):
    other = parse_tile(container.read(codec.encode(Picture(photo(40, 60) ^ 1), LEARNED).data).tiles[0], 1)
    crc = parse_tile(file.tiles[0], 1).symbols_crc
    with pytest.raises(ArithmeticMismatch, match="do not give the pixels"):
        codec.decode(with_payload(file, pack_tile(Tile(other.streams, crc))))


def test_random_bytes(any_file):
    draw = np.random.default_rng(3)
    for length in (12, 16, 100, 4000):
        with pytest.raises(ArithmeticMismatch):
            codec.decode(with_payload(any_file, draw.bytes(length)))


def test_a_header_of_another_picture(file):
    for wrong in ({"width": 61}, {"height": 39}):
        with pytest.raises(ArithmeticMismatch):
            codec.decode(container.write(replace(file, header=replace(file.header, **wrong))))
    for wrong in ({"channels": 1}, {"bit_depth": 16}, {"channels": 1, "bit_depth": 16}):
        with pytest.raises(ArithmeticMismatch):
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
    assert needed[1] - needed[0] == 4 * ((4 << 20) + 28 * 3 * 60 * 40)
    large = family.memory(config, replace(file.header, width=4000, height=3000))
    assert large - needed[1] >= 2 * 3 * (4000 * 3000 - 60 * 40)
    deep = family.memory(config, replace(file.header, width=4000, height=3000, channels=1, bit_depth=16))
    assert deep - needed[1] >= 2 * 2 * (4000 * 3000 - 60 * 40)


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
