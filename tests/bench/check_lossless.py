"""What weights of the autoregressive model would take for pictures, beside codecs that keep every pixel.

    python -m tests.bench.check_lossless runs/lossless-s/lossless-s.safetensors pictures/

The model's figure is its ideal code length, -log2 P of every sample given those before it, without headers; the others'
are whole files: JPEG XL at efforts 7 and 9 and lossless WebP. Bits per sample of each picture, and over all of them.
Pictures are read as 8-bit RGB.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

import hpcm_core.runtime  # noqa: F401
from hpcm_core.files import picture_files
from hpcm_core.picture import jxl_writing, writing
from hpcm_core.picture.picture import Picture
from hpcm_core.training.data import read_rgb
from hpcm_core.training.quantization import read_network

OTHERS: dict[str, Callable[[Picture], bytes]] = {
    "jxl e7": lambda picture: jxl_writing.jxl(picture, None, effort=7),
    "jxl e9": lambda picture: jxl_writing.jxl(picture, None, effort=9),
    "webp": lambda picture: writing.by_pillow(picture, "WEBP", lossless=True, method=6, quality=100),
}


@torch.inference_mode()
def bits_of(network: torch.nn.Module, pixels: np.ndarray) -> float:
    """The model's code length of HxWx3 uint8, in bits."""
    x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float() / 255
    return float(network.bits(x).double().sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="What hpcm train wrote, under its variant's name.")
    parser.add_argument("pictures", type=Path)
    options = parser.parse_args()
    network = read_network(options.weights, options.weights.stem)

    names = ["model", *OTHERS]
    print(f"{'picture':24}" + "".join(f"{name:>9}" for name in names), flush=True)
    total, samples = dict.fromkeys(names, 0.0), 0
    for path in picture_files(options.pictures):
        picture = Picture(read_rgb(path))
        bits = {"model": bits_of(network, picture.pixels)}
        bits |= {name: 8.0 * len(code(picture)) for name, code in OTHERS.items()}
        size = picture.pixels.size
        print(f"{path.stem:24}" + "".join(f"{bits[name] / size:9.4f}" for name in names), flush=True)
        samples += size
        for name in names:
            total[name] += bits[name]
    print(f"{'all':24}" + "".join(f"{total[name] / samples:9.4f}" for name in names))
    against = (f"{100 * (total['model'] / total[name] - 1):+.2f} % against {name}" for name in OTHERS)
    print("The model takes " + ", ".join(against) + ".")


if __name__ == "__main__":
    main()
