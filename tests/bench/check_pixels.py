"""Encode and decode pictures with every instruction set of profile 2 and compare: `make check-exact KODAK=folder`.

Prints one line a picture and quality: SHA-256 of the file's tiles and of its pixels, bits a pixel and PSNR. Fails where
two instruction sets or numbers of threads differ, or where a line is not the one in --recorded
(docs/exact-kodak-pixels.txt). Everything is integers, so both hashes are those of every machine.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from hpcm_core import codec, metrics
from hpcm_core.integer.native import Native, instruction_sets
from hpcm_core.models.hpcm.integer import IntegerHPCM
from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms
from hpcm_core.models.loading import load
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.resources import resource
from hpcm_core.transform import coding


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--qualities", type=int, nargs="+", default=[20, 60])
    parser.add_argument("--recorded", type=Path)
    options = parser.parse_args()
    model, weights = load("lite"), read_weights(resource("models/lite.safetensors"))
    runs = {
        f"{name}/{threads}": Native(name, threads)
        for name, threads in zip(instruction_sets(), (2, 1, 2, 3), strict=False)
    }
    print(f"# model lite {model.identity.hex()}, instruction sets/threads: {', '.join(runs)}")
    known = {}
    if options.recorded:
        lines = [line.split() for line in options.recorded.read_text().splitlines() if not line.startswith("#")]
        known = {(line[0], line[1]): line[2:4] for line in lines}
    wrong = 0
    for path in sorted(options.folder.glob("*.png")):
        picture = Picture.open(path)
        for quality in options.qualities:
            header = codec.header_of(picture, model.name, model.identity, model.config, quality)
            found = []
            for run in runs.values():
                transforms = IntegerTransforms(model.config, weights, run, quality, picture.bit_depth)
                entropy = IntegerHPCM(model.config, weights, run)
                coded = coding.encode(model.config, transforms, entropy, picture, header, Job())
                pixels = coding.decode(model.config, transforms, entropy, header, coded.tiles, Job()).pixels(Job())
                found.append([hashlib.sha256(data).hexdigest() for data in (b"".join(coded.tiles), pixels.tobytes())])
            bpp = 8 * coded.stream_bytes / (picture.width * picture.height)
            print(path.name, quality, *found[0], f"{bpp:.4f} {metrics.psnr(picture.pixels, pixels):.3f}", flush=True)
            if any(one != known.get((path.name, str(quality)), found[0]) for one in found):
                wrong += 1
                print(f"# DIFFERENT: {dict(zip(runs, found, strict=True))}")
    print(f"# {wrong} different" if wrong else "# the same files and pixels everywhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
