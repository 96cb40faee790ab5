"""PSNR, MS-SSIM: against definitions and against other programs' figures."""

import math
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest

from hpcm_core import metrics, ssim
from hpcm_core.errors import Cancelled, LimitExceeded, PictureError
from hpcm_core.picture.picture import Picture
from hpcm_core.results import AlphaMetrics

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
    for rows in (1, 7, 300):
        monkeypatch.setattr(metrics, "_SSIM_ROWS", rows)
        assert metrics.ms_ssim(a, b) == whole
    monkeypatch.setattr(metrics, "_SSIM_BLOCK", (37, 29))
    assert metrics.ms_ssim(a, b) == pytest.approx(whole, abs=1e-12)


def test_ms_ssim_does_not_depend_on_threads(monkeypatch):
    a = textured(300, 1201)
    b = degraded(a)
    found = set()
    for threads in (1, 2, 3, 8):
        monkeypatch.setattr(metrics, "thread_count", lambda threads=threads: threads)
        found.add(metrics.ms_ssim(a, b))
    assert len(found) == 1


@pytest.mark.parametrize("measure", [metrics.psnr, metrics.ms_ssim])
def test_no_scale_is_ever_there_as_a_whole(measure):
    """Memory grows with the width alone."""
    peaks = []
    for height in (500, 2000):
        a = np.zeros((height, 1000, 3), np.uint8)
        tracemalloc.start()
        measure(a, a)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_measuring_can_be_stopped():
    """Of 100 megapixels it takes many seconds."""
    looks = []

    def stop():
        looks.append(None)
        if len(looks) == 3:
            raise Cancelled("stopped")

    a = Picture(textured(300, 200))
    with pytest.raises(Cancelled):
        metrics.compare(a, a, check=stop)
    looks.clear()
    with pytest.raises(Cancelled):
        metrics.psnr(np.zeros((1000, 400, 1), np.uint8), np.ones((1000, 400, 1), np.uint8), stop)


def test_ms_ssim_takes_small_blocks_only(monkeypatch):
    """Memory: whatever the picture's size, SSIM sees blocks of one size."""
    seen = []
    original = metrics.similarity
    monkeypatch.setattr(metrics, "similarity", lambda a, *rest: seen.append(a.size) or original(a, *rest))
    metrics.ms_ssim(textured(700, 900), textured(700, 900))
    rows, columns = metrics._SSIM_BLOCK
    assert max(seen) <= 3 * (rows + 10) * (columns + 10)


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
    assert (ssim.WINDOW - 1) * 2 ** (len(metrics.LEVEL_WEIGHTS) - 1) + 1 == metrics.MS_SSIM_MIN_SIDE
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


def test_alpha_is_compared_for_itself():
    pixels = textured(30, 40)
    plain = Picture(pixels)
    opaque, half, one_off, invisible = (
        Picture(pixels, np.full((30, 40), value, np.uint8)) for value in (255, 128, 127, 0)
    )
    deep = Picture(pixels.astype(np.uint16) * 257, np.full((30, 40), 128 * 257 + 1, np.uint16))
    assert metrics.compare_alpha(plain, plain) is None
    assert metrics.compare_alpha(half, half) == AlphaMetrics("equal", 0, math.inf)
    assert metrics.compare_alpha(opaque, invisible) == AlphaMetrics("differs", 255, 0.0)
    found = metrics.compare_alpha(half, one_off)
    assert (found.state, found.max_difference) == ("differs", 1)
    assert found.psnr == pytest.approx(20 * math.log10(255))
    assert metrics.compare_alpha(half, deep).max_difference == 1
    assert metrics.compare_alpha(plain, opaque) == AlphaMetrics("only in one", 0, math.inf)
    assert metrics.compare_alpha(half, plain).max_difference == 127


def test_shapes_must_agree():
    for measure in (metrics.psnr, metrics.ms_ssim):
        with pytest.raises(ValueError, match="shape"):
            measure(textured(200, 200), textured(200, 200, 1))


def test_importing_metrics_does_not_import_torch():
    code = "import sys, hpcm_core.metrics, hpcm_core.picture.picture\nsys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_ssimulacra2():
    """100 for equal pictures, and less for each step away; the original is the first of the two."""
    a = textured(256, 300)
    scores = [metrics.ssimulacra2(a, b) for b in (a, degraded(a, 2), degraded(a, 8), degraded(a, 30))]
    assert scores[0] == 100
    assert scores == sorted(set(scores), reverse=True)
    other = degraded(a, 8)
    assert metrics.ssimulacra2(a, other) != metrics.ssimulacra2(other, a)


def test_ssimulacra2_is_that_of_its_package(tmp_path):
    """Of the same pictures as files; 16 bits and grey are the same pictures."""
    from PIL import Image
    from ssimulacra2 import compute_ssimulacra2

    a = textured(230, 225, 1)
    b = degraded(a)
    files = [tmp_path / name for name in ("a.png", "b.png")]
    for file, pixels in zip(files, (a, b), strict=True):
        Image.fromarray(pixels[:, :, 0]).save(file)
    expected = compute_ssimulacra2(*files)
    assert metrics.ssimulacra2(a, b) == expected
    assert metrics.ssimulacra2(a.astype(np.uint16) * 257, b) == expected
    found = metrics.compare(Picture(a), Picture(np.repeat(b, 3, 2)), perceptual=True)
    assert found.ssimulacra2 == expected
    assert metrics.compare(Picture(a), Picture(b)).ssimulacra2 is None


def test_ssimulacra2_can_be_stopped():
    """In the midst of the package, which looks up at nothing; nor does Ctrl+C wait for it, in the main thread."""
    a = textured(256, 300)
    looks, threads = [], set()

    def look():
        looks.append(None)
        threads.add(threading.current_thread())
        if len(looks) == stop_at:
            raise Cancelled("stopped")

    stop_at = 0
    assert metrics.ssimulacra2(a, a, look) == 100
    whole = len(looks)
    assert whole > 100
    assert threading.main_thread() not in threads
    stop_at = whole // 2
    looks.clear()
    with pytest.raises(Cancelled):
        metrics.compare(Picture(a), Picture(a), perceptual=True, check=look)
    looks.clear()
    with pytest.raises(Cancelled):
        metrics.ssimulacra2(a, a, look)
    assert len(looks) == stop_at
    assert metrics.ssimulacra2(a, a) == 100
    assert len(looks) == stop_at, "it looked on for what had ended"


def test_where_ssimulacra2_is_not_to_be_had(monkeypatch):
    a = textured(225, 225)
    assert metrics.ssimulacra2(a, a) == 100
    assert metrics.ssimulacra2(a[:224], a[:224]) is None
    assert metrics.ssimulacra2(a[:, :224], a[:, :224]) is None
    monkeypatch.setattr(metrics, "SSIMULACRA2_MOST_PIXELS", 225 * 225 - 1)
    with pytest.raises(LimitExceeded, match=r"at most 0 megapixels; this one has 0\.1"):
        metrics.ssimulacra2(a, a)
    monkeypatch.setattr(metrics, "find_spec", lambda name: None)
    with pytest.raises(PictureError, match="package ssimulacra2 must be installed"):
        metrics.ssimulacra2(a, a)
