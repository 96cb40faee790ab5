"""Arithmetic profile 2: what is decoded is the same to the last bit whoever computes it, and what floats give."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hpcm_core import codec
from hpcm_core.errors import Cancelled, HpcmError, ModelError
from hpcm_core.format import container
from hpcm_core.integer.native import Native, instruction_sets
from hpcm_core.integer.reference import Reference
from hpcm_core.models.hpcm.config import BASE, LITE
from hpcm_core.models.hpcm.integer import IntegerHPCM, Turns, fresh
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
from tests.golden.write_integer import FOLDER, digest, pictures
from tests.hpcm_core.models.float_lite import float_lite, float_twin

DIGESTS = json.loads((FOLDER / "digests.json").read_text())
RUNS = {"reference": Reference, **{name: lambda name=name: Native(name, 2) for name in instruction_sets()}}


@pytest.fixture(scope="module")
def weights():
    return read_weights(resource("models/lite.safetensors"))


@pytest.fixture(scope="module")
def photo():
    return Picture(Picture.open(resource("samples/astronaut.png")).pixels[:256, 128:384])


def decoded(data, weights, run, window=LITE.window):
    """Pixels of a file by the whole road of the family, with one who computes."""
    file = container.read(data)
    config = replace(config_of(file.header.model_name, file.header.model_hash), window=window)
    transforms = IntegerTransforms(config, weights, run, file.header.quality, file.header.bit_depth)
    entropy = IntegerHPCM(config, weights, run)
    return coding.decode(config, transforms, entropy, file.header, file.tiles, Job()).pixels(Job())


# The reference is slow, and the smallest file goes through all of it.
@pytest.mark.parametrize(
    ("name", "run"), [("deep-q100", "reference"), *((name, run) for name in DIGESTS for run in instruction_sets())]
)
def test_golden_pixels(name, run, weights):
    data = (FOLDER / f"{name}.hpcm").read_bytes()
    assert digest(decoded(data, weights, RUNS[run]())) == DIGESTS[name]


@pytest.mark.parametrize("name", DIGESTS)
def test_golden_files_through_the_codec(name):
    """Encoding gives the same bytes too, since nothing in it is floating point that could differ."""
    data = (FOLDER / f"{name}.hpcm").read_bytes()
    picture, quality = pictures()[name]
    assert digest(codec.decode(data).picture.pixels) == DIGESTS[name]
    assert codec.encode(picture, Recipe(quality=quality), reconstruct=False).data == data


@pytest.mark.parametrize("window", [3, 8])
def test_windows_and_threads_have_no_part_in_pixels(window, weights):
    data = (FOLDER / "colour-q70.hpcm").read_bytes()
    for threads in (1, 3):
        assert digest(decoded(data, weights, Native(threads=threads), window)) == DIGESTS["colour-q70"]


def test_windows_without_a_halo_would_show(weights, monkeypatch):
    monkeypatch.setattr(type(INTEGER_FAMILY.configs["lite"]), "halo", 0)
    data = (FOLDER / "colour-q70.hpcm").read_bytes()
    assert digest(decoded(data, weights, Native(), 3)) != DIGESTS["colour-q70"]


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
    y[0, 3, 5, 5], y[0, 200, 0, 0] = 5000, -32767
    code = coding.encode_tile(entropy, y, lambda: None)
    back = coding.decode_tile(entropy, code.tile, 8, 8, lambda: None)
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


def test_a_block_of_many_rows_is_left_in_the_middle(weights, photo):
    """Between parts of one operation somebody looks up whether the work is still wanted."""

    def stop():
        raise Cancelled("stopped")

    config = INTEGER_FAMILY.configs["lite"]
    transforms = IntegerTransforms(config, weights, Native(), 50, 8)
    block = transforms._g_s[-2]
    x = np.zeros((64, 64, 96), np.int16)
    with pytest.raises(Cancelled):
        block(Native(), x, stop, fresh)


def test_layers_take_turns_in_two_pieces_of_memory():
    room = Turns()
    first, second = room((4, 5, 6)), room((2, 3, 1))
    first[...], second[...] = 1, 2
    assert (first == 1).all(), "what a layer reads is not where it writes"
    third = room((3, 5, 8))
    assert np.shares_memory(third, first)
    assert not np.shares_memory(third, second)
    assert not np.shares_memory(room((9, 9, 9)), third)


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


@pytest.mark.parametrize("layer", ["g_s.branch.1.branch.1", "y_spatial_prior_s3.branch_1.0.branch.0", "g_a.branch.3"])
@pytest.mark.parametrize("part", ["weight", "bias", "shift"])
def test_weights_whose_sums_could_leave_32_bits_are_refused(weights, layer, part):
    name = f"{layer}.{part}"
    value = weights[name].copy()
    value.reshape(-1)[...] = {"weight": 32767, "bias": 2**31 - 1, "shift": 31}[part]
    config, changed = INTEGER_FAMILY.configs["lite"], {**weights, name: value}

    def make():
        IntegerHPCM(config, changed, Reference())
        IntegerTransforms(config, changed, Reference(), 50, 8)

    with pytest.raises(ModelError, match="exact arithmetic"):
        make()


def test_which_structures_it_has():
    assert fits(LITE)
    assert not fits(BASE)
    assert INTEGER_FAMILY.config_of("lite-2-3-3").profile == 2
    assert INTEGER_FAMILY.config_of("lite-attention") is None
    assert INTEGER_FAMILY.config_of("base") is None
    assert load("lite").config.profile == 2
    assert float_lite().config.profile == 1
