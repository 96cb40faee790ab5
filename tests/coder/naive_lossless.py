"""Arithmetic profile 3 in plain loops, with divisions where kernels shift and nothing kept but whole tiles."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from hpcm_core.models.lossless.counts import Counts

TOTAL = 2**18
BEFORE = [(row, column) for row, end in ((-3, 4), (-2, 4), (-1, 2), (0, 0), (1, -2)) for column in range(-3, end)]
ALONG = [(row, column) for row, end in ((-3, 4), (-2, 4), (-1, 3), (0, 1), (1, -1)) for column in range(-3, end)]


@dataclass(frozen=True)
class Size:
    channels: int = 6
    blocks: int = 2
    between: int = 9
    hidden: int = 7
    mixtures: int = 3


M = Size(96, 3, 192, 96, 5)


def drawn(draw: np.random.Generator, size: Size, extreme: bool = False) -> dict[str, np.ndarray]:
    """A model's arrays. extreme: bounds that are met, sums near the end of 32 bits, and constants of any size."""
    arrays: dict[str, np.ndarray] = {}

    def bound() -> int:
        return int(draw.choice([1, 40, 3000, 32767])) if extreme else 32767

    def matrix(name: str, outputs: int, inputs: int, limit: int, spread: float) -> None:
        """spread: of what comes out, for inputs of a tenth of their limit."""
        most = min(32767, (2**31 - 2**26) // limit // inputs)
        weight = draw.integers(-most, most + 1, (outputs, inputs))
        room = 2**31 - 1 - limit * np.abs(weight).sum(axis=1)
        size = most / np.sqrt(3) * np.sqrt(inputs) * limit / 10
        shift = np.clip(np.round(np.log2(size / spread)) + draw.integers(-1, 2, outputs), 0, 25)
        half = np.where(shift > 0, 2.0 ** (shift - 1), 0).astype(np.int64)
        bias = draw.integers(-1, 2, outputs) * np.minimum(room - half, (spread * 2.0**shift).astype(np.int64))
        if extreme:
            bias = np.where(draw.random(outputs) < 0.3, (room - half) * draw.choice([-1, 1], outputs), bias)
        arrays[f"{name}.weight"] = weight.astype(np.int16)
        arrays[f"{name}.bias"] = bias.astype(np.int32)
        arrays[f"{name}.shift"] = shift.astype(np.uint8)

    wide, features, constants = size.channels, bound(), []
    matrix("predict", 3, 92, 128, 2**14)
    matrix("embed", wide, 92, 128, features / 10)
    for i in range(size.blocks):
        a, m, g, u, p, f = (bound() for _ in range(6))
        matrix(f"blocks.{i}.conv_a", wide, wide, features, a / 10)
        matrix(f"blocks.{i}.context", wide, 26, a, m / 10)
        matrix(f"blocks.{i}.conv_v", wide, wide, features, u / 10)
        matrix(f"blocks.{i}.conv_out", wide, wide, p, features / 20)
        matrix(f"blocks.{i}.mlp.0", size.between, wide, features, f / 10)
        matrix(f"blocks.{i}.mlp.2", wide, size.between, f, features / 20)
        gate = [int(draw.choice([1, 700, 16383])), *draw.integers(0, 31, 2).tolist()] if extreme else [6000, 13, 13]
        constants += [a, m, g, u, p, f, *gate]
    hidden = bound()
    matrix("head.0", size.hidden, wide, features, hidden / 10)
    matrix("head.2", 10 * size.mixtures, size.hidden, hidden, 2**20 if extreme else 500)
    arrays["constants"] = np.array([features, *constants, hidden], np.int32)
    return arrays


class Naive:
    def __init__(self, arrays: dict[str, np.ndarray], order: tuple[int, int, int] = (0, 1, 2)) -> None:
        self._arrays = {name: array.astype(np.int64) for name, array in arrays.items()}
        self._order = list(order)
        constants = arrays["constants"].tolist()
        self._features, self._hidden = constants[0], constants[-1]
        self._blocks = [constants[1 + 9 * i : 10 + 9 * i] for i in range(len(constants) // 9)]
        self.mixtures = len(arrays["head.2.bias"]) // 10

    def heads(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        height, width, _ = samples.shape
        unit = 256 if samples.itemsize == 2 else 1
        planes = np.full((height, width, 4), 64 * unit, np.int64)
        planes[..., :3] = self._ordered(samples) - 128 * unit
        seen = [[np.stack(self._near(planes, BEFORE, r, c)).T.ravel() for c in range(width)] for r in range(height)]
        near = np.array(seen)
        prediction = self._matrix("predict", near, 2**17, unit=unit)
        h = self._matrix("embed", near, self._features, unit=unit)
        for i, block in enumerate(self._blocks):
            h = self._block(f"blocks.{i}", h, *block)
        head = self._matrix("head.2", self._matrix("head.0", h, self._hidden, leaky=True), 2**30)
        k = self.mixtures
        low = np.repeat([-(2**20), -(2**17), -128 if unit == 1 else -320, -2048], [k, 3 * k, 3 * k, 3 * k])
        high = np.repeat([2**20, 2**17, 448, 2048], [k, 3 * k, 3 * k, 3 * k])
        return np.clip(head, low, high), prediction

    def encode(self, samples: np.ndarray) -> bytes:
        height, width, channels = samples.shape
        head, prediction = self.heads(samples)
        deep = samples.itemsize == 2
        equal = channels == 3 and all(red == green == blue for red, green, blue in samples.reshape(-1, 3).tolist())
        intervals = []
        for row, column in coding_order(height, width):
            values = self._ordered(samples)[row, column].tolist()
            for colour in range(1 if equal else channels):
                counts = self._counts(head[row, column], prediction[row, column], values, colour, deep)
                coded = [(counts, values[colour])]
                if deep:
                    upper, lower = divmod(values[colour], 256)
                    coded = [(counts, upper), (counts.lower(np.array([upper])), lower)]
                for one, value in coded:
                    start, count = one.interval(np.array([value]))
                    intervals.append((int(start[0]), int(count[0])))
        x, words = 2**30, b""
        for start, count in reversed(intervals):
            if x >= count * 2**44:
                words = (x % 2**32).to_bytes(4, "little") + words
                x //= 2**32
            x = TOTAL * (x // count) + start + x % count
        x += 2**63 if equal else 0
        return x.to_bytes(8, "little") + words + zlib.crc32(samples.tobytes()).to_bytes(4, "little")

    def _ordered(self, samples: np.ndarray) -> np.ndarray:
        return samples[..., self._order if samples.shape[2] == 3 else [0, 0, 0]].astype(np.int64)

    def _counts(self, head: np.ndarray, prediction: np.ndarray, values: list[int], colour: int, deep: bool) -> Counts:
        k = self.mixtures
        means, scales, coefficients = head[k:].reshape(3, k, 3)
        first, second = ((1 if deep else 256) * values[i] - prediction[i] for i in (0, 1))
        more = [0, coefficients[:, 0] * first, coefficients[:, 1] * first + coefficients[:, 2] * second][colour]
        mean = prediction[colour] + means[:, colour] + (more + 512) // 1024
        return Counts.of(head[None, :k], mean[None], scales[None, :, colour], deep)

    def _matrix(self, name: str, x: np.ndarray, bound: int, leaky: bool = False, unit: int = 1) -> np.ndarray:
        """unit: of what goes in, how many make one of the weights' inputs."""
        sums = np.einsum("hwk,ok->hwo", x, self._arrays[f"{name}.weight"])
        return self._finish(name, sums, bound, leaky, unit)

    def _finish(self, name: str, sums: np.ndarray, bound: int, leaky: bool = False, over: int = 1) -> np.ndarray:
        unit = over * 2 ** self._arrays[f"{name}.shift"]
        n = np.clip((sums + over * self._arrays[f"{name}.bias"] + unit // 2) // unit, -bound, bound)
        return np.where(n < 0, (n * 41 + 2**11) // 2**12, n) if leaky else n

    def _block(self, name: str, h: np.ndarray, *constants: int) -> np.ndarray:
        bound_a, bound_m, bound_g, bound_u, bound_p, bound_f, three, inner, outer = constants
        height, width, _ = h.shape
        a = self._matrix(f"{name}.conv_a", h, bound_a)
        taps = self._arrays[f"{name}.context.weight"].T
        sums = [
            [(np.stack(self._near(a, ALONG, r, c)) * taps).sum(axis=0) for c in range(width)] for r in range(height)
        ]
        m = self._finish(f"{name}.context", np.array(sums), bound_m)
        g = np.clip((m * np.clip(m + three, 0, 2 * three) + 2**inner // 2) // 2**inner, -bound_g, bound_g)
        p = g * self._matrix(f"{name}.conv_v", h, bound_u)
        p = np.clip((p + 2**outer // 2) // 2**outer, -bound_p, bound_p)
        h = self._add(h, self._matrix(f"{name}.conv_out", p, self._features))
        f = self._matrix(f"{name}.mlp.0", h, bound_f, leaky=True)
        return self._add(h, self._matrix(f"{name}.mlp.2", f, self._features))

    def _add(self, h: np.ndarray, more: np.ndarray) -> np.ndarray:
        return np.clip(h + more, -self._features, self._features)

    @staticmethod
    def _near(x: np.ndarray, taps: list[tuple[int, int]], row: int, column: int) -> list[np.ndarray]:
        height, width, channels = x.shape
        inside = [0 <= row + r < height and 0 <= column + c < width for r, c in taps]
        nothing = np.zeros(channels, np.int64)
        return [x[row + r, column + c] if here else nothing for (r, c), here in zip(taps, inside, strict=True)]


def coding_order(height: int, width: int) -> list[tuple[int, int]]:
    return sorted(((r, c) for r in range(height) for c in range(width)), key=lambda at: (at[1] + 2 * at[0], at[0]))
