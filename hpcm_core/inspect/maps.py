"""The figures of the HPCM paper, of any file: bit allocation (11 b), attention (11 c), receptive fields (10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hpcm_core import codec
from hpcm_core.entropy.streams import Floats
from hpcm_core.errors import HpcmError, ModelError, Phrase
from hpcm_core.format import container
from hpcm_core.inspect.driver import Latents, Source, area, latents_of, open_source
from hpcm_core.models.family import Field
from hpcm_core.models.registry import lossless_coder
from hpcm_core.progress import Job
from hpcm_core.results import BitMaps
from hpcm_core.transform.coding import bit_maps
from hpcm_core.transform.tiling import Span

FIELD_SIDE = 32
"""Latents a side of the part of a picture that receptive fields are taken on."""
SHARES = (0.5, 0.9, 0.99)
"""Of a receptive field, whose squares are measured."""


@dataclass(frozen=True, eq=False)
class Attention:
    """What the middle of each window takes from its positions. Made by `attention`.

    weights: float32, heads x h x w on the step's grid over the padded picture, every window adding up to 1. window: its
    side. size: latents a side of a position. correlation: of every head, and of their mean at the end, with the bits
    that had been spent at a position: Spearman's, within windows, averaged over them; NaN where no window has any.
    """

    label: str
    weights: Floats
    window: int
    size: int
    correlation: npt.NDArray[np.float64]

    @property
    def mean(self) -> Floats:
        """Over the heads: h x w."""
        return np.asarray(self.weights.mean(axis=0))


@dataclass(frozen=True, eq=False)
class Fields:
    """Receptive fields of the steps, by label, and where they were taken: rows and columns of the picture's latents of
    each file. Made by `fields`.
    """

    fields: dict[str, Field]
    places: tuple[tuple[Span, Span], ...]


def bits_of(data: bytes | bytearray | memoryview, job: Job) -> BitMaps:
    """Where the bits of a .hpcm file went. Raises HpcmError; ModelError where nobody can say it."""
    header = container.read_header(data)
    if lossless_coder(header.model_name, header.profile) is None:
        return bits(open_source(data, job.part(0, 0.1)), job.part(0.1, 1))
    found = codec.decode(data, progress=job.report, cancel=job.cancel).bits
    if found is None:
        raise ModelError("What {model} codes cannot be looked into.", model=header.model_name)
    return found


def bits(source: Source, job: Job) -> BitMaps:
    """Where the bits went, as a decoding gives it, without the pixels. Raises HpcmError."""
    of_tiles = []
    for number in range(len(source.payloads)):
        job.report(Phrase("Decoding"), number / len(source.payloads))
        of_tiles.append(latents_of(source, number, job.check).code.bits)
    return bit_maps(source.labels, source.header, source.cut, of_tiles)


def attention(source: Source, job: Job, label: str | None = None) -> Attention:
    """Attention at a step of the picture; without a label, the first one of those on all latents, which the paper
    shows. Raises HpcmError.
    """
    inspector = source.model.family.inspector(source.model)
    labels = inspector.attention_labels
    if not labels:
        raise ModelError(
            "{model} has no attention: its context passes from step to step as it is.", model=source.model.name
        )
    if label is None:
        finest = max(map(inspector.window, labels))
        label = next(one for one in labels if inspector.window(one) == finest)
        reaches = source.model.family.reaches(source.model.config)
        label = next((one for one in labels if one in reaches and reaches[one].size == 1), label)
    _check_label(label, labels)
    before = [place for place, one in enumerate(source.labels[: source.labels.index(label)]) if one != "z"]
    whole: Floats | None = None
    scores: list[npt.NDArray[np.float64]] = []
    window, size = inspector.window(label), 1
    for number, (rows, columns) in enumerate(source.cut.tiles):
        part = job.part(number / len(source.payloads), (number + 1) / len(source.payloads))
        part.report(Phrase("Decoding"), 0.0)
        known = latents_of(source, number, job.check)
        part.report(Phrase("Computing attention"), 0.5)
        weights = inspector.attention(_of_z(known), known.y_hat, label, job.check)
        size = len(rows) // weights.shape[1]
        if whole is None:
            whole = np.zeros((len(weights), source.cut.height // size, source.cut.width // size), np.float32)
        lines, places = area(rows, columns, size)
        whole[:, lines, places] = weights
        spent = _pooled(known.code.bits[before].sum(axis=0), size)
        everything = np.concatenate((weights, weights.mean(axis=0, keepdims=True)))
        scores.append(_correlations(everything, spent, window))
    assert whole is not None
    found = np.concatenate(scores, axis=1)
    known_windows = ~np.isnan(found).any(axis=0)
    mean = found[:, known_windows].mean(axis=1) if known_windows.any() else np.full(len(found), np.nan)
    return Attention(label, whole, window, size, mean)


def fields(
    sources: Sequence[Source], job: Job, place: tuple[int, int] | None = None, labels: Sequence[str] | None = None
) -> Fields:
    """Receptive fields of steps (all that have one, without labels), averaged over files of one model. place: a pixel
    near which they are taken, the middle of each picture without. Raises HpcmError.
    """
    model = sources[0].model
    if any(source.model.identity != model.identity for source in sources):
        raise HpcmError("Receptive fields are averaged over files of one model.")
    inspector = model.family.inspector(model)
    wanted = inspector.field_labels if labels is None else tuple(labels)
    for label in wanted:
        _check_label(label, inspector.field_labels)
    added: dict[str, Field] = {}
    places = []
    for i, source in enumerate(sources):
        part = job.part(i / len(sources), (i + 1) / len(sources))
        part.report(Phrase("Decoding"), 0.0)
        row, column = source.latent_at(*(place or source.middle))
        number = source.tile_at(row, column)
        known = latents_of(source, number, job.check)
        rows, columns = source.cut.tiles[number]
        down, across = _around(row - rows.start, len(rows)), _around(column - columns.start, len(columns))
        part.report(Phrase("Computing receptive fields"), 0.4)
        of_rows, of_columns = area(down, across, 4)
        z_hat = _of_z(known)[:, of_rows, of_columns]
        found = inspector.fields(z_hat, known.y_hat[:, down.slice, across.slice], wanted, job.check)
        for label, field in found.items():
            added[label] = _sum(added[label], field) if label in added else field
        places.append((_moved(down, rows.start), _moved(across, columns.start)))
    return Fields(added, tuple(places))


def shares(field: Field) -> Floats:
    """A receptive field's parts of the whole; all zero where nothing moves anything."""
    total = field.strength.sum()
    return np.asarray(field.strength / total if total > 0 else field.strength, np.float32)


def sides(field: Field, parts: Sequence[float] = SHARES) -> tuple[int, ...]:
    """Latents a side of the smallest squares around the middle that hold so much of a receptive field; 0 for one that
    is nothing.
    """
    total, middle = field.strength.sum(), len(field.strength) // 2
    if total <= 0:
        return (0,) * len(parts)
    held = [field.strength[middle - i : middle + i + 1, middle - i : middle + i + 1].sum() for i in range(middle + 1)]
    # Rounding must not keep the whole square from holding all of it.
    return tuple(
        field.size * (2 * next((i for i, sum_ in enumerate(held) if sum_ >= part * total * (1 - 1e-9)), middle) + 1)
        for part in parts
    )


def _check_label(label: str, known: Sequence[str]) -> None:
    if label not in known:
        raise HpcmError(
            "There is none of step {step}; there are steps {first} to {last}.",
            step=label,
            first=known[0],
            last=known[-1],
        )


def _of_z(known: Latents) -> Floats:
    assert known.z_hat is not None, "an inspector is of a model with a hyperprior"
    return known.z_hat


def _around(place: int, length: int) -> Span:
    """FIELD_SIDE latents around one, beginning where every step's pattern begins, within a tile."""
    side = min(FIELD_SIDE, length)
    start = min(max(place - side // 2, 0), length - side) // 16 * 16
    return Span(start, start + side)


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.stop + by)


def _sum(one: Field, other: Field) -> Field:
    """Of two fields that may have been taken on parts of different size."""
    middle = max(len(one.strength), len(other.strength)) // 2
    total = np.zeros((2 * middle + 1, 2 * middle + 1))
    for field in (one, other):
        reach = len(field.strength) // 2
        inner = slice(middle - reach, middle + reach + 1)
        total[inner, inner] += field.strength
    return Field(total, one.size, one.bound)


def _pooled(spent: Floats, size: int) -> Floats:
    """Bits of latents, added up over positions of size x size."""
    height, width = spent.shape
    return np.asarray(spent.reshape(height // size, size, width // size, size).sum(axis=(1, 3)), np.float32)


def _correlations(weights: Floats, spent: Floats, window: int) -> npt.NDArray[np.float64]:
    """Spearman's rank correlation of maps (n x h x w) with another (h x w) in each window: n x windows, NaN where one
    of them is flat.
    """
    a, b = _ranks(_windows(weights, window)), _ranks(_windows(spent[np.newaxis], window))
    a, b = (x - x.mean(axis=2, keepdims=True) for x in (a, b))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * b).sum(axis=2) / np.sqrt((a * a).sum(axis=2) * (b * b).sum(axis=2)))


def _windows(maps: Floats, side: int) -> Floats:
    """n x h x w -> n x windows x positions."""
    count, height, width = maps.shape
    cut = maps.reshape(count, height // side, side, width // side, side).transpose(0, 1, 3, 2, 4)
    return np.asarray(cut.reshape(count, -1, side * side))


def _ranks(values: Floats) -> npt.NDArray[np.float64]:
    """Ranks along the last axis, equal values sharing the mean of theirs."""
    low = np.sort(values, axis=-1)
    ranks = np.empty(values.shape)
    for index in np.ndindex(values.shape[:-1]):
        left, right = (np.searchsorted(low[index], values[index], side=side) for side in ("left", "right"))
        ranks[index] = (left + right - 1) / 2
    return ranks
