"""Decode pictures on every engine of profile 1 and compare the latents: `make check-exact KODAK=folder`.

Prints one line per picture and quality with the SHA-256 of the file's streams and of its latents, and fails where two
engines differ. The result for the 24 Kodak pictures is recorded in docs/exact-kodak.txt; --recorded compares with it.
Streams may differ between machines, since g_a is floating point: --recorded takes each line's own latents only where
the streams are the same.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

import hpcm_core.runtime  # noqa: F401
from hpcm_core import codec
from hpcm_core.entropy.exact.digits import DigitEngine
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.format.header import Header
from hpcm_core.format.tile import parse_tile
from hpcm_core.models.hpcm.config import WIDE_LITE
from hpcm_core.models.hpcm.exact import ExactEntropy
from hpcm_core.models.rates import quality_to_q
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.transform.tiling import grid
from tests.hpcm_core.entropy.exact.exactly import ENGINES, decode_tile, latents_digest
from tests.hpcm_core.models.float_lite import float_lite


def streams_digest(tiles: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for tile in tiles:
        for stream in parse_tile(tile, WIDE_LITE.streams).streams:
            digest.update(stream)
    return digest.hexdigest()


def latents(header: Header, payloads: Sequence[bytes], entropy: ExactEntropy) -> str:
    """Digest of the latents of all tiles, one after the other."""
    cut = grid(header.width, header.height, WIDE_LITE, header.padding)
    tiles = [parse_tile(payload, WIDE_LITE.streams) for payload in payloads]
    parts = [
        latents_digest(decode_tile(entropy, tile, len(rows), len(columns), lambda: None).y_hat)
        for tile, (rows, columns) in zip(tiles, cut.tiles, strict=True)
    ]
    return parts[0] if len(parts) == 1 else hashlib.sha256("".join(parts).encode()).hexdigest()


@torch.inference_mode()
def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--qualities", type=int, nargs="+", default=[60])
    parser.add_argument("--recorded", type=Path)
    options = parser.parse_args()
    model = float_lite()
    engines = dict(ENGINES)
    if torch.cuda.is_available():
        engines |= {"reference-cuda": lambda: ReferenceEngine("cuda"), "digits-cuda": lambda: DigitEngine("cuda")}
    else:
        print("# CUDA was not run: there is no device here.")
    entropies = {name: ExactEntropy(model.network, make()) for name, make in engines.items()}
    print(f"# torch {torch.__version__}, model lite {model.identity.hex()}, engines: {', '.join(entropies)}")
    known = {}
    if options.recorded:
        lines = [line.split() for line in options.recorded.read_text().splitlines() if not line.startswith("#")]
        known = {(name, quality, streams): digest for name, quality, streams, digest in lines}
    wrong = 0
    for path in sorted(options.folder.glob("*.png")):
        for quality in options.qualities:
            picture, q = Picture.open(path), quality_to_q(quality, WIDE_LITE.rate_lambdas)
            header = codec.header_of(picture, model.name, model.identity, WIDE_LITE, quality)
            payloads = model.family.encode(model, picture, header, q, Job(), "cpu").tiles
            digests = {name: latents(header, payloads, entropy) for name, entropy in entropies.items()}
            streams, first = streams_digest(payloads), next(iter(digests.values()))
            print(path.name, quality, streams, first, flush=True)
            recorded = known.get((path.name, str(quality), streams), first)
            if set(digests.values()) | {recorded} != {first}:
                wrong += 1
                print(f"# DIFFERENT: recorded {recorded}, now {digests}")
    print(f"# {wrong} different" if wrong else "# all engines give the same latents")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
