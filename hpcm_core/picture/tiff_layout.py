"""How a TIFF file's pixels lie in it, from the tags of one directory, checked before anything large is read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import LimitExceeded, Phrase, PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture.tiff_directories import Damaged, Directory, Order

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, CMYK, YCBCR, LAB = 0, 1, 2, 3, 4, 5, 6, 8
CAMERA_RAW = (32803, 34892)
"""Photometric interpretations: a colour filter array, and linear raw samples."""
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, LAB: 3}
"""Samples that make the colour of a pixel; those behind them are "extra": alpha or something else."""
UNCOMPRESSED = 1
CCITT = (2, 3, 4, 32771)
BYTE_STREAMS = (5, 8, 32773, 32946, 34925, 50000)
"""Compressions that know bytes but no samples: LZW, Deflate twice, PackBits, LZMA, Zstandard."""
BY_PILLOW = (6, 7)
"""Compressions of whole pictures: JPEG, old and new."""
_CODERS = {
    34661: "JBIG", 34715: "JBIG2", 33003: "JPEG 2000", 33004: "JPEG 2000", 33005: "JPEG 2000", 34712: "JPEG 2000",
    34887: "LERC", 34933: "PNG", 22610: "JPEG XR", 34934: "JPEG XR", 50002: "JPEG XL", 52546: "JPEG XL", 50001: "WebP",
    32766: "NeXT", 32809: "ThunderScan", 34676: "SGI Log", 34677: "SGI Log", 32908: "Pixar", 32909: "Pixar",
}  # fmt: skip
_SPACES = {9: "ICCLab", 10: "ITULab", 32844: "LogL", 32845: "LogLuv"}
"""Names of compressions and photometric interpretations that are not read."""
ASSOCIATED, UNASSOCIATED = 1, 2
_ALPHA = {1: ASSOCIATED, 2: UNASSOCIATED, 999: UNASSOCIATED}  # 999 is what Corel writes
_NO_PREDICTOR, _HORIZONTAL_DIFFERENCES = 1, 2
_UNSIGNED, _SIGNED, _FLOAT, _UNDEFINED = 1, 2, 3, 4
_MOST_SAMPLES = 64
_MOST_SEGMENTS = 1 << 18


@dataclass(frozen=True, eq=False)
class Layout:
    """What was checked: every number is in range, and every segment (strip or tile) has an offset.

    samples: per pixel. alpha: the number of the sample that is alpha, or None; alpha_kind: ASSOCIATED (premultiplied)
    or UNASSOCIATED. A segment is rows x columns of pixels; across and down: segments of a plane. offsets and counts:
    int64, plane by plane, row by row; a count of 0 is unknown.
    """

    width: int
    height: int
    samples: int
    bits: int
    signed: bool
    compression: int
    photometric: int
    differences: bool
    planar: bool
    order: Order
    reversed_bits: bool
    alpha: int | None
    alpha_kind: int
    tiled: bool
    columns: int
    rows: int
    offsets: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    @property
    def colours(self) -> int:
        return COLOURS[self.photometric]

    @property
    def across(self) -> int:
        return -(-self.width // self.columns)

    @property
    def down(self) -> int:
        return -(-self.height // self.rows)

    @property
    def samples_together(self) -> int:
        """Samples per pixel of a segment."""
        return 1 if self.planar else self.samples

    @property
    def row_bytes(self) -> int:
        """Of one row of a segment."""
        return -(-self.columns * self.samples_together * self.bits // 8)


def check_size(directory: Directory, name: str, limits: Limits) -> tuple[int, int]:
    """Width and height. Raises LimitExceeded, Damaged."""
    width, height = directory.number(256, 0), directory.number(257, 0)
    if min(width, height) < 1:
        raise Damaged("no pixels")
    if max(width, height) > limits.side or width * height > limits.pixels:
        raise LimitExceeded(
            "{name} has {width} x {height} pixels, which is more than the limit.", name=name, width=width, height=height
        )
    return width, height


def layout_of(directory: Directory, name: str, limits: Limits) -> Layout:
    """The layout of a directory. Raises PictureError where its kind is not read, LimitExceeded, Damaged."""
    width, height = check_size(directory, name, limits)
    bits, samples, signed = _samples(directory, name)
    compression = directory.number(259, UNCOMPRESSED)
    if compression not in (UNCOMPRESSED, *CCITT, *BYTE_STREAMS, *BY_PILLOW):
        raise unread(name, Phrase("compression {number}", number=_named(compression, _CODERS)))
    photometric = _photometric(directory, name, samples, bits, compression)
    alpha, alpha_kind = _alpha(directory, COLOURS[photometric], samples)
    predictor = directory.number(317, _NO_PREDICTOR)
    if predictor not in (_NO_PREDICTOR, _HORIZONTAL_DIFFERENCES) and compression not in BY_PILLOW:
        raise unread(name, Phrase("predictor {number}", number=predictor))
    if directory.number(32997, 1) != 1:
        raise unread(name, Phrase("a volume"))

    tiled = 322 in directory
    if tiled:
        columns, rows = directory.number(322, 0), directory.number(323, 0)
    else:
        columns, rows = width, min(directory.number(278, height), height)
    if min(columns, rows) < 1:
        raise Damaged("empty strips or tiles")
    across, down = -(-width // columns), -(-height // rows)
    planar = samples > 1 and directory.number(284, 1) == 2
    segments = across * down * (samples if planar else 1)
    # Tiles may reach beyond the picture, but not by more than the limits allow for a whole one.
    if max(columns, rows) > limits.side or across * columns * down * rows > limits.pixels or segments > _MOST_SEGMENTS:
        raise LimitExceeded("{name} has larger or more strips or tiles than the limit.", name=name)
    if across * columns * down * rows * samples * bits > 64 * limits.pixels:
        raise LimitExceeded("{name} has more samples than the limit.", name=name)
    by_tiles = 324 in directory
    offsets, counts = directory.array(324 if by_tiles else 273), directory.array(325 if by_tiles else 279)
    if len(offsets) < segments or 0 < len(counts) < segments:
        raise Damaged("missing strips or tiles")
    offsets, counts = offsets[:segments], counts[:segments] if len(counts) else np.zeros(segments, np.int64)
    if offsets.min() < 8 or offsets.max() >= directory.file.size or counts.min() < 0:
        raise Damaged("strips or tiles that lie nowhere")
    return Layout(
        width=width,
        height=height,
        samples=samples,
        bits=bits,
        signed=signed,
        compression=compression,
        photometric=photometric,
        differences=predictor == _HORIZONTAL_DIFFERENCES,
        planar=planar,
        order=directory.file.order,
        reversed_bits=directory.number(266, 1) == 2,
        alpha=alpha,
        alpha_kind=alpha_kind,
        tiled=tiled,
        columns=columns,
        rows=rows,
        offsets=offsets,
        counts=counts,
    )


def unread(name: str, what: Phrase) -> PictureError:
    """The refusal of a kind of TIFF file."""
    return PictureError(
        "{name} is a TIFF file of a kind that this program does not read: {what}.", name=name, what=what
    )


def _named(number: int, names: dict[int, str]) -> str:
    return f"{number} ({names[number]})" if number in names else str(number)


def _samples(directory: Directory, name: str) -> tuple[int, int, bool]:
    """Bits per sample, samples per pixel, and whether they have a sign."""
    bits = directory.numbers(258) or (1,)
    samples = directory.number(277, len(bits))
    if not 1 <= samples <= _MOST_SAMPLES:
        raise unread(name, Phrase("{count} samples per pixel", count=samples))
    if len(bits) == 1:
        bits *= samples
    if len(bits) < samples or min(bits) < 1:
        raise Damaged("bits per sample are missing")
    if len(set(bits[:samples])) > 1:
        raise unread(name, Phrase("samples of different depths"))
    formats = set((directory.numbers(339) or (_UNSIGNED,))[:samples])
    if _FLOAT in formats:
        raise PictureError("{name} has floating-point samples; convert it to 8 or 16 bits first.", name=name)
    # 32 bits with a sign are what programs write that have no other integers; such are read as far as they fit.
    if not formats <= {_UNSIGNED, _UNDEFINED} and (formats != {_SIGNED} or bits[0] != 32):
        raise unread(name, Phrase("samples with a sign") if formats == {_SIGNED} else Phrase("complex samples"))
    if bits[0] > 16 and bits[0] != 32:
        raise too_deep(name)
    return bits[0], samples, formats == {_SIGNED}


def too_deep(name: str) -> PictureError:
    """The refusal of samples that 16 bits cannot hold."""
    return PictureError("{name} has samples of more than 16 bits; convert it to 8 or 16 bits first.", name=name)


def _photometric(directory: Directory, name: str, samples: int, bits: int, compression: int) -> int:
    default = WHITE_IS_ZERO if compression in CCITT else RGB if samples >= 3 else BLACK_IS_ZERO
    photometric = directory.number(262, default)
    if photometric not in COLOURS:
        raise unread(name, Phrase("photometric interpretation {number}", number=_named(photometric, _SPACES)))
    if samples < COLOURS[photometric]:
        raise Damaged("fewer samples than colours")
    if photometric == CMYK and directory.number(332, 1) != 1:
        raise unread(name, Phrase("inks that are not CMYK"))
    whole = compression in BY_PILLOW or photometric in (YCBCR, LAB)
    if (whole and bits != 8) or (compression in CCITT and (bits, samples) != (1, 1)):
        raise unread(name, Phrase("{bits} bits per sample in this compression or colour space", bits=bits))
    # Pillow takes such samples for three a pixel, and planes for pixels.
    subsampled = photometric == YCBCR and (directory.numbers(530) or (2, 2)) != (1, 1)
    if subsampled and compression == UNCOMPRESSED:
        raise unread(name, Phrase("subsampled colour without compression"))
    if photometric in (YCBCR, LAB) and directory.number(284, 1) == 2:
        raise unread(name, Phrase("YCbCr or Lab in planes"))
    if bits > 16 and photometric not in (BLACK_IS_ZERO, RGB):
        raise too_deep(name)
    return photometric


def _alpha(directory: Directory, colours: int, samples: int) -> tuple[int | None, int]:
    """The number of the first sample that is alpha, and its kind."""
    kinds = directory.numbers(338)
    if samples - colours == 1 and not kinds:  # As libtiff takes it.
        return colours, UNASSOCIATED
    for number, kind in zip(range(colours, samples), kinds, strict=False):
        if kind in _ALPHA:
            return number, _ALPHA[kind]
    return None, UNASSOCIATED
