"""Picture files to parts by Pillow: PNG, JPEG, WebP, BMP, GIF and AVIF.

Pillow has no mode for colour of more than 8 bits and drops the low bytes. Such files are decoded twice here, the second
time with the byte order of the samples swapped, so that Pillow drops the high bytes instead.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError, _imaging

from hpcm_core.errors import HpcmError, Phrase, PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture import avif, beside, bmff, kinds, metadata, pngfile
from hpcm_core.picture.parts import Parts, check_frame, check_size, from_narrow, split_alpha
from hpcm_core.picture.pillow import to_srgb
from hpcm_core.picture.samples import Samples

# Pillow registers a format when its plugin is imported; JPEG brings MPO, which cameras write, with it.
for _plugin in ("Png", "Jpeg", "WebP", "Bmp", "Gif", "Avif"):
    import_module(f"PIL.{_plugin}ImagePlugin")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "AVIF")
_STRIP_BYTES = 1 << 23
_HEAD = 4096


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Errors of the block as a sentence about the picture of this name."""
    try:
        yield
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


@contextmanager
def open_image(file: IO[bytes], name: str, formats: tuple[str, ...] = FORMATS) -> Iterator[ImageFile.ImageFile]:
    """A picture of one of these formats, not decoded yet; errors of the block count as the picture's own.

    Pillow's guard against huge pictures is off inside: the caller compares the size with its own limits.
    """
    with explained(name):
        file.seek(0)
        head = file.read(_HEAD)
        # An AVIF file that cannot be opened is a damaged one, no film.
        kind = None if bmff.is_avif(head) else kinds.name_of(head)
        with _guard_off:
            try:
                opened = Image.open(file, formats=formats)
            except (UnidentifiedImageError, OSError):
                kind = kind or kinds.odd_kind_of(file)
                if kind is None:
                    raise
                raise PictureError(
                    "{name} is a file of kind {kind}, which this program does not read.", name=name, kind=kind
                ) from None
            with opened as image:
                yield image


def whole(file: IO[bytes]) -> bytes:
    """All bytes of a file."""
    file.seek(0)
    return file.read()


def by_pillow(source: IO[bytes], name: str, limits: Limits, frame: int) -> Parts:
    """What is in a file that Pillow reads. Raises PictureError or LimitExceeded."""
    chunks = pngfile.read(source, limits)
    without_pixels = chunks is not None and not chunks.has_pixels  # Pillow would make it black.
    if without_pixels or beside.has_endless_exif(source):
        raise PictureError("{name} is damaged, cut short or of a kind that this program does not read.", name=name)
    try:
        return _read(source, chunks, name, limits, frame)
    except PictureError:
        if chunks is None or not chunks.animated or frame:
            raise
    # A damaged animation is no reason to refuse the picture that programs show which know none.
    parts = _read(source, pngfile.read(source, limits, still=True), name, limits, frame)
    parts.left_out.insert(0, Phrase("an animation that is damaged"))
    return parts


def _read(source: IO[bytes], chunks: pngfile.Chunks | None, name: str, limits: Limits, frame: int) -> Parts:
    file = source if chunks is None else chunks.pixels
    with open_image(file, name) as image:
        check_size(name, *image.size, limits)
        count = getattr(image, "n_frames", 1)
        check_frame(name, frame, count)
        left_out: list[Phrase] = []
        frames = 1
        if count > 1:
            with open_image(file, name) if image.format == "MPO" else nullcontext(image) as other:
                left_out, frames = beside.other_pictures(other, count)
        if frame:
            if image.format == "MPO":  # Pillow would leave what the first picture says to one that says nothing.
                for key in ("exif", "xmp", "icc_profile", "comment", "photoshop"):
                    image.info.pop(key, None)
            image.seek(frame)
            check_size(name, *image.size, limits)
        raw_mode = _raw_mode(image)
        deep = raw_mode in ("RGB;16B", "RGBA;16B", "LA;16B")
        if deep and frame:
            # Pillow puts pictures of an animation together at 8 bits.
            deep = False
            left_out.append(Phrase("the lower bits of its {bits}", bits=16))
        profile = image.info.get("icc_profile") or None
        if not deep:
            if count == 1:
                _allocate(image)
            image.load()
            pixels, alpha, profile = planes(image, raw_mode, profile)
        else:
            samples = _deep_samples(image, file, name, raw_mode)
            pixels, alpha = _split_alpha(samples, image.info.get("transparency"))
        parts = Parts(
            pixels, alpha, profile, orientation=metadata.orientation_of(image), left_out=left_out, frames=frames
        )
        parts.exif = metadata.strip_prefix(image.info.get("exif"))
        xmp = image.info.get("xmp") or None
        parts.xmp = xmp.encode() if isinstance(xmp, str) else xmp
        if chunks is not None:
            parts.icc, parts.exif, parts.xmp = chunks.icc, chunks.exif, chunks.xmp
            parts.iptc, parts.texts, parts.resolution = chunks.iptc, tuple(chunks.texts), chunks.resolution
            parts.left_out += chunks.left_out
            if chunks.narrow:
                parts.pixels = from_narrow(parts.pixels)
            parts.orientation = metadata.orientation_in(chunks.exif, chunks.xmp)
        elif image.format in ("JPEG", "MPO"):
            parts.from_jpeg = True
            beside.add_of_jpeg(image, parts)
        elif image.format == "AVIF":
            avif.add_of_avif(whole(file), parts, frame, count, limits)
        else:
            beside.add_of_others(image, file, parts, limits)
        return parts


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


def planes(
    image: ImageFile.ImageFile, raw_mode: str, profile: bytes | None
) -> tuple[Samples, Samples | None, bytes | None]:
    """Pixels, alpha and the ICC profile that fits them."""
    mode = image.mode
    key = image.info.get("transparency")
    if mode == "I" or mode.startswith("I;16"):
        return *_split_alpha(np.asarray(image).astype(np.uint16)[:, :, np.newaxis], key), profile
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


def _allocate(image: ImageFile.ImageFile) -> None:
    """Memory for a picture of which nothing is decoded yet, in one block that the system clears as the decoder writes.
    What Pillow takes by itself is cleared at once, and no other thread of the interpreter runs meanwhile: for 100
    megapixels a fifth of a second.
    """
    if image.format in ("PNG", "JPEG") and getattr(image, "_im", None) is None:
        image.im = _imaging.new_block(image.mode, image.size)


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
    if samples.shape[2] in (1, 3) and isinstance(key, int | tuple):
        opaque = np.iinfo(samples.dtype).max
        transparent = (samples == np.asarray(key).reshape(-1)).all(axis=2)
        return samples, np.where(transparent, 0, opaque).astype(samples.dtype)
    return split_alpha(samples)


# 16-bit colour


def _raw_mode(image: ImageFile.ImageFile) -> str:
    """Pillow's name for the samples as they lie in the file ("RGB;16B"); empty where it has none."""
    if not image.tile:
        return ""
    args = image.tile[0][3]
    raw_mode = args[0] if isinstance(args, tuple) and args else args
    return raw_mode if isinstance(raw_mode, str) else ""


def _deep_samples(image: ImageFile.ImageFile, file: IO[bytes], name: str, raw_mode: str) -> npt.NDArray[np.uint16]:
    """H x W x C samples of 16 bits, not yet upright. Leaves `image` loaded."""
    if raw_mode == "LA;16B":
        # Grey and alpha of 16 bits are four bytes a pixel: taken for RGBA of 8, nothing is lost.
        _set_raw_mode(image, "RGBA")
        image.load()
        return np.array(image).view(">u2").astype(np.uint16)
    image.load()
    samples = np.asarray(image).astype(np.uint16)
    samples <<= 8
    with open_image(file, name) as again:
        _set_raw_mode(again, f"{raw_mode.removesuffix('B')}L")
        again.load()
        samples |= np.asarray(again)
    return samples


def _set_raw_mode(image: ImageFile.ImageFile, target: str) -> None:
    """Let the decoder take the samples for a raw mode."""
    tiles = []
    for tile in image.tile:
        args = (target, *tile.args[1:]) if isinstance(tile.args, tuple) else target
        tiles.append(tile._replace(args=args))
    image.tile = tiles
