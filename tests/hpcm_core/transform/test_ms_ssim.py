"""MS-SSIM of trainings against pytorch_msssim."""

from __future__ import annotations

import pytest
import pytorch_msssim
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcm_core.transform.ms_ssim import ms_ssim


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from([(1, 1, 176, 176), (2, 3, 192, 256), (3, 1, 256, 176)]),
    st.floats(0.001, 0.5),
    st.sampled_from([torch.float32, torch.float64]),
    st.integers(0, 1000),
)
def test_values_and_gradients_are_the_librarys(shape, noise, dtype, seed):
    torch.manual_seed(seed)
    coarse = torch.rand(*shape[:2], shape[2] // 16, shape[3] // 16, dtype=dtype)
    a = torch.nn.functional.interpolate(coarse, scale_factor=16, mode="bilinear")
    b = (a + noise * torch.randn(shape, dtype=dtype)).clamp(0, 1).requires_grad_()
    ours = ms_ssim(b, a)
    theirs = pytorch_msssim.ms_ssim(b, a, data_range=1.0, size_average=False)
    precision = 1e-5 if dtype == torch.float32 else 1e-6  # the library's window is float32
    assert torch.allclose(ours, theirs, atol=precision)
    gradient, wanted = (torch.autograd.grad(values.sum(), b)[0] for values in (ours, theirs))
    assert (gradient - wanted).norm() < 1e-3 * wanted.norm()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_flat_pictures(value):
    flat = torch.full((1, 3, 256, 256), value, requires_grad=True)
    result = ms_ssim(flat, torch.full((1, 3, 256, 256), value))
    assert result.item() == pytest.approx(1)
    result.sum().backward()
    assert flat.grad.isfinite().all()
