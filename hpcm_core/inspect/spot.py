"""Latents of a tile as values, and what stands at one position of them. The window reads them without a decoder."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hpcm_core.entropy.tables import scale_table, standard_tables
from hpcm_core.errors import HpcmError
from hpcm_core.models.family import Reach
from hpcm_core.transform.tiling import Span

Floats = npt.NDArray[np.float32]


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

    rows, columns: of the picture's latents. stride: pixels a latent. y: the latents, Mxhxw. z: what is coded beside
    them, Nxh/4xw/4, or None. reaches: by label, what a step's network sees of the latents before. stream_bytes: of the
    tile's code streams.
    """

    rows: Span
    columns: Span
    stride: int
    labels: tuple[str, ...]
    y: Planes
    z: Planes | None
    reaches: Mapping[str, Reach]
    stream_bytes: int

    def holds(self, row: int, column: int) -> bool:
        """Whether one of the picture's latents is in the tile."""
        return self.rows.start <= row < self.rows.stop and self.columns.start <= column < self.columns.stop

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
    side. z: what was coded beside them for this position and its neighbours, z_share in all. around: uint8, Mxsxs, s
    odd: when the latents around were coded, this position in the middle, as places of labels; 255 outside the tile,
    which contexts do not reach over. reaches: by the place of a label, what its network sees, None where nobody says.
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
    around: npt.NDArray[np.uint8]
    reaches: Mapping[int, Reach | None]
    inside: tuple[int, int]
    """Row and column within the tile."""

    def known(self, place: int, channel: int | None = None) -> Floats:
        """How much of each latent around a step's network (by the place of its label) saw: the part of its channels
        that had been coded before, or 1 and 0 for one channel. s'xs', this position in the middle.
        """
        around = self.around if channel is None else self.around[channel : channel + 1]
        part = np.asarray((around < place).mean(axis=0, dtype=np.float32) * self._seen(place), np.float32)
        rows, columns = np.nonzero((self.around < place).any(axis=0) & self._seen(place))
        if len(rows) == 0:
            return np.zeros((1, 1), np.float32)
        middle = len(part) // 2
        radius = max(int(np.abs(rows - middle).max()), int(np.abs(columns - middle).max()))
        return part[middle - radius : middle + radius + 1, middle - radius : middle + radius + 1]

    def _seen(self, place: int) -> npt.NDArray[np.bool_]:
        """Of each latent around, whether it is within a step's reach: in the cell of this position, or in one of so
        many on each side.
        """
        side, reach = self.around.shape[1], self.reaches.get(place)
        if reach is None:
            return np.ones((side, side), bool)
        away = np.arange(side) - side // 2
        rows, columns = (np.abs((away + at) // reach.size - at // reach.size) <= reach.cells for at in self.inside)
        return np.asarray(rows[:, np.newaxis] & columns)

    @property
    def bits(self) -> float:
        """Of the position's latents, with its share of z."""
        beside = 0.0 if self.z is None else float(self.z.bits.sum()) / self.z_share
        return float(self.latents.bits.sum()) + beside


@cache
def expected_bits() -> npt.NDArray[np.float64]:
    """Bits that a symbol of each of the standard tables costs on average, an escape counted as the symbol it is."""
    tables = standard_tables()
    means = []
    for cdf, length in zip(tables.cdf, tables.lengths, strict=True):
        share = np.diff(cdf[:length]) / cdf[length - 1]
        means.append(-(share * np.log2(share)).sum())
    return np.array(means)


def spot_of(tile: TileLatents, row: int, column: int) -> Spot:
    """What a tile holds for one of the picture's latents. Raises HpcmError where that is not in the tile."""
    r, c = row - tile.rows.start, column - tile.columns.start
    if not tile.holds(row, column):
        raise HpcmError("The place {x}, {y} is not in the picture.", x=column * tile.stride, y=row * tile.stride)
    z, share = None, 1
    if tile.z is not None:
        side = len(tile.rows) // tile.z.bits.shape[1]
        z, share = _column(tile.z, r // side, c // side), side * side
    reaches = {place: tile.reaches.get(label) for place, label in enumerate(tile.labels) if label != "z"}
    # The first step sees no latent, so that nobody says how far.
    known = [(reach.cells + 1) * reach.size for reach in tile.reaches.values()]
    around = _around(tile.y.steps, r, c, max(known) if known else max(tile.y.steps.shape[1:]))
    stride = tile.stride
    latents = _column(tile.y, r, c)
    return Spot(
        row, column, column * stride, row * stride, stride, tile.labels, latents, z, share, around, reaches, (r, c)
    )


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
    counts = {place: int(np.count_nonzero(spot.known(place))) for place in spot.reaches}
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


def _column(planes: Planes, row: int, column: int) -> Column:
    order = np.argsort(-planes.bits[:, row, column], kind="stable")
    values = {name: plane[order, row, column] for name, plane in vars(planes).items()}
    tables = values["tables"]
    return Column(channels=order, sigmas=scale_table()[tables], expected=expected_bits()[tables], **values)


def _around(steps: npt.NDArray[np.uint8], row: int, column: int, radius: int) -> npt.NDArray[np.uint8]:
    """Mxhxw -> M x (2 radius + 1) x (2 radius + 1) around a position, 255 outside."""
    height, width = steps.shape[1:]
    around = np.full((len(steps), 2 * radius + 1, 2 * radius + 1), 255, np.uint8)
    top, left = max(row - radius, 0), max(column - radius, 0)
    bottom, right = min(row + radius + 1, height), min(column + radius + 1, width)
    rows, columns = (
        slice(top - row + radius, bottom - row + radius),
        slice(left - column + radius, right - column + radius),
    )
    around[:, rows, columns] = steps[:, top:bottom, left:right]
    return around
