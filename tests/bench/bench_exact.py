"""Speed of exact arithmetic beside the float model: `make bench-exact`.

Whole encodes and decodes of one picture of 768 x 512 pixels with Base on two threads, by both entropy models in turn,
so that both meet the same disturbances. Base has formula weights unless --model names an installed one: arithmetic
takes the same time with any.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import hpcm_core.runtime  # noqa: F401
from hpcm_core import codec
from hpcm_core.entropy.exact.native import FastEngine, instruction_sets
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.models.family import Model
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.models.hpcm.exact import ExactEntropy
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.loading import load
from hpcm_core.models.rates import recorded_rate
from hpcm_core.picture.picture import Picture
from hpcm_core.resources import resource
from hpcm_core.transform.tiling import grid
from hpcm_core.transform.windows import analyse, synthesize
from tests.hpcm_core.entropy.exact.exactly import decode_tile, encode_tile, network
from tests.hpcm_core.entropy.float32 import Float32Entropy


def ignore(*_):
    pass


def picture(path: Path | None) -> Picture:
    if path is not None:
        return Picture.open(path)
    with Image.open(resource("samples/astronaut.png")) as image:
        pixels = np.asarray(image.convert("RGB"))
    return Picture(np.concatenate([pixels, pixels[:, :256]], axis=1)[:512, :768])


class Bench:
    def __init__(self, model: Model, pixels: Picture) -> None:
        self.network, self.picture = model.network, pixels
        quality = 60 if model.config.rate_lambdas else FIXED_RATE
        self.header = codec.header_of(pixels, model.name, model.identity, model.config, quality)
        self.cut = grid(pixels.width, pixels.height, model.config, self.header.padding)
        self.q = recorded_rate(quality, model.config)

    def encode(self, entropy):
        return encode_tile(entropy, analyse(self.network, self.picture, self.cut, self.q, ignore), ignore)

    def decode(self, entropy, code):
        y_hat = decode_tile(entropy, code.tile, self.cut.height, self.cut.width, ignore).y_hat
        return synthesize(self.network, y_hat, self.header, self.cut, self.q, ignore)


def seconds(job, *arguments):
    start = time.perf_counter()
    result = job(*arguments)
    return time.perf_counter() - start, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", default="base", help="a variant (formula weights), or the name of an installed model"
    )
    parser.add_argument("--picture", type=Path, help="instead of the sample picture")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--reference", action="store_true", help="the reference engine too; it is slow")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.model in CONFIGS and options.model != "lite":
        weights = network(CONFIGS[options.model]).to(memory_format=torch.channels_last)
        model = Model(options.model, HPCM_FAMILY, CONFIGS[options.model], weights, b"formula!")
    else:
        model = load(options.model)
    bench = Bench(model, picture(options.picture))
    print(
        f"{options.model}, {bench.picture.width} x {bench.picture.height}, {options.threads} threads, "
        f"medians of {options.rounds} rounds, torch {torch.__version__}"
    )
    entropies = {"float": Float32Entropy(model.network)}
    for name in instruction_sets():
        entropies[f"fast ({name})"] = ExactEntropy(model.network, FastEngine(name))
    if options.reference:
        entropies["reference"] = ExactEntropy(model.network, ReferenceEngine())
    times = {name: ([], []) for name in entropies}
    with torch.inference_mode():
        codes = {name: bench.encode(entropy) for name, entropy in entropies.items()}
        for _ in range(options.rounds):
            for name, entropy in entropies.items():
                times[name][0].append(seconds(bench.encode, entropy)[0])
                times[name][1].append(seconds(bench.decode, entropy, codes[name])[0])
    medians = {name: [statistics.median(series) for series in both] for name, both in times.items()}
    unit = sum(medians["float"])
    print(f"{'':22}{'encode':>9}{'decode':>9}{'both':>9}{'of float':>10}")
    for name, (encode, decode) in medians.items():
        both = encode + decode
        print(f"{name:22}{encode:8.3f}s{decode:8.3f}s{both:8.3f}s{both / unit:9.2f}x")


if __name__ == "__main__":
    main()
