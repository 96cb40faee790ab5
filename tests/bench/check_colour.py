"""Luma and colour of the bundled model beside AVIF of the same bytes: `make check-colour KODAK=folder`.

PSNR of Y, Cb and Cr (ITU-R BT.601, full range, of the decoded 8-bit samples) at qualities 8, 20 and 40, means over the
pictures; AVIF tuned for the eye (tune=iq). Each AVIF file has the bytes of the .hpcm file to half a percent, or as near
as its quality allows. Black and white pictures do not count for Cb and Cr. Means hide single pictures, so the one that
is furthest behind is named with its difference.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

import hpcm_core.runtime  # noqa: F401
from hpcm_core.evaluation import duel
from hpcm_core.files import picture_files
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe

QUALITIES = (8, 20, 40)
NAMES = ("Y", "Cb", "Cr")
KR, KB = 0.299, 0.114
"""Shares of red and blue in luma."""


def planes(picture: Picture) -> npt.NDArray[np.float64]:
    """Y, Cb and Cr of 8-bit samples: 3xHxW, in their steps."""
    r, g, b = np.moveaxis(picture.rgb().astype(np.float64), 2, 0)
    y = KR * r + (1 - KR - KB) * g + KB * b
    return np.stack([y, (b - y) / (2 - 2 * KB), (r - y) / (2 - 2 * KR)])


def psnr(original: Picture, shown: Picture) -> list[float]:
    """In dB, of each plane; NaN for one that the original does not have, as a black and white picture has no colour."""
    kept = planes(original)
    errors = np.square(kept - planes(shown)).mean(axis=(1, 2))
    there = np.ptp(kept, axis=(1, 2)) > 1
    return [
        float(10 * np.log10(255**2 / error)) if plane else float("nan")
        for error, plane in zip(errors, there, strict=True)
    ]


def one(path: Path) -> list[tuple[list[float], list[float], float]]:
    """At each quality: what the model keeps of each plane, what AVIF does, and how many times as large its file is."""
    picture, found = Picture.open(path), []
    for quality in QUALITIES:
        ours = duel.of_recipe(picture, Recipe(quality=quality))
        (_, theirs) = duel.duel(picture, ours, names=("avif",)).contestants
        found.append((psnr(picture, ours.picture), psnr(picture, theirs.picture), len(theirs.data) / len(ours.data)))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    paths = picture_files(options.folder)
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        pictures = pool.map(one, paths, chunksize=1)
    print("| quality | | " + " | ".join(NAMES) + " |\n| ---: | --- | ---: | ---: | ---: |")
    for quality, rows in zip(QUALITIES, zip(*pictures, strict=True), strict=True):
        ours, theirs = (np.array([row[which] for row in rows]) for which in (0, 1))
        for name, values in (("Lite", ours), ("AVIF tune=iq", theirs), ("difference", ours - theirs)):
            told = [f"{value:.2f}" for value in np.nanmean(values, axis=0)]
            print(f"| {quality} | {name} | " + " | ".join(told) + " |")
        worst = np.nan_to_num(ours - theirs, nan=np.inf).argmin(axis=0)
        behind = [((ours - theirs)[row, plane], paths[row].stem) for plane, row in enumerate(worst)]
        told = [f"{value:.2f} ({stem})" for value, stem in behind]
        print(f"| {quality} | furthest behind | " + " | ".join(told) + " |")
        print(f"AVIF's files have {np.mean([row[2] for row in rows]):.4f} times the bytes.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
