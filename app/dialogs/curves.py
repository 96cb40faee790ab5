"""Rate-distortion points and curves: of the picture that is open, of other formats, and as published."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.session.document import Outcome
from app.ui.translation import tr
from app.ui.words import pretty_model
from app.worker.tasks import FormatPoint
from hpcm_core.evaluation.bd_rate import bd_rate
from hpcm_core.evaluation.measures import QUALITIES, TITLES, is_best
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.resources import resource
from hpcm_core.results import Metrics

PSNR, MS_SSIM = "PSNR", "MS-SSIM"
FIELDS = {PSNR: "psnr", MS_SSIM: "ms_ssim_db"}
UNITS = {measure: QUALITIES[field] for measure, field in FIELDS.items()}
_PUBLISHED = {
    PSNR: (("base_mse", "psnr", "HPCM-Base"), ("large_mse", "psnr", "HPCM-Large")),
    MS_SSIM: (
        ("base_msssim", "msssim_db", "HPCM-Base (MS-SSIM)"),
        ("large_msssim", "msssim_db", "HPCM-Large (MS-SSIM)"),
    ),
}


@dataclass(frozen=True)
class Curve:
    """Points by rising rate: bits per pixel and dB. published: the mean over a set of pictures, not this picture."""

    name: str
    points: tuple[tuple[float, float], ...]
    labels: tuple[str, ...] = ()
    published: bool = False


@dataclass
class Points:
    """All points of one picture."""

    own: dict[tuple[str, str], Metrics] = field(default_factory=dict)
    formats: dict[tuple[str, str], Metrics] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> bool:
        """Take the point of a result; True if it is a new one."""
        if outcome.header is None or outcome.metrics is None or outcome.metrics.bpp is None:
            return False
        header = outcome.header
        family = pretty_model(header.model_name.split("-")[0])
        label = header.model_name if header.quality == FIXED_RATE else f"quality {header.quality}"
        new = (family, label) not in self.own
        self.own[family, label] = outcome.metrics
        return new

    def add_formats(self, found: Iterable[FormatPoint]) -> None:
        """Take the points of other formats, in place of any from before."""
        self.formats = {(name, f"quality {quality}"): metrics for name, quality, metrics in found}

    def curves(self, measure: str) -> list[Curve]:
        """The curves of this picture, the codec's own first; of a format that can be tuned, its best."""
        fair = {
            (TITLES[name], label): metrics
            for (name, label), metrics in self.formats.items()
            if is_best(name, FIELDS[measure])
        }
        return [*_curves(self.own, measure), *_curves(fair, measure)]


def published(measure: str) -> list[Curve]:
    """The published curves of HPCM, means over the Kodak pictures."""
    kodak = json.loads(resource("rd/published.json").read_text("utf-8"))["kodak"]
    return [
        Curve(f"{name}, Kodak", tuple(zip(kodak[key]["bpp"], kodak[key][unit], strict=True)), (), True)
        for key, unit, name in _PUBLISHED[measure]
    ]


def saving(test: Curve, reference: Curve) -> str:
    """The BD-rate between two curves, in words."""
    try:
        percent = bd_rate(reference.points, test.points)
    except ValueError:
        return tr("The BD-rate needs two curves that share a range of quality, with two points or more each.")
    figure = f"{percent:+.1f}".replace("-", "−")
    words = tr("BD-rate {figure} %: {test} needs {part} % more bits than {reference}.")
    if percent < 0:
        words = tr("BD-rate {figure} %: {test} needs {part} % fewer bits than {reference}.")
    words = words.format(figure=figure, test=test.name, part=f"{abs(percent):.1f}", reference=reference.name)
    if test.published != reference.published:
        words += " " + tr("Not the same pictures: no fair comparison.")
    return words


def default_pair(curves: list[Curve]) -> tuple[int, int]:
    """Which two curves to compare before the user has chosen: the first, and the next that is of the same pictures.

    (-1, -1) where there are no two curves of the same pictures.
    """
    for first, curve in enumerate(curves):
        for second in range(first + 1, len(curves)):
            if curves[second].published == curve.published:
                return first, second
    return -1, -1


def _curves(points: dict[tuple[str, str], Metrics], measure: str) -> list[Curve]:
    curves = []
    for name in dict.fromkeys(name for name, _ in points):
        best: dict[float, tuple[float, str]] = {}
        for (other, label), metrics in points.items():
            value = metrics.psnr if measure == PSNR else metrics.ms_ssim_db
            if other != name or metrics.bpp is None or value is None or not math.isfinite(value):
                continue
            # Two rates of one quality: the smaller counts, and the curve stays a function.
            if value not in best or metrics.bpp < best[value][0]:
                best[value] = (metrics.bpp, label)
        ordered = sorted((rate, value, label) for value, (rate, label) in best.items())
        if ordered:
            pairs = tuple((rate, value) for rate, value, _ in ordered)
            curves.append(Curve(name, pairs, tuple(label for _, _, label in ordered)))
    return curves
