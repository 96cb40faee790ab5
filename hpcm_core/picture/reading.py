"""Picture files to rasters, on top of Pillow.

Pillow has no mode for colour of more than 8 bits and drops the low bytes. Such files are decoded twice here, the second
time with the byte order of the samples swapped, so that Pillow drops the high bytes instead.
"""

from __future__ import annotations

import io
import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageFile, TiffImagePlugin, UnidentifiedImageError

from hpcm_core.errors import HpcmError, LimitExceeded, Phrase, PictureError
from hpcm_core.files import reason_of
from hpcm_core.limits import Limits
from hpcm_core.picture import metadata
from hpcm_core.picture.pillow import to_srgb
from hpcm_core.picture.samples import Raster, Samples

# Pillow registers a format when its plugin is imported; JPEG brings MPO, which cameras write, with it.
for _plugin in ("Png", "Jpeg", "WebP", "Tiff", "Bmp", "Gif", "Avif"):
    import_module(f"PIL.{_plugin}ImagePlugin")
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
_STRIP_BYTES = 1 << 23
_SWAPPED = {"L": "B", "B": "L"}


def read(path: str | os.PathLike[str], limits: Limits) -> Raster:
    """See Picture.open."""
    path = Path(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise PictureError("{path} is a folder, not a picture.", path=path)
        if not stat.S_ISREG(mode):
            raise PictureError("{path} is not a file.", path=path)
        with path.open("rb") as file:
            if not file.read(1):
                raise PictureError("{path} is empty.", path=path)
            return _read(file, str(path), limits)
    except FileNotFoundError:
        raise PictureError("{path} does not exist.", path=path) from None
    except PermissionError:
        raise PictureError("{path} may not be read by you.", path=path) from None
    except (OSError, ValueError) as error:
        raise PictureError("{path} cannot be read: {reason}.", path=path, reason=reason_of(error)) from None


def read_bytes(data: bytes | bytearray | memoryview, limits: Limits) -> Raster:
    """See Picture.from_bytes."""
    if not data:
        raise PictureError("The data is empty.")
    name = Phrase("The data")
    try:
        return _read(io.BytesIO(data), name, limits)
    except (OSError, ValueError) as error:
        raise PictureError("{path} cannot be read: {reason}.", path=name, reason=reason_of(error)) from None


@contextmanager
def open_image(file: IO[bytes], name: str, formats: tuple[str, ...] = FORMATS) -> Iterator[ImageFile.ImageFile]:
    """A picture of one of these formats, not decoded yet; errors of the block count as the picture's own.

    Pillow's guard against huge pictures is off inside: the caller compares the size with its own limits.
    """
    try:
        file.seek(0)
        with _guard_off, Image.open(file, formats=formats) as image:
            yield image
    except HpcmError:
        raise
    except UnidentifiedImageError:
        raise PictureError("{name} is damaged or not a picture of a kind that this program reads.", name=name) from None
    except MemoryError:
        raise PictureError("{name} needs more memory than there is.", name=name) from None
    except Exception as error:  # Pillow meets damaged files with nearly every kind of exception.
        raise PictureError(
            "{name} is damaged, cut short or of a kind that this program does not read.", name=name
        ) from error


def _read(file: IO[bytes], name: str, limits: Limits) -> Raster:
    with open_image(file, name) as image:
        width, height = image.size
        if max(width, height) > limits.side or width * height > limits.pixels:
            raise LimitExceeded(
                "{name} has {width} x {height} pixels, which is more than the limit.",
                name=name,
                width=width,
                height=height,
            )
        raw_mode = _raw_mode(image)
        order = _sample_order(image, raw_mode)
        profile = image.info.get("icc_profile") or None
        if order is None:
            image.load()
            pixels, alpha, profile = _planes(image, raw_mode, profile, name)
        else:
            samples = _deep_samples(image, file, name, raw_mode, order)
            pixels, alpha = _split_alpha(samples, image.info.get("transparency"))
        orientation = metadata.orientation_of(image)
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            exif = metadata.exif_of_tiff(image)
        else:
            exif = metadata.strip_prefix(image.info.get("exif"))
        xmp = image.info.get("xmp") or None
        if isinstance(xmp, str):
            xmp = xmp.encode()
        return Raster(
            pixels=_upright(pixels, orientation),
            alpha=None if alpha is None else _upright(alpha, orientation),
            icc=profile,
            exif=None if exif is None else metadata.reset_orientation(exif),
            xmp=None if xmp is None else metadata.reset_xmp_orientation(xmp),
        )


class _PillowGuardOff:
    """Switches Pillow's global size guard off while any thread is inside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._saved: int | None = None

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._saved, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                Image.MAX_IMAGE_PIXELS = self._saved


_guard_off = _PillowGuardOff()


# 8 bits, and 16-bit grey


def _planes(
    image: ImageFile.ImageFile, raw_mode: str, profile: bytes | None, name: str
) -> tuple[Samples, Samples | None, bytes | None]:
    """Pixels, alpha and the ICC profile that fits them."""
    mode = image.mode
    key = image.info.get("transparency")
    if mode in ("I", "F") or mode.startswith("I;16"):
        return *_split_alpha(_integers(image, name)[:, :, np.newaxis], key), profile
    if mode in ("1", "L"):
        if isinstance(key, int) and raw_mode in ("L;2", "L;4"):
            # Pillow scales these samples to 8 bits but not the transparent one.
            key *= 255 // (2 ** int(raw_mode[-1]) - 1)
        return *_split_alpha(np.array(image.convert("L"))[:, :, np.newaxis], key), profile
    if mode in ("LA", "La"):
        return *_split_alpha(np.array(image.convert("LA"))), profile
    if mode == "RGB":
        return *_split_alpha(_array(image), key), profile
    if mode == "CMYK":
        intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
        return np.array(to_srgb(image, profile, intent, flags)), None, None
    if mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return np.array(ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")), None, None
    # Palettes of every kind, RGBA, RGBX, YCbCr.
    return *_split_alpha(np.array(image.convert("RGBA" if image.has_transparency_data else "RGB"))), profile


def _array(image: Image.Image) -> Samples:
    """H x W x C samples of 8 bits, strip by strip: at once, Pillow would hold two more copies meanwhile."""
    width, height = image.size
    out = np.empty((height, width, len(image.getbands())), np.uint8)
    step = max(1, _STRIP_BYTES // (width * out.shape[2]))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        out[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return out


def _split_alpha(samples: Samples, key: Any = None) -> tuple[Samples, Samples | None]:
    """Colour and alpha of H x W x (1, 2, 3 or 4) samples; `key` is the one colour that is transparent, if any."""
    channels = samples.shape[2]
    if channels in (2, 4):
        return np.ascontiguousarray(samples[:, :, :-1]), np.ascontiguousarray(samples[:, :, -1])
    if isinstance(key, int | tuple):
        opaque = np.iinfo(samples.dtype).max
        transparent = (samples == np.asarray(key).reshape(-1)).all(axis=2)
        return samples, np.where(transparent, 0, opaque).astype(samples.dtype)
    return samples, None


def _integers(image: Image.Image, name: str) -> npt.NDArray[np.uint16]:
    if image.mode == "F":
        raise PictureError("{name} has floating-point samples; convert it to 8 or 16 bits first.", name=name)
    samples = np.asarray(image)
    if image.mode == "I" and (samples.min() < 0 or samples.max() > 0xFFFF):
        raise PictureError("{name} has samples of more than 16 bits; convert it to 8 or 16 bits first.", name=name)
    return samples.astype(np.uint16)


def _upright(array: Samples, orientation: int) -> Samples:
    """H x W (x C) turned and mirrored by an EXIF orientation."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)


# 16-bit colour


def _raw_mode(image: ImageFile.ImageFile) -> str:
    """Pillow's name for the samples as they lie in the file ("RGB;16B"); empty where it has none."""
    if not image.tile:
        return ""
    args = image.tile[0][3]
    raw_mode = args[0] if isinstance(args, tuple) and args else args
    return raw_mode if isinstance(raw_mode, str) else ""


def _sample_order(image: ImageFile.ImageFile, raw_mode: str) -> str | None:
    """Byte order ("L" or "B") of a colour picture's 16-bit samples, as its decoder delivers them; None for others."""
    if image.format == "PNG":
        return "B" if raw_mode in ("RGB;16B", "RGBA;16B", "LA;16B") else None
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or image.mode not in ("RGB", "RGBA"):
        return None
    bits = image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, ())
    if not isinstance(bits, tuple) or set(bits) != {16} or raw_mode.startswith("RGBa"):
        return None
    if image.tile[0][0] == "libtiff":
        return "L" if sys.byteorder == "little" else "B"
    return "L" if image.tag_v2.prefix == b"II" else "B"


def _deep_samples(
    image: ImageFile.ImageFile, file: IO[bytes], name: str, raw_mode: str, order: str
) -> npt.NDArray[np.uint16]:
    """H x W x C samples of 16 bits, not yet upright. Leaves `image` loaded."""
    if raw_mode == "LA;16B":
        # Grey and alpha of 16 bits are four bytes a pixel: taken for RGBA of 8, nothing is lost.
        _set_raw_mode(image, "RGBA")
        image.load()
        return np.array(image).view(">u2").astype(np.uint16)
    _set_raw_mode(image, order)
    image.load()
    samples = np.asarray(image).astype(np.uint16)
    samples <<= 8
    with open_image(file, name) as again:
        _set_raw_mode(again, _SWAPPED[order])
        again.load()
        samples |= np.asarray(again)
    return samples


def _set_raw_mode(image: ImageFile.ImageFile, target: str) -> None:
    """Let the decoder take the samples for `target`, a whole raw mode or a byte order of 16-bit samples."""
    tiles = []
    for tile in image.tile:
        args = tile.args if isinstance(tile.args, tuple) else (tile.args,)
        changed = f"{str(args[0]).split(';')[0]};16{target}" if target in _SWAPPED else target
        tiles.append(tile._replace(args=(changed, *args[1:]) if isinstance(tile.args, tuple) else changed))
    image.tile = tiles
