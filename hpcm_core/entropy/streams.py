"""Latents of one tile to code streams and back, through the entropy model's generator: NumPy arrays, no torch."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

import coder
from hpcm_core.entropy.model import EntropyModel, Request, drive, quantize
from hpcm_core.entropy.tables import standard_tables
from hpcm_core.errors import ArithmeticMismatch
from hpcm_core.format.tile import Tile

Floats = npt.NDArray[np.float32]
Symbols = npt.NDArray[np.int32]

Check = Callable[[], None]
"""Called before every step; raises to stop the work."""
Report = Callable[[float], None]
"""Told the fraction that is done; raises to stop the work."""


class TileCode(NamedTuple):
    """A tile's streams, reconstructed latents (1xMxhxw float32) and bits of each label (labels x hxw, float32)."""

    tile: Tile
    y_hat: Floats
    bits: Floats


@runtime_checkable
class TileCoder(Protocol):
    """An entropy model that codes whole tiles by itself, faster than its steps one by one and to the same streams."""

    channels: int
    """Of latents."""

    def encode_tiles(self, latents: Sequence[Floats], report: Report) -> list[tuple[Tile, Floats]]:
        """See encode_tiles."""
        ...

    def decode_tiles(
        self, tiles: Sequence[Tile], latents: Sequence[Floats], report: Report, known: int | None = None
    ) -> list[Floats]:
        """See decode_tiles. Raises CoderError for streams that hold something else."""
        ...


@cache
def coder_tables() -> coder.Tables:
    """The 60 standard tables in the native coder's form."""
    tables = standard_tables()
    return coder.Tables(tables.cdf, tables.lengths, tables.offsets)


def empty_latents(channels: int, height: int, width: int) -> Floats:
    """Room for latents, 1xMxhxw, channels innermost in memory, values undefined."""
    latents: Floats = np.empty((1, height, width, channels), np.float32).transpose(0, 3, 1, 2)
    return latents


def encode_tiles(entropy: EntropyModel, latents: Sequence[Floats], report: Report) -> list[tuple[Tile, Floats]]:
    """Code the latents of tiles, which become what a decoder has of them; gives streams and bits, as in TileCode.

    latents: 1xMxhxw each, parts of a picture's as empty_latents makes them.
    """
    if isinstance(entropy, TileCoder):
        return entropy.encode_tiles(latents, report)
    found = []
    for i, y in enumerate(latents):
        code = encode_tile(entropy, y, partial(report, i / len(latents)))
        y[...] = code.y_hat
        found.append((code.tile, code.bits))
    return found


def decode_tiles(
    entropy: EntropyModel, tiles: Sequence[Tile], latents: Sequence[Floats], report: Report, known: int | None = None
) -> list[Floats]:
    """Decode tiles into latents (see encode_tiles); gives bits, as in TileCode. known: see preview_tile. Raises
    ArithmeticMismatch where streams give other symbols than were coded.
    """
    if isinstance(entropy, TileCoder):
        try:
            return entropy.decode_tiles(tiles, latents, report, known)
        except coder.CoderError:
            raise _mismatch() from None
    found = []
    for i, (tile, y_hat) in enumerate(zip(tiles, latents, strict=True)):
        check, (height, width) = partial(report, i / len(tiles)), y_hat.shape[2:]
        if known is None:
            code = decode_tile(entropy, tile, height, width, check)
        else:
            code = preview_tile(entropy, tile, height, width, check, known)
        y_hat[...] = code.y_hat
        found.append(code.bits)
    return found


def encode_tile(entropy: EntropyModel, y: Floats, check: Check) -> TileCode:
    """Code the latents of one tile (1xMxhxw)."""
    if isinstance(entropy, TileCoder):
        y_hat = empty_latents(*y.shape[1:])
        y_hat[...] = y
        [(tile, bits)] = entropy.encode_tiles([y_hat], lambda _: check())
        return TileCode(tile, y_hat, bits)
    encoders = [coder.Encoder(coder_tables()) for _ in range(entropy.streams)]
    record = _Record(entropy)

    def code(request: Request) -> Symbols:
        check()
        symbols = quantize(request.place.pack(y) - request.means)
        encoders[request.stream].push(np.ascontiguousarray(symbols), np.ascontiguousarray(request.indices))
        record.add(request, symbols)
        return symbols

    y_hat = drive(entropy.steps(*y.shape[2:]), code)
    tile = Tile(tuple(encoder.finish() for encoder in encoders), record.crc)
    return TileCode(tile, y_hat, record.shares(tile))


def decode_tile(entropy: EntropyModel, tile: Tile, height: int, width: int, check: Check) -> TileCode:
    """Decode a tile of height x width latents. Raises ArithmeticMismatch where the streams give other symbols than
    were coded.
    """
    if isinstance(entropy, TileCoder):
        return _alone(entropy, tile, empty_latents(entropy.channels, height, width), check)
    decoders = [coder.Decoder(stream, coder_tables()) for stream in tile.streams]
    record = _Record(entropy)

    def code(request: Request) -> Symbols:
        check()
        symbols = decoders[request.stream].pull(np.ascontiguousarray(request.indices))
        record.add(request, symbols)
        return symbols

    try:
        y_hat = drive(entropy.steps(height, width), code)
        for decoder in decoders:
            decoder.finish()
    except coder.CoderError:
        raise _mismatch() from None
    if record.crc != tile.symbols_crc:
        raise _mismatch()
    return TileCode(tile, y_hat, record.shares(tile))


def preview_tile(entropy: EntropyModel, tile: Tile, height: int, width: int, check: Check, known: int) -> TileCode:
    """A tile of which only the first `known` of the entropy model's labels are decoded: latents of the others stand at
    the means that the model predicts for them, as if all their symbols were 0. Bits are those of the symbols that were
    decoded, without the streams' closing bytes; of the others 0.

    What comes later is not looked at, so only the container's checksums tell of damage. Raises ArithmeticMismatch where
    a stream ends too early.
    """
    if isinstance(entropy, TileCoder):
        return _alone(entropy, tile, empty_latents(entropy.channels, height, width), check, known)
    decoders = [coder.Decoder(stream, coder_tables()) for stream in tile.streams]
    rows = {label: row for row, label in enumerate(entropy.labels[:known])}
    bits = np.zeros((len(entropy.labels), height, width), np.float32)

    def code(request: Request) -> Symbols:
        check()
        if request.label not in rows:
            return np.zeros(request.indices.shape, np.int32)
        indices = np.ascontiguousarray(request.indices)
        symbols = decoders[request.stream].pull(indices)
        bits[rows[request.label]] = request.place.spread(coder_tables().bits(symbols, indices))
        return symbols

    try:
        return TileCode(tile, drive(entropy.steps(height, width), code), bits)
    except coder.CoderError:
        raise _mismatch() from None


def half_tile(entropy: EntropyModel, tile: Tile, height: int, width: int, check: Check) -> Floats:
    """The latents of a tile of height x width, both even, at half of both (1xMxh/2xw/2): of every 2x2 latents of a
    channel the mean of those that are known first. Decoding ends as soon as there are some everywhere, which with steps
    from coarse to fine is long before the last; streams are not looked at beyond. Raises ArithmeticMismatch where one
    ends too early.
    """
    decoders = [coder.Decoder(stream, coder_tables()) for stream in tile.streams]
    steps = entropy.steps(height, width)
    total: Floats | float = 0.0
    count: Floats | float = 0.0
    try:
        request = next(steps)
        while True:
            check()
            symbols = decoders[request.stream].pull(np.ascontiguousarray(request.indices))
            values = request.place.planes((symbols + request.means).astype(np.float32))
            if values.shape[1:] == (height, width):  # not what is coded beside the latents
                total = total + _in_cells(values)
                count = count + _in_cells(request.place.planes(np.ones(symbols.shape, np.float32)))
                if np.all(count):
                    half: Floats = (total / count)[np.newaxis]
                    return half
            request = steps.send(symbols)
    except coder.CoderError:
        raise _mismatch() from None
    finally:
        steps.close()


def _in_cells(values: Floats) -> Floats:
    """Sums of 2x2 cells: Mxhxw -> Mxh/2xw/2."""
    channels, height, width = values.shape
    sums: Floats = values.reshape(channels, height // 2, 2, width // 2, 2).sum(axis=(2, 4))
    return sums


def _alone(entropy: EntropyModel, tile: Tile, y_hat: Floats, check: Check, known: int | None = None) -> TileCode:
    """A tile by a TileCoder."""
    [bits] = decode_tiles(entropy, [tile], [y_hat], lambda _: check(), known)
    return TileCode(tile, y_hat, bits)


def _mismatch() -> ArithmeticMismatch:
    return ArithmeticMismatch(
        "The file's code streams do not give the latents that were coded: it is damaged in a way that its "
        "checksums do not show, or this machine computes wrongly."
    )


class _Record:
    """What went through a tile's streams: the CRC-32 of all symbols (int16 little-endian, in coding order) and where
    the bits went.
    """

    def __init__(self, entropy: EntropyModel) -> None:
        self.crc = 0
        self._labels = entropy.labels
        self._bits: dict[str, Floats] = {}
        self._stream_of: dict[str, int] = {}

    def add(self, request: Request, symbols: Symbols) -> None:
        self.crc = zlib.crc32(symbols.astype("<i2").tobytes(), self.crc)
        cost = coder_tables().bits(np.ascontiguousarray(symbols), np.ascontiguousarray(request.indices))
        self._bits[request.label] = request.place.spread(cost)
        self._stream_of[request.label] = request.stream

    def shares(self, tile: Tile) -> Floats:
        """Bits per label and position, labels x hxw, as shared_out gives them."""
        bits = np.stack([self._bits[label] for label in self._labels])
        return shared_out(bits, [self._stream_of[label] for label in self._labels], tile)


def shared_out(bits: Floats, stream_of: Sequence[int], tile: Tile) -> Floats:
    """Bits per label and position (labels x hxw) with those of the streams' closing bytes, which are shared out in
    proportion, so that all sums up to the tile. stream_of: the stream of each label.
    """
    shares = bits.astype(np.float64)
    for stream, data in enumerate(tile.streams):
        rows = np.array(stream_of) == stream
        booked = shares[rows].sum()
        if booked > 0:
            shares[rows] *= 8 * len(data) / booked
    return shares.astype(np.float32)
