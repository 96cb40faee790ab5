"""What more effort saves, for its time: `make check-effort PICTURES=folder`.

Whole files of the bundled model, without metadata, of the middle of every picture (SIDE pixels, --side), with each
effort at each quality: bytes saved at the same PSNR and at the same MS-SSIM, against the curve of the same crop through
neighbouring qualities without effort (logarithm of the bytes, linear between its points), and processor time. A
refined file that is better than the curve's last point, or worse than its first, counts for no mean, and the table says
how many count.
"""

from __future__ import annotations

import argparse
import itertools
import math
import multiprocessing
import sys
import time
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import hpcm_core.runtime  # noqa: F401
from hpcm_core import codec
from hpcm_core.files import picture_files
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe

NEIGHBOURS = (-12, -8, -4, 0, 5, 10, 15, 20)
"""Of a quality, those whose files make the curve: effort betters a picture more often than it makes it worse."""


class Saved(NamedTuple):
    """Of a crop: changes in parts of one at equal PSNR and MS-SSIM, NaN beside the curve; seconds of the processor."""

    psnr: float
    ms_ssim: float
    seconds: float


def middle(picture: Picture, side: int) -> Picture:
    height, width = picture.pixels.shape[:2]
    top, left = (max(0, (length - side) // 2) for length in (height, width))
    return Picture(np.ascontiguousarray(picture.pixels[top : top + side, left : left + side]))


def measured(picture: Picture, quality: float, effort: int) -> tuple[float, float, float]:
    """Bytes, PSNR and MS-SSIM in dB of the file."""
    encoded = codec.encode(picture, Recipe(quality=quality, effort=effort, keep_metadata=False))
    assert encoded.metrics is not None
    psnr, ms_ssim = encoded.metrics.psnr, encoded.metrics.ms_ssim_db
    return float(len(encoded.data)), math.nan if psnr is None else psnr, math.nan if ms_ssim is None else ms_ssim


def change(curve: npt.NDArray[np.float64], measure: int, found: tuple[float, float, float]) -> float:
    """Of the bytes against what the curve takes for as much; curve: rows of bytes and measures."""
    curve = curve[np.argsort(curve[:, measure])]
    there = np.interp(found[measure], curve[:, measure], np.log(curve[:, 0]), left=math.nan, right=math.nan)
    return math.expm1(math.log(found[0]) - float(there))


def one(task: tuple[Path, int, int, tuple[int, ...]]) -> list[Saved]:
    """Of one picture at one quality: what each effort saves."""
    path, side, quality, efforts = task
    crop, saved = middle(Picture.open(path), side), []
    qualities = sorted({min(100, max(0, quality + more)) for more in NEIGHBOURS})
    curve = np.array([measured(crop, near, 0) for near in qualities])
    for effort in efforts:
        begun = time.process_time()
        found = measured(crop, quality, effort)
        saved.append(Saved(change(curve, 1, found), change(curve, 2, found), time.process_time() - begun))
    return saved


def told(changes: list[float]) -> str:
    known = [value for value in changes if not math.isnan(value)]
    if not known:
        return "-"
    mean, least, most = (100 * value for value in (fmean(known), min(known), max(known)))
    return f"{mean:+.1f} % ({least:+.1f} to {most:+.1f}; {len(known)})".replace("-", "−")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--qualities", type=int, nargs="+", default=[10, 40, 70])
    parser.add_argument("--efforts", type=int, nargs="+", default=[1, 4, 9])
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    files, efforts = picture_files(options.folder), tuple(options.efforts)
    tasks = [(path, options.side, quality, efforts) for quality, path in itertools.product(options.qualities, files)]
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        found = list(pool.imap(one, tasks))
    print("| quality | effort | processor | at equal PSNR | at equal MS-SSIM |\n| ---: | ---: | ---: | ---: | ---: |")
    for (which, quality), (at, effort) in itertools.product(enumerate(options.qualities), enumerate(efforts)):
        rows = [saved[at] for saved in found[which * len(files) : (which + 1) * len(files)]]
        seconds = fmean(row.seconds for row in rows)
        by = (told([row.psnr for row in rows]), told([row.ms_ssim for row in rows]))
        print(f"| {quality} | {effort} | {seconds:.0f} s | {by[0]} | {by[1]} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
