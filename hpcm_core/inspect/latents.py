"""Latents under a place: what was coded there, from which distribution, and what it cost."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hpcm_core.entropy.model import Request
from hpcm_core.entropy.streams import Check, Floats, Symbols, coder_tables
from hpcm_core.entropy.tables import scale_table, standard_tables
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.inspect.driver import Source, area, watch
from hpcm_core.models.family import Reach
from hpcm_core.progress import Job
from hpcm_core.transform.tiling import Span


@dataclass(frozen=True, eq=False)
class Planes:
    """What was coded on one grid, CxHxW each. steps: uint8, the place of the label under which it was coded. symbols:
    int16. means, what they are counted from: float32. tables: uint8. bits: float32, without a share in the streams'
    closing bytes. values, what a decoder has: float32.
    """

    steps: npt.NDArray[np.uint8]
    symbols: npt.NDArray[np.int16]
    means: Floats
    tables: npt.NDArray[np.uint8]
    bits: Floats
    values: Floats

    @property
    def nbytes(self) -> int:
        return sum(
            plane.nbytes for plane in (self.steps, self.symbols, self.means, self.tables, self.bits, self.values)
        )


@dataclass(frozen=True, eq=False)
class TileLatents:
    """All that one tile's streams hold. Made by `tile_latents`, read by `spot_of` and `channels_of`.

    rows, columns: of the picture's latents. y: the latents, Mxhxw. z: what is coded beside them, Nxh/4xw/4, or None.
    stream_bytes: of the tile's code streams.
    """

    rows: Span
    columns: Span
    labels: tuple[str, ...]
    y: Planes
    z: Planes | None
    stream_bytes: int

    @property
    def bits(self) -> float:
        """Of everything."""
        beside = 0.0 if self.z is None else float(self.z.bits.sum(dtype=np.float64))
        return beside + float(self.y.bits.sum(dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Column:
    """What stands above one another at one position: a value a channel, in the order of the arrays. channels: int;
    sigmas: float64, the scale of the table; expected: float64, bits that a symbol of the table costs on average; the
    others as in Planes.
    """

    channels: npt.NDArray[np.intp]
    steps: npt.NDArray[np.uint8]
    symbols: npt.NDArray[np.int16]
    means: Floats
    tables: npt.NDArray[np.uint8]
    bits: Floats
    values: Floats
    sigmas: npt.NDArray[np.float64]
    expected: npt.NDArray[np.float64]

    @property
    def surprise(self) -> npt.NDArray[np.float64]:
        """Bits above what the model expected to pay; below zero where a symbol was likelier than most."""
        return self.bits - self.expected

    def __len__(self) -> int:
        return len(self.channels)


@dataclass(frozen=True, eq=False)
class Spot:
    """The latents of one position, dearest first. Made by `spot_of`; the window and the command line show it.

    row, column: of the picture's latents; x, y: the upper left of the pixels that they stand for; stride: pixels a
    side. z: what was coded beside them for this position and its neighbours, z_share in all. informed: by the place of
    a label, how much of each latent around had been coded before and could be seen by the step's network, as a part of
    its channels: float32, of odd side, this position in the middle. Of a family that does not say what its networks
    see, all that had been coded.
    """

    row: int
    column: int
    x: int
    y: int
    stride: int
    labels: tuple[str, ...]
    latents: Column
    z: Column | None
    z_share: int
    informed: dict[int, Floats]

    @property
    def bits(self) -> float:
        """Of the position's latents, with its share of z."""
        beside = 0.0 if self.z is None else float(self.z.bits.sum()) / self.z_share
        return float(self.latents.bits.sum()) + beside


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel of the latents over the picture, hxw each, as in Planes, cut to the picture."""

    number: int
    labels: tuple[str, ...]
    planes: Planes


@cache
def expected_bits() -> npt.NDArray[np.float64]:
    """Bits that a symbol of each of the standard tables costs on average, an escape counted as the symbol it is."""
    tables = standard_tables()
    means = []
    for cdf, length in zip(tables.cdf, tables.lengths, strict=True):
        share = np.diff(cdf[:length]) / cdf[length - 1]
        means.append(-(share * np.log2(share)).sum())
    return np.array(means)


def tile_latents(source: Source, number: int, check: Check) -> TileLatents:
    """Decode one tile and keep all that is coded in it. Raises HpcmError."""
    rows, columns = source.cut.tiles[number]
    shape = source.model.config.latent_channels, len(rows), len(columns)
    y, beside = _empty(shape), list[Planes]()
    places = {label: place for place, label in enumerate(source.labels)}

    def keep(request: Request, symbols: Symbols) -> None:
        which = np.asarray(request.place.planes(np.arange(1, symbols.size + 1, dtype=np.int32).reshape(symbols.shape)))
        if which.shape == shape:
            planes = y
        else:
            planes = _empty(which.shape)
            beside.append(planes)
        here = which > 0
        taken = which[here] - 1
        indices = np.ascontiguousarray(request.indices)
        means = np.broadcast_to(request.means, symbols.shape).reshape(-1)[taken]
        planes.steps[here] = places[request.label]
        planes.symbols[here] = symbols.reshape(-1)[taken]
        planes.means[here] = means
        planes.tables[here] = indices.reshape(-1)[taken]
        planes.bits[here] = coder_tables().bits(np.ascontiguousarray(symbols), indices).reshape(-1)[taken]
        planes.values[here] = planes.symbols[here] + means

    code = watch(source, number, keep, check)
    y.values[:] = code.y_hat[0]  # a family may add to what its symbols say
    return TileLatents(rows, columns, source.labels, y, beside[0] if beside else None, code.tile.stream_bytes)


def spot_of(source: Source, tile: TileLatents, row: int, column: int) -> Spot:
    """What a tile holds for one of the picture's latents. Raises HpcmError where that is not in the tile."""
    r, c = row - tile.rows.start, column - tile.columns.start
    if not (0 <= r < len(tile.rows) and 0 <= c < len(tile.columns)):
        raise HpcmError(
            "The place {x}, {y} is not in the picture.", x=column * source.cut.stride, y=row * source.cut.stride
        )
    z, share = None, 1
    if tile.z is not None:
        side = len(tile.rows) // tile.z.bits.shape[1]
        z, share = _column(tile.z, r // side, c // side), side * side
    reaches = source.model.family.reaches(source.model.config)
    informed = {
        place: _informed(tile.y.steps, place, r, c, reaches.get(label))
        for place, label in enumerate(tile.labels)
        if label != "z"
    }
    stride = source.cut.stride
    latents = _column(tile.y, r, c)
    return Spot(row, column, column * stride, row * stride, stride, tile.labels, latents, z, share, informed)


def channel_of(source: Source, number: int, job: Job) -> tuple[Channel, npt.NDArray[np.float64]]:
    """One channel over the picture, and the bits of every channel in the whole of it (M values). Raises HpcmError."""
    count = source.model.config.latent_channels
    if not 0 <= number < count:
        raise HpcmError(
            "{model} has the channels 0 to {last}, and none with the number {number}.",
            model=source.model.name,
            last=count - 1,
            number=number,
        )
    whole, bits = _empty((1, source.cut.height, source.cut.width)), np.zeros(count)
    for i, (rows, columns) in enumerate(source.cut.tiles):
        job.report(Phrase("Decoding"), i / len(source.payloads))
        tile = tile_latents(source, i, job.check).y
        bits += tile.bits.sum(axis=(1, 2), dtype=np.float64)
        down, across = area(rows, columns)
        for name in vars(whole):
            getattr(whole, name)[0, down, across] = getattr(tile, name)[number]
    height, width = (-(-side // source.cut.stride) for side in (source.header.height, source.header.width))
    cut = Planes(**{name: plane[0, :height, :width].copy() for name, plane in vars(whole).items()})
    return Channel(number, source.labels, cut), bits


CSV_FIELDS = (
    *("kind", "channel", "step", "mean", "sigma", "table", "symbol", "value"),
    *("bits", "expected_bits", "surprise_bits", "informed_latents"),
)


def to_csv(spot: Spot) -> str:
    """A line for each coded value of a position, dearest first; those of z come last. Numbers are as JSON has them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_FIELDS)
    for row in rows_of(spot):
        writer.writerow([row[name] for name in CSV_FIELDS])
    return text.getvalue()


def rows_of(spot: Spot) -> list[dict[str, str | int | float | None]]:
    """The values of `to_csv`, by its names; informed_latents: latents around of which the step's network saw
    something, None for z.
    """
    counts = {place: int((around > 0).sum()) for place, around in spot.informed.items()}
    rows: list[dict[str, str | int | float | None]] = []
    for kind, column in (("y", spot.latents), ("z", spot.z)):
        if column is None:
            continue
        for i in range(len(column)):
            place = int(column.steps[i])
            values = (
                *(kind, int(column.channels[i]), spot.labels[place], float(column.means[i])),
                *(round(float(column.sigmas[i]), 6), int(column.tables[i]), int(column.symbols[i])),
                *(float(column.values[i]), round(float(column.bits[i]), 6), round(float(column.expected[i]), 6)),
                *(round(float(column.surprise[i]), 6), counts.get(place)),
            )
            rows.append(dict(zip(CSV_FIELDS, values, strict=True)))
    return rows


def _empty(shape: tuple[int, ...]) -> Planes:
    return Planes(
        steps=np.zeros(shape, np.uint8),
        symbols=np.zeros(shape, np.int16),
        means=np.zeros(shape, np.float32),
        tables=np.zeros(shape, np.uint8),
        bits=np.zeros(shape, np.float32),
        values=np.zeros(shape, np.float32),
    )


def _column(planes: Planes, row: int, column: int) -> Column:
    order = np.argsort(-planes.bits[:, row, column], kind="stable")
    values = {name: plane[order, row, column] for name, plane in vars(planes).items()}
    tables = values["tables"]
    return Column(channels=order, sigmas=scale_table()[tables], expected=expected_bits()[tables], **values)


def _informed(steps: npt.NDArray[np.uint8], place: int, row: int, column: int, reach: Reach | None) -> Floats:
    """Of each latent around, the part of its channels that was coded before a label's place and is within reach."""
    height, width = steps.shape[1:]
    if reach is None:
        reach = Reach(max(height, width), 1)
    # The cell that holds the position, and `cells` on each side of it, within the tile: contexts end there.
    low_r, low_c = ((at // reach.size - reach.cells) * reach.size for at in (row, column))
    side = (2 * reach.cells + 1) * reach.size
    top, left = max(low_r, 0), max(low_c, 0)
    bottom, right = min(low_r + side, height), min(low_c + side, width)
    if not (steps[:, top:bottom, left:right] < place).any():
        return np.zeros((1, 1), np.float32)
    known = (steps[:, top:bottom, left:right] < place).mean(axis=0, dtype=np.float32)
    radius = max(row - top, bottom - 1 - row, column - left, right - 1 - column)
    around = np.zeros((2 * radius + 1, 2 * radius + 1), np.float32)
    around[top - row + radius : bottom - row + radius, left - column + radius : right - column + radius] = known
    return around
