"""TIFF files to rasters."""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from pathlib import PurePath
from typing import IO

import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin

from hpcm_core.errors import Phrase, PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture import xmp as packets
from hpcm_core.picture.iptc import iptc_of
from hpcm_core.picture.parts import Parts, check_frame, turned
from hpcm_core.picture.pillow import to_srgb
from hpcm_core.picture.pillow_reading import explained, planes
from hpcm_core.picture.samples import Resolution, Samples, to_8_bits
from hpcm_core.picture.tiff_directories import EXIF, GPS, Damaged, Directory, File, Tree, header, pack
from hpcm_core.picture.tiff_layout import (
    ASSOCIATED,
    BY_PILLOW,
    CAMERA_RAW,
    CMYK,
    LAB,
    MASK,
    PALETTE,
    WHITE_IS_ZERO,
    YCBCR,
    Layout,
    layout_of,
    too_deep,
)
from hpcm_core.picture.tiff_segments import pieces, whole_file

_SUBFILE, _OLD_SUBFILE, _SUB_DIRECTORIES, _DNG_VERSION, _XMP, _ICC, _COLOUR_MAP = 254, 255, 330, 50706, 700, 34675, 320
_DESCRIPTION = (270, 271, 272, 305, 306, 315, 33432)
"""Title, maker, model, software, date, artist, copyright."""
_IPTC, _PHOTOSHOP, _RATIONAL = 33723, 34377, 5
_PRIVATE = {37724: Phrase("the layers"), 34735: Phrase("its place on the map (GeoTIFF)")}
"""Tags of other programs whose loss would be missed: Photoshop's layers, keys of GeoTIFF."""
_STACK = re.compile(rb"ImageJ=.*\nimages=(\d{1,9})\n", re.DOTALL)
_BAND_ROWS = 256


class CameraRaw(PictureError):
    """A camera's raw file, whose samples are no colours yet; what else is in it is a preview at best."""


def read_tiff(file: IO[bytes], name: str, limits: Limits, frame: int = 0) -> Parts:
    """The page numbered `frame` of a TIFF file, upright. Smaller copies of a page are no pages.

    Raises CameraRaw, PictureError or LimitExceeded.
    """
    with explained(name):
        tiff = File(file)
        chain, whole = tiff.chain()
        _refuse_raw(chain[0], chain, name)
        pages = _pages(chain)
        check_frame(name, frame, len(pages))
        page = pages[frame]
        layout = layout_of(page, name, limits)
        others = max(len(pages), _stacked(chain[0])) - 1
        left_out = list(_left_out(page, layout, others, chain, whole))
        icc = page.raw(_ICC)
        described = [page] if frame else [chain[0], page]
        xmp = next((found for one in reversed(described) if (found := one.raw(_XMP))), None)
        orientation = page.number(274, 0) or packets.orientation_of(xmp or b"")
        if layout.compression in BY_PILLOW or layout.photometric in (YCBCR, LAB):
            pixels, alpha, icc = _by_pillow(page, layout, icc, orientation)
        else:
            pixels, alpha = _assembled(page, layout, name)
            if layout.photometric == CMYK:
                if layout.bits > 8:
                    left_out.append(Phrase("the lower 8 of 16 bits of its CMYK"))
                pixels, alpha, icc = _from_cmyk(pixels, icc), None if alpha is None else to_8_bits(alpha), None
        parts = Parts(pixels, alpha, icc, _exif(described), xmp, orientation, left_out=left_out, frames=len(pages))
        parts.iptc, parts.resolution = _iptc(page), _resolution(page)
        return parts


# Pages


def _is_reduced(directory: Directory) -> bool:
    return directory.number(_SUBFILE, 0) & 1 == 1 or directory.number(_OLD_SUBFILE, 0) == 2


def _is_mask(directory: Directory) -> bool:
    return directory.number(_SUBFILE, 0) & 4 == 4 or directory.number(262, 0) == MASK


def _below(directory: Directory) -> list[Directory]:
    """The sub-directories of a directory, as many as can be read."""
    found: list[Directory] = []
    with suppress(Damaged):
        found.extend(directory.file.directory(at) for at in directory.numbers(_SUB_DIRECTORIES))
    return found


def _refuse_raw(first: Directory, chain: list[Directory], name: str) -> None:
    kind = None
    if _DNG_VERSION in first:
        kind = "DNG"
    elif first.at > 8 and first.file.size >= 10 and first.file.read(8, 2) == b"CR":
        kind = "CR2"
    elif any(one.number(262, 0) in CAMERA_RAW for one in (*chain, *_below(first))):
        kind = PurePath(name).suffix.removeprefix(".").upper() or "CFA"
    if kind is not None:
        raise CameraRaw(
            "{name} is a camera's raw file ({kind}); develop it with a raw converter and save it as TIFF first.",
            name=name,
            kind=kind,
        )


def _pages(chain: list[Directory]) -> list[Directory]:
    """All full pictures: below a preview that comes first, then in the chain, then below those."""

    def full(directories: list[Directory]) -> list[Directory]:
        return [one for one in directories if not _is_reduced(one) and not _is_mask(one)]

    pages = full(chain)
    below = [one for page in pages for one in full(_below(page))]
    pages = (full(_below(chain[0])) if _is_reduced(chain[0]) else []) + pages
    seen = {one.at for one in pages}
    pages += [one for one in {one.at: one for one in below}.values() if one.at not in seen]
    # Where all say that they are smaller copies, the largest is the best there is.
    return pages or [max(chain, key=lambda one: one.number(256, 0) * one.number(257, 0))]


def _stacked(first: Directory) -> int:
    """Pictures that ImageJ put one behind the other with a directory for the first alone; 0 where it did not."""
    with suppress(Damaged):
        if found := _STACK.match(first.raw(270) or b""):
            return int(found[1])
    return 0


def _left_out(page: Directory, layout: Layout, others: int, chain: list[Directory], whole: bool) -> list[Phrase]:
    phrases = []
    if others == 1:
        phrases.append(Phrase("1 more page"))
    elif others:
        phrases.append(Phrase("{count} more pages", count=others))
    if not whole:
        phrases.append(Phrase("pages that are damaged"))
    if any(_is_mask(one) for one in chain if one is not page):
        phrases.append(Phrase("a transparency mask"))
    channels = layout.samples - layout.colours - (layout.alpha is not None)
    if channels == 1:
        phrases.append(Phrase("1 more channel"))
    elif channels:
        phrases.append(Phrase("{count} more channels", count=channels))
    return phrases + [phrase for tag, phrase in _PRIVATE.items() if tag in page]


def _exif(described: list[Directory]) -> bytes | None:
    """EXIF made of the tags of directories, the later ones' first: who, when and with what, not how pixels are stored.

    The bytes of every value are kept: texts are meant to be ASCII, but are UTF-8 and Latin-1 too.
    """
    tree: Tree = {}
    for one in described:
        tree |= one.tree((*_DESCRIPTION, EXIF, GPS))
    order = described[0].file.order
    return header(order) + pack(tree, order, 8) if tree else None


def _iptc(page: Directory) -> bytes | None:
    """IPTC by its own tag, or in Photoshop's resources; damaged, it is none."""
    with suppress(Damaged):
        data = page.raw(_IPTC) or b""
        # Written as numbers of four bytes by many, and then in the order of the file's bytes.
        for records in (data, np.frombuffer(data[: len(data) // 4 * 4], "<u4").byteswap().tobytes()):
            if found := iptc_of(records):
                return found
    with suppress(Damaged):
        return iptc_of(page.raw(_PHOTOSHOP) or b"")
    return None


def _resolution(page: Directory) -> Resolution | None:
    with suppress(Damaged, struct.error, ZeroDivisionError):
        x, y = (page.entry(tag) for tag in (282, 283))
        if x is not None and y is not None and x.kind == y.kind == _RATIONAL:
            across, down = (a / b for a, b in (struct.unpack(page.file.order + "II", one.data[:8]) for one in (x, y)))
            unit = page.number(296, 2)
            scale = 2.54 if unit == 3 else 1
            return Resolution(across * scale, down * scale, unit != 1)
    return None


# Pixels


def _assembled(page: Directory, layout: Layout, name: str) -> tuple[Samples, Samples | None]:
    """Colour (for CMYK: H x W x 4) and alpha, not upright yet, at 8 bits or, from more than 8, at 16."""
    shape = (layout.height, layout.width)
    kind = np.uint8 if layout.bits <= 8 else np.uint16
    colours = _colour_map(page, layout) if layout.photometric == PALETTE else None
    pixels = np.empty((*shape, layout.colours), kind) if colours is None else np.empty((*shape, 3), colours.dtype)
    alpha = None if layout.alpha is None else np.empty(shape, pixels.dtype)
    full, own = int(np.iinfo(pixels.dtype).max), (1 << min(layout.bits, 16)) - 1
    # Premultiplied samples are divided as the file has them: rounding them first would count many times over.
    premultiplied = alpha is not None and layout.alpha_kind == ASSOCIATED
    peak = own if premultiplied else full
    for plane, top, left, samples in pieces(page, layout):
        if layout.bits > 16:
            samples = _fitting(samples, layout, name)
        rows, columns = slice(top, top + samples.shape[0]), slice(left, left + samples.shape[1])
        first = plane if layout.planar else 0
        for number in range(first, first + layout.samples_together):
            channel = samples[:, :, number - first]
            if number == layout.alpha and alpha is not None:
                alpha[rows, columns] = _scaled(channel, own, peak)
            elif number < layout.colours and colours is not None:
                pixels[rows, columns] = colours[channel]
            elif number < layout.colours:
                pixels[rows, columns, number] = _scaled(channel, own, peak, layout.photometric == WHITE_IS_ZERO)
    if alpha is not None and premultiplied:
        _divide(pixels, alpha)
        alpha = _scaled(alpha, own, full).astype(alpha.dtype, copy=False)
    return pixels, alpha


def _scaled(samples: Samples, highest: int, peak: int, inverted: bool = False) -> Samples:
    """Samples of 0 to `highest` as those of 0 to `peak`."""
    if highest != peak:
        # Exact: 65535 * 65535 fits.
        table = (np.arange(highest + 1, dtype=np.uint32) * np.uint32(peak) + highest // 2) // highest
        samples = table.astype(np.uint16)[samples]
    return peak - samples if inverted else samples


def _fitting(samples: Samples, layout: Layout, name: str) -> Samples:
    """Samples of 32 bits, if 16 hold them."""
    values = samples.view(np.int32) if layout.signed else samples
    if values.min() < 0 or values.max() > 0xFFFF:
        raise too_deep(name)
    return values.astype(np.uint16)


def _colour_map(page: Directory, layout: Layout) -> Samples:
    """The palette as 2^bits x 3, of 8 bits where nothing is lost by that, otherwise of 16."""
    entries = 1 << layout.bits
    values = page.array(_COLOUR_MAP)
    if len(values) < 3 * entries or values.min() < 0 or values.max() > 0xFFFF:
        raise Damaged("no colour map")
    table: Samples = values[: 3 * entries].reshape(3, entries).T
    high, low = table >> 8, table & 0xFF
    if (high == low).all() or not low.any():
        return high.astype(np.uint8)
    if not high.any():  # Of 8 bits by mistake, as libtiff takes it too.
        return low.astype(np.uint8)
    return table.astype(np.uint16)


def _divide(pixels: Samples, alpha: Samples) -> None:
    """Undo premultiplication in place, rounded to nearest: both of one depth, afterwards colour at full range."""
    peak = np.uint32(np.iinfo(pixels.dtype).max)
    for top in range(0, len(pixels), _BAND_ROWS):
        part = alpha[top : top + _BAND_ROWS, :, np.newaxis].astype(np.uint32)
        colour = pixels[top : top + _BAND_ROWS]
        # 65535 * 65535 + 32767 fits into 32 bits.
        whole = (np.minimum(colour, part) * peak + part // 2) // np.maximum(part, 1)
        colour[:] = whole


def _from_cmyk(pixels: Samples, icc: bytes | None) -> Samples:
    intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    image = Image.fromarray(to_8_bits(pixels), "CMYK")
    return np.array(to_srgb(image, icc, intent, flags))


def _by_pillow(
    page: Directory, layout: Layout, icc: bytes | None, orientation: int
) -> tuple[Samples, Samples | None, bytes | None]:
    """Pixels, alpha and profile of kinds of 8 bits that Pillow reads rightly: as they lie, though Pillow turns them."""
    size = layout.width, layout.height
    with TiffImagePlugin.TiffImageFile(whole_file(page)) as image:
        if image.size not in (size, size[::-1]):
            raise Damaged("Pillow sees another picture")
        image.load()
        pixels, alpha, icc = planes(image, "", icc)
    back = {6: 8, 8: 6}.get(orientation, orientation)
    pixels, alpha = turned(pixels, back), None if alpha is None else turned(alpha, back)
    shape = (*size[::-1], 1 if layout.colours == 1 else 3)
    if pixels.dtype != np.uint8 or pixels.shape != shape or (alpha is None) != (layout.alpha is None):
        raise Damaged("Pillow read another kind of picture")
    return pixels, alpha, icc
