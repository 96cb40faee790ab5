"""Decode .hpcm files of the bundled models with Python and NumPy alone, to the same pixels: of Lite (arithmetic profile
2), and of the learned coder without loss, lossless-m (profile 3).

    python plain_decoder.py picture.hpcm lite.safetensors ggm_tables.npz picture.png     (or picture.npy)
    python plain_decoder.py picture.hpcm lossless-m.safetensors picture.png

For archives, and as the proof that the documents suffice: it follows docs/format.md ("format" below),
docs/exact-arithmetic-2.md ("arithmetic") and docs/exact-arithmetic-3.md ("lossless arithmetic") section by section and
imports nothing of the program. It is as long as it is because it is meant to be kept as one file.

Every number is an integer. Products of matrices are taken in float64: weights and inputs are integers, and `Matrix`
refuses weights with which any partial sum could reach 2^31. Float64 holds all integers up to 2^53, so no product and no
sum is ever rounded, in whatever order a library adds, with fused multiply-add or without. All else is int64.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import struct
import sys
import zlib
from bisect import bisect_right
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
"""Tensors are height x width x channels."""
Layer = Callable[[Ints], Ints]

MOST_PIXELS, MOST_SIDE, MOST_CHUNKS = 1 << 28, 1 << 16, 1 << 16
MOST_ICC, MOST_METADATA, MOST_WEIGHTS, MOST_TEXTS = 4 << 20, 16 << 20, 1 << 28, 4096


class Refused(Exception):
    """Why there is no picture. kind: the error's name in format, "Errors"."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def corrupt(what: str) -> Refused:
    return Refused("CorruptFile", f"The file is damaged: {what}.")


# The container: format, "Layout"

JPEG_XL = 4
"""The arithmetic profile of files without loss."""

PACKED = ("iccp", "exif", "xmpd", "iptc", "text", "phys")
Header = namedtuple(
    "Header",
    "width height depth channels flags orientation colour_space padding profile quality threads tile_rows tile_columns "
    "model_hash name_length name",
)


class File(NamedTuple):
    """A container, checked. parts: the optional chunks that are known, unpacked, by type."""

    header: Header
    parts: dict[str, bytes]
    tiles: list[memoryview]


def read_container(data: bytes, most_pixels: int = MOST_PIXELS) -> File:
    """Raises Refused."""
    if data[:8] != b"\x89HPC\r\n\x1a\n":
        raise Refused("NotHpcm", "This is not a .hpcm file, or its beginning is damaged.")
    if len(data) > 9 and data[8] != 1:
        raise Refused("UnsupportedVersion", f"The file has format version {data[8]}; this decoder reads version 1.")
    chunks = read_chunks(memoryview(data))
    kind, payload, _ = next(chunks)
    if kind != "HEAD":
        raise corrupt("it does not begin with its header")
    header = read_header(bytes(payload), most_pixels)
    parts: dict[str, bytes] = {}
    table: list[tuple[int, ...]] = []
    tiles: list[memoryview] = []
    left = MOST_METADATA
    for kind, payload, start in chunks:
        if kind in (*PACKED, "alph", "prev", "GAIN", "look"):
            if kind in parts or table:
                raise corrupt(f"a second or misplaced {kind} chunk")
            size, deflated = unpacked_size(kind, payload) if kind in PACKED else (len(payload), False)
            left -= 0 if kind in ("alph", "GAIN", "look") else size
            if left < 0 or (kind == "iccp" and size > MOST_ICC):
                raise Refused("LimitExceeded", "The picture carries more metadata than the limit allows.")
            content = bytes(payload[5 if deflated else 1 if kind in PACKED else 0 :])
            parts[kind] = inflate(content, size, kind) if deflated else content
        elif kind == "TABL":
            if table or len(payload) != 8 * header.tile_rows * header.tile_columns:
                raise corrupt("a second tile table, or one of the wrong length")
            table = list(struct.iter_unpack("<II", payload))
        elif kind == "TILE":
            if len(tiles) >= len(table) or table[len(tiles)] != (start, len(payload)):
                raise corrupt("its tiles are not where the tile table says")
            tiles.append(payload)
        elif kind == "ENDF":
            if payload != struct.pack("<I", len(data)):
                raise corrupt("its length is not what its end says")
        elif kind == "HEAD":
            raise corrupt("a second header")
        elif kind[0].isupper():
            raise Refused("UnsupportedVersion", f"The file needs a newer decoder: {kind} is unknown here.")
    if not table or len(tiles) != len(table):
        raise corrupt("the number of tiles is not what the header says")
    if bool(header.flags) != ("alph" in parts) or (header.colour_space and "iccp" in parts):
        raise corrupt("its header and its chunks contradict each other")
    return File(header, parts, tiles)


def read_chunks(data: memoryview) -> Iterator[tuple[str, memoryview, int]]:
    """Type, payload and the payload's offset of each chunk. The last is ENDF, and nothing follows it."""
    position, kind, count = 10, "", 0
    while kind != "ENDF":
        count, start = count + 1, position + 8
        if count > MOST_CHUNKS:
            raise Refused("LimitExceeded", f"The file has more than {MOST_CHUNKS} chunks.")
        if start > len(data):
            raise corrupt("it is cut short")
        length, name = struct.unpack_from("<I4s", data, position)
        position = start + length + 4
        if not name.isalpha() or position > len(data):
            raise corrupt("it is cut short, or no chunk begins where one should")
        if struct.pack("<I", zlib.crc32(data[start - 4 : start + length])) != data[position - 4 : position]:
            raise corrupt("a checksum is wrong")
        kind = name.decode("ascii")
        yield kind, data[start : start + length], start
    if position != len(data):
        raise corrupt("something follows its end")


def read_header(payload: bytes, most_pixels: int) -> Header:
    """Format, "HEAD"."""
    if len(payload) < 31:
        raise corrupt("its header is too short")
    name = payload[31:]
    h = Header._make((*struct.unpack_from("<IIBBBBBBBBHHH8sB", payload), name.decode("latin-1")))
    if len(name) != h.name_length or not 1 <= len(name) <= 32 or not all(0x21 <= byte <= 0x7E for byte in name):
        raise corrupt("the model's name in its header is not valid")
    if h.flags > 1 or h.orientation != 1 or h.colour_space > 9 or h.padding > 1:
        raise Refused("UnsupportedVersion", "The file needs a newer decoder: its header cannot be understood.")
    tiles_fit = 1 <= h.tile_rows <= h.height and 1 <= h.tile_columns <= h.width
    rate_fits = (h.quality <= 100 or h.quality == 255) and (h.profile or h.threads)
    if h.depth not in (8, 16) or h.channels not in (1, 3) or not (tiles_fit and rate_fits):
        raise corrupt("its header says what cannot be")
    if max(h.width, h.height) > MOST_SIDE or h.width * h.height > most_pixels:
        raise Refused("LimitExceeded", f"The picture of {h.width} x {h.height} pixels is larger than the limit.")
    if h.tile_rows * h.tile_columns > MOST_CHUNKS:
        raise Refused("LimitExceeded", f"The file has more than {MOST_CHUNKS} chunks.")
    return h


def unpacked_size(kind: str, payload: memoryview) -> tuple[int, bool]:
    """Bytes of a packed chunk's content, and whether it is compressed: format, "Optional chunks"."""
    if len(payload) < 1 or payload[0] > 1 or len(payload) < 1 + 4 * payload[0]:
        raise corrupt(f"{kind} cannot be unpacked")
    return (struct.unpack_from("<I", payload, 1)[0], True) if payload[0] else (len(payload) - 1, False)


def check_notes(parts: dict[str, bytes]) -> None:
    """Texts and resolution: format, "Optional chunks"."""
    texts, physical = parts.get("text", b"\0\0"), parts.get("phys", b"\1\0\0\0\1\0\0\0\0")
    zeros = texts.count(b"\0")
    if texts[-1:] != b"\0" or zeros % 2 or zeros > 2 * MOST_TEXTS or texts.decode("utf-8", "replace").encode() != texts:
        raise corrupt("its texts cannot be read")
    if len(physical) != 9 or 0 in struct.unpack_from("<II", physical) or physical[8] > 1:
        raise corrupt("its resolution makes no sense")


def inflate(data: bytes, size: int, what: str, kind: int = zlib.MAX_WBITS) -> bytes:
    """A zlib stream of exactly `size` bytes that ends where the data does. Takes no more memory than that. kind: as
    zlib's wbits says what is around it.
    """
    stream = zlib.decompressobj(kind)
    try:
        content = stream.decompress(data, size + 1)
    except zlib.error:
        content = b""
    if len(content) != size or not stream.eof or stream.unused_data:
        raise corrupt(f"{what} cannot be unpacked")
    return content


# The code streams: format, "The code streams"


class Tables:
    """ggm_tables.npz: cumulative frequencies and first value of each table, and the rising thresholds of scales."""

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as file:
                self.cdf = [row[:n].tolist() for row, n in zip(file["cdf"], file["lengths"], strict=True)]
                self.offsets: list[int] = file["offsets"].tolist()
                self.thresholds = np.floor(4096 * file["scale_table"][:59].astype(np.float64)).astype(np.int64)
        except Exception as error:  # the ways in which zip and NumPy's files can be damaged are many
            raise Refused("ModelError", f"The tables in {path} cannot be read: {error}") from None


LOWEST = 1 << 30
"""A state is never below it between symbols, and is this after the last one."""


def mismatch() -> Refused:
    sentence = "The code streams do not give the symbols that were coded: the file is damaged."
    return Refused("ArithmeticMismatch", sentence)


def refilled(x: int, words: list[int]) -> int:
    """A state after a symbol, with the next word where it takes one. words: those that are left, the next one last."""
    if x >= LOWEST:
        return x
    if not words:
        raise mismatch()
    return x << 32 | words.pop()


class Stream:
    """A rANS stream of one tile."""

    def __init__(self, data: memoryview, tables: Tables) -> None:
        self.tables, self.count = tables, 0
        states = int(1 << (data[7] >> 6)) if len(data) >= 8 else 0
        if len(data) % 4 or len(data) < 8 * states or (len(data) and not states):
            raise mismatch()
        self.states: list[int] = list(struct.unpack_from(f"<{states}Q", data))
        if states:
            self.states[0] &= (1 << 62) - 1
        if not all(LOWEST <= state < 1 << 62 for state in self.states):
            raise mismatch()
        self.words: list[int] = np.frombuffer(data, "<u4")[2 * states :].tolist()[::-1]

    def pull(self, indices: Ints) -> Ints:
        """The next symbols, by the tables of these numbers; the same shape."""
        cdfs, offsets, states = self.tables.cdf, self.tables.offsets, self.states
        if not states and indices.size:
            raise mismatch()
        symbols = []
        for table in indices.ravel().tolist():
            lane = self.count % len(states)
            self.count += 1
            x, cdf = states[lane], cdfs[table]
            slot = x & 0xFFFF
            k = bisect_right(cdf, slot) - 1
            states[lane] = refilled((cdf[k + 1] - cdf[k]) * (x >> 16) + slot - cdf[k], self.words)
            symbols.append(offsets[table] + (k if k < len(cdf) - 2 else self.escaped(lane, k)))
        values = np.array(symbols, np.int64).reshape(indices.shape)
        if np.abs(values).max(initial=0) > 32767:
            raise mismatch()
        return values

    def escaped(self, lane: int, escape: int) -> int:
        """A value outside of the table, less the table's first."""
        bits = self.raw(lane, 5)
        if bits > 16:
            raise mismatch()
        u = (1 << bits | self.raw(lane, bits)) - 1
        return -(u + 1) // 2 if u % 2 else u // 2 + escape

    def raw(self, lane: int, bits: int) -> int:
        x = self.states[lane]
        self.states[lane] = refilled(x >> bits, self.words)
        return x & ((1 << bits) - 1)

    def finish(self) -> None:
        if self.words or any(state != LOWEST for state in self.states):
            raise mismatch()


# Weights: arithmetic, "Weights in a file"

LITE = {
    "aligned_fill": True, "attention_heads": None, "input_shift": 0.5, "name": "lite", "partial": 4, "profile": 2,
    "rate_lambdas": [0.0018, 0.0035, 0.0067, 0.013, 0.025, 0.0483, 0.0983, 0.2, 0.4, 0.8],
}  # fmt: skip
LOSSLESS = {
    "blocks": 3, "channels": 96, "hidden": 96, "kernel": 7, "mixtures": 5, "name": "lossless-m", "order": [0, 1, 2],
    "ratio": 2, "tile": 256,
}  # fmt: skip
M, N, WIDE = 256, 96, 384
"""Channels of y, of z and of the context networks."""
DTYPES = {"I8": "<i1", "U8": "<u1", "I16": "<i2", "I32": "<i4"}
FEATURE, LATENT = 16383, 32767


class Weights:
    """The tensors of a safetensors file: its length as u64, a head in JSON, and the data."""

    def __init__(self, path: Path) -> None:
        try:
            if path.stat().st_size > MOST_WEIGHTS:
                raise ValueError("it is too large")
            data = path.read_bytes()
            start = 8 + struct.unpack_from("<Q", data)[0]
            head = json.loads(data[8:start])
            self.belongs_to = head.pop("__metadata__", {}).get("model_hash")
            """Of a look's weights, the identity of the model's."""
            self.tensors: dict[str, npt.NDArray[Any]] = {}
            for name, said in head.items():
                first, end = said["data_offsets"]
                self.tensors[name] = np.frombuffer(data[start + first : start + end], DTYPES[said["dtype"]])
                self.tensors[name] = self.tensors[name].reshape(said["shape"])
        except Exception as error:  # JSON of any kind may stand there
            raise Refused("ModelError", f"The weights in {path} cannot be read: {error}") from None
        self.config: dict[str, Any] = LOSSLESS
        self.name, self.steps = "lossless-m in profile 3", list[Step]()
        if "predict.weight" not in self.tensors:
            wide = "adaptive_params_list.9.factor" in self.tensors
            self.name, self.steps = "lite in profile 2", schedule(1 if wide else 2)
            self.config = LITE if wide else {**LITE, "schedule": described(self.steps)}

    def identity(self) -> bytes:
        """What files call these weights by."""
        digest = hashlib.sha256(json.dumps(self.config, sort_keys=True).encode())
        for name, tensor in sorted(self.tensors.items()):
            digest.update(name.encode() + struct.pack(f"<{tensor.ndim + 1}I", tensor.ndim, *tensor.shape))
            digest.update(tensor.dtype.name.encode() + tensor.tobytes())
        return digest.digest()[:8]

    def get(self, name: str, dtype: str, *shape: int) -> Ints:
        found = self.tensors.get(name)
        if found is None or found.dtype.name != dtype or found.shape != shape:
            raise Refused("ModelError", f"The weights {name} are not those of {self.name}.")
        return found.astype(np.int64)

    def rows(self, name: str, most: int) -> int:
        """How many outputs a matrix has, where Lite's versions differ in it."""
        shape = self.tensors[name].shape if name in self.tensors else (0,)
        if not 0 < shape[0] <= most:
            raise Refused("ModelError", f"The weights {name} are not those of {self.name}.")
        return int(shape[0])

    def after_sums(self, key: str, outputs: int, largest: Ints) -> tuple[Ints, Ints]:
        """Bias and shift of a layer. largest: what its sums without the bias can come to."""
        bias, shift = self.get(f"{key}.bias", "int32", outputs), self.get(f"{key}.shift", "uint8", outputs)
        if shift.max() > 30 or (largest + np.abs(bias) + ((1 << shift) >> 1)).max() >= 1 << 31:
            raise Refused("ModelError", f"The weights {key} leave the range of exact arithmetic.")
        return bias, shift


# Layers: arithmetic, "Numbers" and "Layers"


def rnd(a: Ints, shift: Ints | int) -> Ints:
    shift = np.asarray(shift, np.int64)
    rounded: Ints = (a + ((1 << shift) >> 1)) >> shift
    return rounded


def leaky(r: Ints) -> Ints:
    return np.where(r < 0, (328 * r + (1 << 14)) >> 15, r)


class Matrix:
    """clamp(rnd(weight n + bias, shift), low, high) of n: ... x inputs. limit: the largest magnitude in n."""

    def __init__(
        self,
        weights: Weights,
        key: str,
        outputs: int,
        inputs: int,
        limit: int = FEATURE,
        reach: tuple[int, int] = (-FEATURE, FEATURE),
    ) -> None:
        weight = weights.get(f"{key}.weight", "int16", outputs, inputs)
        self.bias, self.shift = weights.after_sums(key, outputs, limit * np.abs(weight).sum(axis=1))
        self.weight, self.reach = weight.T.astype(np.float64), reach

    def __call__(self, n: Ints, finer: int = 0) -> Ints:
        """finer: bits that n has below its limit's."""
        rows = n.reshape(-1, n.shape[-1]).astype(np.float64)
        sums = (rows @ self.weight).astype(np.int64) + (self.bias << finer)  # exact: see the beginning of this file
        return rnd(sums, self.shift + finer).clip(*self.reach).reshape(*n.shape[:-1], -1)


def scaling(weights: Weights, key: str, *shape: int) -> Callable[..., Ints]:
    """A factor for each channel, or of many sets of them that of a row, one for each position."""
    factor, shift = weights.get(f"{key}.factor", "int16", *shape), weights.get(f"{key}.shift", "uint8", *shape)
    if shift.max() > 30:
        raise Refused("ModelError", f"The weights {key} leave the range of exact arithmetic.")
    return lambda x, row=...: rnd(factor[row] * x, shift[row]).clip(-FEATURE, FEATURE)


def neighbours(x: Ints) -> list[Ints]:
    """x as each tap of a 3 x 3 kernel sees it, zeros outside, row by row."""
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    return [padded[i : i + len(x), j : j + x.shape[1]] for i in range(3) for j in range(3)]


def raise_by(side: int, matrix: Matrix, x: Ints) -> Ints:
    """A transposed convolution of side x side with that stride."""
    height, width, _ = x.shape
    cells: Ints = matrix(x).reshape(height, width, side, side, -1).transpose(0, 2, 1, 3, 4)
    return cells.reshape(height * side, width * side, cells.shape[-1])


def transform_block(weights: Weights, key: str, channels: int) -> Layer:
    split = channels // 4
    conv = Matrix(weights, f"{key}.branch.0.pconv", split, 9 * split)
    hidden = weights.rows(f"{key}.branch.1.weight", 4 * channels)
    expand = Matrix(weights, f"{key}.branch.1", hidden, channels)
    reduce = Matrix(weights, f"{key}.branch.3", channels, hidden)

    def run(x: Ints) -> Ints:
        mixed = conv(np.concatenate(neighbours(x[..., :split]), axis=2))
        inner = leaky(expand(np.concatenate((mixed, x[..., split:]), axis=2)))
        return (reduce(inner) + x).clip(-FEATURE, FEATURE)

    return run


def context_block(weights: Weights, key: str) -> Layer:
    taps = weights.get(f"{key}.branch.0.weight", "int16", 9, WIDE)
    bias, shift = weights.after_sums(f"{key}.branch.0", WIDE, FEATURE * np.abs(taps).sum(axis=0))
    hidden = weights.rows(f"{key}.branch.1.weight", 2 * WIDE)
    expand = Matrix(weights, f"{key}.branch.1", hidden, WIDE)
    reduce = Matrix(weights, f"{key}.branch.3", WIDE, hidden)

    def run(x: Ints) -> Ints:
        sums = sum((near * tap for near, tap in zip(neighbours(x), taps, strict=True)), bias)
        mixed = rnd(sums, shift).clip(-FEATURE, FEATURE)
        return (reduce(leaky(expand(mixed))) + x).clip(-FEATURE, FEATURE)

    return run


def raising_transform(
    weights: Weights, key: str, inputs: int, layers: Sequence[tuple[int, int, int]], limit: int = FEATURE
) -> list[Layer]:
    """h_s or g_s. layers: side and channels of each transposed convolution, and how many blocks follow it."""
    made: list[Layer] = []
    for side, channels, blocks in layers:
        matrix = Matrix(weights, f"{key}.branch.{len(made)}", side * side * channels, inputs, limit)
        made.append(partial(raise_by, side, matrix))
        made += [transform_block(weights, f"{key}.branch.{len(made) + i}", channels) for i in range(blocks)]
        inputs, limit = channels, FEATURE
    return made


def through(layers: Sequence[Layer], x: Ints) -> Ints:
    for layer in layers:
        x = layer(x)
    return x


# The coding schedule: arithmetic, "Lite"


class Step(NamedTuple):
    """What a step codes: equal parts of the channels, each at some positions of a cell of cell x cell, as many at one
    position as at another.
    """

    scale: int
    turn: int
    """Among the steps of its scale, from 0."""
    parts: int
    cell: int
    slots: list[tuple[int, int, int]]
    """Part, row and column."""


PHASES = ((0, 0), (0, 1), (1, 0), (1, 1))
DIAGONALS = (((0, 0), (1, 1)), ((0, 1), (1, 0)))
PATTERNS = (
    ((0, 0), (2, 2)), ((0, 2), (2, 0)), ((1, 1), (3, 3)), ((1, 3), (3, 1)),
    ((0, 1), (2, 3)), ((0, 3), (2, 1)), ((1, 0), (3, 2)), ((1, 2), (3, 0)),
)  # fmt: skip
HALVES = ((0, 1), (1, 0))
QUARTERS = ((3, 2, 1, 0), (2, 3, 0, 1), (1, 0, 3, 2))
EIGHTHS = (
    (2, 4, 6, 0, 3, 5, 7, 1), (3, 5, 7, 1, 2, 4, 6, 0), (4, 6, 0, 2, 5, 7, 1, 3),
    (5, 7, 1, 3, 4, 6, 0, 2), (6, 0, 2, 4, 7, 1, 3, 5), (7, 1, 3, 5, 6, 0, 2, 4),
)  # fmt: skip


def schedule(together: int) -> list[Step]:
    """All steps. together: of the eighths' orders, how many a step takes at once: 2 in Lite, 1 in the Lite before."""
    return [
        Step(
            scale,
            turn,
            len(orders[0]),
            cell,
            [(part, *at) for order in taken for part, which in enumerate(order) for at in positions[which]],
        )
        for scale, cell, orders, positions, count in (
            (1, 2, HALVES, DIAGONALS, 1),
            (2, 2, QUARTERS, [(phase,) for phase in PHASES], 1),
            (3, 4, EIGHTHS, PATTERNS, together),
        )
        for turn, taken in enumerate(orders[i : i + count] for i in range(0, len(orders), count))
    ]


def described(steps: list[Step]) -> list[Any]:
    """The schedule of Lite as the identity of weights has it: by scale its context network and what its steps code."""
    by_scale = {
        scale: [[scale, [step.parts, step.cell, step.slots]] for step in steps if step.scale == scale]
        for scale in (1, 2, 3)
    }
    return ["2-3-3", [[scale, int(scale == 3), coded] for scale, coded in by_scale.items()]]


DOWN = {
    1: Step(1, 0, 4, 2, [(part, *PHASES[part]) for part in range(4)]),
    2: Step(2, 0, 8, 2, [(part, *PHASES[(0, 3, 1, 2)[part % 4]]) for part in range(8)]),
}
"""By scale: the phase of a 2 x 2 cell that each part keeps on the way down to it."""


def places(step: Step, channels: int) -> Iterator[tuple[tuple[slice, slice], slice, slice]]:
    """For each slot, its positions of the grid, its channels, and where these are among those packed at a position: the
    parts in their order.
    """
    size = channels // step.parts
    taken: dict[tuple[int, int], int] = {}
    for part, row, column in sorted(step.slots):
        depth = taken.get((row, column), 0)
        taken[row, column] = depth + 1
        at = (slice(row, None, step.cell), slice(column, None, step.cell))
        yield at, slice(part * size, (part + 1) * size), slice(depth * size, (depth + 1) * size)


def pack(x: Ints, step: Step) -> Ints:
    """The channels that a step codes at each position."""
    depth = len(step.slots) // step.cell**2
    packed = np.empty((*x.shape[:2], depth * x.shape[2] // step.parts), np.int64)
    for at, channels, together in places(step, x.shape[2]):
        packed[at][..., together] = x[at][..., channels]
    return packed


def unpack(packed: Ints, step: Step, into: Ints) -> None:
    for at, channels, together in places(step, into.shape[2]):
        into[at][..., channels] = packed[at][..., together]


def down(x: Ints, scale: int) -> Ints:
    """To a scale from the next finer one."""
    low = np.empty((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]), np.int64)
    for at, channels, _ in places(DOWN[scale], x.shape[2]):
        low[..., channels] = x[at][..., channels]
    return low


def up(low: Ints, scale: int, into: Ints) -> None:
    """The way back: positions that the scale does not have stay as they are."""
    for at, channels, _ in places(DOWN[scale], into.shape[2]):
        into[at][..., channels] = low[..., channels]


# The model: arithmetic, "The entropy model" and "From latents to samples"


class Model:
    """Lite, today's or the one before, as far as a decoder needs it, for pictures of one depth."""

    def __init__(self, weights: Weights, tables: Tables, depth: int) -> None:
        self.tables, matrix = tables, partial(Matrix, weights)
        self.z_mean, self.z_table = weights.get("means_hyper", "int32", N), weights.get("z.table", "uint8", N)
        exponent = weights.get("context.exponent", "int8", 2 * M)
        if self.z_table.max() > 59 or exponent.min() < -9 or exponent.max() > 4 or np.abs(self.z_mean).max() > 1 << 23:
            raise Refused("ModelError", "The weights leave the range of exact arithmetic.")
        self.scale_left, self.mean_left = exponent[:M] + 9, exponent[M:] + 8
        self.h_s = raising_transform(weights, "h_s", N, [(2, N, 2), (2, 2 * M, 0)], LATENT)
        self.climb = {scale: matrix(f"context_net.{scale - 2}", 2 * M, 2 * M) for scale in (2, 3)}
        nets: list[tuple[list[Layer], list[Layer]]] = []
        for key, depth_1 in (("y_spatial_prior_s1_s2", 1), ("y_spatial_prior_s3", 2)):
            before = [context_block(weights, f"{key}.branch_1.{i}") for i in range(depth_1)]
            last = matrix(f"{key}.branch_2.1", 2 * M, WIDE)
            nets.append((before, [context_block(weights, f"{key}.branch_2.0"), last]))
        self.psi: list[list[Layer]] = [[]]
        self.steps = weights.steps
        turns = [1, *(sum(step.scale == scale for step in self.steps) for scale in (2, 3))]
        for i, step in enumerate(self.steps[1:]):
            before, after = nets[step.scale == 3]
            adaptor = f"y_spatial_prior_adaptor_list_s{step.scale}.{(step.turn - 1) % turns[step.scale - 1]}"
            embedding = scaling(weights, f"adaptive_params_list.{i}", WIDE)
            self.psi.append([matrix(adaptor, WIDE, 3 * M, LATENT), *before, embedding, *after])
        self.gain = scaling(weights, "rate_gain_dec", 101, M)
        self.g_s = synthesis(weights, depth)

    def latents(self, payload: memoryview, height: int, width: int) -> Ints:
        """Those of a tile: height x width x M, multiples of 1/256."""
        if len(payload) < 16 or sum(lengths := struct.unpack_from("<3I", payload)) > len(payload) - 16:
            raise corrupt("a tile is too short")
        starts = [12, *(12 + sum(lengths[:i]) for i in (1, 2, 3)), len(payload) - 4]
        streams = [Stream(payload[start:end], self.tables) for start, end in pairwise(starts)]
        coded: list[bytes] = []

        def pull(stream: int, indices: Ints) -> Ints:
            symbols = streams[stream].pull(indices)
            coded.append(symbols.astype("<i2").tobytes())
            return symbols

        z = 256 * pull(0, np.broadcast_to(self.z_table, (height // 4, width // 4, N))) + self.z_mean
        hyper = through(self.h_s, z.clip(-LATENT, LATENT))
        hypers = {3: [hyper[..., :M], hyper[..., M:]]}
        for scale in (2, 1):
            hypers[scale] = [down(half, scale) for half in hypers[scale + 1]]
        context, y = np.concatenate(hypers[1], axis=2), np.zeros_like(hypers[1][0])
        for step, psi in zip(self.steps, self.psi, strict=True):
            if step.scale > 1 and step.turn == 0:
                filled = [*hypers[step.scale], np.zeros_like(hypers[step.scale][0])]
                for low, high in zip((context[..., :M], context[..., M:], y), filled, strict=True):
                    up(low, step.scale - 1, high)
                context, y = self.climb[step.scale](np.concatenate(filled[:2], axis=2)), filled[2]
            if psi:
                seen = rnd(y, 3).clip(-LATENT, LATENT)
                context = through(psi, np.concatenate((context, seen), axis=2))
            scales, means = context[..., :M] << self.scale_left, context[..., M:]
            means = np.where(self.mean_left < 0, rnd(means, 1), means << self.mean_left.clip(0))
            indices = np.searchsorted(self.tables.thresholds, 8 * pack(scales.clip(0, 32767), step))
            unpack(256 * pull(step.scale, indices) + pack(means, step), step, y)
        for stream in streams:
            stream.finish()
        if struct.pack("<I", zlib.crc32(b"".join(coded))) != payload[-4:]:
            raise mismatch()
        return y


def synthesis(weights: Weights, depth: int) -> Layer:
    """g_s: h x w x M -> 16 h x 16 w x 3 samples."""
    layers = raising_transform(weights, "g_s", M, [(2, 160, 4), (2, 96, 2)])
    name, reach, offset = ("narrow", (0, 255), 0) if depth == 8 else ("wide", (-32768, 32767), 32768)
    layers.append(partial(raise_by, 4, Matrix(weights, f"g_s.branch.8.{name}", 48, 96, FEATURE, reach)))
    return lambda x: through(layers, x) + offset


# Whole pictures: format, "TILE" and "From symbols to pixels"

WINDOW, SEEN = 32, 3
"""Latents a side that g_s works on at once, which bounds memory; and how far a pixel sees beyond its own."""


def spans(pixels: int, padding: int) -> list[tuple[int, int]]:
    """Along one side, the latents of each tile."""
    unit = 4 if padding else 16
    units = -(-pixels // (16 * unit))
    return cut(units, -(-units * unit // 64), unit)


def cut(units: int, count: int, unit: int = 1) -> list[tuple[int, int]]:
    """So many units in `count` parts, the longer ones first."""
    ends = [unit * (i * (units // count) + min(i, units % count)) for i in range(count + 1)]
    return list(pairwise(ends))


def qualities(file: File, height: int, width: int) -> Ints:
    """That of each latent: format, "GAIN"."""
    h = file.header
    rows, columns = -(-h.height // 64), -(-h.width // 64)
    packed = file.parts.get("GAIN")
    raw = bytes(rows * columns) if packed is None else inflate(packed, rows * columns, "GAIN", -zlib.MAX_WBITS)
    offsets = np.frombuffer(raw, np.int8).reshape(rows, columns).astype(np.int64)
    if np.abs(offsets).max() > 100:
        raise corrupt("GAIN cannot be unpacked")
    y, x = (np.minimum(np.arange(n) // 4, last - 1) for n, last in ((height, rows), (width, columns)))
    made: Ints = (h.quality + offsets[y[:, np.newaxis], x]).clip(0, 100)
    return made


def wished(file: File) -> int:
    """The look that the file wishes: format, "look"."""
    payload = file.parts.get("look", bytes(2))
    look = int.from_bytes(payload, "little")
    if len(payload) != 2 or look > 256:
        raise corrupt("look cannot be unpacked")
    return look


def picture(g_s: Layer, gain: Callable[..., Ints], y: Ints, quality: Ints, h: Header) -> npt.NDArray[Any]:
    """Samples of the whole picture, height x width x channels, window by window."""
    samples = np.empty((h.height, h.width, h.channels), f"u{h.depth // 8}")
    for top in range(0, -(-h.height // 16), WINDOW):
        for left in range(0, -(-h.width // 16), WINDOW):
            above, before = max(0, top - SEEN), max(0, left - SEEN)
            seen = slice(above, top + WINDOW + SEEN), slice(before, left + WINDOW + SEEN)
            x = g_s(gain(y[seen].astype(np.int64), quality[seen]))
            if h.channels == 1:
                x = (x.sum(axis=2, keepdims=True) + 1) // 3
            out = samples[16 * top : 16 * (top + WINDOW), 16 * left : 16 * (left + WINDOW)]
            out[...] = x[16 * (top - above) :, 16 * (left - before) :][: out.shape[0], : out.shape[1]]
    return samples


def mixed(faithful: npt.NDArray[Any], natural: npt.NDArray[Any], look: int) -> npt.NDArray[Any]:
    """Arithmetic, "Looks", rule 11."""
    sums = faithful.astype(np.uint32) * np.uint32(256 - look) + natural.astype(np.uint32) * np.uint32(look)
    made: npt.NDArray[Any] = ((sums + np.uint32(128)) >> np.uint32(8)).astype(faithful.dtype)
    return made


READ = (("lite", 2), ("lossless-m", 3))
"""Models and their arithmetic profiles."""


def decode(
    data: bytes,
    weights: Weights,
    tables: Tables | None = None,
    most_pixels: int = MOST_PIXELS,
    natural: Weights | None = None,
    look: int | None = None,
) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None, File]:
    """Samples (height x width x channels, uint8 or uint16), alpha (height x width) or None, and the container. Raises
    Refused.

    tables: files of Lite need them. natural: weights of the natural look; without them the picture is the faithful one.
    look: 0 to 256, otherwise what the file wishes.
    """
    file = read_container(data, most_pixels)
    h = file.header
    if (h.name, h.profile) not in READ:
        what = f"{h.name} in arithmetic profile {h.profile}"
        known = " and ".join(f"{name} in profile {profile}" for name, profile in READ)
        jxl = " Its tiles are JPEG XL, which --parts writes." if h.profile == JPEG_XL else ""
        raise Refused("UnsupportedVersion", f"The file is of {what}; this decoder reads {known}.{jxl}")
    if weights.identity() != h.model_hash:
        sentence = f"The file needs the weights {h.model_hash.hex()} of {h.name}, which these are not."
        raise Refused("MissingModel", sentence)
    if natural is not None and natural.belongs_to != h.model_hash.hex():
        raise Refused("MissingModel", "The natural look is not that of the file's weights.")
    check_notes(file.parts)
    wish = wished(file)
    look = wish if look is None else look
    alpha = read_alpha(file.parts["alph"], h) if h.flags else None
    if h.profile == 3:
        return without_loss(file, weights), alpha, file
    rows, columns = spans(h.height, h.padding), spans(h.width, h.padding)
    if (len(rows), len(columns)) != (h.tile_rows, h.tile_columns) or h.quality > 100:
        raise corrupt("its tiles do not fit its size, or its quality not its model")
    if tables is None:
        raise Refused("ModelError", "Files of lite need its tables, ggm_tables.npz.")
    model, quality = Model(weights, tables, h.depth), qualities(file, rows[-1][1], columns[-1][1])
    y = np.empty((*quality.shape, M), np.int32)
    for tile, ((top, bottom), (left, right)) in zip(file.tiles, ((r, c) for r in rows for c in columns), strict=True):
        y[top:bottom, left:right] = model.latents(tile, bottom - top, right - left)
    samples = picture(model.g_s, model.gain, y, quality, h)
    if natural is not None and look:
        other = picture(synthesis(natural, h.depth), model.gain, y, quality, h)
        reach = min(max(256 * (75 - h.quality) // 25, 0), 256)  # rule 12
        samples = mixed(samples, mixed(samples, other, reach), look)
    return samples, alpha, file


# Pictures without loss: format, "Pictures without loss", and lossless arithmetic

TILE, COLOURS, MIXTURES, FEATURES, HIDDEN, INNER, BLOCKS = 256, 3, 5, 96, 96, 192, 3
At = tuple[Ints, Ints]
"""Rows and columns of pixels."""


def known(counts: Sequence[int]) -> At:
    """Neighbours by row and column, so many of each row from three above and three to the left on."""
    places = [(row - 3, column - 3) for row, count in enumerate(counts) for column in range(count)]
    rows, columns = np.array(places).T
    return rows, columns


EARLIER, ALONG = known((7, 7, 5, 3, 1)), known((7, 7, 6, 4, 2))
"""Those of earlier groups, and with those of the pixel's own: "Tiles and order"."""
Kept = npt.NDArray[np.int16]
"""What is read of a tile's pixels, with zeros around: (height + 4) x (width + 6) x channels."""


def kept(height: int, width: int, channels: int) -> Kept:
    return np.zeros((height + 4, width + 6, channels), np.int16)


def place(at: At) -> At:
    """Where pixels are among what is kept."""
    return at[0] + 3, at[1] + 3


def seen(of: Kept, at: At, neighbourhood: At) -> Ints:
    """n pixels x neighbours x channels."""
    rows, columns = (here[:, np.newaxis] + there for here, there in zip(place(at), neighbourhood, strict=True))
    found: Ints = of[rows, columns].astype(np.int64)
    return found


def within(bound: int) -> tuple[int, int]:
    return -bound, bound


class Block:
    """numbers: "constants" of a block. most: the bound of h."""

    def __init__(self, weights: Weights, key: str, most: int, numbers: Sequence[int]) -> None:
        a, m, self.g, u, self.p, f, self.three, self.gate_shift, self.product_shift = numbers
        matrix = partial(Matrix, weights)
        self.conv_a = matrix(f"{key}.conv_a", FEATURES, FEATURES, most, within(a))
        self.taps = weights.get(f"{key}.context.weight", "int16", FEATURES, len(ALONG[0]))
        largest = a * np.abs(self.taps).sum(axis=1)
        self.bias, self.shift = weights.after_sums(f"{key}.context", FEATURES, largest)
        self.most_m, self.most = within(m), within(most)
        self.conv_v = matrix(f"{key}.conv_v", FEATURES, FEATURES, most, within(u))
        self.conv_out = matrix(f"{key}.conv_out", FEATURES, FEATURES, self.p, self.most)
        self.expand = matrix(f"{key}.mlp.0", INNER, FEATURES, most, within(f))
        self.reduce = matrix(f"{key}.mlp.2", FEATURES, INNER, f, self.most)

    def __call__(self, h: Ints, features: Kept, at: At) -> Ints:
        """h of a group's pixels, n x channels. features: conv_a of all pixels before, which gets that of these."""
        features[place(at)] = self.conv_a(h)
        near = seen(features, at, ALONG)
        m = rnd((near * self.taps.T).sum(axis=1) + self.bias, self.shift).clip(*self.most_m)
        t = (m + self.three).clip(0, 2 * self.three)
        g = rnd(m * t, self.gate_shift).clip(*within(self.g))
        p = rnd(g * self.conv_v(h), self.product_shift).clip(*within(self.p))
        h = (h + self.conv_out(p)).clip(*self.most)
        return (h + self.reduce(leaky(self.expand(h)))).clip(*self.most)


class Lossless:
    """lossless-m."""

    def __init__(self, weights: Weights) -> None:
        most, *numbers, most_hidden = weights.get("constants", "int32", 2 + 9 * BLOCKS).tolist()
        by_block = [numbers[9 * i : 9 * i + 9] for i in range(BLOCKS)]
        limits = [(1, 32767)] * 2 + ([(1, 32767)] * 6 + [(1, 16383), (0, 30), (0, 30)]) * BLOCKS
        constants = (most, most_hidden, *numbers)
        if not all(low <= one <= high for one, (low, high) in zip(constants, limits, strict=True)):
            raise Refused("ModelError", "The weights constants leave the range of exact arithmetic.")
        matrix, inputs = partial(Matrix, weights), 4 * len(EARLIER[0])
        self.predict = matrix("predict", COLOURS, inputs, 128, within(1 << 17))
        self.embed = matrix("embed", FEATURES, inputs, 128, within(most))
        self.blocks = [Block(weights, f"blocks.{i}", most, by_block[i]) for i in range(BLOCKS)]
        self.head = matrix("head.0", HIDDEN, FEATURES, most, within(most_hidden))
        self.out = matrix("head.2", 10 * MIXTURES, HIDDEN, most_hidden, within(1 << 20))
        tops = np.array([1 << 20, *[1 << 17] * 3, *[448] * 3, *[2048] * 3]).repeat(MIXTURES)
        self.tops, self.lows = tops, {8: np.where(tops == 448, -128, -tops), 16: np.where(tops == 448, -320, -tops)}

    def samples(self, payload: memoryview, height: int, width: int, h: Header) -> npt.NDArray[Any]:
        """Those of a tile: height x width x channels."""
        stream, finer = PixelStream(payload, h), h.depth - 8
        planes, samples = kept(height, width, 4), np.empty((height, width, h.channels), f"<u{h.depth // 8}")
        planes[3:-1, 3:-3, 3] = 64 << finer
        features = [kept(height, width, FEATURES) for _ in self.blocks]
        for group in range(width + 2 * (height - 1)):
            rows = np.arange(max(0, (group - width) // 2 + 1), min(height, group // 2 + 1))
            if not len(rows):  # Every other group of a tile with one column.
                continue
            at = rows, group - 2 * rows
            near = seen(planes, at, EARLIER).transpose(0, 2, 1).reshape(len(rows), -1)
            x = self.embed(near, finer)
            for block, of_block in zip(self.blocks, features, strict=True):
                x = block(x, of_block, at)
            said = self.out(leaky(self.head(x))).clip(self.lows[h.depth], self.tops)
            pixels = zip(said.tolist(), self.predict(near, finer).tolist(), strict=True)
            samples[at] = [stream.pixel(of_pixel, prediction) for of_pixel, prediction in pixels]
            planes[..., :COLOURS][place(at)] = samples[at].astype(np.int32) - (128 << finer)
        stream.finish(samples)
        return samples


@cache
def pixel_tables() -> tuple[list[int], list[int], list[int], list[int]]:
    """POWER, INVERSE, LOGISTIC and FINE."""
    two = Decimal(2)
    power = [two ** (16 - Decimal(i) / 1024) for i in range(1024)]
    inverse = [two ** (16 - Decimal(i - 320) / 64) for i in range(769)]
    logistic, fine = ([one / (1 + (Decimal(3072 - i) / 256).exp()) for i in range(6145)] for one in (65536, 1 << 24))
    rounded = [[int(value.to_integral_value()) for value in table] for table in (power, inverse, logistic, fine)]
    return rounded[0], rounded[1], rounded[2], rounded[3]


Parts = list[tuple[int, int, int]]
"""Weight, mean and 2^16 over the scale of every component of a mixture."""


class PixelStream:
    """The rANS stream of a tile, and of what distributions its samples are. All integers are Python's."""

    def __init__(self, data: memoryview, h: Header) -> None:
        if len(data) < 12 or len(data) % 4:
            raise mismatch()
        self.channels, self.deep = h.channels, h.depth == 16
        begin, *words, self.checksum = struct.unpack(f"<Q{len(data) // 4 - 3}II", data)
        self.state, self.words = begin & ~(1 << 63), words[::-1]
        if begin >> 63:
            if self.channels == 1:
                raise mismatch()
            self.channels = 1
        self.power, self.inverse, self.logistic, self.fine = pixel_tables()
        if not LOWEST <= self.state < 1 << 62:
            raise mismatch()

    def pixel(self, said: list[int], prediction: list[int]) -> list[int]:
        """Its samples. said: what the head gives."""
        k = MIXTURES
        below = [min(max(said[:k]) - logit, 1 << 14) for logit in said[:k]]
        weights = [0 if d >> 10 == 16 else self.power[d & 1023] + ((1 << (d >> 10)) >> 1) >> (d >> 10) for d in below]
        away, values = list[int](), list[int]()
        for colour in range(self.channels):
            parts = []
            for j in range(k):
                alpha, beta, gamma = said[7 * k + 3 * j : 7 * k + 3 * j + 3]
                slopes = ((), (alpha,), (beta, gamma))[colour]
                moved = sum(slope * d for slope, d in zip(slopes, away, strict=True)) + 512 >> 10
                mean = prediction[colour] + said[k + 3 * j + colour] + moved
                parts.append((weights[j], mean, self.inverse[320 + said[4 * k + 3 * j + colour]]))
            if self.deep:
                upper = self.pull(partial(self.part, 0, 256, parts))
                values.append(256 * upper + self.pull(partial(self.part, 256 * upper, 1, parts)))
            else:
                values.append(self.pull(partial(self.cum, parts)))
            away.append((1 if self.deep else 256) * values[-1] - prediction[colour])
        return values

    def pull(self, cum: Callable[[int], int]) -> int:
        """The next of 256 values."""
        slot, value = self.state & 0x3FFFF, 0
        for step in (128, 64, 32, 16, 8, 4, 2, 1):
            value += step if cum(value + step) <= slot else 0
        start, end = cum(value), cum(value + 1)
        self.state = refilled((end - start) * (self.state >> 18) + slot - start, self.words)
        return value

    def part(self, e0: int, step: int, parts: Parts, b: int) -> int:
        """cum(b) of one half of a sample of 16 bits."""
        low, high = self.edge(e0, parts), self.edge(e0 + 256 * step, parts)
        if low == high:
            return b << 10
        return (self.edge(e0 + b * step, parts) - low) * ((1 << 18) - 256) // (high - low) + b

    def edge(self, e: int, parts: Parts) -> int:
        if e in (0, 1 << 16):
            return sum(weight for weight, *_ in parts) << 24 if e else 0
        inside = 0
        for weight, mean, inverse in parts:
            j, f = divmod(max(-786432, min((e - mean) * inverse >> 8, 786431)), 256)
            here, there = self.fine[3072 + j], self.fine[3073 + j]
            inside += weight * (here + ((there - here) * f >> 8))
        return inside

    def cum(self, parts: Parts, b: int) -> int:
        if b in (0, 256):
            return b << 10
        inside, total = 0, 0
        for weight, mean, inverse in parts:
            t = max(-3072, min((256 * b - 128 - mean) * inverse >> 16, 3072))
            inside += weight * self.logistic[3072 + t]
            total += weight
        return inside * ((1 << 18) - 256) // (total << 16) + b

    def finish(self, samples: npt.NDArray[Any]) -> None:
        if self.words or self.state != LOWEST or zlib.crc32(samples.tobytes()) != self.checksum:
            raise mismatch()


def without_loss(file: File, weights: Weights) -> npt.NDArray[Any]:
    """Samples of the whole picture, height x width x channels."""
    h = file.header
    rows, columns = (cut(side, -(-side // TILE)) for side in (h.height, h.width))
    if (len(rows), len(columns), h.padding, h.quality) != (h.tile_rows, h.tile_columns, 0, 255):
        raise corrupt("its tiles do not fit its size, or its quality or padding not its model")
    if "GAIN" in file.parts:
        raise corrupt("it says that parts are kept better")
    model, samples = Lossless(weights), np.empty((h.height, h.width, h.channels), f"u{h.depth // 8}")
    for tile, ((top, bottom), (left, right)) in zip(file.tiles, ((r, c) for r in rows for c in columns), strict=True):
        samples[top:bottom, left:right] = model.samples(tile, bottom - top, right - left, h)
    return samples


# PNG: alpha comes as one, pictures leave as one (ISO/IEC 15948)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = ((0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1))
"""First row, rows apart, first column, columns apart of each pass of an interlaced file."""
CODE_POINTS = {1: (1, 13), 2: (12, 13), 4: (9, 14), 5: (1, 8), 6: (9, 16), 7: (9, 18), 8: (12, 16), 9: (12, 18)}
"""Primaries and transfer of a colour space by ITU-T H.273, which has none for Adobe RGB."""


def read_alpha(data: bytes, h: Header) -> npt.NDArray[Any]:
    """A grey PNG of the header's size and depth, height x width: format, "alph"."""
    damaged = corrupt("its alpha plane cannot be read")
    position, packed, kind, head = 8, list[bytes](), b"", b""
    while kind != b"IEND":
        if data[:8] != SIGNATURE or len(data) < position + 12:
            raise damaged
        length, kind = struct.unpack_from(">I4s", data, position)
        content, position = data[position + 8 : position + 8 + length], position + 12 + length
        if data[position - 4 : position] != struct.pack(">I", zlib.crc32(kind + content)) or kind == b"tRNS":
            raise damaged
        if not head:
            head, grey = content, struct.pack(">IIBBBB", h.width, h.height, h.depth, 0, 0, 0)
            if kind != b"IHDR" or head not in (grey + b"\0", grey + b"\1"):
                raise damaged
        packed += [content] if kind == b"IDAT" else []
    size = h.depth // 8
    plane = np.empty((h.height, h.width), f">u{size}")
    passes = [plane[a::b, c::d] for a, b, c, d in (ADAM7 if head[12:] == b"\1" else ((0, 1, 0, 1),))]
    passes = [each for each in passes if each.size]
    raw, end = inflate(b"".join(packed), sum(len(each) + each.nbytes for each in passes), "its alpha plane"), 0
    for each in passes:
        start, end = end, end + len(each) + each.nbytes
        rows = np.frombuffer(raw[start:end], np.uint8).reshape(len(each), -1)
        if rows[:, 0].max() > 4:
            raise damaged
        each[...] = unfiltered(rows, size).view(plane.dtype)
    return plane.astype(f"u{size}")


def unfiltered(rows: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """The bytes of filtered rows, whose first bytes are the filters. size: bytes a pixel."""
    above, lines = [0] * (rows.shape[1] - 1 + size), []
    for kind, *line in rows.tolist():
        line = [0] * size + line
        for i in range(size, len(line) if kind else 0):
            a, b, c = line[i - size], above[i], above[i - size]
            paeth = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2] if kind == 4 else 0
            line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        lines.append(line[size:])
        above = line
    return np.array(lines, np.uint8)


def png(samples: npt.NDArray[Any], file: File) -> bytes:
    """Samples (height x width x channels, alpha last) as a PNG file that says their colours."""
    height, width, channels = samples.shape
    rows = samples.astype(samples.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    kind, space = (0, 4, 2, 6)[channels - 1], file.header.colour_space
    chunks = {b"IHDR": struct.pack(">IIBBBBB", width, height, file.header.depth, kind, 0, 0, 0)}
    if "iccp" in file.parts:
        chunks[b"iCCP"] = b"ICC profile\0\0" + zlib.compress(file.parts["iccp"])
    elif space in CODE_POINTS:
        chunks[b"cICP"] = bytes([*CODE_POINTS[space], 0, 1])
    elif space:
        chunks[b"gAMA"] = struct.pack(">I", round(100000 * 256 / 563))
        chunks[b"cHRM"] = struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
    chunks |= {b"IDAT": zlib.compress(np.insert(rows, 0, 0, axis=1).tobytes()), b"IEND": b""}
    packed = (
        struct.pack(">I", len(c)) + name + c + struct.pack(">I", zlib.crc32(name + c)) for name, c in chunks.items()
    )
    return SIGNATURE + b"".join(packed)


def parts(file: File) -> Iterator[tuple[str, bytes]]:
    """What is beside the picture, by name; of a file without loss the picture too: format, "Pictures without loss"."""
    yield from file.parts.items()
    for number, tile in enumerate(file.tiles if file.header.profile == JPEG_XL else ()):
        yield f"tile-{number}.jxl", bytes(tile[:-4])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path, help="the .hpcm file")
    parser.add_argument("weights", type=Path, help="lite.safetensors or another, of the identity that the file names")
    parser.add_argument("tables", type=Path, nargs="?", help="ggm_tables.npz, for files of lite")
    parser.add_argument("output", type=Path, help=".png, or .npy: height x width x channels, alpha last")
    parser.add_argument("--parts", type=Path, help="folder for ICC profile, EXIF, XMP and what else is in the file")
    parser.add_argument("--natural", type=Path, help="lite.natural.safetensors: the picture in the look of --look")
    parser.add_argument("--look", type=int, choices=range(257), metavar="0..256", help="else what the file wishes")
    parser.add_argument("--most-pixels", type=int, default=MOST_PIXELS, help="refuse larger pictures")
    options = parser.parse_args(arguments)
    if options.look and not options.natural:
        parser.error("a look needs its weights: --natural")
    if options.output.suffix not in (".png", ".npy"):
        parser.error("the output is .png or .npy")
    try:
        weights, tables = Weights(options.weights), Tables(options.tables) if options.tables else None
        natural = Weights(options.natural) if options.natural else None
        data = options.file.read_bytes()
        for name, content in parts(read_container(data, options.most_pixels)) if options.parts else ():
            options.parts.mkdir(parents=True, exist_ok=True)
            (options.parts / name).write_bytes(content)
        samples, alpha, file = decode(data, weights, tables, options.most_pixels, natural, options.look)
        if alpha is not None:
            samples = np.concatenate((samples, alpha[..., np.newaxis]), axis=2)
        unfinished = options.output.with_name(options.output.name + ".part")
        with unfinished.open("wb") as target:
            if options.output.suffix == ".npy":
                np.save(target, samples)
            else:
                target.write(png(samples, file))
        os.replace(unfinished, options.output)
    except Refused as refused:
        print(f"{refused.kind}: {refused}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
