"""Open every file below some folders, save it in all formats, and compare what was read with independent readers.

    python tests/bench/sweep_pictures.py FOLDER... [--verbose] [--seconds 5]

Prints a table: kind of file, files, equal to the reference, read without one, refused in a sentence, differing,
faults, slowest to open. Differing files, faults (any exception that is no HpcmError, anything slower than --seconds for
a megapixel, samples that a lossless format does not give back) are named and make the exit status 1. References:
tifffile for TIFF, and for other kinds their own libraries (libpng, libjpeg-turbo, libwebp, libavif, giflib, libjxl)
through imagecodecs, with which this program reads nothing but JPEG XL and deep AVIF.
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

SUFFIXES = (".png", ".jpg", ".webp", ".tif", ".bmp", ".avif", ".jxl")
LOSSLESS = {".png": 16, ".tif": 16, ".webp": 8, ".jxl": 16}
"""Bits that come back as they were."""
COLUMNS = ("files", "equal", "no reference", "refused", "differing", "faults")
LOSSY = 0.02
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
        if int(page.photometric) == 6 and int(page.compression) not in (6, 7):
            return None  # As YCbCr, which only a JPEG decoder makes RGB of.
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


def upright(samples: np.ndarray, orientation: int) -> np.ndarray:
    """H x W x C turned by an EXIF orientation."""
    if orientation in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    return samples[:, ::-1] if orientation in (2, 3, 6, 7) else samples


def by_imagecodecs(name: str, allowed: float) -> Reference:
    """What one of imagecodecs' decoders makes of the first picture, turned as the EXIF says that Pillow finds."""

    def read(path: Path) -> tuple[np.ndarray, float] | None:
        import imagecodecs
        from PIL import Image

        data = path.read_bytes()
        if any(box in data[:4096] for box in (b"irot", b"imir", b"clap")):
            return None  # libavif leaves it to programs.
        samples = np.asarray(getattr(imagecodecs, f"{name}_decode")(data))
        if name == "jpegxl":  # Pillow does not know it, and its decoder turns pictures.
            return (samples / np.iinfo(samples.dtype).max, allowed) if samples.ndim == 3 else None
        with Image.open(path) as image:
            if image.mode in ("CMYK", "YCCK"):
                return None
            orientation = image.getexif().get(274, 1)
            frames = getattr(image, "n_frames", 1)
        if name == "gif" and frames > 1:
            return None  # giflib leaves putting frames together to programs.
        if samples.ndim == 4:
            samples = samples[0]
        if samples.ndim == 2:
            samples = samples[:, :, np.newaxis]
        if samples.dtype not in (np.uint8, np.uint16):
            return None
        peak = np.iinfo(samples.dtype).max
        if name == "avif" and samples.dtype == np.uint16:
            flags = data[data.index(b"av1C") + 6]
            peak = (1 << (12 if flags & 0x20 else 10)) - 1
        return upright(samples / peak, orientation), allowed

    return read


REFERENCES: dict[str, Reference] = {
    "TIFF": tiff_by_tifffile,
    "PNG": by_imagecodecs("png", 0.51 / 255),
    "JPEG": by_imagecodecs("jpeg8", 0.04),
    "WebP": by_imagecodecs("webp", 0.01),
    "AVIF": by_imagecodecs("avif", 0.02),
    "GIF": by_imagecodecs("gif", 0.51 / 255),
    "BMP": by_imagecodecs("bmp", 0.51 / 255),
    "JPEG XL": by_imagecodecs("jpegxl", 0.51 / 255),
}


def kind_of(path: Path) -> str:
    """What a file is by its first bytes."""
    with path.open("rb") as file:
        start = file.read(64)
    tiff = dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF")
    kinds = {
        **tiff, b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"BM": "BMP", b"\xff\x0a": "JPEG XL",
        b"\0\0\0\x0cJXL ": "JPEG XL",
    }  # fmt: skip
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WebP"
    if start[4:8] == b"ftyp":
        return "AVIF" if {b"avif", b"avis"} & {start[i : i + 4] for i in range(8, len(start), 4)} else "HEIF"
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


def clocks() -> tuple[float, float]:
    """The clock's time and the processor's."""
    return time.perf_counter(), time.process_time()


def since(begin: tuple[float, float]) -> float:
    """Seconds since then, by the clock that counts fewer: other programs and threads are no fault of ours."""
    return min(now - then for now, then in zip(clocks(), begin, strict=True))


class Lost(Exception):
    """What was written is not what is read again."""


def refusal(picture: Picture, suffix: str, seconds: float) -> str:
    """The sentence that saving in this format ends in, or nothing. Raises Lost and TimeoutError."""
    allowed = seconds * max(1, picture.width * picture.height / 1e6)
    try:
        with deadline(10 * allowed):
            begin = clocks()
            data = picture.encode(suffix)
            if (took := since(begin)) > allowed:
                raise Lost(f"{suffix} took {took:.1f} s")
            again = Picture.from_bytes(data)
    except HpcmError as error:
        return f"[{error}]"
    if (again.width, again.height) != (picture.width, picture.height):
        raise Lost(f"{suffix} has another size")
    if LOSSLESS.get(suffix, 0) >= picture.bit_depth:
        same = np.array_equal(again.rgb(), picture.rgb()) and (
            picture.alpha is None or again.alpha is None or np.array_equal(again.alpha, picture.alpha)
        )
        transparent = picture.alpha is not None and picture.alpha.min() < np.iinfo(picture.alpha.dtype).max
        if not same or (transparent and again.alpha is None):
            raise Lost(f"{suffix} does not give the samples back")
    return ""


def check(path: Path, seconds: float) -> tuple[str, str, float]:
    """Column, remark and seconds of one file."""
    begin = clocks()
    try:
        with deadline(10 * seconds):
            picture = Picture.open(path)
    except HpcmError as error:
        return "refused", str(error), since(begin)
    except Exception:
        return "faults", traceback.format_exc(limit=-2), since(begin)
    took = since(begin)
    if took > seconds:
        return "faults", f"{took:.1f} s", took
    try:
        remark = ", ".join(
            (*picture.left_out, *filter(None, (refusal(picture, suffix, seconds) for suffix in SUFFIXES)))
        )
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
    ours, expected = comparable(ours, expected)
    if ours.shape != expected.shape:
        return "differing", f"{ours.shape} is not {expected.shape}; {remark}", took
    differences = np.abs(ours - expected)
    # Lossy decoders differ at sharp edges, by how they put colour of half the size back.
    difference = float(differences.max() if allowed < LOSSY else np.quantile(differences, 0.999))
    return ("equal" if difference <= allowed else "differing"), f"off by {difference:.5f}; {remark}", took


def comparable(ours: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both with as many channels, where they differ in grey said as RGB, and in alpha that one leaves out.

    Colours that are not to be seen are not compared.
    """
    if ours.ndim != 3 or expected.ndim != 3 or ours.shape[:2] != expected.shape[:2]:
        return ours, expected
    planes = []
    for one in (ours, expected):
        colours = one[:, :, : 1 if one.shape[2] < 3 else 3]
        alpha = one[:, :, -1:] if one.shape[2] in (2, 4) else np.ones((*one.shape[:2], 1))
        planes.append((np.broadcast_to(colours, (*one.shape[:2], 3)), alpha))
    has_alpha = [one.shape[2] in (2, 4) for one in (ours, expected)]
    if not all(has_alpha):
        seen = (planes[0][1] > 0) & (planes[1][1] > 0)
        return planes[0][0] * seen, planes[1][0] * seen
    first, second = (np.dstack((colours * (alpha > 0), alpha)) for colours, alpha in planes)
    return first, second


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
