"""Speed and size of the coder beside CompressAI's and constriction's, in one run on the same symbols and tables.

    pip install --no-deps compressai constriction
    python tests/bench/bench_coder.py

The tables are those of the Generalized Gaussian with shape 1.5 at 60 scales; the symbols are drawn from that
distribution at scales in between, about 1 bit each. All coders run in one thread, and take turns.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from coder import Decoder, Encoder, Tables

SHAPE = 1.5
SCALES = np.exp(np.linspace(math.log(0.12), math.log(64), 60))


@dataclass(frozen=True)
class Data:
    """Symbols, the index of the table of each, and the tables."""

    symbols: np.ndarray  # int32
    indices: np.ndarray  # uint8
    scales: np.ndarray  # float64, of the continuous distributions
    cdf: np.ndarray  # int32 (T, L)
    lengths: np.ndarray
    offsets: np.ndarray


@dataclass
class Coder:
    """Something that encodes the data into bytes and back, and how long it took."""

    name: str
    encode: Callable[[], bytes]
    decode: Callable[[bytes], Iterable[int]]
    in_order: np.ndarray  # the symbols as it decodes them
    encode_times: list[float] = field(default_factory=list)
    decode_times: list[float] = field(default_factory=list)
    size: int = 0

    def run(self) -> None:
        start = time.perf_counter()
        data = self.encode()
        middle = time.perf_counter()
        symbols = self.decode(data)
        end = time.perf_counter()
        assert np.array_equal(np.asarray(symbols), self.in_order), self.name
        self.encode_times.append(middle - start)
        self.decode_times.append(end - middle)
        self.size = len(data)


def cumulative(t: np.ndarray) -> np.ndarray:
    """Distribution function of the Generalized Gaussian with scale 1."""
    power = torch.from_numpy(np.abs(t) ** SHAPE)
    tail = torch.special.gammaincc(torch.full_like(power, 1 / SHAPE), power).numpy() / 2
    return np.where(t < 0, tail, 1 - tail)


def probability(values: np.ndarray, scales: np.ndarray | float) -> np.ndarray:
    """Probability of integers; by symmetry from the left tail, where it keeps its precision."""
    values = -np.abs(values)
    return cumulative((values + 0.5) / scales) - cumulative((values - 0.5) / scales)


def table(scale: float) -> np.ndarray:
    """Cumulative frequencies of -c .. c and of the escape."""
    c = math.ceil(5.42691097558631 * scale)
    frequencies = np.maximum(1, np.round(65536 * probability(np.arange(-c, c + 1), scale)))
    frequencies = np.append(frequencies, 1).astype(np.int32)
    frequencies[c] += 65536 - frequencies.sum()
    return np.append(0, np.cumsum(frequencies))


def make_data(count: int) -> Data:
    rows = [table(scale) for scale in SCALES]
    cdf = np.zeros((len(rows), max(map(len, rows))), np.int32)
    for t, row in enumerate(rows):
        cdf[t, : len(row)] = row
    lengths = np.array([len(row) for row in rows], np.int32)
    offsets = -(lengths - 3) // 2

    rng = np.random.default_rng(0)
    scales = np.minimum(0.12 * np.exp(rng.exponential(1.3, count)), 64)
    indices = np.searchsorted(SCALES[:-1], scales).astype(np.uint8)
    deviations = rng.gamma(1 / SHAPE, size=count) ** (1 / SHAPE) * scales * rng.choice([-1, 1], count)
    c = -offsets[indices]  # no escapes, which constriction does not have
    return Data(np.clip(np.round(deviations), -c, c).astype(np.int32), indices, scales, cdf, lengths, offsets)


def hpcm(data: Data, tables: Tables) -> Coder:
    def encode() -> bytes:
        encoder = Encoder(tables)
        encoder.push(data.symbols, data.indices)
        return encoder.finish()

    def decode(stream: bytes) -> np.ndarray:
        decoder = Decoder(stream, tables)
        symbols = decoder.pull(data.indices)
        decoder.finish()
        return symbols

    return Coder("hpcm", encode, decode, data.symbols)


def compressai(data: Data) -> Coder:
    ans = load_compressai_ans()
    start = time.perf_counter()
    symbols, indices = data.symbols.tolist(), data.indices.tolist()
    taken = time.perf_counter() - start
    tables = data.cdf.tolist(), data.lengths.tolist(), data.offsets.tolist()
    print(f"compressai: {1e3 * taken:.0f} ms to turn arrays into the lists that it takes are not counted.")
    encoder, decoder = ans.RansEncoder(), ans.RansDecoder()
    return Coder(
        "compressai",
        lambda: encoder.encode_with_indexes(symbols, indices, *tables),
        lambda stream: decoder.decode_with_indexes(stream, indices, *tables),
        data.symbols,
    )


def load_compressai_ans() -> ModuleType:
    """Its extension alone: the package would import much that this does not need."""
    package = importlib.util.find_spec("compressai")
    if package is None or not package.submodule_search_locations:
        raise ImportError
    (path,) = Path(package.submodule_search_locations[0]).glob("ans.*")
    spec = importlib.util.spec_from_file_location("compressai.ans", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def constriction(data: Data) -> Coder:
    """With the symbols grouped by table, since it takes one table a call."""
    import constriction

    groups = []
    for t, length in enumerate(data.lengths):
        frequencies = np.diff(data.cdf[t, :length]).astype(np.float64)
        model = constriction.stream.model.Categorical(frequencies / 65536, perfect=False, lazy=False)
        symbols = data.symbols[data.indices == t] - data.offsets[t]
        if len(symbols):
            groups.append((symbols.astype(np.int32), model))

    def encode() -> bytes:
        ans = constriction.stream.stack.AnsCoder()
        for symbols, model in reversed(groups):
            ans.encode_reverse(symbols, model)
        return ans.get_compressed().tobytes()

    def decode(stream: bytes) -> np.ndarray:
        ans = constriction.stream.stack.AnsCoder(np.frombuffer(stream, np.uint32))
        return np.concatenate([ans.decode(model, len(symbols)) for symbols, model in groups])

    return Coder("constriction", encode, decode, np.concatenate([symbols for symbols, _ in groups]))


def if_installed(make: Callable[[Data], Coder], data: Data) -> Coder | None:
    try:
        return make(data)
    except ImportError:
        print(f"{make.__name__}: not installed, left out.")
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=1_000_000)
    parser.add_argument("--repetitions", type=int, default=15)
    arguments = parser.parse_args()

    data = make_data(arguments.symbols)
    start = time.perf_counter()
    tables = Tables(data.cdf, data.lengths, data.offsets)
    prepared = time.perf_counter() - start
    coders = [hpcm(data, tables)]
    coders += [coder for make in (compressai, constriction) if (coder := if_installed(make, data))]
    for _ in range(arguments.repetitions):
        for coder in coders:
            coder.run()

    count = len(data.symbols)
    ideal = float(tables.bits(data.symbols, data.indices).sum(dtype=np.float64)) / 8
    likelihood = np.maximum(probability(data.symbols, np.maximum(data.scales, 0.12)), 1e-9)
    continuous = float(-np.log2(likelihood).sum()) / 8

    print(f"{count} symbols of {8 * ideal / count:.3f} bits, {arguments.repetitions} repetitions; {platform.machine()}")
    print(f"{'coder':14}{'bytes':>10}{'encode':>10}{'decode':>10}   Msym/s, medians; ratios of hpcm to it")
    speeds = [
        (count / 1e6 / statistics.median(c.encode_times), count / 1e6 / statistics.median(c.decode_times))
        for c in coders
    ]
    for coder, speed in zip(coders, speeds, strict=True):
        ratios = "".join(f"{ours / its:8.1f}x" for ours, its in zip(speeds[0], speed, strict=True))
        print(f"{coder.name:14}{coder.size:10}{speed[0]:10.1f}{speed[1]:10.1f}   {ratios}")
    print(
        f"payload against the frequencies' cost: {coders[0].size - ideal:+.1f} bytes, {coders[0].size / ideal - 1:+.4%}"
    )
    print(
        f"tables against the continuous likelihood: {ideal / continuous - 1:+.3%} (scales are rounded up to a table's)"
    )
    print(f"preparing the tables: {1e3 * prepared:.1f} ms")
    print("Timings are noisy, above all where the machine is shared: compare ratios of one run, and of several runs.")


if __name__ == "__main__":
    main()
