"""Speed of the operations of arithmetic profile 2 beside float32 convolutions of torch: `make bench-integer`.

Products a second of every operation at shapes of the bundled model, by every instruction set in turn, and what torch
does with the products of the same shape on as many threads. Rounds are interleaved, so that all meet the same
disturbances; the best of each counts, in processor time of the calling thread with one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch.nn import functional

from hpcm_core.integer.layers import Depthwise, DepthwiseBlock, Matrix, PartialBlock, Tensor
from hpcm_core.integer.native import Native, instruction_sets

Case = tuple[int, Callable[[Native], object], Callable[[], object]]
"""Products, the operation, and torch's."""


def matrix(outputs: int, inputs: int, *, leaky: bool = False) -> Matrix:
    weight = np.random.default_rng(1).integers(-99, 100, (outputs, inputs)).astype(np.int16)
    return Matrix(weight, np.zeros(outputs, np.int32), np.full(outputs, 12, np.uint8), leaky=leaky)


def features(height: int, width: int, channels: int) -> tuple[Tensor, torch.Tensor]:
    x = np.random.default_rng(2).integers(-9999, 10000, (height, width, channels)).astype(np.int16)
    floats = torch.from_numpy(x.astype(np.float32)).permute(2, 0, 1)[None]
    return x, floats.contiguous(memory_format=torch.channels_last)


def floats(outputs: int, inputs: int, side: int) -> torch.Tensor:
    return torch.randn(outputs, inputs, side, side).contiguous(memory_format=torch.channels_last)


def convolution(side: int, channels: int, outputs: int, height: int, width: int) -> Case:
    (x, y), layer = features(height * side, width * side, channels), matrix(outputs, side**2 * channels)
    weight = floats(outputs, channels, side)
    return (
        height * width * layer.weight.size,
        lambda run: run.patches(x, side, layer),
        lambda: functional.conv2d(y, weight, stride=side),
    )


def transposed(side: int, channels: int, outputs: int, height: int, width: int) -> Case:
    (x, y), layer = features(height, width, channels), matrix(side**2 * outputs, channels)
    weight = floats(channels, outputs, side)
    return (
        height * width * layer.weight.size,
        lambda run: run.spread(x, side, layer),
        lambda: functional.conv_transpose2d(y, weight, stride=side),
    )


def residual(channels: int, split: int, hidden: int, height: int, width: int) -> Case:
    """split: channels of the 3x3 convolution; all of them, each by itself, if 0."""
    x, y = features(height, width, channels)
    expand, reduce = matrix(hidden, channels, leaky=True), matrix(channels, hidden)
    up, down = floats(hidden, channels, 1), floats(channels, hidden, 1)
    mix, groups = (floats(split, split, 3), 1) if split else (floats(channels, 1, 3), channels)

    def rest(mixed: torch.Tensor) -> torch.Tensor:
        return y + functional.conv2d(functional.leaky_relu(functional.conv2d(mixed, up), 0.01), down)

    if split:
        block = PartialBlock(matrix(split, 9 * split), expand, reduce)
        return (
            height * width * (block.conv.weight.size + 2 * expand.weight.size),
            lambda run: run.partial_block(x, block),
            lambda: rest(torch.cat((functional.conv2d(y[:, :split], mix, padding=1), y[:, split:]), 1)),
        )
    taps = np.random.default_rng(3).integers(-99, 100, (9, channels)).astype(np.int16)
    conv = Depthwise(taps, np.zeros(channels, np.int32), np.full(channels, 8, np.uint8))
    depthwise = DepthwiseBlock(conv, expand, reduce)
    return (
        height * width * (taps.size + 2 * expand.weight.size),
        lambda run: run.depthwise_block(x, depthwise),
        lambda: rest(functional.conv2d(y, mix, padding=1, groups=groups)),
    )


CASES: dict[str, Callable[[], Case]] = {
    "4x4 convolution, 3 to 96": lambda: convolution(4, 3, 96, 64, 128),
    "2x2 convolution, 96 to 160": lambda: convolution(2, 96, 160, 32, 128),
    "1x1 convolution, 768 to 384": lambda: convolution(1, 768, 384, 32, 32),
    "2x2 transposed, 160 to 96": lambda: transposed(2, 160, 96, 32, 128),
    "4x4 transposed, 96 to 3": lambda: transposed(4, 96, 3, 64, 128),
    "partial block of 96": lambda: residual(96, 24, 384, 64, 128),
    "partial block of 160": lambda: residual(160, 40, 640, 32, 128),
    "partial block of 256": lambda: residual(256, 64, 1024, 16, 64),
    "depthwise block of 384": lambda: residual(384, 0, 768, 32, 32),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clock = time.thread_time if options.threads == 1 else time.perf_counter
    engines = {name: Native(name, options.threads) for name in instruction_sets()}
    print(f"10^9 products a second, {options.threads} thread(s), best of {options.rounds}, torch {torch.__version__}")
    print(f"{'':30}" + "".join(f"{name:>14}" for name in [*engines, "torch float32"]))
    with torch.inference_mode():
        for name, make in CASES.items():
            products, ours, theirs = make()
            jobs: list[Callable[[], object]] = [*(partial(ours, run) for run in engines.values()), theirs]
            best = [float("inf")] * len(jobs)
            for _ in range(options.rounds):
                for i, job in enumerate(jobs):
                    start = clock()
                    job()
                    best[i] = min(best[i], clock() - start)
            print(f"{name:30}" + "".join(f"{products / seconds / 1e9:14.1f}" for seconds in best), flush=True)


if __name__ == "__main__":
    main()
