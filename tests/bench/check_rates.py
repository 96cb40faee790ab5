"""Rate and distortion of the bundled model over its whole range: `make check-rates KODAK=folder`.

Encodes every picture at qualities 0, 5, ... 100 and fails where a higher quality gives a file that is not larger, or
PSNR falls by more than 0.02 dB. Prints means, and on the 24 Kodak pictures BD-rates between 0.15 and 0.9 bpp against
the other codecs as measured before; `hpcm rd` measures them on others. --csv keeps every figure.
"""

from __future__ import annotations

import argparse
import itertools
import math
import multiprocessing
import sys
from collections.abc import Sequence
from pathlib import Path

import hpcm_core.runtime  # noqa: F401
from hpcm_core import codec
from hpcm_core.evaluation import rd
from hpcm_core.files import picture_files
from hpcm_core.models.hpcm.config import LITE
from hpcm_core.models.rates import quality_to_lambda
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe

QUALITIES = tuple(range(0, 101, 5))
FALL = 0.02
"""dB of PSNR that a higher quality may lose: less than anyone sees."""
RATES = (0.15, 0.9)


def one(path: Path) -> list[rd.Sample]:
    """A picture at every quality. The pictures measured are those that the files decode to."""
    picture = Picture.open(path)
    samples = []
    for quality in QUALITIES:
        encoded = codec.encode(picture, Recipe(quality=quality))
        measured = encoded.metrics
        assert measured is not None
        samples.append(rd.Sample.of("lite", quality, path.stem, measured))
    return samples


def falls(samples: Sequence[rd.Sample]) -> list[str]:
    """What is wrong between neighbouring qualities of one picture."""
    found = []
    for low, high in itertools.pairwise(samples):
        step = f"{high.picture}, quality {low.setting:g} to {high.setting:g}"
        if high.size_bytes <= low.size_bytes:
            found.append(f"{step}: {low.size_bytes} to {high.size_bytes} bytes")
        before, after = (math.inf if one.psnr is None else one.psnr for one in (low, high))
        if after < before - FALL:
            found.append(f"{step}: {before:.3f} to {after:.3f} dB")
    return found


def against_others(ours: list[rd.Point], anchors: dict[str, list[rd.Point]]) -> list[str]:
    """BD-rates by both measures, or why there are none."""
    if not anchors:
        return ["No BD-rates: other codecs were measured on the 24 Kodak pictures, and these are not those."]
    lines = []
    for measure in ("psnr", "ms_ssim_db"):
        rates = rd.bd_rates({"lite": ours, **anchors}, measure, RATES)["lite"]
        told = ", ".join(f"{k} {v:+.1f} %" for k, v in rates.items() if v is not None)
        lines.append(f"BD-rate, {measure}: {told or 'the curves share too little of a range of quality'}")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    files = picture_files(options.folder)
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        pictures = list(pool.imap(one, files))
    samples = [sample for picture in pictures for sample in picture]
    if options.csv is not None:
        rd.write_csv(samples, options.csv)
    points = rd.curves(samples)
    print("| quality | λ | bpp | PSNR (dB) | MS-SSIM (dB) |\n| ---: | ---: | ---: | ---: | ---: |")
    for quality, point in zip(QUALITIES, points["lite"], strict=True):
        fidelity, structure = ("" if value is None else f"{value:.2f}" for value in (point.psnr, point.ms_ssim_db))
        lmbda = quality_to_lambda(quality, LITE.rate_lambdas)
        print(f"| {quality} | {lmbda:.4g} | {point.bpp:.4f} | {fidelity} | {structure} |")
    print("\n".join(against_others(points["lite"], rd.kodak_anchors(files))))
    wrong = [line for picture in pictures for line in falls(picture)]
    print("\n".join(wrong) or "Every higher quality gives a larger file and no lower PSNR.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
