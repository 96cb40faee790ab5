"""Every kind of job on pictures and files: what is asked for, what the codec process does, what comes back.

A new kind is one class here.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.worker.protocol import Job
from hpcm_core.batch import Row, Rules
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.evaluation.contestants import FORMATS, At, Duel
from hpcm_core.files import reading
from hpcm_core.format.look import FAITHFUL, NATURAL
from hpcm_core.inspect.drawing import Figure
from hpcm_core.inspect.spot import TileLatents
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.size import AS_IT_IS, Size
from hpcm_core.progress import Cancel, Progress
from hpcm_core.progress import Job as JobPart
from hpcm_core.recipe import Recipe
from hpcm_core.results import Decoded, Encoded, Metrics, decode_seconds

_ROWS = 256
"""Rows that are compared at a time."""


@dataclass(frozen=True, eq=False)
class EncodeJob(Job[Encoded]):
    """Encode a picture, with its reconstruction and metrics."""

    picture: Picture
    recipe: Recipe

    def run(self, report: Progress, cancel: Cancel) -> Encoded:
        from hpcm_core import codec

        return codec.encode(self.picture, self.recipe, progress=report, cancel=cancel)


@dataclass(frozen=True, eq=False)
class DecodeJob(Job[Decoded]):
    """Decode the bytes of a whole .hpcm file: faithfully, and naturally too where it wishes a look."""

    data: bytes

    def run(self, report: Progress, cancel: Cancel) -> Decoded:
        from hpcm_core import codec

        return codec.decode(self.data, progress=report, cancel=cancel, ends=True)


@dataclass(frozen=True, eq=False)
class NaturalJob(Job[Picture]):
    """The natural picture of a whole .hpcm file."""

    data: bytes

    def run(self, report: Progress, cancel: Cancel) -> Picture:
        from hpcm_core import codec

        return codec.decode(self.data, progress=report, cancel=cancel, look=NATURAL).picture


@dataclass(frozen=True)
class Export:
    """How a picture is written: the ending of the file's name, a quality where the format has one (None: without loss,
    or the format's best), a size.
    """

    suffix: str
    quality: int | None = None
    size: Size = AS_IT_IS


@dataclass(frozen=True, eq=False)
class Exported:
    """A picture's file, as uint8; left_out: what is not in it, where more could be expected of the format."""

    data: npt.NDArray[np.uint8]
    width: int
    height: int
    left_out: tuple[Phrase, ...]


@dataclass(frozen=True, eq=False)
class ExportJob(Job[Exported]):
    """Make the file of a picture, or of what lies between it and its natural picture at a look. Nothing is written."""

    picture: Picture
    how: Export
    natural: Picture | None = None
    look: int = FAITHFUL

    def run(self, report: Progress, cancel: Cancel) -> Exported:
        from hpcm_core.look import mix
        from hpcm_core.picture.scaling import scaled
        from hpcm_core.picture.writing import encoded

        job, picture = JobPart(report, cancel), self.picture
        job.report(Phrase("Preparing the picture"), 0.0)
        if self.natural is not None:
            picture = replace(picture, pixels=mix(picture.pixels, self.natural.pixels, self.look))
        picture = scaled(picture, self.how.size)
        job.report(Phrase("Writing the file"), 0.2)
        data, left_out = encoded(picture, self.how.suffix, self.how.quality)
        job.check()
        return Exported(np.frombuffer(data, np.uint8), picture.width, picture.height, left_out)


@dataclass(frozen=True, eq=False)
class GlimpseJob(Job[bytes | None]):
    """A first look at the picture in a .hpcm file, long before it is decoded: a PNG file, no side above `side` pixels.
    None where its model has none.
    """

    data: bytes
    side: int

    def run(self, report: Progress, cancel: Cancel) -> bytes | None:
        from hpcm_core import codec
        from hpcm_core.format.preview import small_image

        picture = codec.decode_half(self.data, progress=report, cancel=cancel)
        if picture is None:
            return None
        out = io.BytesIO()
        small_image(picture, self.side).save(out, "PNG")
        return out.getvalue()


@dataclass(frozen=True)
class Checked:
    """equal: the file decodes to the expected samples; times: of decoding, seconds by stage."""

    equal: bool
    times: dict[str, float]


@dataclass(frozen=True, eq=False)
class CheckJob(Job[Checked]):
    """Decode the bytes of a whole .hpcm file and compare with what it should give."""

    data: bytes
    expected: Picture

    def run(self, report: Progress, cancel: Cancel) -> Checked:
        from hpcm_core import codec

        decoded = codec.decode(self.data, progress=report, cancel=cancel, look=FAITHFUL)
        return Checked(_same_samples(decoded.picture, self.expected), decoded.times)


@dataclass(frozen=True, eq=False)
class AdviceJob(Job[Phrase | None]):
    """Try whether another codec is the better choice than a file of so many bytes, metadata aside, with that PSNR."""

    picture: Picture
    size_bytes: int
    psnr: float

    def run(self, report: Progress, cancel: Cancel) -> Phrase | None:
        from hpcm_core.advice import better_choice

        return better_choice(self.picture, self.size_bytes, self.psnr, JobPart(report, cancel))


@dataclass(frozen=True, eq=False)
class MeasureJob(Job[Metrics]):
    """Compare two pictures of one size, or a part of them (rows and columns)."""

    original: Picture
    reconstruction: Picture
    size_bytes: int | None
    part: tuple[slice, slice] | None = None

    def run(self, report: Progress, cancel: Cancel) -> Metrics:
        from hpcm_core import metrics

        report(Phrase("Measuring"), 0.0)
        original, reconstruction = self.original, self.reconstruction
        if self.part is not None:
            original, reconstruction = (Picture(picture.pixels[self.part]) for picture in (original, reconstruction))
        check = JobPart(report, cancel).check
        return metrics.compare(original, reconstruction, self.size_bytes, check=check)


@dataclass(frozen=True)
class BatchJob(Job[tuple[Row, bytes | None]]):
    """Encode a picture file as one row of a batch: the row and the bytes to write, None if it is skipped."""

    source: Path
    target: Path
    recipe: Recipe
    rules: Rules
    keep_place: bool = True

    def run(self, report: Progress, cancel: Cancel) -> tuple[Row, bytes | None]:
        from hpcm_core.batch_run import encode_row

        row = Row(str(self.source), str(self.target))
        with reading(self.source.name, HpcmError):
            data = encode_row(
                self.source, self.target, self.recipe, self.rules, row,
                progress=report, cancel=cancel, keep_place=self.keep_place,
            )  # fmt: skip
        return row, data


@dataclass(frozen=True)
class CurvePoint:
    """One way to code a picture: by a recipe, or in another format (a key of measures.SETTINGS) at a setting."""

    recipe: Recipe | None = None
    format: str = ""
    setting: float = 0


@dataclass(frozen=True, eq=False)
class CurveJob(Job[Metrics | None]):
    """Measure a picture coded one way; None where this machine cannot code it so."""

    picture: Picture
    point: CurvePoint

    def run(self, report: Progress, cancel: Cancel) -> Metrics | None:
        from hpcm_core import codec
        from hpcm_core.evaluation import anchors

        point = self.point
        if point.recipe is not None:
            return codec.encode(self.picture, point.recipe, progress=report, cancel=cancel).metrics
        series = [replace(one, settings=(point.setting,)) for one in anchors.classical() if one.name == point.format]
        return next((found for _, _, found in anchors.measure(self.picture, series, report, cancel)), None)


@dataclass(frozen=True, eq=False)
class DuelJob(Job[Duel]):
    """Hold a .hpcm file and what it decodes to against other codecs. Times as in Contestant; a decoding that nobody
    measured is measured.
    """

    original: Picture
    data: bytes
    decoded: Picture
    at: At
    encode_seconds: float | None
    decode_seconds: float | None
    names: tuple[str, ...] = tuple(FORMATS)
    rivals: tuple[Recipe, ...] = ()

    def run(self, report: Progress, cancel: Cancel) -> Duel:
        from hpcm_core import codec
        from hpcm_core.evaluation import duel

        job = JobPart(report, cancel)
        seconds = self.decode_seconds
        if seconds is None:
            again = codec.decode(self.data, progress=job.part(0, 0.05).report, cancel=cancel, look=FAITHFUL)
            seconds = decode_seconds(again.times)
        job.report(Phrase("Measuring {format}", format="HPCM"), 0.05)
        ours = duel.of_file(self.original, self.data, self.decoded, self.encode_seconds, seconds, job.check)
        return duel.duel(self.original, ours, self.at, self.names, job.part(0.1, 1).report, cancel, self.rivals)


@dataclass(frozen=True, eq=False)
class StepPicture:
    """What a decoder has after some coding steps; psnr against the original, None without."""

    picture: Picture
    psnr: float | None


@dataclass(frozen=True, eq=False)
class StepJob(Job[StepPicture]):
    """Decode only so many coding steps of a .hpcm file, as codec.decode takes them."""

    data: bytes
    steps: int
    original: Picture | None

    def run(self, report: Progress, cancel: Cancel) -> StepPicture:
        from hpcm_core import codec, metrics

        picture = codec.decode(self.data, progress=report, cancel=cancel, steps=self.steps).picture
        psnr = None if self.original is None else metrics.psnr(self.original.pixels, picture.pixels)
        return StepPicture(picture, psnr)


@dataclass(frozen=True, eq=False)
class LatentsJob(Job[TileLatents]):
    """All latents of the tile of a .hpcm file that a pixel lies in."""

    data: bytes
    x: int
    y: int

    def run(self, report: Progress, cancel: Cancel) -> TileLatents:
        from hpcm_core.inspect.driver import open_source
        from hpcm_core.inspect.latents import tile_latents

        job = JobPart(report, cancel)
        source = open_source(self.data, job)
        job.report(Phrase("Decoding"), 0.1)
        return tile_latents(source, source.tile_at(*source.latent_at(self.x, self.y)), job.check)


@dataclass(frozen=True)
class Looked:
    """Which figure of a file is wanted. kind: "bits", "attention", "erf" or "channel". first, last: places of labels,
    for bits. step: a label, None for the usual one, or for all. place: a pixel. channel: of the latents.
    """

    kind: str
    first: int = 0
    last: int = 0
    step: str | None = None
    place: tuple[int, int] | None = None
    channel: int = 0


@dataclass(frozen=True, eq=False)
class FigureJob(Job[tuple[Figure, ...]]):
    """Figures of a .hpcm file; of attention one of the heads' mean, then one of each head."""

    data: bytes
    wanted: Looked

    def run(self, report: Progress, cancel: Cancel) -> tuple[Figure, ...]:
        from hpcm_core.inspect import figures, maps
        from hpcm_core.inspect.driver import open_source
        from hpcm_core.inspect.latents import channel_of

        job, wanted = JobPart(report, cancel), self.wanted
        source = open_source(self.data, job.part(0, 0.1))
        job, stride = job.part(0.1, 1), source.cut.stride
        if wanted.kind == "bits":
            return (figures.of_bits(maps.bits(source, job), wanted.first, wanted.last),)
        if wanted.kind == "channel":
            return (figures.of_channel(channel_of(source, wanted.channel, job)[0], stride),)
        if wanted.kind == "erf":
            steps = None if wanted.step is None else [wanted.step]
            return (figures.of_fields(maps.fields([source], job, wanted.place, steps), stride),)
        found = maps.attention(source, job, wanted.step)
        size = source.header.width, source.header.height
        return tuple(figures.of_attention(found, stride, size, head) for head in (None, *range(len(found.weights))))


def _same_samples(a: Picture, b: Picture) -> bool:
    """Whether two pictures show the same, alpha included."""
    if a.pixels.shape != b.pixels.shape or a.pixels.dtype != b.pixels.dtype:
        return False
    if (a.alpha is None) != (b.alpha is None):
        return False
    planes = [(a.pixels, b.pixels)]
    if a.alpha is not None and b.alpha is not None:
        planes.append((a.alpha, b.alpha))
    return all(
        np.array_equal(first[top : top + _ROWS], second[top : top + _ROWS])
        for first, second in planes
        for top in range(0, a.height, _ROWS)
    )
