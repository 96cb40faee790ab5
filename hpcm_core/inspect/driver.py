"""A file's entropy model, driven on the file's own symbols, with observers at every step.

All that is shown of a file's latents comes from here. It is the decoder that runs (streams.decode_tile), so what is
seen is what was paid for, and damage is found as it is in decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hpcm_core import codec
from hpcm_core.entropy.model import EntropyModel, Request, Steps, translated
from hpcm_core.entropy.streams import Check, Floats, Symbols, TileCode, decode_tile
from hpcm_core.errors import HpcmError
from hpcm_core.format.header import Header
from hpcm_core.format.tile import parse_tile
from hpcm_core.limits import DEFAULT_LIMITS, Limits
from hpcm_core.models.family import Model
from hpcm_core.progress import Job
from hpcm_core.transform.tiling import Grid, Span, grid

Observer = Callable[[Request, Symbols], None]
"""Called with every request, in coding order, and the symbols that answer it."""


@dataclass(frozen=True, eq=False)
class Source:
    """A .hpcm file that is looked into, and what decodes it. Made by `open_source`."""

    header: Header
    model: Model
    cut: Grid
    payloads: Sequence[bytes | memoryview]
    entropy: EntropyModel

    @property
    def labels(self) -> tuple[str, ...]:
        """Of what is coded, in coding order."""
        return self.entropy.labels

    def tile_at(self, row: int, column: int) -> int:
        """The number of the tile that holds a latent of the padded picture. Raises HpcmError."""
        for number, (rows, columns) in enumerate(self.cut.tiles):
            if rows.start <= row < rows.stop and columns.start <= column < columns.stop:
                return number
        raise HpcmError(
            "The place {x}, {y} is not in the picture.", x=column * self.cut.stride, y=row * self.cut.stride
        )

    def latent_at(self, x: int, y: int) -> tuple[int, int]:
        """Row and column of the latents that stand for a pixel. Raises HpcmError for one outside the picture."""
        if not (0 <= x < self.header.width and 0 <= y < self.header.height):
            raise HpcmError("The place {x}, {y} is not in the picture.", x=x, y=y)
        return y // self.cut.stride, x // self.cut.stride

    @property
    def middle(self) -> tuple[int, int]:
        """The pixel in the middle of the picture: x, y."""
        return self.header.width // 2, self.header.height // 2


class Latents(NamedTuple):
    """A tile's latents as a decoder has them: z_hat Nxh/4xw/4 (None without a hyperprior), y_hat Mxhxw."""

    z_hat: Floats | None
    y_hat: Floats
    code: TileCode


def open_source(data: bytes | bytearray | memoryview, job: Job, limits: Limits = DEFAULT_LIMITS) -> Source:
    """A whole .hpcm file, ready to be looked into. Raises HpcmError."""
    file, model = codec.opened(data, job, limits)
    header = file.header
    cut = grid(header.width, header.height, model.config, header.padding)
    return Source(header, model, cut, file.tiles, model.family.entropy(model))


def watch(source: Source, number: int, observer: Observer, check: Check) -> TileCode:
    """Decode one tile while an observer looks on. Raises HpcmError."""
    rows, columns = source.cut.tiles[number]
    tile = parse_tile(source.payloads[number], source.entropy.streams)
    return decode_tile(_Watched(source.entropy, observer), tile, len(rows), len(columns), check)


def latents_of(source: Source, number: int, check: Check) -> Latents:
    """The latents of one tile. Raises HpcmError."""
    of_z: list[Floats] = []

    def keep(request: Request, symbols: Symbols) -> None:
        if request.label == "z":
            of_z.append(np.array(request.place.planes((symbols + request.means).astype(np.float32))))

    code = watch(source, number, keep, check)
    return Latents(of_z[0] if of_z else None, code.y_hat[0], code)


def area(rows: Span, columns: Span, size: int = 1) -> tuple[slice, slice]:
    """A tile's place on a grid each position of which is `size` latents a side."""
    return slice(rows.start // size, rows.stop // size), slice(columns.start // size, columns.stop // size)


class _Watched:
    """An entropy model that tells an observer of every answer before it goes on."""

    def __init__(self, entropy: EntropyModel, observer: Observer) -> None:
        self.streams, self.labels = entropy.streams, entropy.labels
        self._entropy, self._observer = entropy, observer

    def steps(self, height: int, width: int) -> Steps:
        return translated(self._entropy.steps(height, width), lambda asked: asked, self._told)

    def _told(self, request: Request, symbols: Symbols) -> npt.NDArray[np.int32]:
        self._observer(request, symbols)
        return symbols
