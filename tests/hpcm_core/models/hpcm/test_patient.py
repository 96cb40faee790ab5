"""Effort: latents refined through a float copy of the integers, coded by the integers."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from hpcm_core import codec, pytorch
from hpcm_core.errors import Cancelled, InvalidRecipe, LimitExceeded, ModelError
from hpcm_core.format.gain import QualityMap
from hpcm_core.models.hpcm import patient
from hpcm_core.models.hpcm.float_context import float_decoder
from hpcm_core.models.loading import load
from hpcm_core.models.rates import quality_to_lambda
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.transform import distortion, refining
from hpcm_core.transform.coding import code_latents
from hpcm_core.transform.distortion import mixed
from hpcm_core.transform.ms_ssim import luma, ms_ssim
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo

QUALITY = 40


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(patient, "STEPS", 3)


@pytest.fixture
def always(monkeypatch):
    """Refined latents are taken even if they cost more: in a few steps they do."""
    costs = itertools.count()
    monkeypatch.setattr(patient.Encoder, "_cost", lambda *of: next(costs))


def cost(picture, encoded):
    """What refining makes smaller: bits a pixel and weighted distortion, of the file itself."""
    x, x_hat = (torch.from_numpy(p.pixels / 255.0).permute(2, 0, 1)[None] for p in (picture, encoded.reconstruction))
    bpp = 8 * encoded.stream_bytes / (picture.width * picture.height)
    lmbda = quality_to_lambda(encoded.header.quality, load("lite").config.rate_lambdas)
    return bpp + lmbda * float(distortion.distortion(x_hat, x))


def test_the_float_decoder_is_the_integer_one():
    model = load("lite")
    picture = Picture(photo(64, 64))
    for quality in (0, QUALITY, 100):
        header = codec.header_of(picture, "lite", model.identity, model.config, quality)
        transforms = model.network.transforms(header)
        y_hat, _ = code_latents(model.config, transforms, model.network.entropy, picture, header, Job())
        pixels = codec.encode(picture, Recipe(quality=quality)).reconstruction.pixels
        decoder = float_decoder(model.config, model.network.weights, quality)
        with torch.no_grad():
            found = 255 * decoder.g_s(torch.from_numpy(y_hat))[0].permute(1, 2, 0).numpy()
        assert np.abs(found.clip(0, 255) - pixels).max() < 3
        assert np.abs(found.clip(0, 255) - pixels).mean() < 0.5


def test_files_cost_less_and_are_decoded_as_ever():
    picture = Picture(photo(128, 128, left=220, top=380))
    plain, refined = (codec.encode(picture, Recipe(quality=QUALITY, effort=effort)) for effort in (0, 1))
    assert plain.data == codec.encode(picture, Recipe(quality=QUALITY)).data
    assert refined.header == plain.header, "nothing says what made the file"
    assert cost(picture, refined) < 0.98 * cost(picture, plain)
    decoded = codec.decode(refined.data).picture
    assert np.array_equal(decoded.pixels, refined.reconstruction.pixels)
    assert abs(refined.bits.total.sum() - 8 * refined.stream_bytes) < 1


def test_what_costs_more_is_not_taken(quick, monkeypatch):
    monkeypatch.setattr(refining, "RATE", 3.0)
    picture = Picture(photo(64, 64))
    assert codec.encode(picture, Recipe(effort=1)).data == codec.encode(picture, Recipe()).data


def test_a_target_is_met_by_what_was_refined(quick, always):
    picture = Picture(photo(64, 64))
    encoded = codec.encode(picture, Recipe(effort=1, target_bytes=400))
    assert len(encoded.data) <= 400
    better = Recipe(quality=encoded.header.quality + 1, effort=1)
    assert len(codec.encode(picture, better).data) > 400
    assert encoded.data != codec.encode(picture, Recipe(quality=encoded.header.quality)).data


def test_any_small_picture(quick, always):
    pixels = photo(70, 33)
    alpha = np.arange(70 * 33, dtype=np.uint8).reshape(33, 70)
    for picture in (
        Picture(pixels, alpha),
        Picture(pixels.astype(np.uint16) * 257),
        Picture(np.ascontiguousarray(pixels[:, :, :1])),
        Picture(pixels[:1, :1].copy()),
        Picture(np.zeros((180, 180, 3), np.uint8)),
    ):
        encoded = codec.encode(picture, Recipe(quality=QUALITY, effort=1))
        back = codec.decode(encoded.data).picture
        assert np.array_equal(back.pixels, encoded.reconstruction.pixels)
        plain = codec.encode(picture, Recipe(quality=QUALITY))
        if picture.pixels.size > 3:  # What three steps make of one pixel is chance.
            least = min(plain.metrics.psnr, 50) - 1
            assert encoded.metrics.psnr > least, "beyond that nobody sees what bits are saved for"


def test_it_tells_where_it_is_and_can_be_stopped(quick):
    seen = []
    picture = Picture(photo(64, 64))
    codec.encode(picture, Recipe(effort=2), progress=lambda stage, done: seen.append((str(stage), done)))
    fractions = [done for _, done in seen]
    assert fractions == sorted(fractions)
    assert sum(stage == "Refining" for stage, _ in seen) == 9
    asked = []

    def report(stage, done):
        asked.append(str(stage))

    with pytest.raises(Cancelled):
        codec.encode(picture, Recipe(effort=9), progress=report, cancel=lambda: asked.count("Refining") == 2)
    assert asked.count("Refining") == 2


def test_what_it_is_not_for(quick, monkeypatch):
    with pytest.raises(LimitExceeded, match="at most 1024 x 1024 pixels; this one has 1025 x 2"):
        codec.encode(Picture(np.zeros((2, 1025, 3), np.uint8)), Recipe(effort=1))
    painted = replace(Recipe(effort=1), quality_map=QualityMap(1, 1, b"\x05"))
    with pytest.raises(InvalidRecipe, match="parts that are kept better or worse"):
        codec.encode(Picture(photo(64, 64)), painted)
    monkeypatch.setattr(pytorch, "is_here", lambda: False)
    with pytest.raises(ModelError, match="Encoding with effort needs PyTorch"):
        codec.encode(Picture(photo(64, 64)), Recipe(effort=1))
    assert codec.encode(Picture(photo(64, 64)), Recipe(effort=0)).data


def test_on_the_command_line(quick, tmp_path):
    Picture(photo(64, 64)).save(tmp_path / "a.png")
    run("encode", tmp_path / "a.png", "--effort", 1)
    assert (tmp_path / "a.hpcm").exists()
    assert "whole number from 0 to 9" in run("encode", tmp_path / "a.png", "--effort", 10, "--force", code=2).output


def test_distortion_is_that_of_the_training():
    draw = torch.Generator().manual_seed(1)
    x = torch.rand(1, 3, 176, 192, generator=draw, dtype=torch.float64)
    x_hat = (x + 0.05 * torch.randn(x.shape, generator=draw, dtype=torch.float64)).clamp(0, 1)
    assert float(distortion.distortion(x_hat, x)) == pytest.approx(float(mixed(x_hat, x, 0.35, 0.35)))
    wide = (torch.nn.functional.pad(one, (0, 5)) for one in (x_hat, x))
    assert float(distortion.distortion(*wide)) == pytest.approx(
        float(mixed(x_hat, x, 0.0, 0.35 / 0.65)) * 0.65 * 192 / 197
        + 0.35 * 1333 * float(1 - ms_ssim(luma(x_hat), luma(x)))
    )
    small = x_hat[..., :40, :40], x[..., :40, :40]
    assert float(distortion.distortion(*small)) == pytest.approx(float(mixed(*small, 0.0, 0.35)))
