"""Rate-distortion points and curves: of the picture that is open, of other formats, and as published."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from app.session.document import Outcome
from app.ui.translation import number, tr
from app.ui.words import pretty_model, quality_in_words
from app.worker.tasks import CurvePoint
from hpcm_core.errors import InvalidRecipe
from hpcm_core.evaluation import plot
from hpcm_core.evaluation.bd_rate import LEAST_SHARED, bd_rate, interpolated, shared
from hpcm_core.evaluation.measures import QUALITIES, SETTINGS, TITLES, is_best
from hpcm_core.format.header import FIXED_RATE, Header
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.registry import variant_of
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.results import Metrics

PSNR, MS_SSIM = "PSNR", "MS-SSIM"
FIELDS = {PSNR: "psnr", MS_SSIM: "ms_ssim_db"}
UNITS = {measure: QUALITIES[field] for measure, field in FIELDS.items()}
LEAST_POINTS = 4
"""Of each curve for a BD-rate, as is usual (VCEG-M33)."""
MODEL_QUALITIES = (40, 0, 100, 20, 70, 10, 30, 50, 60, 85)
"""At which a model of variable rate is measured; the first few give the shape."""
_PUBLISHED = {
    PSNR: (("base_mse", "psnr", "HPCM-Base"), ("large_mse", "psnr", "HPCM-Large")),
    MS_SSIM: (
        ("base_msssim", "msssim_db", "HPCM-Base (MS-SSIM)"),
        ("large_msssim", "msssim_db", "HPCM-Large (MS-SSIM)"),
    ),
}

Where: TypeAlias = tuple[str, float]
"""A curve by its name, and what tells its points apart: quality, lambda or setting."""


@dataclass(frozen=True)
class Curve:
    """Points by rising rate: bits per pixel and dB. published: the mean over a set of pictures, not this picture.

    labels: what each point was coded with; recipes: the recipe of each point, None where it is of another format.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    labels: tuple[str, ...] = ()
    published: bool = False
    recipes: tuple[Recipe | None, ...] = ()

    @property
    def line(self) -> list[tuple[float, float]]:
        """The curve between its points, as the BD-rate takes it; its points where there is none."""
        try:
            return interpolated(self.points)
        except ValueError:
            return list(self.points)


@dataclass(frozen=True)
class Found:
    """What one way of coding came to."""

    metrics: Metrics
    label: str
    recipe: Recipe | None = None


@dataclass
class Points:
    """All points of one picture."""

    own: dict[Where, Found] = field(default_factory=dict)
    formats: dict[Where, Found] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> bool:
        """Take the point of a result; True if it is a new one. A painted one is no point of a model's curve."""
        if outcome.header is None or outcome.metrics is None or outcome.metrics.bpp is None:
            return False
        if outcome.quality_map is not None:
            return False
        recipe, made_by = recipe_of(outcome.header), outcome.recipe
        if recipe is not None and made_by is not None and made_by.is_patient:
            recipe = replace(recipe, effort=made_by.effort)  # The file does not say it.
        return recipe is not None and self._take(recipe, outcome.metrics)

    def add_measured(self, point: CurvePoint, metrics: Metrics) -> None:
        """Take a point that was measured for the chart."""
        if point.recipe is not None:
            self._take(point.recipe, metrics)
        else:
            label = quality_in_words(round(point.setting))
            self.formats[point.format, point.setting] = Found(metrics, label)

    def _take(self, recipe: Recipe, metrics: Metrics) -> bool:
        where = _where(recipe)
        new = where not in self.own
        label = f"λ {number(recipe.lmbda or 0, 'g')}" if recipe.quality is None else quality_in_words(recipe.quality)
        self.own[where] = Found(metrics, label, recipe)
        return new

    def missing(self, models: Iterable[ModelInfo]) -> list[CurvePoint]:
        """The points that full curves lack: of the models whose weights are there, then of other formats."""
        recipes: list[Recipe] = []
        for info in models:
            if info.state != "missing" and info.rates == "variable":
                recipes += (Recipe(info.variant, quality) for quality in MODEL_QUALITIES)
            elif info.state != "missing" and info.rates == "fixed":
                recipes.append(Recipe(info.variant, lmbda=info.lmbda, metric=info.metric))
        own = [CurvePoint(recipe) for recipe in recipes if _where(recipe) not in self.own]
        # Every other setting first: a coarse curve of each format comes before a fine one of the first.
        settings = [
            (name, setting) for start in (0, 1) for name, all_ in SETTINGS.items() for setting in all_[start::2]
        ]
        return own + [CurvePoint(None, *where) for where in settings if where not in self.formats]

    def curves(self, measure: str) -> list[Curve]:
        """The curves of this picture, the codec's own first; of a format that can be tuned, its best."""
        fair = {where: found for where, found in self.formats.items() if is_best(where[0], FIELDS[measure])}
        order = [name for name in SETTINGS if is_best(name, FIELDS[measure])]
        others = [(name, TITLES[name]) for name in order]
        own = dict.fromkeys(name for name, _ in self.own)
        return [*_curves(self.own, [(name, name) for name in own], measure), *_curves(fair, others, measure)]


def recipe_of(header: Header) -> Recipe | None:
    """The recipe that makes such a file again; None for a model that is not known here."""
    variant = variant_of(header.model_name)
    if variant is None:
        return None
    metric, _, lmbda = header.model_name[len(variant) + 1 :].rpartition("-")
    try:
        if header.quality != FIXED_RATE:
            return Recipe(variant, header.quality)
        return Recipe(variant, lmbda=float(lmbda), metric=metric) if lmbda else Recipe(variant)
    except (InvalidRecipe, ValueError):
        return None


def name_of(point: CurvePoint) -> str:
    """What is measured, in words."""
    if point.recipe is None:
        return f"{TITLES[point.format]}, {quality_in_words(round(point.setting))}"
    curve, rate = _where(point.recipe)
    return f"{curve}, " + (f"λ {number(rate, 'g')}" if point.recipe.quality is None else quality_in_words(round(rate)))


def published(measure: str) -> list[Curve]:
    """The published curves of HPCM, means over the Kodak pictures."""
    kodak = json.loads(resource("rd/published.json").read_text("utf-8"))["kodak"]
    return [
        Curve(f"{name}, Kodak", tuple(zip(kodak[key]["bpp"], kodak[key][unit], strict=True)), (), True)
        for key, unit, name in _PUBLISHED[measure]
    ]


def saving(test: Curve, reference: Curve) -> str:
    """The BD-rate between two curves, in words; or why there is none that says anything."""
    few = min(test, reference, key=lambda curve: len(curve.points))
    if len(few.points) < LEAST_POINTS:
        words = tr("A BD-rate needs {least} points of each curve or more; {name} has {count}.")
        return words.format(least=LEAST_POINTS, name=few.name, count=len(few.points))
    try:
        part = shared(reference.points, test.points)
        percent = bd_rate(reference.points, test.points) if part >= LEAST_SHARED else 0.0
    except ValueError:
        return tr("The BD-rate needs two curves that share a range of quality.")
    if part < LEAST_SHARED:
        words = tr("No BD-rate: of the range of quality of one of the curves, the other has only {part} %.")
        return words.format(part=number(part * 100, ".0f"))
    figure = number(percent, "+.1f")
    words = tr("BD-rate {figure} %: {test} needs {part} % more bits than {reference}.")
    if percent < 0:
        words = tr("BD-rate {figure} %: {test} needs {part} % fewer bits than {reference}.")
    words = words.format(figure=figure, test=test.name, part=number(abs(percent), ".1f"), reference=reference.name)
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


def as_csv(points: Points, with_published: bool) -> str:
    """All points by every measure, a line each: curve, what it was coded with, bpp, measure, dB, whether published."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("curve", "coded_with", "bpp", "measure", "db", "published"))
    for measure in UNITS:
        for curve in points.curves(measure) + (published(measure) if with_published else []):
            labels = curve.labels or ("",) * len(curve.points)
            for (rate, value), label in zip(curve.points, labels, strict=True):
                table.writerow((curve.name, label, f"{rate:.6f}", measure, f"{value:.6f}", int(curve.published)))
    return text.getvalue()


def as_svg(points: Points, with_published: bool, title: str) -> str:
    """A panel for each measure."""
    panels = []
    for measure, unit in UNITS.items():
        curves = points.curves(measure) + (published(measure) if with_published else [])
        drawn = {curve.name: curve.points for curve in curves}
        panels.append(plot.Panel(unit, tr("Bits per pixel"), drawn, smooth=True))
    return plot.draw(panels, title)


def _where(recipe: Recipe) -> Where:
    """Models of one variant and one metric make up a curve, by the latents that their networks give; one of its own
    those that were looked for longer.
    """
    curve = pretty_model(recipe.model) + (" (MS-SSIM)" if recipe.metric == "ms-ssim" else "")
    if recipe.is_patient:
        curve += " · " + tr("effort {value}").format(value=recipe.effort)
    rate = recipe.lmbda if recipe.quality is None else recipe.quality
    return curve, float(rate or 0)


def _curves(points: dict[Where, Found], names: Sequence[tuple[str, str]], measure: str) -> list[Curve]:
    """names: of the curves in the points, and for a user."""
    curves = []
    for key, name in names:
        best: dict[float, tuple[float, Found]] = {}
        for (other, _), found in points.items():
            value = getattr(found.metrics, FIELDS[measure])
            if other != key or found.metrics.bpp is None or value is None or not math.isfinite(value):
                continue
            # Two rates of one quality: the smaller counts, and the curve stays a function.
            if value not in best or found.metrics.bpp < best[value][0]:
                best[value] = (found.metrics.bpp, found)
        ordered = sorted(((rate, value, found) for value, (rate, found) in best.items()), key=lambda one: one[:2])
        if ordered:
            pairs = tuple((rate, value) for rate, value, _ in ordered)
            all_found = [found for _, _, found in ordered]
            labels = tuple(found.label for found in all_found)
            curves.append(Curve(name, pairs, labels, recipes=tuple(found.recipe for found in all_found)))
    return curves
