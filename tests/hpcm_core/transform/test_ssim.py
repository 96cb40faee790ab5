"""One scale of SSIM against pytorch_msssim."""

from __future__ import annotations

import pytest
import pytorch_msssim
import torch

from hpcm_core.transform.ssim import similarity


@pytest.mark.parametrize("peak", [1.0, 255.0])
@pytest.mark.parametrize("shape", [(2, 3, 40, 57), (1, 1, 11, 200)])
def test_the_whole_is_the_librarys(shape, peak):
    torch.manual_seed(0)
    a = peak * torch.rand(shape, dtype=torch.float64)
    b = (a + 0.1 * peak * torch.randn(shape, dtype=torch.float64)).clamp(0, peak)
    theirs = pytorch_msssim.ssim(a, b, data_range=peak, size_average=False)
    assert torch.allclose(similarity(a, b, peak, whole=True).mean(dim=(1, 2, 3)), theirs, atol=1e-6)


def test_without_luminance_another_brightness_is_no_difference():
    a = torch.rand((1, 1, 32, 32), dtype=torch.float64)
    places = similarity(a, a + 0.5, 1.0, whole=False)
    assert places.shape == (1, 1, 22, 22)
    assert torch.allclose(places, torch.ones_like(places))
    assert similarity(a, a + 0.5, 1.0, whole=True).max() < 0.95
