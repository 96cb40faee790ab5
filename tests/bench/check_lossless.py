"""What weights of the autoregressive model take for pictures, beside codecs that keep every pixel.

    python -m tests.bench.check_lossless runs/lossless-s/lossless-s.safetensors pictures/
    python -m tests.bench.check_lossless resources/models/lossless-m.safetensors pictures/ --grey --mean 4 --decode

Of float weights, as a training writes them, the figure is the ideal code length, -log2 P of every sample given those
before it; of integers, as `hpcm models quantize` makes them, the streams of all tiles. The others' are whole files:
JPEG XL at efforts 7 and 9 and lossless WebP, this of 8 bits alone. Bits per sample of each picture, and over all of
them. Pictures are read as 8-bit RGB. --grey takes their luma (ITU-R BT.709); --mean N makes 16 bits of them: the means
of N x N pixels in linear light (sRGB), whose samples lie between the levels of 8 bits. Both are for integers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

import hpcm_core.runtime  # noqa: F401
from hpcm_core.files import picture_files
from hpcm_core.models.lossless.config import CONFIGS, LosslessConfig
from hpcm_core.models.lossless.integers import CONSTANTS, Integers
from hpcm_core.models.lossless.native import Coder, Stop
from hpcm_core.models.lossless.network import Lossless
from hpcm_core.models.weights import read_weights
from hpcm_core.picture import jxl_writing, writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import LUMA
from hpcm_core.training.data import read_rgb
from hpcm_core.training.quantization import read_network
from hpcm_core.transform.tiling import grid

Samples = npt.NDArray[Any]
Measure = Callable[[Samples], float]

OTHERS: dict[str, Callable[[Picture], bytes]] = {
    "jxl e7": lambda picture: jxl_writing.jxl(picture, None, effort=7),
    "jxl e9": lambda picture: jxl_writing.jxl(picture, None, effort=9),
    "webp": lambda picture: writing.by_pillow(picture, "WEBP", lossless=True, method=6, quality=100),
}


def measure(path: Path, decode: bool) -> Measure:
    """From samples H x W x C to bits, by the weights in a file of this variant's name."""
    config, tensors = CONFIGS[path.stem.partition("@")[0]], read_weights(path)
    if CONSTANTS in tensors:
        coder = Coder(Integers.of(config, tensors))
        return lambda samples: bits_of_streams(coder, config, samples, decode)
    network = read_network(path, config.name)
    return lambda samples: ideal_bits(network, samples)


@torch.inference_mode()
def ideal_bits(network: Lossless, pixels: Samples) -> float:
    """The model's code length of H x W x 3 uint8, in bits."""
    if pixels.dtype != np.uint8 or pixels.shape[2] != 3:
        raise SystemExit("Of float weights there are figures for RGB of 8 bits alone.")
    x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float() / 255
    return float(network.bits(x).double().sum())


def bits_of_streams(coder: Coder, config: LosslessConfig, samples: Samples, decode: bool) -> float:
    """What all tiles take; decode: and see that they come back."""
    stop, total = Stop(), 0
    for rows, columns in grid(samples.shape[1], samples.shape[0], config, 0).tiles:
        tile = np.ascontiguousarray(samples[rows.slice, columns.slice])
        stream, _ = coder.encode(tile, stop)
        if decode and not np.array_equal(coder.decode(stream, tile.shape, tile.dtype, stop)[0], tile):
            raise SystemExit("A tile did not come back as it was.")
        total += len(stream)
    return 8.0 * total


def shown_as(pixels: npt.NDArray[np.uint8], grey: bool, mean: int) -> Samples:
    """H x W x 3 as it is, its luma, or means of `mean` x `mean` pixels in 16 bits."""
    levels = pixels / 255.0
    if grey:
        levels = (levels @ np.array(LUMA))[..., np.newaxis]
    if not mean:
        return np.asarray(np.rint(255 * levels).astype(np.uint8))
    height, width = (length // mean for length in levels.shape[:2])
    cut = levels[: height * mean, : width * mean]
    light = np.where(cut <= 0.04045, cut / 12.92, ((cut + 0.055) / 1.055) ** 2.4)
    light = light.reshape(height, mean, width, mean, -1).mean(axis=(1, 3))
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(65535 * curved).astype(np.uint16))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="a safetensors file under its variant's name")
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--grey", action="store_true", help="their luma")
    parser.add_argument("--mean", type=int, default=0, help="16 bits: means of so many pixels a side")
    parser.add_argument("--decode", action="store_true", help="decode every stream and compare")
    parser.add_argument("--only", nargs="*", default=list(OTHERS), help=f"of {', '.join(OTHERS)}")
    options = parser.parse_args()
    bits_of = measure(options.weights, options.decode)
    others = {
        name: code for name, code in OTHERS.items() if name in options.only and not (options.mean and name == "webp")
    }

    names = ["model", *others]
    print(f"{'picture':24}" + "".join(f"{name:>9}" for name in names), flush=True)
    total, samples = dict.fromkeys(names, 0.0), 0
    for path in picture_files(options.pictures):
        picture = Picture(shown_as(read_rgb(path), options.grey, options.mean))
        bits = {"model": bits_of(picture.pixels)}
        bits |= {name: 8.0 * len(code(picture)) for name, code in others.items()}
        size = picture.pixels.size
        print(f"{path.stem:24}" + "".join(f"{bits[name] / size:9.4f}" for name in names), flush=True)
        samples += size
        for name in names:
            total[name] += bits[name]
    print(f"{'all':24}" + "".join(f"{total[name] / samples:9.4f}" for name in names))
    for name in others:
        print(f"{100 * (total['model'] / total[name] - 1):+.2f} % against {name}")


if __name__ == "__main__":
    main()
