"""Picture to picture files: Pillow where it can, two small writers where it cannot (16-bit colour PNG, any TIFF)."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin, features

from hpcm_core.errors import Phrase, PictureError
from hpcm_core.files import atomic_write, writing
from hpcm_core.picture.metadata import PREFIX
from hpcm_core.picture.picture import Picture, Samples
from hpcm_core.picture.png16 import png16
from hpcm_core.picture.tiff import tiff

DEFAULT_QUALITY = 95


def write_picture(picture: Picture, path: str | os.PathLike[str], quality: int | None = None) -> None:
    """See Picture.save."""
    path = Path(path)
    data = encode_picture(picture, path.suffix, quality)
    with writing(path, PictureError):
        try:
            atomic_write(path, data)
        except FileNotFoundError:
            raise PictureError("The folder {folder} does not exist.", folder=path.parent) from None


def encode_picture(picture: Picture, suffix: str, quality: int | None = None) -> bytes:
    """See Picture.encode."""
    encode = _ENCODERS.get(suffix.lower())
    if encode is None:
        known = ", ".join(sorted(_ENCODERS))
        raise PictureError(
            "A picture cannot be saved as {suffix}; use one of {known}.",
            suffix=suffix or Phrase("a file without extension"),
            known=known,
        )
    if quality is not None and not 0 <= quality <= 100:
        raise PictureError("The quality of a picture file must be between 0 and 100.")
    try:
        return encode(picture, quality)
    except MemoryError:
        raise PictureError("There is not enough memory to save this picture.") from None
    except (OSError, ValueError, SystemError, OverflowError) as error:
        # Formats have limits of their own (a WebP side, the EXIF of a JPEG), and only their encoders know them all.
        reason = str(error) or Phrase("its size or metadata do not fit")
        raise PictureError(
            "This picture cannot be saved as {suffix}: {reason}.", suffix=suffix.lower(), reason=reason
        ) from error


def _png(picture: Picture, quality: int | None) -> bytes:
    if picture.bit_depth == 16:
        return png16(_joined(picture), picture.icc, picture.exif, picture.xmp)
    chunks = PngImagePlugin.PngInfo()
    if picture.xmp is not None:
        chunks.add(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + picture.xmp)
    return _saved(_image(picture), "PNG", picture, pnginfo=chunks, exif=picture.exif or b"")


def _tiff(picture: Picture, quality: int | None) -> bytes:
    samples = _joined(picture)
    if samples.dtype == np.uint16 and samples.shape[2] == 2:
        # Few programs read 16-bit grey with alpha from TIFF; all read 16-bit RGBA.
        samples = samples[:, :, [0, 0, 0, 1]]
    return tiff(samples, picture.icc, picture.exif, picture.xmp)


def _jpeg(picture: Picture, quality: int | None) -> bytes:
    options: dict[str, Any] = {"exif": _prefixed(picture.exif), "xmp": picture.xmp or b""}
    if quality is None:
        options["subsampling"] = "4:4:4"
    quality = DEFAULT_QUALITY if quality is None else quality
    return _saved(_image(_flattened(picture)), "JPEG", picture, quality=quality, optimize=True, **options)


def _webp(picture: Picture, quality: int | None) -> bytes:
    rate = {"lossless": True, "exact": True} if quality is None else {"quality": quality}
    return _saved(_image(picture), "WEBP", picture, exif=picture.exif or b"", xmp=picture.xmp or b"", **rate)


def _avif(picture: Picture, quality: int | None) -> bytes:
    options: dict[str, Any] = {"exif": picture.exif or b"", "xmp": picture.xmp or b""}
    if quality is None:
        options["subsampling"] = "4:4:4"
    quality = DEFAULT_QUALITY if quality is None else quality
    return _saved(_image(picture), "AVIF", picture, quality=quality, **options)


def _bmp(picture: Picture, quality: int | None) -> bytes:
    file = io.BytesIO()
    _image(_flattened(picture)).save(file, "BMP")
    return file.getvalue()


_ENCODERS: dict[str, Callable[[Picture, int | None], bytes]] = {
    ".png": _png,
    ".jpg": _jpeg,
    ".jpeg": _jpeg,
    ".webp": _webp,
    ".tif": _tiff,
    ".tiff": _tiff,
    ".bmp": _bmp,
}
if features.check("avif"):
    _ENCODERS[".avif"] = _avif


def _saved(image: Image.Image, kind: str, picture: Picture, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, icc_profile=picture.icc, **options)
    return file.getvalue()


def _prefixed(exif: bytes | None) -> bytes:
    return b"" if exif is None else PREFIX + exif


def _joined(picture: Picture) -> Samples:
    """H x W x (C + 1) with alpha as the last channel, H x W x C without alpha."""
    if picture.alpha is None:
        return picture.pixels
    return np.dstack((picture.pixels, picture.alpha))


def _image(picture: Picture) -> Image.Image:
    """The picture at 8 bits."""
    samples = to_8_bits(_joined(picture))
    return Image.fromarray(np.ascontiguousarray(samples[:, :, 0] if samples.shape[2] == 1 else samples))


def to_8_bits(samples: Samples) -> Samples:
    """16-bit samples rounded to the nearest of 8 bits; 8-bit samples as they are."""
    if samples.dtype == np.uint8:
        return samples
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _flattened(picture: Picture) -> Picture:
    """The picture laid over white, without alpha."""
    if picture.alpha is None:
        return picture
    peak = int(np.iinfo(picture.pixels.dtype).max)
    alpha = picture.alpha[:, :, np.newaxis].astype(np.uint64)
    blended = (picture.pixels * alpha + peak * (peak - alpha) + peak // 2) // peak
    return Picture(blended.astype(picture.pixels.dtype), icc=picture.icc, exif=picture.exif, xmp=picture.xmp)
