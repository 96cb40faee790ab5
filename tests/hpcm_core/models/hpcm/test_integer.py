"""Arithmetic profile 2: what is decoded is the same to the last bit whoever computes it, and what floats give."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from coder import _integer
from hpcm_core import codec, plain_decoder
from hpcm_core.entropy.streams import decode_tile, decode_tiles, empty_latents, encode_tile, encode_tiles, preview_tile
from hpcm_core.errors import ArithmeticMismatch, Cancelled, HpcmError, ModelError
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap, blocks
from hpcm_core.format.tile import pack_tile
from hpcm_core.integer.native import Native, instruction_sets
from hpcm_core.models.hpcm.config import BASE, LITE
from hpcm_core.models.hpcm.integer import IntegerHPCM
from hpcm_core.models.hpcm.integer_family import INTEGER_FAMILY
from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms
from hpcm_core.models.hpcm.integer_weights import check, fits, kinds
from hpcm_core.models.loading import load
from hpcm_core.models.registry import config_of
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.transform import coding
from hpcm_core.transform.tiling import grid
from tests.golden.write_integer import FOLDER, digest, pictures
from tests.hpcm_core.models.float_lite import float_lite, float_twin
from tests.hpcm_core.models.hpcm.in_numpy import InNumpy

DIGESTS = json.loads((FOLDER / "digests.json").read_text())


@pytest.fixture(scope="module")
def weights():
    return read_weights(resource("models/lite.safetensors"))


@pytest.fixture(scope="module")
def photo():
    return Picture(Picture.open(resource("samples/astronaut.png")).pixels[:256, 128:384])


def decoded(data, weights, run):
    """Pixels of a file by the whole road of the family, with one who computes."""
    file = container.read(data)
    config = config_of(file.header.model_name, file.header.model_hash)
    transforms = IntegerTransforms(config, weights, run, file.header.quality, file.header.bit_depth)
    entropy = IntegerHPCM(config, weights, run)
    return coding.decode(config, transforms, entropy, file.header, file.tiles, Job()).pixels(Job())


@pytest.mark.parametrize("name", DIGESTS)
@pytest.mark.parametrize("run", instruction_sets())
def test_golden_pixels(name, run, weights):
    data = (FOLDER / f"{name}.hpcm").read_bytes()
    assert digest(decoded(data, weights, Native(run, 2))) == DIGESTS[name]


@pytest.mark.parametrize("name", DIGESTS)
def test_golden_files_through_the_codec(name):
    """Encoding gives the same bytes too, since nothing in it is floating point that could differ."""
    data = (FOLDER / f"{name}.hpcm").read_bytes()
    picture, quality = pictures()[name]
    assert digest(codec.decode(data).picture.pixels) == DIGESTS[name]
    assert codec.encode(picture, Recipe(quality=quality), reconstruct=False).data == data


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("shape", "quality_map"), [((700, 90, 3), False), ((130, 260, 1), True)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_transforms_in_bands_are_those_in_one_piece(shape, quality_map, dtype, threads, weights):
    """Many bands of a tall picture, few of a wide one; samples, latents and qualities of every size, by every
    instruction set in turn.
    """
    draw = np.random.default_rng(threads)
    picture = Picture(draw.integers(0, np.iinfo(dtype).max + 1, shape, dtype))
    offsets = QualityMap.of(draw.integers(-100, 101, blocks(*shape[1::-1])).astype(np.int8)) if quality_map else None
    config = INTEGER_FAMILY.configs["lite"]
    header = codec.header_of(picture, "lite", load("lite").identity, config, 50)
    cut = grid(header.width, header.height, config, header.padding)
    y_hat = draw.choice([0, 1, 3000, 32767], (1, config.latent_channels, cut.height, cut.width), p=[0.5, 0.3, 0.1, 0.1])
    y_hat = (y_hat * draw.uniform(-1, 1, y_hat.shape)).astype(np.float32)
    settings = (50, header.bit_depth, offsets)
    run = Native(instruction_sets()[threads % len(instruction_sets())], threads)
    one, other = IntegerTransforms(config, weights, run, *settings), InNumpy(config, weights, *settings)
    done = []
    assert np.array_equal(one.analyse(picture, cut, done.append), other.analyse(picture, cut, None))
    assert np.array_equal(one.synthesize(y_hat, header, cut, done.append), other.synthesize(y_hat, header, cut, None))
    assert min(done) == 0
    assert max(done) <= 1


@pytest.mark.parametrize("quality", [0, 60, 100])
def test_it_costs_what_floats_cost(photo, quality):
    """Files and fidelity of the integers beside those of the float weights that they are made from."""
    integer = codec.encode(photo, Recipe(quality=quality))
    model = float_twin()
    header = codec.header_of(photo, model.name, model.identity, model.config, quality)
    q = quality * (len(LITE.rate_lambdas) - 1) / 100
    floats = model.family.encode(model, photo, header, q, Job(), "cpu")
    error = np.square(floats.pixels(Job()).astype(float) - photo.pixels).mean()
    assert integer.stream_bytes == pytest.approx(floats.stream_bytes, rel=0.01)
    assert integer.metrics.psnr == pytest.approx(10 * np.log10(255**2 / error), abs=0.06)


def test_a_latent_far_outside_costs_bits_and_no_more(weights, photo):
    """Networks see it clamped; what is decoded is what was coded."""
    config, run = INTEGER_FAMILY.configs["lite"], Native()
    entropy = IntegerHPCM(config, weights, run)
    y = np.zeros((1, config.latent_channels, 8, 8), np.float32)
    y[0, 3, 5, 5], y[0, 200, 0, 0] = 5000, -32000  # A symbol is at most 32767: the rest is for the mean.
    code = encode_tile(entropy, y, lambda: None)
    back = decode_tile(entropy, code.tile, 8, 8, lambda: None)
    assert np.array_equal(back.y_hat, code.y_hat)
    assert np.abs(code.y_hat - y).max() <= 0.5


@pytest.mark.parametrize("name", DIGESTS)
def test_damage_behind_right_checksums_ends_in_one_error(name):
    """Bits of a tile turned and the container written anew: one error, never a picture."""
    file = container.read((FOLDER / f"{name}.hpcm").read_bytes())
    draw = np.random.default_rng(7)
    for _ in range(8):
        tile = bytearray(file.tiles[0])
        tile[draw.integers(len(tile))] ^= 1 << int(draw.integers(8))
        with pytest.raises(HpcmError):
            codec.decode(container.write(replace(file, tiles=(bytes(tile),))))


def test_bits_are_booked_where_they_fell(photo):
    encoded = codec.encode(photo, Recipe(quality=50), reconstruct=False)
    assert encoded.bits.steps.shape == (9, 16, 16)
    assert encoded.bits.steps.sum(dtype=np.float64) == pytest.approx(8 * encoded.stream_bytes, rel=1e-5)
    assert (encoded.bits.per_step > 0).all()


def test_tiles_are_coded_as_their_steps_are(weights, photo):
    """The engine's whole road beside its steps one by one, as observers see them: the same streams, latents, bits."""
    config, run = INTEGER_FAMILY.configs["lite"], Native()
    entropy = IntegerHPCM(config, weights, run)

    class StepByStep:
        streams, labels, steps = entropy.streams, entropy.labels, entropy.steps

    cut = grid(photo.width, photo.height, config, 1)
    y = IntegerTransforms(config, weights, run, 60, 8).analyse(photo, cut, lambda done: None)
    y[0, 7, 3, 4], y[0, 9, 0, 0] = np.nan, 1e30
    ours, theirs = (encode_tile(one, y, lambda: None) for one in (entropy, StepByStep()))
    assert ours.tile == theirs.tile
    assert np.array_equal(ours.y_hat, theirs.y_hat)
    assert ours.bits == pytest.approx(theirs.bits, rel=1e-4)
    for known in (1, 4, 9):
        previews = [preview_tile(one, ours.tile, 16, 16, lambda: None, known) for one in (entropy, StepByStep())]
        assert np.array_equal(previews[0].y_hat, previews[1].y_hat)
        assert previews[0].bits == pytest.approx(previews[1].bits, rel=1e-4)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_tiles_beside_one_another_are_as_each_alone(threads, weights):
    """Of 2 x 2 tiles in one picture's latents, of which threads take some each and share the rest."""
    config = INTEGER_FAMILY.configs["lite"]
    entropy, alone = (IntegerHPCM(config, weights, Native(threads=count)) for count in (threads, 1))
    y = empty_latents(config.latent_channels, 12, 20)
    y[...] = np.random.default_rng(5).normal(0, 4, y.shape)
    parts = [np.s_[..., rows, columns] for rows in np.s_[:8, 8:] for columns in np.s_[:12, 12:]]
    wanted = [encode_tile(alone, y[part], lambda: None) for part in parts]
    done: list[float] = []
    tiles, bits = zip(*encode_tiles(entropy, [y[part] for part in parts], done.append), strict=True)
    assert done == sorted(done)
    assert done[-1] <= 1
    y_hat = empty_latents(*y.shape[1:])
    read = decode_tiles(entropy, tiles, [y_hat[part] for part in parts], lambda _: None)
    for part, one, tile, *shares in zip(parts, wanted, tiles, bits, read, strict=True):
        assert tile == one.tile
        assert all(np.array_equal(latents[part], one.y_hat) for latents in (y, y_hat))
        assert all(np.array_equal(share, one.bits) for share in shares)
    damaged = [*tiles[:2], replace(tiles[2], symbols_crc=tiles[2].symbols_crc ^ 1), tiles[3]]
    with pytest.raises(ArithmeticMismatch):
        decode_tiles(entropy, damaged, [y_hat[part] for part in parts], lambda _: None)
    for wrong in (np.zeros(y.shape, np.float32), y.astype(np.float64)):  # nothing would be seen of what is written
        with pytest.raises((ValueError, TypeError)):
            encode_tiles(entropy, [wrong[part] for part in parts], lambda _: None)


@pytest.mark.parametrize("scale", [1, 300, 32000])
def test_latents_of_every_size_in_the_decoder_in_one_file(scale, photo):
    """The entropy model and its clamps in another implementation, from other arithmetic to other code."""
    model = load("lite")
    file = container.read(codec.encode(photo, Recipe(quality=50), reconstruct=False).data)
    y = np.random.default_rng(scale).normal(0, scale, (1, model.config.latent_channels, 16, 16)).clip(-32000, 32000)
    code = encode_tile(model.network.entropy, y.astype(np.float32), lambda: None)
    data = container.write(replace(file, tiles=(pack_tile(code.tile),)))
    tables = plain_decoder.Tables(resource("ggm_tables.npz"))
    pixels, *_ = plain_decoder.decode(data, plain_decoder.Weights(resource("models/lite.safetensors")), tables)
    assert np.array_equal(codec.decode(data).picture.pixels, pixels)


def jobs(weights, photo):
    """The parts of coding, each with a callback that it asks whether it is still wanted."""
    config, run = INTEGER_FAMILY.configs["lite"], Native()
    transforms, entropy = IntegerTransforms(config, weights, run, 50, 8), IntegerHPCM(config, weights, run)
    cut = grid(photo.width, photo.height, config, 1)
    header = codec.header_of(photo, "lite", load("lite").identity, config, 50)
    y = transforms.analyse(photo, cut, lambda done: None)
    tile = encode_tile(entropy, y, lambda: None).tile
    return {
        "g_a": lambda ask: transforms.analyse(photo, cut, lambda done: ask()),
        "h_a": lambda ask: entropy.hyper(y, ask),
        "encode": lambda ask: encode_tile(entropy, y, ask),
        "decode": lambda ask: decode_tile(entropy, tile, 16, 16, ask),
        "g_s": lambda ask: transforms.synthesize(y, header, cut, lambda done: ask()),
    }


@pytest.mark.parametrize("part", ["g_a", "h_a", "encode", "decode", "g_s"])
def test_what_is_not_wanted_any_more_is_left(part, weights, photo):
    """Whoever raises is not asked again, and what was raised comes out. How often it asks: session_tests.cpp."""
    job, asked = jobs(weights, photo)[part], []

    def stop():
        asked.append(None)
        raise Cancelled("stopped")

    with pytest.raises(Cancelled, match="stopped"):
        job(stop)
    assert len(asked) == 1


def test_a_tile_is_asked_in_order(weights):
    """What is not there yet is an error, not memory that nobody wrote."""
    entropy = IntegerHPCM(INTEGER_FAMILY.configs["lite"], weights, Native())
    tile = _integer.Tile(entropy._engine, entropy._entropy, 4, 4)
    with pytest.raises(ValueError, match="no request"):
        _ = tile.indices
    with pytest.raises(RuntimeError, match="left"):
        tile.y_hat()
    while tile.next():
        tile.take(np.zeros(tile.means.shape, np.int32))
    assert tile.y_hat().shape == (4, 4, 256)
    with pytest.raises(TypeError):
        _integer.Tile(entropy._engine, None, 4, 4)


def made_of(weights):
    """All that a model's weights are made into."""
    config = INTEGER_FAMILY.configs["lite"]
    return IntegerHPCM(config, weights, Native()), IntegerTransforms(config, weights, Native(), 50, 8)


def test_weights_of_other_kinds_are_refused(weights):
    config = INTEGER_FAMILY.configs["lite"]
    assert {name: (str(array.dtype), array.shape) for name, array in weights.items()} == kinds(config)
    check(weights, config)
    for name, value in {
        "context.exponent": weights["context.exponent"].astype(np.int16),
        "z.table": np.full_like(weights["z.table"], 60),
        "z.exponent": np.full_like(weights["z.exponent"], -9),
    }.items():
        with pytest.raises(ModelError):
            check({**weights, name: value}, config)


@pytest.mark.parametrize("name", ["rate_gain_enc.shift", "rate_gain_dec.shift", "adaptive_params_list.0.shift"])
def test_shifts_beyond_30_are_refused(weights, name):
    shift = weights[name].copy()
    shift.reshape(-1)[-1] = 31
    with pytest.raises(ModelError, match="exact arithmetic"):
        made_of({**weights, name: shift})


@pytest.mark.parametrize("layer", ["g_s.branch.1.branch.1", "y_spatial_prior_s3.branch_1.0.branch.0", "g_a.branch.3"])
@pytest.mark.parametrize("part", ["weight", "bias", "shift"])
def test_weights_whose_sums_could_leave_32_bits_are_refused(weights, layer, part):
    name = f"{layer}.{part}"
    value = weights[name].copy()
    value.reshape(-1)[...] = {"weight": 32767, "bias": 2**31 - 1, "shift": 31}[part]
    with pytest.raises(ModelError, match="exact arithmetic"):
        made_of({**weights, name: value})


def test_which_structures_it_has():
    assert fits(LITE)
    assert not fits(BASE)
    assert INTEGER_FAMILY.config_of("lite-2-3-3").profile == 2
    assert INTEGER_FAMILY.config_of("lite-attention") is None
    assert INTEGER_FAMILY.config_of("base") is None
    assert load("lite").config.profile == 2
    assert float_lite().config.profile == 1
