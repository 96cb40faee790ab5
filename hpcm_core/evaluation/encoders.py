"""JPEG, WebP, AVIF and JPEG XL as they are written where the eye shall judge: each with its best setting for stills.

`anchors` has the same codecs with the plainer options that whole curves are measured with. Here a knob is as fine as
its encoder has it, and its values stand in the order of rising quality, so that a size or quality can be searched for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from hpcm_core.errors import PictureError
from hpcm_core.evaluation.contestants import FORMATS
from hpcm_core.files import reason_of
from hpcm_core.picture import writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import to_8_bits

NAMES = tuple(FORMATS)
LARGE = 4_000_000
"""Pixels: above, the slowest settings would take minutes for each attempt, and the next faster ones stand in."""

_JPEG_QUALITIES = tuple(np.round(np.arange(1, 100.05, 0.1), 1).tolist())
_WEBP_QUALITIES = tuple(np.arange(0, 100.1, 0.25).tolist())
_AVIF_QUALITIES = tuple(map(float, range(100)))
"""100 quantizes nothing, which libaom refuses where it is tuned for looks."""
_JXL_DISTANCES = tuple(np.round(np.geomspace(25, 0.1, 1600), 4).tolist())


@dataclass(frozen=True)
class Encoder:
    """One codec with its settings for one picture. write gives a whole file of colour alone, without metadata and
    alpha, of samples rounded to 8 bits; it raises PictureError.
    """

    name: str
    title: str
    suffix: str
    settings: str
    """Which encoder, and its options with the speed among them, in the encoder's own words."""
    knob: str
    """What the encoder calls that which is searched."""
    values: Sequence[float]
    """Of the knob, from the smallest file to the largest."""
    write: Callable[[Picture, float], bytes]

    def settings_at(self, value: float) -> str:
        """All settings of a file, the knob's too."""
        return f"{self.settings}, {self.knob}={value:g}"


def best_for(picture: Picture, names: Sequence[str] = NAMES, tune: str = "iq") -> list[Encoder]:
    """The encoders of these names for a picture; tune: what AVIF is optimised for, "iq" (looks) or "psnr"."""
    slow = picture.width * picture.height <= LARGE
    speed, effort = (4, 9) if slow else (6, 7)
    avif = {"speed": speed, "subsampling": "4:0:0" if picture.channels == 1 else "4:4:4", "advanced": {"tune": tune}}
    made = (
        Encoder(
            "jpeg",
            FORMATS["jpeg"],
            ".jpg",
            "libjpeg-turbo: progressive, optimize, 4:2:0",
            "quality",
            _JPEG_QUALITIES,
            _jpeg,
        ),
        Encoder(
            "webp", FORMATS["webp"], ".webp", "libwebp: method=6", "quality", _WEBP_QUALITIES, _pillow("WEBP", method=6)
        ),
        Encoder(
            "avif",
            FORMATS["avif"],
            ".avif",
            f"libaom: speed={speed}, tune={tune}, {avif['subsampling']}",
            "quality",
            _AVIF_QUALITIES,
            lambda source, quality: _pillow("AVIF", **avif)(source, int(quality)),
        ),
        Encoder("jxl", FORMATS["jxl"], ".jxl", f"libjxl: effort={effort}", "distance", _JXL_DISTANCES, _jxl(effort)),
    )
    return [encoder for encoder in made if encoder.name in names]


def _pillow(kind: str, **options: Any) -> Callable[[Picture, float], bytes]:
    def write(picture: Picture, quality: float) -> bytes:
        try:
            return writing.by_pillow(Picture(picture.pixels), kind, quality=quality, **options)
        except (OSError, KeyError, ValueError, SystemError, OverflowError) as error:
            raise PictureError(
                "This installation of Pillow cannot write {format}: {reason}.", format=kind, reason=reason_of(error)
            ) from None

    return write


def _jpeg(picture: Picture, quality: float) -> bytes:
    """Quality as libjpeg has it, and what lies between its whole numbers: the tables are scaled here."""
    scale = 50 / quality if quality < 50 else 2 - quality / 50
    tables = [np.clip(np.floor(np.array(table) * scale + 0.5), 1, 255).astype(int).tolist() for table in _tables()]
    options = {"qtables": tables[: 1 if picture.channels == 1 else 2], "optimize": True, "progressive": True}
    try:
        return writing.by_pillow(Picture(picture.pixels), "JPEG", **options)
    except (OSError, ValueError, SystemError, OverflowError) as error:
        raise PictureError(
            "This installation of Pillow cannot write {format}: {reason}.", format="JPEG", reason=reason_of(error)
        ) from None


@cache
def _tables() -> tuple[list[int], ...]:
    """The quantization tables of the JPEG standard's Annex K, which quality 50 stands for, as libjpeg has them."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", quality=50)
    with Image.open(file) as image:
        return tuple(image.quantization.values())  # type: ignore[attr-defined]


def _jxl(effort: int) -> Callable[[Picture, float], bytes]:
    def write(picture: Picture, distance: float) -> bytes:
        samples = np.ascontiguousarray(to_8_bits(picture.pixels))
        samples = samples[:, :, 0] if samples.shape[2] == 1 else samples
        try:
            from imagecodecs import jpegxl_encode

            return bytes(jpegxl_encode(samples, effort=effort, distance=distance, lossless=False, usecontainer=False))
        except MemoryError:
            raise
        except Exception as error:  # Its errors have no common type.
            raise PictureError("imagecodecs cannot write JPEG XL: {reason}.", reason=str(error)) from error

    return write
