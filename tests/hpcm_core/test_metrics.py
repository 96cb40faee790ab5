"""PSNR, MS-SSIM, BD-rate: against definitions and against other programs' figures."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core import metrics
from hpcm_core.errors import PictureError
from hpcm_core.picture.picture import Picture

RNG = np.random.default_rng(3)


def textured(height, width, channels=3):
    y, x = np.mgrid[0:height, 0:width]
    waves = 127 + 60 * np.sin(x / 9) * np.cos(y / 13) + RNG.normal(0, 20, (height, width))
    return np.clip(np.dstack([np.roll(waves, 7 * c, 1) for c in range(channels)]), 0, 255).astype(np.uint8)


def degraded(pixels, sigma=12):
    return np.clip(pixels + RNG.normal(0, sigma, pixels.shape), 0, 255).astype(np.uint8)


def test_psnr_by_definition():
    a, b = textured(50, 70), textured(50, 70)
    error = np.mean((a.astype(np.float64) - b) ** 2)
    assert metrics.psnr(a, b) == pytest.approx(10 * np.log10(255**2 / error), rel=1e-13)
    assert metrics.psnr(np.zeros((1, 1, 1), np.uint8), np.full((1, 1, 1), 255, np.uint8)) == 0
    assert metrics.psnr(a, a) == math.inf


def test_psnr_of_16_bits():
    a, b = textured(50, 70), textured(50, 70)
    wide = [pixels.astype(np.uint16) * 257 for pixels in (a, b)]
    assert metrics.psnr(*wide) == pytest.approx(metrics.psnr(a, b), rel=1e-13)
    assert metrics.psnr(a, wide[1]) == pytest.approx(metrics.psnr(a, b), rel=1e-13)
    one_off = wide[0] ^ 1
    assert metrics.psnr(wide[0], one_off) == pytest.approx(20 * np.log10(65535), rel=1e-13)


def test_psnr_in_strips_is_exact(monkeypatch):
    a, b = RNG.integers(0, 65536, (2, 97, 31, 3)).astype(np.uint16)
    whole = metrics.psnr(a, b)
    monkeypatch.setattr(metrics, "_STRIP", 31 * 3 * 10)
    assert metrics.psnr(a, b) == whole


def reference_ms_ssim(a, b):
    import torch
    from pytorch_msssim import ms_ssim

    x, y = (torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None] for pixels in (a, b))
    return float(ms_ssim(x, y, data_range=255))


@pytest.mark.parametrize("size", [(512, 768, 3), (161, 161, 1), (345, 277, 3), (170, 601, 1), (600, 163, 3)])
def test_ms_ssim_is_that_of_pytorch_msssim(size):
    """Odd sides included: there the original pads with zeros."""
    a = textured(*size)
    b = degraded(a)
    b[40:90, 40:90] = 128
    assert metrics.ms_ssim(a, b) == pytest.approx(reference_ms_ssim(a, b), abs=1e-6)


def test_ms_ssim_does_not_depend_on_how_it_is_cut(monkeypatch):
    a = textured(300, 401)
    b = degraded(a)
    whole = metrics.ms_ssim(a, b)
    monkeypatch.setattr(metrics, "_STRIP", 5000)
    monkeypatch.setattr(metrics, "_SSIM_BLOCK", 37)
    assert metrics.ms_ssim(a, b) == pytest.approx(whole, abs=1e-6)


def test_ms_ssim_takes_small_blocks_only(monkeypatch):
    """Memory: whatever the picture's size, SSIM sees blocks of one size."""
    seen = []
    original = metrics._tensor
    monkeypatch.setattr(metrics, "_tensor", lambda planes: seen.append(planes.size) or original(planes))
    metrics.ms_ssim(textured(700, 900), textured(700, 900))
    assert max(seen) <= 3 * (metrics._SSIM_BLOCK + 10) ** 2


def test_ms_ssim_of_16_bits_and_of_grey():
    a = textured(200, 220)
    b = degraded(a)
    expected = metrics.ms_ssim(a, b)
    assert metrics.ms_ssim(a.astype(np.uint16) * 257, b.astype(np.uint16) * 257) == pytest.approx(expected, abs=1e-6)
    grey, other = a[:, :, :1], b[:, :, :1]
    assert metrics.ms_ssim(np.repeat(grey, 3, 2), np.repeat(other, 3, 2)) == pytest.approx(
        metrics.ms_ssim(grey, other), abs=1e-6
    )


def test_ms_ssim_at_its_ends():
    a = textured(161, 200)
    assert metrics.ms_ssim(a, a) == pytest.approx(1, abs=1e-6)
    assert metrics.ms_ssim(a, a) <= 1
    assert metrics.ms_ssim(a, 255 - a) < 0.2
    assert metrics.ms_ssim(a[:160], a[:160]) is None
    assert metrics.ms_ssim(a[:, :160], a[:, :160]) is None
    assert metrics.ms_ssim_db(0.99) == pytest.approx(20)
    assert metrics.ms_ssim_db(1.0) == math.inf


def test_compare():
    a = textured(200, 300)
    b = degraded(a)
    found = metrics.compare(Picture(a), Picture(b), 7500)
    assert found.size_bytes == 7500
    assert found.bpp == 1.0
    assert found.psnr == metrics.psnr(a, b)
    assert found.ms_ssim == metrics.ms_ssim(a, b)
    assert found.ms_ssim_db == -10 * math.log10(1 - found.ms_ssim)
    without = metrics.compare(Picture(a[:20]), Picture(b[:20]))
    assert (without.size_bytes, without.bpp, without.ms_ssim, without.ms_ssim_db) == (None, None, None, None)


def test_compare_of_different_kinds():
    grey = Picture(textured(30, 40, 1))
    assert metrics.compare(grey, Picture(np.array(grey.rgb()))).psnr == math.inf
    assert metrics.compare(grey, Picture(grey.pixels.astype(np.uint16) * 257)).psnr == math.inf
    with pytest.raises(PictureError, match="40 x 30 and 30 x 40"):
        metrics.compare(grey, Picture(textured(40, 30, 1)))


def test_shapes_must_agree():
    for measure in (metrics.psnr, metrics.ms_ssim):
        with pytest.raises(ValueError, match="shape"):
            measure(textured(200, 200), textured(200, 200, 1))


def test_importing_metrics_does_not_import_torch():
    code = "import sys, hpcm_core.metrics, hpcm_core.picture.picture\nsys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# BD-rate

REFERENCE = [(0.1, 28.0), (0.25, 31.2), (0.5, 33.9), (1.0, 37.0)]


def test_bd_rate_of_a_scaled_curve_is_the_scale():
    for factor in (0.5, 1.0, 1.3):
        scaled = [(factor * rate, quality) for rate, quality in REFERENCE]
        assert metrics.bd_rate(REFERENCE, scaled) == pytest.approx(100 * (factor - 1), abs=1e-9)


def test_bd_rate_of_two_curves():
    """The figure is that of SciPy's PchipInterpolator on the same points."""
    better = [(0.08, 28.5), (0.2, 31.0), (0.45, 34.1), (0.9, 36.8)]
    assert metrics.bd_rate(REFERENCE, better) == pytest.approx(-15.845554672033547, abs=1e-9)
    assert metrics.bd_rate(REFERENCE[::-1], better[::-1]) == pytest.approx(-15.845554672033547, abs=1e-9)


def test_bd_rate_of_straight_lines_by_hand():
    """log(rate) is 0..1 over 30..40 dB against 0.5..1.0: their difference averages 0.25."""
    rising = [(math.exp(t), 30 + 10 * t) for t in (0, 0.3, 0.7, 1)]
    flatter = [(math.exp(0.5 + 0.5 * t), 30 + 10 * t) for t in (0, 0.2, 1)]
    assert metrics.bd_rate(rising, flatter) == pytest.approx(100 * (math.exp(0.25) - 1), rel=1e-12)
    assert metrics.bd_rate(rising[::3], flatter[::2]) == pytest.approx(100 * (math.exp(0.25) - 1), rel=1e-12)


def test_bd_rate_does_not_swing_below_the_first_point():
    """By hand: a slow start and a steep end; the three-point slope at the start would fall, so it is 0."""
    slow = [(1.0, 30.0), (math.e, 40.0), (math.exp(10), 41.0)]
    slope_at_40 = 33 / (12 / 0.1 + 21 / 9)
    area = 10 * (0 + 1) / 2 - 100 / 12 * slope_at_40
    assert metrics.bd_rate([(1.0, 30.0), (1.0, 40.0)], slow) == pytest.approx(100 * math.expm1(area / 10), rel=1e-9)


curves = st.lists(
    st.tuples(st.floats(0.01, 10), st.integers(25, 45)), min_size=2, max_size=8, unique_by=lambda point: point[1]
)


@given(curves, curves)
def test_bd_rate_is_antisymmetric_and_bounded_by_the_points(a, b):
    if max(min(q for _, q in c) for c in (a, b)) >= min(max(q for _, q in c) for c in (a, b)):
        with pytest.raises(ValueError, match="no range"):
            metrics.bd_rate(a, b)
        return
    there, back = 1 + metrics.bd_rate(a, b) / 100, 1 + metrics.bd_rate(b, a) / 100
    assert there * back == pytest.approx(1, rel=1e-9)
    rates = [[r for r, _ in curve] for curve in (a, b)]
    assert min(rates[1]) / max(rates[0]) * (1 - 1e-9) <= there <= max(rates[1]) / min(rates[0]) * (1 + 1e-9)


@pytest.mark.parametrize(
    "curve",
    [
        [(1.0, 30.0)],
        [(0.0, 30.0), (1.0, 31.0)],
        [(1.0, 30.0), (2.0, 30.0)],
        [(1.0, 30.0), (2.0, math.inf)],
        [(1.0, 50.0), (2.0, 60.0)],
    ],
)
def test_curves_that_have_no_bd_rate(curve):
    with pytest.raises(ValueError, match=r"curve"):
        metrics.bd_rate(REFERENCE, curve)
