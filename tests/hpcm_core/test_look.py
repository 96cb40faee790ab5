"""Looks: the chunk, mixing, and what a decoder makes of a second g_s."""

from __future__ import annotations

import json
import shutil
import struct
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hpcm_core import codec, look, plain_decoder
from hpcm_core.cli.thumbnail import write_thumbnail
from hpcm_core.errors import CorruptFile, HpcmError, InvalidRecipe, MissingModel, ModelError
from hpcm_core.evaluation.duel import of_recipe
from hpcm_core.format import container
from hpcm_core.format.gain import MOST, QualityMap, parse_gain
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.format.look import pack_look, parse_look
from hpcm_core.integer.native import Native, instruction_sets
from hpcm_core.look import FAITHFUL, NATURAL, has_look, mix, parse, reach, said
from hpcm_core.models.catalogue import find_look
from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms
from hpcm_core.models.loading import load, with_look
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.transform import coding
from hpcm_core.transform.tiling import grid
from tests.golden.write_integer import FOLDER, digest, pictures
from tests.golden.write_looks import LIST, bundled_looks, second_g_s
from tests.hpcm_core.format.chunks import join, split
from tests.hpcm_core.models.hpcm.in_numpy import InNumpy
from tests.hpcm_core.models.hpcm.test_integer import decoded as whole
from tests.hpcm_core.standin_look import IDENTITY, install_look, look_weights, without_bundled_looks
from tests.hpcm_core.test_codec import photo
from tests.hpcm_core.test_plain_decoder import TABLES, WEIGHTS


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    without_bundled_looks(monkeypatch, tmp_path / "bundle")
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def picture():
    return Picture(photo(192, 160))


@pytest.fixture(scope="module")
def plain(picture):
    return codec.encode(picture, Recipe())


def wishing(data: bytes, payload: bytes) -> bytes:
    chunks = split(data)
    return join([chunks[0], (b"look", payload), *chunks[1:]])


# What quality leaves of a look.


def test_reach():
    assert [reach(quality) for quality in (0, 50, 51, 60, 74, 75, 76, 100)] == [256, 256, 245, 153, 10, 0, 0, 0]
    assert reach(FIXED_RATE) == NATURAL


@pytest.mark.parametrize("quality", [60, 75, 100])
def test_a_look_fades_out_at_high_quality(picture, home, quality):
    install_look(home)
    data = codec.encode(picture, Recipe(quality=quality)).data
    file = container.read(data)
    model = with_look(load("lite"))
    coded = model.family.decode(model, file.header, file.tiles, quality / 100 * 9, Job(), "cpu")
    faithful, natural = coded.pixels(Job()), coded.natural(Job())
    assert not np.array_equal(faithful, natural)
    end = mix(faithful, natural, reach(quality))
    assert np.array_equal(codec.decode(data, look=NATURAL).picture.pixels, end)
    assert np.array_equal(codec.decode(data, look=100).picture.pixels, mix(faithful, end, 100))
    assert np.array_equal(codec.decode(data, look=FAITHFUL).picture.pixels, faithful)


# What a look is called.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("faithful", 0),
        ("natural", 256),
        (" Natural", 256),
        ("0", 0),
        ("1", 256),
        ("0.5", 128),
        ("0.002", 1),
        ("1e-9", 0),
    ],
)
def test_what_a_look_is_called(text, value):
    assert parse(text) == value


@pytest.mark.parametrize("text", ["", "1.1", "-0.1", "nan", "inf", "vivid", "128", "0,5", "50%"])
def test_what_is_no_look(text):
    with pytest.raises(HpcmError, match="faithful, natural, or a number from 0"):
        parse(text)


def test_every_look_is_said_so_that_it_is_understood():
    assert [parse(said(value)) for value in range(NATURAL + 1)] == list(range(NATURAL + 1))
    assert (said(0), said(64), said(256)) == ("faithful", "0.25", "natural")


# Mixing.


@given(st.data(), st.integers(0, 256), st.sampled_from([np.uint8, np.uint16]))
def test_mixing_is_exact(data, value, dtype):
    shape = data.draw(arrays.array_shapes(min_dims=3, max_dims=3, max_side=9))
    a, b = (data.draw(arrays.arrays(dtype, shape)) for _ in range(2))
    wanted = [(int(f) * (256 - value) + int(n) * value + 128) >> 8 for f, n in zip(a.flat, b.flat, strict=True)]
    mixed = mix(a, b, value)
    assert mixed.dtype == dtype
    assert mixed.ravel().tolist() == wanted
    assert mix(a, b, 0).tolist() == a.tolist()
    assert mix(a, b, 256).tolist() == b.tolist()
    assert mix(b, a, 256 - value).astype(int).tolist() == pytest.approx(mixed.astype(int), abs=1)  # but for ties


def test_mixing_takes_the_largest_samples_and_many_rows():
    """And a picture can be put where one of the two was."""
    for dtype in (np.uint8, np.uint16):
        white = np.full((131, 3, 1), np.iinfo(dtype).max, dtype)
        black = np.zeros_like(white)
        assert (mix(white, white, 77) == white).all()
        half = mix(white, black, 128)
        assert (half == (int(white[0, 0, 0]) + 1) // 2).all()
        assert mix(white, black, 128, out=white) is white
        assert np.array_equal(white, half)


def test_what_cannot_be_mixed():
    a = np.zeros((2, 2, 3), np.uint8)
    for b, value in ((a[:1], 5), (a.astype(np.uint16), 5), (a, 257), (a, -1)):
        with pytest.raises(ValueError, match=r"not alike|no look"):
            mix(a, b, value)


# The chunk.


@given(st.integers(0, 256))
def test_a_wish_comes_back(value):
    assert pack_look(value) == struct.pack("<H", value)
    assert parse_look(pack_look(value)) == value


@given(st.binary(max_size=6))
def test_any_bytes_are_a_look_or_one_error(payload):
    with suppress(CorruptFile):
        assert 0 <= parse_look(payload) <= 256
        assert len(payload) == 2


@pytest.mark.trust
@pytest.mark.parametrize("payload", [b"", b"\0", b"\1\1", b"\xff\xff", b"\0\0\0", b"\0\1\0\0"])
def test_damaged_wishes(payload, plain):
    with pytest.raises(CorruptFile, match="look cannot be unpacked"):
        codec.decode(wishing(plain.data, payload))


def test_a_wish_stands_once_and_before_the_tiles(plain):
    chunks = split(plain.data)
    wish = (b"look", pack_look(9))
    for misplaced in ([chunks[0], wish, wish, *chunks[1:]], [*chunks[:-1], wish, chunks[-1]]):
        with pytest.raises(CorruptFile, match="second or misplaced look"):
            container.read(join(misplaced))


def test_a_file_with_a_wish_differs_by_its_chunk_alone(picture, plain, home):
    install_look(home)
    wished = codec.encode(picture, Recipe(look=100))
    assert wished.data == wishing(plain.data, pack_look(100))
    assert len(wished.data) == len(plain.data) + 14
    assert wished.metrics.psnr == plain.metrics.psnr
    assert np.array_equal(wished.reconstruction.pixels, plain.reconstruction.pixels)


# Decoding.


@pytest.mark.parametrize("deep", [False, True])
def test_looks(picture, home, deep):
    """Faithful is as ever; natural is what the model would give if its g_s were the look's; the rest is between."""
    install_look(home)
    if deep:
        picture = Picture(picture.pixels.astype(np.uint16) * 257)
    data = codec.encode(picture, Recipe(quality=20), reconstruct=False).data
    faithful, natural = (codec.decode(data, look=value) for value in (FAITHFUL, NATURAL))
    assert (faithful.look, natural.look, natural.wished) == (0, 256, 0)
    assert np.array_equal(faithful.picture.pixels, codec.decode(data).picture.pixels)
    assert natural.picture.pixels.dtype == picture.pixels.dtype
    assert np.array_equal(natural.picture.pixels, by_other_weights(data, look_weights()))
    assert np.abs(natural.picture.pixels.astype(int) - faithful.picture.pixels).max() > 2
    for value in (1, 100, 255):
        between = codec.decode(data, look=value)
        assert between.look == value
        wanted = mix(faithful.picture.pixels, natural.picture.pixels, value)
        assert np.array_equal(between.picture.pixels, wanted)
    distinct = {codec.decode(data, look=value).picture.pixels.tobytes() for value in (0, 100, 256)}
    assert len(distinct) == 3


def by_other_weights(data, weights):
    """What a model whose whole g_s has these weights makes of a file, by the reference and in one piece."""
    model = load("lite")
    file = container.read(data)
    header = file.header
    config = model.config
    bundled = read_weights(resource("models/lite.safetensors"))
    offsets = None if file.gain is None else parse_gain(file.gain, header.width, header.height)
    merged = {**bundled, **weights}
    transforms = InNumpy(config, merged, header.quality, header.bit_depth, offsets)
    kept = []

    class Latents:
        def synthesize(self, y_hat, *_rest):
            kept.append(y_hat)
            return np.zeros((1, 1, 3), np.uint8)

    coding.decode(config, Latents(), model.network.entropy, header, file.tiles, Job()).pixels(Job())
    cut = grid(header.width, header.height, config, header.padding)
    return transforms.synthesize(kept[0], header, cut, lambda done: None)


@pytest.mark.parametrize("name", instruction_sets())
@pytest.mark.parametrize("threads", [1, 3])
def test_engines_agree(name, threads):
    weights = {**read_weights(resource("models/lite.safetensors")), **look_weights()}
    model = load("lite")
    y_hat = np.random.default_rng(3).normal(0, 3, (1, 256, 8, 12)).astype(np.float32).round(2)
    header = codec.header_of(Picture(photo(192, 128)), "lite", model.identity, model.config, 30)
    cut = grid(192, 128, model.config, header.padding)
    made = [
        transforms.synthesize(y_hat, header, cut, lambda done: None)
        for transforms in (
            IntegerTransforms(model.config, weights, Native(name, threads), 30, 8),
            InNumpy(model.config, weights, 30, 8),
        )
    ]
    assert np.array_equal(*made)
    assert made[0].std() > 10


def test_alpha_grey_and_a_map_of_qualities(home):
    """Alpha is the same in every look, a grey picture stays grey, and a painted one has its gains in both."""
    install_look(home)
    painted = Recipe(quality=30, quality_map=QualityMap.of(np.array([[MOST, -MOST], [0, -MOST]])))
    data = codec.encode(Picture(photo(96, 80)), painted, reconstruct=False).data
    pictures = [codec.decode(data, look=value).picture.pixels for value in (FAITHFUL, 128, NATURAL)]
    assert np.array_equal(pictures[2], by_other_weights(data, look_weights()))
    assert np.array_equal(pictures[1], mix(pictures[0], pictures[2], 128))
    alpha = np.linspace(0, 255, 96 * 80).astype(np.uint8).reshape(80, 96)
    grey = Picture(photo(96, 80)[..., :1].copy(), alpha)
    decoded = codec.decode(codec.encode(grey, Recipe(), reconstruct=False).data, look=200).picture
    assert decoded.pixels.shape == (80, 96, 1)
    assert np.array_equal(decoded.alpha, alpha)


def test_a_files_wish(picture, plain, home):
    install_look(home)
    wished = codec.encode(picture, Recipe(look=64), reconstruct=False).data
    made = codec.decode(wished)
    assert (made.look, made.wished, made.without_look) == (64, 64, None)
    assert np.array_equal(made.picture.pixels, codec.decode(plain.data, look=64).picture.pixels)
    asked = codec.decode(wished, look=FAITHFUL)
    assert (asked.look, asked.wished) == (0, 64)
    assert np.array_equal(asked.picture.pixels, plain.reconstruction.pixels)


@pytest.mark.parametrize("quality", [30, 60, 80])
def test_both_ends_of_a_wish_are_made_of_latents_that_are_decoded_once(picture, home, quality, monkeypatch):
    install_look(home)
    data = codec.encode(picture, Recipe(quality=quality, look=64), reconstruct=False).data
    wanted = [codec.decode(data, look=value).picture.pixels for value in (FAITHFUL, NATURAL)]
    decoded = []
    family = type(load("lite").family)
    decode = family.decode
    monkeypatch.setattr(family, "decode", lambda *rest: (decoded.append(1), decode(*rest))[1])
    made = codec.decode(data, ends=True)
    assert (made.look, made.wished, len(decoded)) == (FAITHFUL, 64, 1)
    assert np.array_equal(made.picture.pixels, wanted[0])
    if quality == 80:
        assert made.natural is None, "there is none at such a quality"
    else:
        assert np.array_equal(made.natural.pixels, wanted[1])


def test_without_a_wish_or_weights_there_is_one_end(picture, plain, home):
    assert codec.decode(codec.encode(picture, Recipe(), reconstruct=False).data, ends=True).natural is None
    install_look(home)
    assert codec.decode(plain.data, ends=True).natural is None
    wished = codec.encode(picture, Recipe(look=64), reconstruct=False).data
    shutil.rmtree(home / "models")
    made = codec.decode(wished, ends=True)
    assert (made.natural, made.look) == (None, FAITHFUL)


def test_steps_are_faithful(plain, home):
    install_look(home)
    wished = wishing(plain.data, pack_look(NATURAL))
    for steps in (3, 8):
        decoded = codec.decode(wished, steps=steps)
        assert (decoded.look, decoded.wished, decoded.without_look) == (0, 256, None)
        assert np.array_equal(decoded.picture.pixels, codec.decode(plain.data, steps=steps).picture.pixels)
    with pytest.raises(HpcmError, match="only the faithful look"):
        codec.decode(wished, steps=8, look=1)


def test_the_plain_decoder_shows_faithful(plain, home):
    install_look(home)
    samples, _, _ = plain_decoder.decode(wishing(plain.data, pack_look(NATURAL)), WEIGHTS, TABLES)
    assert np.array_equal(samples, plain.reconstruction.pixels)


def test_who_measures_or_makes_thumbnails_takes_the_faithful_picture(picture, plain, home):
    install_look(home)
    wished = wishing(plain.data, pack_look(NATURAL))
    contestant = of_recipe(picture, Recipe(look=NATURAL))
    assert contestant.metrics == replace(plain.metrics, size_bytes=len(plain.data))
    assert contestant.data == plain.data, "a wish counts for nobody"
    (home / "plain.hpcm").write_bytes(plain.data)
    (home / "wished.hpcm").write_bytes(wished)
    for name in ("plain", "wished"):
        write_thumbnail(home / f"{name}.hpcm", home / f"{name}.png")
    assert np.array_equal(*(Picture.open(home / f"{name}.png").pixels for name in ("plain", "wished")))


# The bundled looks.


def test_golden_looks(home, monkeypatch):
    """What comes with the program is what the list was written with; every engine gives its pixels; and it belongs to
    today's weights.
    """
    said = json.loads(LIST.read_text())
    assert bundled_looks() == said["weights"], "python -m tests.golden.write_looks"
    if not said["weights"]:
        return
    monkeypatch.undo()
    monkeypatch.setenv("HPCM_DATA_DIR", str(home))
    assert has_look("lite", load("lite").identity)
    assert set(said["pixels"]) == set(pictures())
    merged = {**read_weights(resource("models/lite.safetensors")), **read_weights(find_look("lite"))}
    for name, digests in said["pixels"].items():
        data = (FOLDER / f"{name}.hpcm").read_bytes()
        for value, wanted in digests.items():
            made = second_g_s(data) if value == "g_s" else codec.decode(data, look=int(value)).picture.pixels
            assert digest(made) == wanted
        for engine in instruction_sets():
            assert digest(whole(data, merged, Native(engine, 2))) == digests["g_s"]


# Where there are no weights, and such as are none.


def test_no_weights(picture, plain):
    assert not has_look("lite")
    assert not has_look("lite", bytes.fromhex(IDENTITY))
    made = codec.decode(wishing(plain.data, pack_look(NATURAL)))
    assert (made.look, made.wished) == (0, 256)
    assert "natural look of lite (b9015994808df6f8) are not installed" in made.without_look
    assert np.array_equal(made.picture.pixels, plain.reconstruction.pixels)
    with pytest.raises(MissingModel, match="natural look of lite"):
        codec.decode(plain.data, look=1)
    assert codec.decode(plain.data, look=FAITHFUL).without_look is None
    with pytest.raises(InvalidRecipe, match="lite has no natural look here"):
        codec.encode(picture, Recipe(look=1))


def test_models_without_a_look(home):
    """Without loss there is but one picture; and no name leads out of the folders of models."""
    install_look(home)
    assert has_look("lite")
    for name in ("lossless", "base-mse-0.013", "../models/lite", "", "no such"):
        assert not has_look(name, bytes.fromhex(IDENTITY))
        assert not has_look(name)
    data = codec.encode(Picture(photo(32, 32)), Recipe("lossless"), reconstruct=False).data
    assert codec.decode(wishing(data, pack_look(200))).look == FAITHFUL
    with pytest.raises(MissingModel, match="natural look of lossless"):
        codec.decode(data, look=NATURAL)


def test_a_look_of_ones_own_goes_before_the_bundled_one(home):
    own = install_look(home)
    bundled = home / "bundle/models" / own.name
    shutil.copy(own, bundled)
    assert find_look("lite") == own
    own.unlink()
    assert find_look("lite") == find_look("lite", bytes.fromhex(IDENTITY)) == bundled
    beside = bundled.rename(bundled.with_name(f"lite@{IDENTITY}.natural.safetensors"))
    assert find_look("lite", bytes.fromhex(IDENTITY)) == beside
    assert find_look("lite", bytes.fromhex("a645cf9f575da1ff")) is None


def test_weights_of_another_model(plain, home):
    install_look(home, model_hash="a645cf9f575da1ff")
    assert not has_look("lite")
    assert has_look("lite", bytes.fromhex("a645cf9f575da1ff"))
    with pytest.raises(MissingModel, match="natural look of lite"):
        codec.decode(plain.data, look=NATURAL)


def damaged(change):
    weights = look_weights()
    change(weights)
    return weights


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (lambda w: w.pop("g_s.branch.0.bias"), "1 tensors differ"),
        (lambda w: w.update({"g_a.branch.0.bias": np.zeros(2, np.int32)}), "more than the model's weights"),
        (lambda w: w.update({"g_s.branch.0.bias": w["g_s.branch.0.bias"][:-1].copy()}), "1 tensors differ"),
        (lambda w: w.update({"g_s.branch.0.bias": w["g_s.branch.0.bias"].astype(np.float32)}), "not of the type"),
        (lambda w: w.update({"g_s.branch.0.bias": w["g_s.branch.0.bias"].astype(np.int64)}), "not of the type"),
        (lambda w: w["g_s.branch.8.wide.weight"].fill(32767), "leave the range"),
        (lambda w: w["g_s.branch.1.branch.1.shift"].fill(31), "leave the range"),
    ],
    ids=["one less", "one more", "shape", "float", "wide", "sums", "shift"],
)
def test_hostile_weights(weights, sentence, plain, home):
    """A wish for them ends in the faithful picture, which has everything else of the file."""
    install_look(home, damaged(weights))
    with pytest.raises(ModelError, match=sentence):
        codec.decode(plain.data, look=NATURAL)
    made = codec.decode(wishing(plain.data, pack_look(NATURAL)))
    assert sentence in made.without_look
    assert np.array_equal(made.picture.pixels, plain.reconstruction.pixels)


def test_a_damaged_file_of_weights(plain, home):
    path = install_look(home)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match="damaged"):
        codec.decode(plain.data, look=NATURAL)
    for size in (0, 7, 40):
        path.write_bytes(content[:size])
        assert not has_look("lite")


def test_weights_are_read_once(plain, home, monkeypatch):
    install_look(home)
    model = load("lite")
    assert with_look(model).look is with_look(model).look
    assert model.look is None


# Recipes.


def test_recipes_keep_a_look():
    assert "look" not in Recipe().to_json()
    for value in range(NATURAL + 1):
        assert Recipe.from_json(Recipe(look=value).to_json()) == Recipe(look=value)
    assert Recipe.from_json('{"version": 1, "look": "natural"}').look == NATURAL
    assert Recipe.from_json('{"version": 1, "look": 1}').look == NATURAL


@pytest.mark.parametrize("value", ["2", '"vivid"', "true", "[1]", "-0.5", "1e999"])
def test_recipes_with_no_look(value):
    with pytest.raises(InvalidRecipe, match=r"faithful, natural,? or a number from 0"):
        Recipe.from_json(f'{{"version": 1, "look": {value}}}')


def test_looks_are_whole_numbers():
    for value in (-1, 257, 1.0, True, None):
        with pytest.raises(InvalidRecipe, match="look must be"):
            Recipe(look=value)
    for value in (-1, 257):
        with pytest.raises(ValueError, match="no look"):
            codec.decode(codec.encode(Picture(photo(16, 16)), Recipe()).data, look=value)
    assert look.FAITHFUL == 0
