"""One scale of SSIM in NumPy against pytorch_msssim, and against the one that trainings use."""

from __future__ import annotations

import numpy as np
import pytest
import pytorch_msssim
import torch

from hpcm_core import ssim
from hpcm_core.transform import ssim as with_gradients


def planes(shape, peak, seed=0):
    generator = np.random.default_rng(seed)
    a = peak * generator.random(shape)
    return a, np.clip(a + 0.1 * peak * generator.normal(size=shape), 0, peak)


def tensor(block):
    """1 x C x H x W."""
    return torch.from_numpy(block)[None]


@pytest.mark.parametrize("peak", [1.0, 255.0])
@pytest.mark.parametrize("shape", [(3, 40, 57), (1, 11, 200), (3, 74, 74)])
def test_the_whole_is_the_librarys(shape, peak):
    a, b = planes(shape, peak)
    theirs = float(pytorch_msssim.ssim(tensor(a), tensor(b), data_range=peak))
    assert ssim.similarity(a, b, peak, whole=True).mean() == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("whole", [True, False])
def test_every_place_is_that_of_trainings(whole):
    a, b = planes((3, 31, 45), 255.0)
    wanted = with_gradients.similarity(tensor(a), tensor(b), 255.0, whole)[0]
    found = ssim.similarity(a, b, 255.0, whole)
    assert np.abs(found - wanted.numpy()).max() < 1e-6, "the window of the other is float32"
    single = ssim.similarity(a.astype(np.float32), b.astype(np.float32), 255.0, whole)
    assert single.dtype == np.float32
    assert np.abs(single - found).max() < 2e-5


@pytest.mark.parametrize("level", [0.0, 8.0, 128.0, 250.0])
def test_in_flat_places_float32_is_as_exact_as_it_was(level):
    """There the variances are small differences of large squares. No worse than the arithmetic of torch at its worst,
    which is that of white.
    """
    a, b = planes((3, 74, 74), 2.0)
    a, b = a + level, b + level
    wanted = ssim.similarity(a, b, 255.0, whole=False)
    single = [block.astype(np.float32) for block in (a, b)]
    before = with_gradients.similarity(*map(tensor, single), 255.0, whole=False)[0].numpy()
    error, allowed = (np.abs(found - wanted).mean() for found in (ssim.similarity(*single, 255.0, whole=False), before))
    assert error < 6e-5
    assert level < 200 or error < allowed / 2


def test_without_luminance_another_brightness_is_no_difference():
    a, _ = planes((1, 32, 32), 0.5)
    places = ssim.similarity(a, a + 0.5, 1.0, whole=False)
    assert places.shape == (1, 22, 22)
    assert np.allclose(places, 1)
    assert ssim.similarity(a, a + 0.5, 1.0, whole=True).max() < 0.95
