"""Open every file below some folders, save it in all formats, and compare what was read with independent readers.

    python tests/bench/sweep_pictures.py FOLDER... [--verbose] [--seconds 5]

Prints a table: kind of file, files, equal to the reference, read without one, refused in a sentence, differing,
faults, slowest. Differing files, faults (any exception that is no HpcmError, anything slower than --seconds) are named
and make the exit status 1. References: tifffile (with imagecodecs) for TIFF; other kinds are added to REFERENCES.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
import traceback
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from hpcm_core.errors import HpcmError
from hpcm_core.picture.picture import Picture

SUFFIXES = (".png", ".jpg", ".webp", ".tif", ".bmp", ".avif")
COLUMNS = ("files", "equal", "no reference", "refused", "differing", "faults")
Reference = Callable[[Path], "tuple[np.ndarray, float] | None"]
"""H x W x (colour and alpha) of an upright picture and the difference to allow (of 1), or None: no opinion."""


def tiff_by_tifffile(path: Path) -> tuple[np.ndarray, float] | None:
    """The first full page as floats of 0 to 1, for grey, RGB and palettes."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        # Not tifffile's own is_reduced: it knows nothing of what is a page in this program.
        pages = [page for page in file.pages if not page.subfiletype & 5 and page.tags.valueof(255) != 2]
        page = pages[0] if pages else file.pages[0]
        colours = {0: 1, 1: 1, 2: 3, 3: 1, 6: 3}.get(int(page.photometric))
        if page.subfiletype & 1 or colours is None or page.imagedepth > 1:
            return None
        samples, bits = page.asarray(maxworkers=1), page.bitspersample
        if page.planarconfig == 2 and page.samplesperpixel > 1:
            samples = np.moveaxis(samples, 0, -1)
        samples = samples.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)
        extra = [int(kind) for kind in page.extrasamples]
        if not extra and page.samplesperpixel == colours + 1:
            extra = [2]
        alpha_at = next((colours + i for i, kind in enumerate(extra) if kind in (1, 2, 999)), None)
        peak = 65535 if bits == 32 else 2**bits - 1
        scaled = samples.astype(np.float64) / peak
        colour = scaled[:, :, :colours]
        if int(page.photometric) == 0:
            colour = 1 - colour
        if int(page.photometric) == 3:
            table = page.colormap.T.astype(np.float64)
            colour = table[samples[:, :, 0].astype(int)] / (
                255 if table.max() < 256 else 65535 if (table % 256).any() else 65280
            )
        if alpha_at is not None:
            alpha = scaled[:, :, alpha_at : alpha_at + 1]
            if extra[alpha_at - colours] == 1:
                colour = np.where(alpha > 0, np.minimum(colour / np.maximum(alpha, 1e-9), 1), 0)
            colour = np.concatenate((colour, alpha), axis=2)
        orientation = int(page.tags.valueof(274, default=1) or 1)
        if orientation in (5, 6, 7, 8):
            colour = colour.swapaxes(0, 1)
        if orientation in (3, 4, 7, 8):
            colour = colour[::-1]
        if orientation in (2, 3, 6, 7):
            colour = colour[:, ::-1]
        # JPEG decoders round and upsample differently; the rest is exact but for the rounding to 8 or 16 bits.
        lossy = int(page.compression) in (6, 7, 50001, 34927)
        return colour, 0.04 if lossy else 0.51 / (255 if bits <= 8 else 65535)


REFERENCES: dict[str, Reference] = {"TIFF": tiff_by_tifffile}


def kind_of(path: Path) -> str:
    """What a file is by its first bytes."""
    with path.open("rb") as file:
        start = file.read(16)
    tiff = dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF")
    kinds = {**tiff, b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"BM": "BMP", b"RIFF": "WebP"}
    if start[4:8] == b"ftyp":
        return start[8:12].decode("latin-1").strip()
    return next((kind for magic, kind in kinds.items() if start.startswith(magic)), "other")


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """TimeoutError in the block after so many seconds, where the system can do that."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {seconds:g} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def refusal(picture: Picture, suffix: str) -> str:
    """The sentence that saving in this format ends in, or nothing."""
    try:
        picture.encode(suffix)
    except HpcmError as error:
        return f"[{error}]"
    return ""


def check(path: Path, seconds: float) -> tuple[str, str, float]:
    """Column, remark and seconds of one file."""
    begin = time.perf_counter()
    try:
        with deadline(10 * seconds):
            picture = Picture.open(path)
    except HpcmError as error:
        return "refused", str(error), time.perf_counter() - begin
    except Exception:
        return "faults", traceback.format_exc(limit=-2), time.perf_counter() - begin
    took = time.perf_counter() - begin
    if took > seconds:
        return "faults", f"{took:.1f} s", took
    try:
        remark = ", ".join((*picture.left_out, *filter(None, (refusal(picture, suffix) for suffix in SUFFIXES))))
    except Exception:
        return "faults", f"saving: {traceback.format_exc(limit=-2)}", took
    try:
        with deadline(20):
            found = REFERENCES.get(kind_of(path), lambda _: None)(path)
    except Exception as error:  # The reference does not read it; damaged files are of every kind.
        return "no reference", f"{remark} (reference: {type(error).__name__}: {str(error)[:80]})", took
    if found is None:
        return "no reference", remark, took
    expected, allowed = found
    ours = picture.pixels if picture.alpha is None else np.dstack((picture.pixels, picture.alpha))
    ours = ours / np.iinfo(ours.dtype).max
    if ours.shape != expected.shape:
        return "differing", f"{ours.shape} is not {expected.shape}; {remark}", took
    difference = float(np.abs(ours - expected).max())
    return ("equal" if difference <= allowed else "differing"), f"off by {difference:.5f}; {remark}", took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--verbose", action="store_true", help="a line for every file")
    parser.add_argument("--seconds", type=float, default=5.0, help="what opening may take")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # tifffile remarks on damage at length
    warnings.simplefilter("ignore")
    table: dict[str, Counter[str]] = defaultdict(Counter)
    slowest: dict[str, float] = defaultdict(float)
    bad = False
    for path in sorted(path for folder in options.folders for path in folder.rglob("*") if path.is_file()):
        kind = kind_of(path)
        column, remark, took = check(path, options.seconds)
        table[kind].update(("files", column))
        slowest[kind] = max(slowest[kind], took)
        is_bad = column in ("differing", "faults")
        bad |= is_bad
        if options.verbose or is_bad:
            print(f"{column:12} {took:6.2f} s  {path}  {remark}", flush=True)
    print("kind".ljust(8), *(column.rjust(12) for column in COLUMNS), "slowest".rjust(10))
    for kind, counts in sorted(table.items()):
        print(kind.ljust(8), *(str(counts[column]).rjust(12) for column in COLUMNS), f"{slowest[kind]:8.2f} s")
    sys.exit(bad)


if __name__ == "__main__":
    main()
