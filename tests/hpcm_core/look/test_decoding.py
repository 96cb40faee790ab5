"""What a decoder makes of a second g_s."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from hpcm_core import codec, plain_decoder
from hpcm_core.cli.thumbnail import write_thumbnail
from hpcm_core.errors import HpcmError
from hpcm_core.evaluation.duel import of_recipe
from hpcm_core.format import container
from hpcm_core.format.gain import MOST, QualityMap, parse_gain
from hpcm_core.format.look import pack_look
from hpcm_core.integer.native import Native, instruction_sets
from hpcm_core.look import FAITHFUL, NATURAL, mix, reach
from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms
from hpcm_core.models.loading import load, with_look
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.transform import coding
from hpcm_core.transform.tiling import grid
from tests.hpcm_core.models.hpcm.in_numpy import InNumpy
from tests.hpcm_core.plain_decoding import TABLES, WEIGHTS
from tests.hpcm_core.standin_look import install_look, look_weights, wishing
from tests.hpcm_core.test_codec import photo


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
