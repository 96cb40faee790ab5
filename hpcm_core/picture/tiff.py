"""Writing TIFF files of 8 and 16 bits. Pillow writes no 16-bit colour; its directory writer does the tags here."""

from __future__ import annotations

import io
import zlib

import numpy as np
from PIL import Image, TiffImagePlugin, TiffTags

from hpcm_core.picture.metadata import SUB_DIRECTORIES
from hpcm_core.picture.samples import Samples

_STRIP_BYTES = 1 << 20
_DEFLATE = 8
_HORIZONTAL_DIFFERENCES = 2
_BLACK_IS_ZERO, _RGB = 1, 2
_UNASSOCIATED_ALPHA = 2
_PREDICTOR, _SAMPLE_FORMAT = 317, 339


def tiff(samples: Samples, icc: bytes | None = None, exif: bytes | None = None, xmp: bytes | None = None) -> bytes:
    """A little-endian TIFF file of H x W x (1, 2, 3 or 4) uint8 or uint16 samples, compressed by Deflate.

    Raises ValueError from 4 GiB on.
    """
    height, width, channels = samples.shape
    rows_per_strip = max(1, min(height, _STRIP_BYTES // (width * channels * samples.itemsize)))
    strips = [_strip(samples[top : top + rows_per_strip]) for top in range(0, height, rows_per_strip)]
    lengths = [len(strip) for strip in strips]

    tags = TiffImagePlugin.ImageFileDirectory_v2()
    if exif is not None:
        _copy_exif(exif, tags)
    tags[TiffImagePlugin.IMAGEWIDTH] = width
    tags[TiffImagePlugin.IMAGELENGTH] = height
    tags[TiffImagePlugin.BITSPERSAMPLE] = (8 * samples.itemsize,) * channels
    tags[TiffImagePlugin.COMPRESSION] = _DEFLATE
    tags[_PREDICTOR] = _HORIZONTAL_DIFFERENCES
    tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = _RGB if channels >= 3 else _BLACK_IS_ZERO
    tags[TiffImagePlugin.SAMPLESPERPIXEL] = channels
    tags[_SAMPLE_FORMAT] = (1,) * channels
    tags[TiffImagePlugin.PLANAR_CONFIGURATION] = 1
    if channels in (2, 4):
        tags[TiffImagePlugin.EXTRASAMPLES] = _UNASSOCIATED_ALPHA
    if icc is not None:
        tags.tagtype[TiffImagePlugin.ICCPROFILE] = TiffTags.UNDEFINED
        tags[TiffImagePlugin.ICCPROFILE] = icc
    if xmp is not None:
        tags.tagtype[TiffImagePlugin.XMP] = TiffTags.BYTE
        tags[TiffImagePlugin.XMP] = xmp
    tags[TiffImagePlugin.ROWSPERSTRIP] = rows_per_strip
    for tag in (TiffImagePlugin.STRIPOFFSETS, TiffImagePlugin.STRIPBYTECOUNTS):
        tags.tagtype[tag] = TiffTags.LONG
    tags[TiffImagePlugin.STRIPBYTECOUNTS] = tuple(lengths)
    # Relative to the end of the directory; the directory's writer adds where that is.
    tags[TiffImagePlugin.STRIPOFFSETS] = tuple(int(n) for n in np.cumsum([0, *lengths[:-1]]))

    file = io.BytesIO()
    tags.save(file)
    if file.tell() + sum(lengths) >= 1 << 32:
        raise ValueError("a TIFF file cannot be larger than 4 GiB")
    return b"".join((file.getvalue(), *strips))


def _strip(rows: Samples) -> bytes:
    differences = rows.astype(rows.dtype.newbyteorder("<"), order="C")
    differences[:, 1:] -= rows[:, :-1]
    return zlib.compress(differences.data, 6)


def _copy_exif(exif: bytes, tags: TiffImagePlugin.ImageFileDirectory_v2) -> None:
    """Copy the tags of an EXIF block, except those about how its own pixels were stored."""
    source = Image.Exif()
    try:
        source.load(exif)
        values = {tag: source[tag] for tag in source if tag not in SUB_DIRECTORIES}
        values |= {tag: dict(found) for tag in SUB_DIRECTORIES if (found := source.get_ifd(tag))}
    except Exception:  # EXIF as it is found: Pillow meets damage with many kinds of exception.
        return
    for tag, value in values.items():
        if tag in SUB_DIRECTORIES:
            tags.tagtype[tag] = TiffTags.LONG
        tags[tag] = value
