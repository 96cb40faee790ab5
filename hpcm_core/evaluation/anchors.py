"""The codecs that pictures are usually kept in, as what a model is held against: JPEG, WebP, AVIF and JPEG XL.

Each is written with the same options wherever it is measured: in `hpcm rd` and in the window's chart. AVIF is there
twice, tuned for PSNR and for the eye, as `measures.is_best` needs it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image

from hpcm_core import metrics
from hpcm_core.errors import Phrase, PictureError
from hpcm_core.evaluation.measures import SETTINGS, TITLES
from hpcm_core.files import reason_of
from hpcm_core.picture import jxl_writing, writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import to_8_bits
from hpcm_core.progress import Cancel, Job, Progress
from hpcm_core.results import Metrics

_AVIF = {"speed": 4, "subsampling": "4:4:4"}

Coded = tuple[int, Picture]
"""Bytes of a file, and what it decodes to."""


@dataclass(frozen=True)
class Series:
    """A codec with the settings that make up its curve."""

    name: str
    settings: tuple[float, ...]
    code: Callable[[Picture, float], Coded]
    weights: tuple[str, ...] = ()
    """Of a model: what tells those of each setting, or the only ones, from others of their name (identity_said)."""


def classical() -> list[Series]:
    """JPEG, WebP and AVIF as Pillow writes them, and JPEG XL by imagecodecs; those that can be written here."""
    ways: dict[str, Callable[[Picture, float], Coded]] = {
        "jpeg": partial(_pillow, "JPEG", {"optimize": True, "progressive": True}),
        "webp": partial(_pillow, "WEBP", {"method": 6}),
    }
    for tune in ("psnr", "iq"):
        if _can_tune(tune):
            ways[f"avif-{tune}"] = partial(_pillow, "AVIF", _AVIF | {"advanced": {"tune": tune}})
    if find_spec("imagecodecs") is not None:
        ways["jxl"] = _jxl
    return [Series(name, SETTINGS[name], code) for name, code in ways.items()]


@cache
def _can_tune(tune: str) -> bool:
    """Whether this Pillow has AVIF, and its encoder this tuning."""
    try:
        _pillow("AVIF", {"speed": 10, "advanced": {"tune": tune}}, Picture(np.zeros((8, 8, 3), np.uint8)), 50)
    except PictureError:
        return False
    return True


def measure(
    original: Picture, series: Sequence[Series], report: Progress | None = None, cancel: Cancel | None = None
) -> tuple[tuple[str, float, Metrics], ...]:
    """Name, setting and metrics of every codec at every setting, as the codec's own results are measured: against the
    picture with all its bits, whole files with what they carry beside pixels. Alpha is left out, and so is a setting
    that fails. Raises Cancelled.
    """
    job, source = Job(report, cancel), replace(original, alpha=None)
    settings = [(one, setting) for one in series for setting in one.settings]
    found = []
    for done, (one, setting) in enumerate(settings):
        title = TITLES.get(one.name, one.name)
        job.report(Phrase("Measuring {format}", format=title), done / len(settings))
        try:
            size, decoded = one.code(source, setting)
        except PictureError:
            continue
        found.append((one.name, setting, metrics.compare(original, decoded, size)))
    return tuple(found)


def _pillow(kind: str, options: dict[str, Any], picture: Picture, quality: float) -> Coded:
    """The picture, rounded to 8 bits, through one of Pillow's formats; grey stays grey. Raises PictureError."""
    try:
        data = writing.by_pillow(picture, kind, quality=int(quality), **options)
        with Image.open(io.BytesIO(data)) as image:
            samples = np.asarray(Image.Image.convert(image, "L" if picture.channels == 1 else "RGB"))
    except (OSError, KeyError, ValueError, SystemError, OverflowError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else error
        raise PictureError("This installation cannot write {format}: {reason}.", format=kind, reason=reason) from None
    return len(data), Picture(samples.reshape(picture.pixels.shape))


def _jxl(picture: Picture, quality: float) -> Coded:
    """The same through JPEG XL, at effort 7. Without its ICC profile, which imagecodecs cannot put in: the samples are
    coded, and come back, as if they were sRGB.
    """
    from imagecodecs import jpegxl_decode

    try:
        data = jxl_writing.jxl(replace(picture, pixels=to_8_bits(picture.pixels), icc=None), int(quality), effort=7)
        samples = np.asarray(jpegxl_decode(data))
    except Exception as error:  # Its errors have no common type.
        raise PictureError(
            "This installation cannot write {format}: {reason}.", format="JPEG XL", reason=error
        ) from None
    return len(data), Picture(samples.reshape(picture.pixels.shape))
