"""What a reader found in a file, and the upright raster that comes of it. The same for every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hpcm_core.errors import LimitExceeded, Phrase, PictureError, shown
from hpcm_core.limits import Limits
from hpcm_core.picture import colour, metadata
from hpcm_core.picture import xmp as packets
from hpcm_core.picture.samples import COMMENT, Raster, Resolution, Samples

MOST_TEXTS = 4096
_MOST_PER_INCH = 4_000_000
_NAMED = 6
_ROOM = 64
"""The part of the limit on metadata that stays free."""


@dataclass
class Parts:
    """Pixels as they lie in the file and what is beside them; see Raster. orientation: EXIF's, not applied yet."""

    pixels: Samples
    alpha: Samples | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    orientation: int = 1
    iptc: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    resolution: Resolution | None = None
    left_out: list[Phrase] = field(default_factory=list)
    frames: int = 1
    from_jpeg: bool = False

    def raster(self, limits: Limits) -> Raster:
        """The upright picture. What is damaged, too large or not true any more is left out, and named."""
        pixels = turned(self.pixels, self.orientation)
        alpha = None if self.alpha is None else turned(self.alpha, self.orientation)
        self._check_profile(pixels.shape[2], limits)
        self._check_metadata(limits)
        exif, xmp = self.exif, self.xmp
        if exif is not None:
            # Decoders that turn pictures themselves leave EXIF as it was.
            orientation = self.orientation if self.orientation != 1 else metadata.orientation_in(exif, None)
            exif = metadata.made_upright(exif, orientation, pixels.shape[1], pixels.shape[0])
        if xmp is not None:
            xmp, gone = packets.without_attachments(packets.upright(xmp))
            self.left_out += gone
        resolution = self._resolution()
        left_out = tuple(dict.fromkeys(self.left_out))
        beside = self.iptc, self.texts, resolution, left_out
        return Raster(pixels, alpha, self.icc, exif, xmp, *beside, self.frames, self.from_jpeg)

    def _resolution(self) -> Resolution | None:
        """The resolution of the upright picture; None where it says nothing that makes sense."""
        if self.resolution is None:
            return None
        x, y, absolute = self.resolution
        if not (0 < x < _MOST_PER_INCH and 0 < y < _MOST_PER_INCH) or (x == y and not absolute):
            return None
        return Resolution(y, x, absolute) if self.orientation > 4 else self.resolution

    def _check_profile(self, channels: int, limits: Limits) -> None:
        if self.icc is None:
            return
        if len(self.icc) > limits.icc:
            self._drop("icc", Phrase("the colour profile, which is larger than the limit"))
        elif not colour.fits(self.icc, channels):
            # An RGB profile beside grey pictures is common, and its curve says all that grey needs.
            fitting = colour.grey_of(self.icc) if channels == 1 and colour.fits(self.icc, 3) else None
            if fitting is None:
                self._drop("icc", Phrase("the colour profile, which does not fit the picture's channels"))
            self.icc = fitting

    def _check_metadata(self, limits: Limits) -> None:
        if self.exif is not None and not metadata.is_sound(self.exif):
            self._drop("exif", Phrase("EXIF, which is damaged"))
        for name, title in (("exif", "EXIF"), ("xmp", "XMP")):
            if len(getattr(self, name) or b"") > limits.metadata:
                self._drop(name, Phrase("{name}, which is larger than the limit", name=title))
        # Together they count too, with some room for what a .hpcm file has beside them: resolution and preview.
        left = limits.metadata - limits.metadata // _ROOM
        # What comes first is the most important.
        for name, title in (("icc", ""), ("exif", "EXIF"), ("xmp", "XMP"), ("iptc", "IPTC")):
            left -= len(getattr(self, name) or b"")
            if left < 0:
                left += len(getattr(self, name))
                self._drop(name, Phrase("{name}, which is larger than the limit", name=title))
        kept: list[tuple[str, str]] = []
        gone: list[tuple[str, str]] = []
        for keyword, text in self.texts:
            # A character is up to four bytes.
            left -= 4 * (len(keyword) + len(text)) + 2
            (kept if left >= 0 and len(kept) < MOST_TEXTS else gone).append((keyword, text))
        self.texts = tuple(kept)
        self.left_out += named(gone)

    def _drop(self, name: str, phrase: Phrase) -> None:
        setattr(self, name, None)
        self.left_out.append(phrase)


def named(texts: Sequence[tuple[str, str]]) -> list[Phrase]:
    """What to say of texts that are left out."""
    phrases = [Phrase("the comment")] if any(keyword == COMMENT for keyword, _ in texts) else []
    names = list(dict.fromkeys(keyword for keyword, _ in texts if keyword != COMMENT))
    if names:
        listed = ", ".join(map(shown, names[:_NAMED])) + (", ..." if len(names) > _NAMED else "")
        phrases.append(Phrase("text in the file ({names})", names=listed))
    return phrases


def turned(array: Samples, orientation: int) -> Samples:
    """H x W (x C) turned and mirrored by an EXIF orientation."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)


def split_alpha(samples: Samples) -> tuple[Samples, Samples | None]:
    """Colour and alpha of H x W x (1, 2, 3 or 4) samples."""
    if samples.shape[2] in (2, 4):
        return np.ascontiguousarray(samples[:, :, :-1]), np.ascontiguousarray(samples[:, :, -1])
    return samples, None


def at_full_range(samples: Samples, bits: int) -> Samples:
    """Samples of so many bits (1 to 16), rounded to those of 8 or, from more than 8, of 16."""
    if bits in (8, 16):
        return samples
    peak, full = (1 << bits) - 1, 255 if bits < 8 else 65535
    table = (np.arange(peak + 1, dtype=np.uint64) * full + peak // 2) // peak
    return table.astype(np.uint8 if bits < 8 else np.uint16)[np.minimum(samples, peak)]


def unmultiplied(samples: Samples) -> Samples:
    """H x W x (2 or 4) samples whose alpha, the last, is multiplied into the colours, without that."""
    peak = int(np.iinfo(samples.dtype).max)
    alpha = samples[:, :, -1:].astype(np.uint64)
    colours = (samples[:, :, :-1].astype(np.uint64) * peak + alpha // 2) // np.maximum(alpha, 1)
    return np.concatenate((np.minimum(colours, peak).astype(samples.dtype), samples[:, :, -1:]), axis=2)


def from_narrow(samples: Samples) -> Samples:
    """Samples of 16 to 235 (of 255) stretched over the whole range; what is outside is cut off."""
    peak = int(np.iinfo(samples.dtype).max)
    scale = (peak + 1) // 256
    values = (np.arange(peak + 1) - 16 * scale) * (peak / (219 * scale))
    return np.asarray(np.round(np.clip(values, 0, peak)).astype(samples.dtype)[samples])


def check_size(name: str, width: int, height: int, limits: Limits) -> None:
    """Raises LimitExceeded for a picture of more pixels or a longer side than the limits allow."""
    if max(width, height) > limits.side or width * height > limits.pixels:
        raise LimitExceeded(
            "{name} has {width} x {height} pixels, which is more than the limit.", name=name, width=width, height=height
        )


def check_frame(name: str, frame: int, count: int) -> None:
    """Raises PictureError for a picture that a file has not."""
    if not 0 <= frame < count:
        raise PictureError(
            "{name} has no picture {frame}: it has {count}, counted from 0.", name=name, frame=frame, count=count
        )
