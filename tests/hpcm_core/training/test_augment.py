"""Crops seen from farther away, in other colours, with grain: what they are made of, and that nothing else decides."""

from __future__ import annotations

import io
from itertools import permutations

import numpy as np
import pytest
import torch
from PIL import Image

from hpcm_core.training.augment import halve_colour, saturate, vary
from hpcm_core.training.data import Crops
from tests.hpcm_core.training.tiny import save_pictures

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def crop():
    x = torch.linspace(0, 1, 64).expand(64, 64)
    return torch.stack((x, x.T, 0.5 + 0 * x)).mul(255).round().div(255)


def test_zoom_shows_more_of_a_picture(tmp_path):
    """On a ramp the slope tells the size of what was reduced, its ends the place."""
    ramp = np.broadcast_to(np.linspace(0, 255, 768), (600, 768)).round().astype(np.uint8)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    batch = Crops(tmp_path, 256, 0, CPU).batch(0, 200, 256, zoom=2.0) * 255
    assert batch.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(batch, batch.round())
    middle = batch[:, 0, 128]
    # Away from the borders, where interpolation sees less of the picture.
    slope = (middle[:, 240] - middle[:, 16]) / 224 * 767 / 255
    zoom = slope.abs()
    assert 0.95 < zoom.min() < 1.1
    assert 1.9 < zoom.max() < 2.05
    assert zoom.log2().mean() == pytest.approx(0.5, abs=0.05)
    assert 0.4 < (slope < 0).float().mean() < 0.6


def test_zoom_stays_inside_small_pictures(tmp_path):
    """A picture a colour: one that is read too far shows its neighbour's."""
    sizes = [(256, 256), (300, 320), (270, 400), (512, 256)]
    for i, (height, width) in enumerate(sizes):
        Image.new("L", (width, height), 60 * (i + 1)).save(tmp_path / f"{i}.png")
    batch = Crops(tmp_path, 256, 0, CPU).batch(0, 80, 256, zoom=4.0) * 255
    assert torch.equal(batch, batch[:, :1, :1, :1].expand_as(batch))
    assert batch[:, 0, 0, 0].unique().round().tolist() == [60, 120, 180, 240]


def test_zoom_does_not_alias(tmp_path):
    """A fine checkerboard is grey from farther away, where picking pixels would make coarse patterns of it."""
    board = (np.indices((600, 600)).sum(0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).save(tmp_path / "board.png")
    batch = Crops(tmp_path, 256, 0, CPU).batch(0, 40, 256, zoom=2.0)
    deviations = batch.std(dim=(1, 2, 3)) * 255
    assert (deviations < 20).float().mean() > 0.6
    assert deviations.max() > 30, "little reduced ones keep it"


def test_zoom_stays_between_black_and_white(tmp_path):
    """Bicubic interpolation overshoots at edges."""
    stripes = np.broadcast_to(np.arange(600) // 20 % 2 * 255, (600, 600)).astype(np.uint8)
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    batch = Crops(tmp_path, 256, 0, CPU).batch(0, 20, 256, zoom=2.0)
    assert (batch.min(), batch.max()) == (0, 1)


def test_the_smallest_picture_has_no_zoom(tmp_path):
    crops = Crops(save_pictures(tmp_path, count=1, height=256, width=256), 256, 0, CPU)
    assert torch.equal(crops.batch(0, 8, 256, zoom=4.0), crops.batch(0, 8, 256))


def test_without_zoom_it_is_the_plain_crop(tmp_path):
    save_pictures(tmp_path, count=3)
    crops = Crops(tmp_path, 256, 3, CPU)
    assert torch.allclose(crops.batch(0, 6, 256, zoom=1 + 1e-9), crops.batch(0, 6, 256))


def test_zoom_depends_on_the_crops_number_alone(tmp_path):
    crops = Crops(save_pictures(tmp_path, count=5, height=512, width=400), 256, 3, CPU)
    whole = crops.batch(8, 4, 256, zoom=1.5)
    halves = [crops.batch(8, 4, 256, part, zoom=1.5) for part in (slice(0, 2), slice(2, 4))]
    assert torch.equal(torch.cat(halves), whole)


def test_saturation(crop):
    grey = saturate(crop, 0)
    assert torch.allclose(grey, grey[:1].expand(3, -1, -1))
    assert torch.allclose(grey[0], 0.2126 * crop[0] + 0.7152 * crop[1] + 0.0722 * crop[2], atol=1e-6)
    assert torch.allclose(saturate(crop, 1), crop, atol=1e-6)
    strong = saturate(crop, 2)
    assert strong.min() == 0
    assert strong.max() == 1
    assert torch.allclose(strong, (2 * crop - grey).clamp(0, 1), atol=1e-6)


def test_colours_are_exchanged_and_told_by_the_number(crop):
    varied = [vary(crop, 1, 0, 0, number) for number in range(300)]
    assert torch.equal(vary(crop, 1, 0, 0, 7), varied[7])
    assert not torch.equal(vary(crop, 1, 0, 1, 7), varied[7])
    found, greys = set(), 0
    for x in varied:
        assert torch.equal((x * 255).round() / 255, x)
        order = max(permutations(range(3)), key=lambda p: _alike(x, crop[list(p)]))
        found.add(order)
        greys += bool((x.amax(0) - x.amin(0)).mean() < 0.05)
    assert len(found) == 6
    assert 0 < greys < 60
    spread = torch.stack([(x - saturate(x, 0)).abs().mean() for x in varied])
    assert spread.max() > 1.3 * (crop - saturate(crop, 0)).abs().mean(), "some are more colourful"
    light = torch.stack([saturate(x, 0).mean() for x in varied])
    assert light.std() > 0.03, "tones differ"


def _alike(a, b):
    a, b = ((x - x.mean(0)).flatten() for x in (a, b))
    return float(a @ b)


def test_parts_of_the_crops(crop):
    changed = [not torch.equal(vary(crop, 0.25, 0, 0, n), crop) for n in range(800)]
    assert np.mean(changed) == pytest.approx(0.25, abs=0.05)
    grainy = [not torch.equal(vary(crop, 0, 0.5, 0, n), crop) for n in range(400)]
    assert 0.3 < np.mean(grainy) < 0.56, "the weakest grain rounds to nothing"
    assert vary(crop, 0, 0, 0, 0) is crop
    flat = torch.tensor([0.2, 0.4, 0.8]).view(3, 1, 1).expand(3, 32, 32)
    for n in range(20):
        x = vary(flat, 1, 0, 0, n)
        assert torch.equal(x, x[:, :1, :1].expand_as(x)), "other colours come without grain"


@pytest.mark.parametrize("offset", [(0, 0), (1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("shape", [(32, 48), (31, 17)])
def test_half_colour_is_what_jpeg_leaves(offset, shape):
    """Against Pillow's JPEG at 4:2:0 and its best quality, of a crop that begins where its squares do: both average
    the differences over 2 x 2 pixels and interpolate them.
    """
    noise = np.random.default_rng(3).normal(0, 25, (3, shape[0] + 16, shape[1] + 16))
    whole = torch.from_numpy((noise + 128).clip(0, 255).round()).float() / 255
    top, left = (8 - length for length in offset)
    made = halve_colour(whole[:, 8 : 8 + shape[0], 8 : 8 + shape[1]], offset, False)
    file = io.BytesIO()
    pixels = whole[:, top:, left:].permute(1, 2, 0).mul(255).round().to(torch.uint8).numpy()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=100, subsampling="4:2:0")
    jpeg = torch.from_numpy(np.asarray(Image.open(file)).copy()).permute(2, 0, 1).float() / 255
    jpeg = jpeg[:, offset[0] :, offset[1] :][:, : shape[0], : shape[1]]
    inside = (slice(None), slice(2, -2), slice(2, -2))  # borders repeat what a whole picture has there
    apart = (made - jpeg)[inside].clamp(-1, 1).mul(255)
    assert apart.abs().mean() < 1.2, "the file's own steps"
    assert (whole[:, 8 : 8 + shape[0], 8 : 8 + shape[1]] - made)[inside].mul(255).abs().mean() > 10
    assert luma_of_jpeg(made) == pytest.approx(luma_of_jpeg(whole[:, 8 : 8 + shape[0], 8 : 8 + shape[1]]), abs=1e-5)


def luma_of_jpeg(x):
    return (torch.tensor([0.299, 0.587, 0.114])[:, None, None] * x).sum(0).numpy()


def test_half_colour_in_steps_and_in_part(crop):
    """Grey pictures have no colours to lose; those in steps stay in them."""
    grey = crop[:1].expand(3, -1, -1)
    assert torch.equal(vary(grey, 0, 0, 0, 1, 1.0), grey)
    stepped = halve_colour(crop, (0, 0), True).mul(255)
    y = luma_of_jpeg(stepped)
    assert np.abs(y - y.round()).max() < 1e-3
    assert np.abs(luma_of_jpeg(halve_colour(crop, (0, 0), False).mul(255)) - y).max() > 0.1
    noise = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(1)).mul(255).round().div(255)
    changed = [not torch.equal(vary(noise, 0, 0, 0, n, 0.25), noise) for n in range(800)]
    assert np.mean(changed) == pytest.approx(0.25, abs=0.05)


def test_grain():
    grey = torch.full((3, 64, 64), 128 / 255)
    noise = [(vary(grey, 0, 1, 0, n) - grey) * 255 for n in range(300)]
    deviations = torch.stack([x.std() for x in noise])
    assert 3.5 < deviations.max() < 5.5
    assert deviations.median() < 0.4 * deviations.max()
    strongest = noise[int(deviations.argmax())]
    assert strongest.mean() == pytest.approx(0, abs=0.2)
    second = noise[int(deviations.argsort()[-2])]
    assert abs(_alike(strongest, second)) < 0.05 * _alike(strongest, strongest)
    together = np.corrcoef(strongest.flatten(1).numpy())
    assert together[0, 1] == pytest.approx(0.64, abs=0.06)
    assert torch.equal(vary(torch.zeros(3, 8, 8), 0, 1, 0, 3).clamp(0, 1), vary(torch.zeros(3, 8, 8), 0, 1, 0, 3))
