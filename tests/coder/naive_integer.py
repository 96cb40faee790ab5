"""The operations of arithmetic profile 2 in plain loops over taps, with divisions where kernels shift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEATURE_MAX = 16383


@dataclass(frozen=True)
class Layer:
    """A matrix (outputs x inputs) or, if depthwise, 9 x channels."""

    weight: np.ndarray
    bias: np.ndarray
    shift: np.ndarray
    low: int = -FEATURE_MAX
    high: int = FEATURE_MAX
    leaky: bool = False
    limit: int = FEATURE_MAX

    def finish(self, sums: np.ndarray) -> np.ndarray:
        unit = 2 ** self.shift.astype(np.int64)
        n = np.clip((sums + self.bias + unit // 2) // unit, self.low, self.high)
        return np.where(n < 0, (n * 328 + 2**14) // 2**15, n) if self.leaky else n

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """H x W x inputs."""
        return self.finish(np.einsum("hwk,ok->hwo", x.astype(np.int64), self.weight.astype(np.int64)))


def patches(x: np.ndarray, side: int, layer: Layer) -> np.ndarray:
    taps = [x[dy::side, dx::side] for dy in range(side) for dx in range(side)]
    return layer(np.concatenate(taps, axis=2))


def spread(x: np.ndarray, side: int, layer: Layer) -> np.ndarray:
    found = layer(x)
    channels = found.shape[2] // side**2
    out = np.empty((x.shape[0] * side, x.shape[1] * side, channels), np.int64)
    for tap in range(side**2):
        out[tap // side :: side, tap % side :: side] = found[..., tap * channels : (tap + 1) * channels]
    return out


def partial_block(x: np.ndarray, conv: Layer, expand: Layer, reduce: Layer) -> np.ndarray:
    split = len(conv.weight)
    mixed = conv(np.concatenate([_seen(x[..., :split], tap) for tap in range(9)], axis=2))
    return _added(x, np.concatenate([mixed, x[..., split:]], axis=2), expand, reduce)


def depthwise_block(x: np.ndarray, conv: Layer, expand: Layer, reduce: Layer) -> np.ndarray:
    sums = sum(_seen(x, tap) * conv.weight[tap].astype(np.int64) for tap in range(9))
    return _added(x, conv.finish(sums), expand, reduce)


def drawn(draw: np.random.Generator, outputs: int, inputs: int, depthwise: bool = False, **options: int) -> Layer:
    """Weights and biases that reach the ends of 32 bits; shifts of all sizes."""
    limit = options.get("limit", FEATURE_MAX)
    shape = (inputs, outputs) if depthwise else (outputs, inputs)
    most = min(32767, (2**31 - 2**29) // limit // inputs)
    weight = draw.integers(-most, most + 1, shape).astype(np.int16)
    sums = limit * np.abs(weight.astype(np.int64)).sum(axis=0 if depthwise else 1)
    shift = np.where(draw.random(outputs) < 0.5, draw.integers(0, 31, outputs), draw.integers(10, 18, outputs))
    room = 2**31 - 1 - sums - 2**shift // 2
    part = np.where(draw.random(outputs) < 0.3, 1, draw.random(outputs) / 64)  # few to the end, so that sums count
    bias = np.floor(room * part).astype(np.int64) * draw.choice([-1, 1], outputs)
    return Layer(weight, bias.astype(np.int32), shift.astype(np.uint8), **options)


def _seen(x: np.ndarray, tap: int) -> np.ndarray:
    """x as one tap of a 3x3 kernel sees it, zeros outside."""
    out = np.zeros(x.shape, np.int64)
    height, width, _ = x.shape
    for row in range(height):
        for column in range(width):
            y, z = row + tap // 3 - 1, column + tap % 3 - 1
            if 0 <= y < height and 0 <= z < width:
                out[row, column] = x[y, z]
    return out


def _added(x: np.ndarray, joined: np.ndarray, expand: Layer, reduce: Layer) -> np.ndarray:
    return np.clip(reduce(expand(joined)) + x, reduce.low, reduce.high)
