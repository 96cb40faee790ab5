"""Rate-distortion curves of models and of the codecs that pictures are usually kept in, measured by one ruler.

Whole files are counted. PSNR is at 8 bits, MS-SSIM in dB, SSIMULACRA 2 where asked for; a curve's point is the mean
over the pictures of each picture's figures.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcm_core import metrics, storage, table
from hpcm_core.errors import MissingModel, ModelError, Phrase
from hpcm_core.evaluation import plot
from hpcm_core.evaluation.anchors import Coded, Series
from hpcm_core.evaluation.bd_rate import LEAST_SHARED, bd_rate, shared
from hpcm_core.evaluation.measures import QUALITIES, TITLES, is_best
from hpcm_core.files import atomic_write, writing
from hpcm_core.models.said import identity_said
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import to_8_bits
from hpcm_core.progress import Progress
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.results import Metrics

if TYPE_CHECKING:
    from hpcm_core.models.catalogue import ModelInfo

MODEL_QUALITIES = (0, 5, *range(10, 101, 10))
KODAK_NAMES = frozenset(f"kodim{i:02}" for i in range(1, 25))


class Sample(NamedTuple):
    """One picture at one setting. psnr is None where the pictures are equal, so that it would be infinite, ms_ssim_db
    there and for one under 161 pixels a side, ssimulacra2 for one under 225 or where it was not asked for.
    """

    codec: str
    setting: float
    picture: str
    size_bytes: int
    bpp: float
    psnr: float | None
    ms_ssim_db: float | None
    ssimulacra2: float | None = None

    @classmethod
    def of(cls, codec: str, setting: float, picture: str, measured: Metrics) -> Sample:
        """Of a picture whose file was measured with it."""
        assert measured.size_bytes is not None
        assert measured.bpp is not None
        psnr, ms_ssim_db = map(_finite, (measured.psnr, measured.ms_ssim_db))
        return cls(codec, setting, picture, measured.size_bytes, measured.bpp, psnr, ms_ssim_db, measured.ssimulacra2)


class Point(NamedTuple):
    """Means over all pictures at one setting; None of a figure that a picture has not."""

    bpp: float
    psnr: float | None
    ms_ssim_db: float | None
    ssimulacra2: float | None = None


def of_models(names: Sequence[str] = ()) -> list[Series]:
    """Curves of the installed models that this installation can compute with, or of those named: "lite", or variant and
    metric as in "base-mse". Raises MissingModel and ModelError.
    """
    from hpcm_core.models.catalogue import list_models, obstacle
    from hpcm_core.models.registry import lossless_coder

    kinds: dict[str, list[ModelInfo]] = {}
    for info in list_models():
        if info.state != "missing" and lossless_coder(info.name) is None:  # A point without distortion is no curve.
            name = info.name if info.lmbda is None else f"{info.variant}-{info.metric}"
            kinds.setdefault(name, []).append(info)
    if kept := [name for name in names if lossless_coder(name) is not None]:
        raise ModelError("The model {model} keeps every pixel as it is and has no curve.", model=kept[0])
    if unknown := [name for name in names if name not in kinds]:
        raise MissingModel("No model {name} is installed; there are {names}.", name=unknown[0], names=", ".join(kinds))
    for name in names:
        if (fault := obstacle(name)) is not None:
            raise fault
    kinds = {name: infos for name, infos in kinds.items() if obstacle(name) is None}
    return [_model(name, kinds[name]) for name in names or kinds]


def measure(
    picture: Picture, name: str, series: Sequence[Series], report: Progress | None = None, perceptual: bool = False
) -> Iterator[Sample]:
    """A picture with every codec at every setting; perceptual: by SSIMULACRA 2 too. Raises HpcmError."""
    total, done = sum(len(one.settings) for one in series), 0
    # Pixels alone: what a file carries beside them would count against one codec and not another.
    picture = Picture(to_8_bits(picture.pixels))
    for one in series:
        for setting in one.settings:
            if report is not None:
                report(Phrase("{codec} {setting:g}", codec=one.name, setting=setting), done / total)
            size, other = one.code(picture, setting)
            measured = metrics.compare(picture, other, size, perceptual=perceptual)
            done += 1
            yield Sample.of(one.name, setting, name, measured)


@dataclass(frozen=True)
class Measuring:
    """`measure` as the work on one picture (jobs.pool.Work). Its samples are lists, as JSON has them."""

    series: tuple[Series, ...]
    perceptual: bool

    def __call__(self, source: Path, report: Progress) -> dict[str, Any]:
        picture = storage.open_picture(source)
        samples = measure(picture, source.stem, self.series, report, self.perceptual)
        beside = {"left_out": [str(one) for one in picture.left_out]} if picture.left_out else {}
        return {"samples": [list(sample) for sample in samples], **beside}


def curves(samples: Sequence[Sample]) -> dict[str, list[Point]]:
    """Means over the pictures for each codec and setting, in the order of the settings."""
    grouped: dict[str, dict[float, list[Sample]]] = {}
    for sample in samples:
        grouped.setdefault(sample.codec, {}).setdefault(sample.setting, []).append(sample)
    return {codec: [_mean(by_setting[key]) for key in sorted(by_setting)] for codec, by_setting in grouped.items()}


def names_of(files: Sequence[Path]) -> list[str]:
    """What each picture is called in a report: its name without the ending; where another has that too, its path."""
    counts = Counter(path.stem for path in files)
    return [path.stem if counts[path.stem] == 1 else str(path) for path in files]


def kodak_anchors(files: Sequence[Path]) -> dict[str, list[Point]]:
    """Curves measured on Kodak before, for codecs that this machine lacks; none for any other pictures."""
    if sorted(path.stem for path in files) != sorted(KODAK_NAMES):
        return {}
    data = json.loads(resource("rd/measured_kodak.json").read_text("utf-8"))
    return {codec: [Point(*point) for point in points] for codec, points in data["bpp_psnr_msssim_db"].items()}


def bd_rates(
    found: dict[str, list[Point]], quality: str, rates: tuple[float, float] | None = None
) -> dict[str, dict[str, float | None]]:
    """BD-rate in percent of each codec (outer key) against each other one; of a codec that can be tuned, its best for
    this measure is there. None where the curves share less than half of the narrower one's range of quality.

    quality: one of QUALITIES. rates limits the judged curve to its points in a range of bpp, and with it the
    range of quality that counts.
    """
    rows: dict[str, dict[str, float | None]] = {}
    fair = {name: points for name, points in found.items() if is_best(name, quality)}
    for name, points in fair.items():
        judged = [p for p in points if rates is None or rates[0] <= p.bpp <= rates[1]]
        rows[name] = {other: _bd_rate(anchor, judged, quality) for other, anchor in fair.items() if other != name}
    return rows


def write_csv(samples: Sequence[Sample], path: Path) -> None:
    """One line for each picture and setting. Raises HpcmError."""
    with writing(path):
        atomic_write(path, table.to_csv(Sample._fields, (sample._asdict() for sample in samples)).encode())


def draw(curves: Mapping[str, Sequence[Point]], title: str, most_bpp: float = 2.0) -> str:
    """PSNR, MS-SSIM and, where measured, SSIMULACRA 2 over bits per pixel, side by side, as an SVG document. Of a codec
    that can be tuned, each has the curve that is best by it.

    Points beyond `most_bpp` are left out: there all codecs look alike.
    """
    panels = []
    for quality, label in QUALITIES.items():
        known = {
            TITLES.get(name, name): pairs(points, quality) for name, points in curves.items() if is_best(name, quality)
        }
        if quality != "ssimulacra2" or any(known.values()):
            panels.append(plot.Panel(f"{label} over bits per pixel", "bpp", known, most_bpp, smooth=True))
    return plot.draw(panels, title)


def pairs(points: Sequence[Point], quality: str) -> list[tuple[float, float]]:
    """bpp and one of QUALITIES, of the points that have it."""
    return [(p.bpp, getattr(p, quality)) for p in points if getattr(p, quality) is not None]


def _bd_rate(anchor: Sequence[Point], judged: Sequence[Point], quality: str) -> float | None:
    curves = [pairs(points, quality) for points in (anchor, judged)]
    if any(len(known) < len(points) for known, points in zip(curves, (anchor, judged), strict=True)):
        return None
    try:
        return bd_rate(*curves) if shared(*curves) >= LEAST_SHARED else None
    except ValueError:
        return None


def _mean(samples: Sequence[Sample]) -> Point:
    def mean(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return fmean(known) if len(known) == len(values) else None

    bpp = fmean(sample.bpp for sample in samples)
    return Point(bpp, *(mean([getattr(sample, name) for sample in samples]) for name in QUALITIES))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _model(name: str, infos: Sequence[ModelInfo]) -> Series:
    """infos: models that differ in nothing but their lambda, or the only one of variable rate."""
    lambdas = tuple(sorted({info.lmbda for info in infos if info.lmbda is not None}))
    coded = partial(_by_model, infos[0].variant, infos[0].metric, bool(lambdas))
    weights = tuple(identity_said(info.path) for info in infos if info.path is not None)
    return Series(name, lambdas or tuple(map(float, MODEL_QUALITIES)), coded, weights)


def _by_model(variant: str, metric: str, fixed: bool, picture: Picture, setting: float) -> Coded:
    """fixed: whether the setting is a lambda, not a quality."""
    from hpcm_core import codec

    rate: dict[str, Any] = {"lmbda": setting} if fixed else {"quality": int(setting)}
    encoded = codec.encode(picture, Recipe(variant, metric=metric, **rate))
    assert encoded.reconstruction is not None
    return len(encoded.data), encoded.reconstruction
