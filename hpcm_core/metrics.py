"""Fidelity and rate: PSNR, MS-SSIM, SSIMULACRA 2, bits per pixel.

Pictures are compared as the codec sees them: R'G'B' or grey samples as stored, without colour management. Alpha, which
files keep without loss, is no part of these figures and compared for itself. Everything works in strips of rows, so
that a large picture needs little more memory than it takes itself; SSIMULACRA 2, an extra, does not.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from itertools import chain, repeat
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import LimitExceeded, PictureError
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.pillow import image_of
from hpcm_core.picture.samples import Samples
from hpcm_core.progress import interruptible, looked_up
from hpcm_core.results import AlphaMetrics, Metrics
from hpcm_core.runtime import thread_count
from hpcm_core.ssim import WINDOW, similarity

Floats: TypeAlias = npt.NDArray[np.float64]
Check: TypeAlias = Callable[[], None]

_STRIP = 1 << 17
"""Samples at a time, few for the caches: the sum of the squares of 2^20 16-bit differences is exact in float64."""
_SSIM_BLOCK = (32, 256)
"""Rows and columns of pixels that stay in the caches with all that is made of them, and share little with others."""
_SSIM_ROWS = 32
"""Rows of a picture that go into the scales at a time."""
LEVEL_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
MS_SSIM_MIN_SIDE = 161
"""Pixels: below, the window does not fit into the last of the five scales."""
SSIMULACRA2_MIN_SIDE = 225
"""Pixels: below, the last of the six scales is under 8 pixels; scores of fewer weigh the wrong things."""
SSIMULACRA2_MOST_PIXELS = 1 << 24
"""The package takes some 500 bytes a pixel, and two seconds for a million of them."""


def compare(
    a: Picture,
    b: Picture,
    size_bytes: int | None = None,
    *,
    perceptual: bool = False,
    check: Check = lambda: None,
) -> Metrics:
    """How close b is to a, and at what size. Grey is compared with RGB as RGB, 8 bits with 16 as 16; alpha is left to
    `compare_alpha`. perceptual: SSIMULACRA 2 too. check: as `ms_ssim` takes it.

    Raises PictureError where the sizes in pixels differ, and what `ssimulacra2` raises.
    """
    x, y = colours(a, b)
    structure = ms_ssim(x, y, check)
    return Metrics(
        size_bytes=size_bytes,
        bpp=None if size_bytes is None else bpp(size_bytes, a.width, a.height),
        psnr=psnr(x, y, check),
        ms_ssim=structure,
        ms_ssim_db=None if structure is None else ms_ssim_db(structure),
        ssimulacra2=ssimulacra2(x, y, check) if perceptual else None,
    )


def colours(a: Picture, b: Picture) -> tuple[Samples, Samples]:
    """The samples of two pictures' colours, H x W x C of one shape: grey beside RGB becomes RGB. Raises PictureError
    where the sizes in pixels differ.
    """
    if (a.width, a.height) != (b.width, b.height):
        raise PictureError(
            "Pictures of {width} x {height} and {other_width} x {other_height} pixels cannot be compared: "
            "their sizes must be equal.",
            width=a.width,
            height=a.height,
            other_width=b.width,
            other_height=b.height,
        )
    return (a.pixels, b.pixels) if a.channels == b.channels else (a.rgb(), b.rgb())


def compare_alpha(a: Picture, b: Picture) -> AlphaMetrics | None:
    """How close b's alpha is to a's; None where neither has any. A picture without is opaque all over.

    The sizes in pixels must be equal, as `compare` makes sure.
    """
    if a.alpha is None and b.alpha is None:
        return None
    x, y = _alpha(a), _alpha(b)
    peak = max(np.iinfo(x.dtype).max, np.iinfo(y.dtype).max)
    largest = 0.0
    for rows in _strips(x.shape[0], x.shape[1], _STRIP):
        difference = _at_peak(x[rows], peak, np.float64) - _at_peak(y[rows], peak, np.float64)
        largest = max(largest, float(np.abs(difference).max()))
    state = "only in one" if a.alpha is None or b.alpha is None else "differs" if largest else "equal"
    return AlphaMetrics(state, int(largest), psnr(x, y))


def _alpha(picture: Picture) -> Samples:
    """H x W x 1 samples, in any case."""
    if picture.alpha is None:
        opaque = np.iinfo(picture.pixels.dtype).max
        return np.broadcast_to(picture.pixels.dtype.type(opaque), (picture.height, picture.width, 1))
    return picture.alpha[:, :, np.newaxis]


def bpp(size_bytes: int, width: int, height: int) -> float:
    """Bits per pixel of a file, or of a part of one."""
    return 8 * size_bytes / (width * height)


def psnr(a: Samples, b: Samples, check: Check = lambda: None) -> float:
    """Peak signal-to-noise ratio in dB over all samples; infinite when they are equal.

    a and b: H x W x C, uint8 (peak 255) or uint16 (peak 65535); if one is uint8 and the other uint16, as uint16.
    check: as `ms_ssim` takes it. Raises ValueError where the shapes differ.
    """
    _check_shapes(a, b)
    peak = max(np.iinfo(a.dtype).max, np.iinfo(b.dtype).max)
    squares = 0.0
    for rows in _strips(a.shape[0], a.shape[1] * a.shape[2], _STRIP):
        check()
        difference = _at_peak(a[rows], peak, np.float64) - _at_peak(b[rows], peak, np.float64)
        # No product of vectors: on several threads the library of products spends many times as long on so few.
        squares += float(np.square(difference, out=difference).sum())
    return math.inf if squares == 0 else 10 * math.log10(peak * peak * a.size / squares)


def ms_ssim(a: Samples, b: Samples, check: Check = lambda: None) -> float | None:
    """Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003) as pytorch-msssim defines it, in [0, 1].

    a and b: H x W x C of uint8 or uint16, brought to 0..255; the result is the mean over the channels. None where the
    smaller side is under 161 pixels. check: called from strip to strip and may raise to stop the work. Raises
    ValueError where the shapes differ.
    """
    _check_shapes(a, b)
    if min(a.shape[:2]) < MS_SSIM_MIN_SIDE:
        return None
    height, width, channels = a.shape
    first, threads = _Scale(channels, height, width, len(LEVEL_WEIGHTS)), thread_count()
    with ThreadPoolExecutor(threads) as pool:
        for top in range(0, height, _SSIM_ROWS):
            rows = slice(top, min(top + _SSIM_ROWS, height))
            both = np.empty((2, channels, rows.stop - rows.start, width), np.float32)
            for samples, into in zip((a, b), both, strict=True):
                into[...] = samples[rows].transpose(2, 0, 1)
                into *= np.float32(255 / np.iinfo(samples.dtype).max)
            first.add(both, rows.stop == height, threads, pool, check)
    result, scale = np.ones(channels), first
    for weight in LEVEL_WEIGHTS:
        result *= np.maximum(scale.sums / scale.places, 0) ** weight
        scale = scale.below or scale
    return min(float(result.mean()), 1.0)


def ms_ssim_db(value: float) -> float:
    """-10 log10(1 - MS-SSIM): infinite for 1."""
    return math.inf if value >= 1 else -10 * math.log10(1 - value)


def check_ssimulacra2() -> None:
    """Raises PictureError where the package is missing."""
    if find_spec("ssimulacra2") is None:
        raise PictureError("For SSIMULACRA 2 the package ssimulacra2 must be installed.")


def ssimulacra2(a: Samples, b: Samples, check: Check = lambda: None) -> float | None:
    """SSIMULACRA 2 (Sneyers 2022), a fidelity for the eye: 100 for equal pictures, 90 where no difference is seen, 70
    for high, 50 for medium, 30 for low quality, below 0 for the worst.

    a, the original, and b: H x W x (1 or 3) of uint8 or uint16, compared at 8 bits and as sRGB. None where the smaller
    side is under 225 pixels. check: called between two steps of the package's work, from another thread, and may raise
    to stop it. Raises PictureError without the package, LimitExceeded above 16 megapixels, and ValueError where the
    shapes differ.
    """
    _check_shapes(a, b)
    check_ssimulacra2()
    if min(a.shape[:2]) < SSIMULACRA2_MIN_SIDE:
        return None
    if a.shape[0] * a.shape[1] > SSIMULACRA2_MOST_PIXELS:
        raise LimitExceeded(
            "SSIMULACRA 2 takes pictures of at most {most} megapixels; this one has {pixels:.1f}.",
            most=SSIMULACRA2_MOST_PIXELS // 1_000_000,
            pixels=a.shape[0] * a.shape[1] / 1e6,
        )
    from ssimulacra2 import compute_ssimulacra2

    files = [io.BytesIO() for _ in range(2)]  # It takes files alone.
    for samples, file in zip((a, b), files, strict=True):
        image_of(samples).save(file, "PPM")

    def work() -> float:
        with looked_up(check):
            return float(compute_ssimulacra2(*files))

    return interruptible(work)


def _check_shapes(a: Samples, b: Samples) -> None:
    if a.shape != b.shape or a.ndim != 3 or a.size == 0:
        raise ValueError(f"pictures must be H x W x C and of one shape, not {a.shape} and {b.shape}")


def _strips(rows: int, samples_per_row: int, size: int) -> Iterator[slice]:
    """Slices that cut `rows` into strips of about `size` samples."""
    step = max(1, size // samples_per_row)
    for top in range(0, rows, step):
        yield slice(top, min(top + step, rows))


def _at_peak(samples: Samples, peak: float, dtype: Any) -> npt.NDArray[Any]:
    """Integer samples scaled so that full white is `peak`; float samples as they are."""
    if samples.dtype.kind == "f":
        return samples
    own_peak = np.iinfo(samples.dtype).max
    converted = samples.astype(dtype)
    if own_peak != peak:
        converted *= dtype(peak / own_peak)
    return converted


class _Scale:
    """One scale of MS-SSIM and, through `below`, those under it. Rows of both pictures come from the top, and are kept
    no longer than windows reach them: no scale is ever there as a whole.
    """

    def __init__(self, channels: int, height: int, width: int, scales: int) -> None:
        self.places = (height - WINDOW + 1) * (width - WINDOW + 1)
        self.sums = np.zeros(channels)
        """Of SSIM, or of its part as `similarity` says, over all places of the window that have been seen."""
        self.below = _Scale(channels, -(-height // 2), -(-width // 2), scales - 1) if scales > 1 else None
        self._rows = np.empty((2, channels, 0, width), np.float32)
        # Zeros stand before the first row and column of an odd side: what waits for the other row of its pair.
        self._single = np.zeros((2, channels, height % 2, width), np.float32)

    def add(self, rows: npt.NDArray[np.float32], end: bool, threads: int, pool: Executor, check: Check) -> None:
        """2 x C x h x W samples in 0..255 that follow those before; end: no more will."""
        if self.below is not None:
            paired = np.concatenate((self._single, rows), axis=2) if self._single.size else rows
            even = paired.shape[2] // 2 * 2
            self._single = paired[:, :, even:].copy()
            self.below.add(_halved(paired[:, :, :even]), end, threads, pool, check)
        rows = np.concatenate((self._rows, rows), axis=2)
        height = _SSIM_BLOCK[0]
        while rows.shape[2] >= (WINDOW if end else height + WINDOW - 1):
            check()
            seen = rows[:, :, : height + WINDOW - 1]
            shares = pool.map(partial(self._blocks, seen), range(threads), repeat(threads))
            self.sums += sum(chain.from_iterable(shares))
            rows = rows[:, :, height:]
        self._rows = rows.copy()

    def _blocks(self, seen: npt.NDArray[np.float32], number: int, of: int) -> list[Floats]:
        """The sums of the blocks of a band that are in one of so many equal shares of it."""
        width = _SSIM_BLOCK[1]
        count = -(-(seen.shape[3] - WINDOW + 1) // width)
        blocks = (
            seen[..., width * i : width * (i + 1) + WINDOW - 1]
            for i in range(count * number // of, count * (number + 1) // of)
        )
        whole = self.below is None
        return [similarity(x, y, 255.0, whole).sum(axis=(1, 2), dtype=np.float64) for x, y in blocks]


def _halved(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Means of 2 x 2 samples of an even number of rows; zeros stand before the first of an odd number of columns."""
    pairs = rows[:, :, 0::2] + rows[:, :, 1::2]
    if pairs.shape[3] % 2:
        pairs = np.concatenate((np.zeros((*pairs.shape[:3], 1), np.float32), pairs), axis=3)
    halved: npt.NDArray[np.float32] = (pairs[..., 0::2] + pairs[..., 1::2]) * np.float32(0.25)
    return halved
