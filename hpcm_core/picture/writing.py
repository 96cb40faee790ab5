"""Rasters to picture files: Pillow where it can, two small writers where it cannot (16-bit colour PNG, any TIFF)."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import features

from hpcm_core.errors import HpcmError, Phrase, PictureError
from hpcm_core.files import atomic_write, writing
from hpcm_core.picture.fitting import fitted
from hpcm_core.picture.formats import FORMATS, format_of
from hpcm_core.picture.jpeg_segments import segments_of, with_density
from hpcm_core.picture.jxl_writing import holds, jxl
from hpcm_core.picture.metadata import PREFIX, without_orientation
from hpcm_core.picture.pillow import image_of, to_srgb
from hpcm_core.picture.png16 import png16
from hpcm_core.picture.png_chunks import chunks_of
from hpcm_core.picture.samples import Raster, Samples, to_8_bits
from hpcm_core.picture.spaces import SRGB, space_of
from hpcm_core.picture.tiff import tiff

DEFAULT_QUALITY = 95
_WHOLE_CHROMA_FROM = 90
"""Quality of JPEG and AVIF: who asks for so much sees the colours of fine lines too."""
_SWIFT_FROM = 4_000_000
"""Pixels above which time counts more than the last bytes."""
_PNG_HEAD = 33
"""Bytes of signature and IHDR."""


def write(picture: Raster, path: str | os.PathLike[str], quality: int | None = None) -> tuple[Phrase, ...]:
    """See Picture.save."""
    path = Path(path)
    data, left_out = encoded(picture, path.suffix, quality)
    with writing(path, PictureError):
        try:
            atomic_write(path, data)
        except FileNotFoundError:
            raise PictureError("The folder {folder} does not exist.", folder=path.parent) from None
    return left_out


def encode(picture: Raster, suffix: str, quality: int | None = None) -> bytes:
    """See Picture.encode."""
    return encoded(picture, suffix, quality)[0]


def encoded(picture: Raster, suffix: str, quality: int | None = None) -> tuple[bytes, tuple[Phrase, ...]]:
    """The bytes of `encode`, and what of the picture is not in them, where more could be expected of the format."""
    kind = format_of(suffix)
    encoder = None if kind is None else _ENCODERS.get(kind.name)
    if kind is None or encoder is None:
        known = ", ".join(sorted(SUFFIXES))
        raise PictureError(
            "A picture cannot be saved as {suffix}; use one of {known}.",
            suffix=suffix or Phrase("a file without extension"),
            known=known,
        )
    if quality is not None and not 0 <= quality <= 100:
        raise PictureError("The quality of a picture file must be between 0 and 100.")
    try:
        return _fallible(encoder, picture, suffix.lower(), quality)
    except MemoryError:
        raise PictureError("There is not enough memory to save this picture.") from None
    except HpcmError:
        raise
    except Exception as error:
        # Formats have limits of their own (a WebP side, say), and only their encoders know them all.
        reason = str(error) or Phrase("its size or metadata do not fit")
        raise PictureError(
            "This picture cannot be saved as {suffix}: {reason}.", suffix=suffix.lower(), reason=reason
        ) from error


def _fallible(
    encoder: Callable[[Raster, int | None], bytes], picture: Raster, suffix: str, quality: int | None
) -> tuple[bytes, tuple[Phrase, ...]]:
    """Encode; where metadata stand in the way, without them: they are no reason to save nothing."""
    picture, left_out = fitted(picture, suffix)
    if suffix == ".jxl" and not holds(picture, quality):
        left_out.append(Phrase("colours outside sRGB"))
    try:
        return encoder(picture, quality), tuple(left_out)
    except MemoryError:
        raise
    except Exception:
        # Encoders look into EXIF, and meet damage with nearly every kind of exception.
        if picture.exif is None:
            raise
        left_out.append(Phrase("EXIF, which is damaged"))
        return encoder(replace(picture, exif=None), quality), tuple(left_out)


def _png(picture: Raster, quality: int | None) -> bytes:
    deep = picture.bit_depth == 16
    data = png16(_joined(picture), picture.icc, picture.exif) if deep else by_pillow(picture, "PNG")
    return data[:_PNG_HEAD] + chunks_of(picture) + data[_PNG_HEAD:]


def _tiff(picture: Raster, quality: int | None) -> bytes:
    samples = _joined(picture)
    if samples.dtype == np.uint16 and samples.shape[2] == 2:
        # Few programs read 16-bit grey with alpha from TIFF; all read 16-bit RGBA.
        samples = samples[:, :, [0, 0, 0, 1]]
    return tiff(samples, picture)


def _jpeg(picture: Raster, quality: int | None) -> bytes:
    xmp, extra = segments_of(picture)
    flat = replace(_flattened(picture), xmp=xmp)
    return with_density(by_pillow(flat, "JPEG", optimize=True, extra=extra, **_rate(quality)), picture.resolution)


def _webp(picture: Raster, quality: int | None) -> bytes:
    rate: dict[str, Any] = {"quality": quality}
    if quality is None:
        # Without loss, quality is effort. Pillow's own takes twice the time of this for 0.2 % of the bytes.
        swift = {"quality": 25, "method": 2} if picture.width * picture.height > _SWIFT_FROM else {}
        rate = {"lossless": True, "exact": True, **swift}
    return by_pillow(picture, "WEBP", **rate)


def _avif(picture: Raster, quality: int | None) -> bytes:
    if picture.exif is not None:
        # Pillow would take the orientation out and write all the rest anew, with "?" for what is not ASCII.
        picture = replace(picture, exif=without_orientation(picture.exif))
    return by_pillow(picture, "AVIF", **_rate(quality))


def _jxl(picture: Raster, quality: int | None) -> bytes:
    if not holds(picture, quality):
        alpha = None if picture.alpha is None else to_8_bits(picture.alpha)
        colours = np.asarray(to_srgb(image_of(picture.pixels), picture.icc))
        picture = replace(picture, pixels=colours, alpha=alpha, icc=None)
    return jxl(picture, quality)


def _rate(quality: int | None) -> dict[str, Any]:
    quality = DEFAULT_QUALITY if quality is None else quality
    return {"quality": quality, **({"subsampling": "4:4:4"} if quality >= _WHOLE_CHROMA_FROM else {})}


def _bmp(picture: Raster, quality: int | None) -> bytes:
    image = image_of(_flattened(picture).pixels)
    if space_of(picture.icc, picture.channels) != SRGB:
        image = to_srgb(image, picture.icc) if picture.icc is not None else image
    file, density = io.BytesIO(), picture.resolution
    image.save(file, "BMP", **({"dpi": density[:2]} if density is not None and density.absolute else {}))
    return file.getvalue()


_ENCODERS: dict[str, Callable[[Raster, int | None], bytes]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "WebP": _webp,
    "TIFF": _tiff,
    "BMP": _bmp,
}
if features.check("avif"):
    _ENCODERS["AVIF"] = _avif
if find_spec("imagecodecs") is not None:
    _ENCODERS["JPEG XL"] = _jxl
WRITABLE = tuple(one for one in FORMATS if one.name in _ENCODERS)
"""The formats that this installation writes."""
SUFFIXES = tuple(suffix for one in WRITABLE for suffix in one.suffixes)
"""Endings of names, in small letters, that a picture can be saved under."""


def by_pillow(picture: Raster, kind: str, **options: Any) -> bytes:
    """A file of one of Pillow's formats ("WEBP"), at 8 bits, with ICC profile, EXIF and XMP; options are Pillow's own.

    Raises whatever Pillow raises.
    """
    prefix = PREFIX if kind == "JPEG" else b""
    exif = b"" if picture.exif is None else prefix + picture.exif
    file = io.BytesIO()
    image_of(_joined(picture)).save(file, kind, icc_profile=picture.icc, exif=exif, xmp=picture.xmp or b"", **options)
    return file.getvalue()


def _joined(picture: Raster) -> Samples:
    """H x W x (C + 1) with alpha as the last channel, H x W x C without alpha."""
    if picture.alpha is None:
        return picture.pixels
    return np.dstack((picture.pixels, picture.alpha))


def _flattened(picture: Raster) -> Raster:
    """The picture laid over white, without alpha."""
    if picture.alpha is None:
        return picture
    peak = int(np.iinfo(picture.pixels.dtype).max)
    alpha = picture.alpha[:, :, np.newaxis].astype(np.uint64)
    blended = (picture.pixels * alpha + peak * (peak - alpha) + peak // 2) // peak
    return replace(picture, pixels=blended.astype(picture.pixels.dtype), alpha=None)
