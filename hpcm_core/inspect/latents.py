"""All that the streams of a file hold: a tile's latents, or one channel of them over the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hpcm_core.entropy.model import Request
from hpcm_core.entropy.streams import Check, Symbols, coder_tables
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.inspect.driver import Source, area, watch
from hpcm_core.inspect.spot import Planes, TileLatents
from hpcm_core.progress import Job


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel of the latents over the picture, hxw each, as in Planes, cut to the picture."""

    number: int
    labels: tuple[str, ...]
    planes: Planes


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
    reaches = source.model.family.reaches(source.model.config)
    z = beside[0] if beside else None
    return TileLatents(rows, columns, source.cut.stride, source.labels, y, z, reaches, code.tile.stream_bytes)


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


def _empty(shape: tuple[int, ...]) -> Planes:
    return Planes(
        steps=np.zeros(shape, np.uint8),
        symbols=np.zeros(shape, np.int16),
        means=np.zeros(shape, np.float32),
        tables=np.zeros(shape, np.uint8),
        bits=np.zeros(shape, np.float32),
        values=np.zeros(shape, np.float32),
    )
