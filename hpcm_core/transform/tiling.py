"""How a picture's latents are cut: tiles for entropy coding (part of the format), windows for the transforms (not part
of it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Span(NamedTuple):
    """A half-open range of latents."""

    start: int
    stop: int

    @property
    def slice(self) -> slice:
        return slice(self.start, self.stop)

    def __len__(self) -> int:
        return self.stop - self.start


class Window(NamedTuple):
    """What a transform computes at once: `inner` is kept, `outer` is what it must see for that."""

    rows: Span
    columns: Span
    outer_rows: Span
    outer_columns: Span


class Cut(Protocol):
    """What a model's configuration says of padding and tiles."""

    @property
    def stride(self) -> int:
        """Pixels per latent along each side."""
        ...

    @property
    def units(self) -> tuple[int, ...]:
        """Latents, by the file's padding rule, falling: the sides of the padded picture and of every tile are multiples
        of the rule's unit.
        """
        ...

    @property
    def tile(self) -> int:
        """Latents: the longest side of a tile, a multiple of every unit."""
        ...


class CodecConfig(Cut, Protocol):
    """What the transforms' work needs of a configuration."""

    @property
    def latent_channels(self) -> int: ...

    @property
    def window(self) -> int:
        """Latents a side that the transforms work on at once."""
        ...

    @property
    def halo(self) -> int:
        """Latents by which a window must overlap its neighbours to give what the whole picture gives."""
        ...


@dataclass(frozen=True)
class Grid:
    """The latents of a padded picture and the rows and columns of its tiles. Made by `grid`, read by everything that
    analyses, codes or counts.
    """

    stride: int
    rows: tuple[Span, ...]
    columns: tuple[Span, ...]

    @property
    def height(self) -> int:
        """Latents."""
        return self.rows[-1].stop

    @property
    def width(self) -> int:
        """Latents."""
        return self.columns[-1].stop

    @property
    def pixels(self) -> int:
        """Of the padded picture."""
        return self.height * self.width * self.stride**2

    @property
    def halved(self) -> Grid:
        """That of the picture at half its size: as many tiles, of half the latents along each side, which are even."""

        def half(spans: tuple[Span, ...]) -> tuple[Span, ...]:
            return tuple(Span(span.start // 2, span.stop // 2) for span in spans)

        return Grid(self.stride, half(self.rows), half(self.columns))

    @property
    def tiles(self) -> list[tuple[Span, Span]]:
        """Rows and columns of each tile, row by row."""
        return [(rows, columns) for rows in self.rows for columns in self.columns]


def grid(width: int, height: int, cut: Cut, padding: int) -> Grid:
    """The grid of a picture of width x height pixels, padded by a rule to whole units of latents. Raises
    IndexError for a rule that the model does not have.
    """
    unit = cut.units[padding]

    def spans(pixels: int) -> tuple[Span, ...]:
        units = -(-pixels // (cut.stride * unit))
        return tuple(split(units * unit, cut.tile, unit))

    return Grid(cut.stride, spans(height), spans(width))


def least_padding(width: int, height: int, cut: Cut) -> int:
    """The first of the model's padding rules that pads a picture least: a file that gains nothing from a newer rule
    stays one that older programs read.
    """
    return min(range(len(cut.units)), key=lambda rule: grid(width, height, cut, rule).pixels)


def split(length: int, limit: int, unit: int) -> list[Span]:
    """Cut `length` latents (a multiple of unit) into ceil(length / limit) near-equal spans, multiples of unit, longer
    ones first.
    """
    count = -(-length // limit)
    units, extra = divmod(length // unit, count)
    spans, start = [], 0
    for i in range(count):
        stop = start + (units + (i < extra)) * unit
        spans.append(Span(start, stop))
        start = stop
    return spans


def windows(height: int, width: int, size: int, halo: int) -> list[Window]:
    """Windows of at most size x size latents that cover the grid, each widened by `halo` up to the grid's border."""

    def widen(span: Span, length: int) -> Span:
        return Span(max(span.start - halo, 0), min(span.stop + halo, length))

    return [
        Window(rows, columns, widen(rows, height), widen(columns, width))
        for rows in split(height, size, 1)
        for columns in split(width, size, 1)
    ]
