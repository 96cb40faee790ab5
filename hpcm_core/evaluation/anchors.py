"""The codecs that pictures are usually kept in, as what a model is held against: JPEG, WebP, AVIF and JPEG XL.

Each is written by Pillow with the same options wherever it is measured: in `hpcm rd` and in the window's chart.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image

from hpcm_core import metrics
from hpcm_core.errors import Phrase, PictureError
from hpcm_core.files import reason_of
from hpcm_core.picture import writing
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Cancel, Job, Progress
from hpcm_core.results import Metrics

TITLES = {"jpeg": "JPEG", "webp": "WebP", "avif": "AVIF", "jxl": "JPEG XL"}
"""The names of `classical` for a user."""

Coded = tuple[int, Picture]
"""Bytes of a file, and what it decodes to."""


@dataclass(frozen=True)
class Series:
    """A codec with the settings that make up its curve."""

    name: str
    settings: tuple[float, ...]
    code: Callable[[Picture, float], Coded]


def classical() -> list[Series]:
    """JPEG, WebP and AVIF as Pillow writes them, and JPEG XL where its plugin for Pillow is installed.

    The qualities are those of resources/rd/measured_kodak.json, so that a measurement on Kodak can be held against it.
    """
    series = [
        Series("jpeg", (10, 20, 30, 45, 60, 75, 88), partial(_pillow, "JPEG", {"optimize": True, "progressive": True})),
        Series("webp", (2, 15, 35, 55, 75, 88, 94), partial(_pillow, "WEBP", {"method": 6})),
        Series("avif", (20, 30, 40, 50, 62, 74, 85), partial(_pillow, "AVIF", {"speed": 4, "subsampling": "4:4:4"})),
    ]
    if find_spec("pillow_jxl") is not None:
        series.append(Series("jxl", (15, 35, 55, 70, 80, 88, 93), partial(_pillow, "JXL", {"effort": 7})))
    return series


def measure(
    original: Picture, series: Sequence[Series], report: Progress | None = None, cancel: Cancel | None = None
) -> tuple[tuple[str, float, Metrics], ...]:
    """Title, setting and metrics of every codec at every setting, as the codec's own results are measured: against the
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
        found.append((title, setting, metrics.compare(original, decoded, size)))
    return tuple(found)


def _pillow(kind: str, options: dict[str, Any], picture: Picture, quality: float) -> Coded:
    """The picture, rounded to 8 bits, through one of Pillow's formats; grey stays grey. Raises PictureError."""
    if kind == "JXL":
        import pillow_jxl  # noqa: F401 - adds the format to Pillow
    try:
        data = writing.by_pillow(picture, kind, quality=int(quality), **options)
        with Image.open(io.BytesIO(data)) as image:
            samples = np.asarray(Image.Image.convert(image, "L" if picture.channels == 1 else "RGB"))
    except (OSError, KeyError, ValueError, SystemError, OverflowError) as error:
        raise PictureError(
            "This installation of Pillow cannot write {format}: {reason}.", format=kind, reason=reason_of(error)
        ) from None
    return len(data), Picture(samples.reshape(picture.pixels.shape))
