"""Rate and distortion of the bundled model over its whole range: `make check-rates KODAK=folder`.

Encodes every picture at qualities 0, 5, ... 100 and fails where a higher quality gives a file that is not larger, or
PSNR falls by more than 0.02 dB. Prints means, and on the 24 Kodak pictures BD-rates between 0.15 and 0.9 bpp against
the other codecs as measured before. --csv keeps every figure.
"""

from __future__ import annotations

import argparse
import itertools
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
        assert measured.bpp is not None
        samples.append(
            rd.Sample("lite", quality, path.stem, len(encoded.data), measured.bpp, measured.psnr, measured.ms_ssim_db)
        )
    return samples


def falls(samples: Sequence[rd.Sample]) -> list[str]:
    """What is wrong between neighbouring qualities of one picture."""
    found = []
    for low, high in itertools.pairwise(samples):
        step = f"{high.picture}, quality {low.setting:g} to {high.setting:g}"
        if high.size_bytes <= low.size_bytes:
            found.append(f"{step}: {low.size_bytes} to {high.size_bytes} bytes")
        if high.psnr < low.psnr - FALL:
            found.append(f"{step}: {low.psnr:.3f} to {high.psnr:.3f} dB")
    return found


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
        structure = "" if point.ms_ssim_db is None else f"{point.ms_ssim_db:.2f}"
        lmbda = quality_to_lambda(quality, LITE.rate_lambdas)
        print(f"| {quality} | {lmbda:.4g} | {point.bpp:.4f} | {point.psnr:.2f} | {structure} |")
    points |= rd.kodak_anchors(files)
    for measure in ("psnr", "ms_ssim_db"):
        rates = rd.bd_rates(points, measure, RATES)["lite"]
        print(f"BD-rate, {measure}: " + ", ".join(f"{k} {v:+.1f} %" for k, v in rates.items() if v is not None))
    wrong = [line for picture in pictures for line in falls(picture)]
    print("\n".join(wrong) or "Every higher quality gives a larger file and no lower PSNR.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
