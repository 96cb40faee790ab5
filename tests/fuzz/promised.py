"""Memory that decoding takes beside what the limits promise: `python -m tests.fuzz.promised [SIDE]`.

Files of SIDE x SIDE pixels with as much beside the picture as the limits allow, each decoded in a process of its own
whose limit of memory is exactly what the codec reckons with; one byte less has to be refused. Prints a table.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from hpcm_core import codec
from hpcm_core.errors import LimitExceeded
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap, blocks
from hpcm_core.limits import DEFAULT_LIMITS, Limits
from hpcm_core.models.registry import edition_of
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.fuzz.many import memory

KINDS = (
    "8 bits",
    "16 bits",
    "16 bits, alpha, 16 MiB of metadata",
    "16 bits, alpha, painted, a look between",
    "16 bits, alpha, without loss by JPEG XL",
    "8 bits, alpha, without loss by the learned coder",
)


def picture(kind: str, side: int) -> Picture:
    bits = 16 if kind.startswith("16") else 8
    ramp = np.arange(side, dtype=np.uint32) * ((1 << bits) - 1) // side
    plane = (ramp[:, np.newaxis] + ramp) // 2
    pixels = np.repeat(plane[:, :, np.newaxis], 3, axis=2).astype(f"u{bits // 8}")
    if "alpha" not in kind:
        return Picture(pixels)
    if "metadata" not in kind:
        return Picture(pixels, pixels[:, :, 0].copy())
    icc, xmp = bytes(DEFAULT_LIMITS.icc), bytes(DEFAULT_LIMITS.metadata - DEFAULT_LIMITS.icc)
    return Picture(pixels, pixels[:, :, 0].copy(), icc=icc, xmp=xmp)


def recipe(kind: str, side: int) -> Recipe:
    """Of the look between the two, which needs both pictures."""
    if "without loss" in kind:
        return Recipe("lossless" if "JPEG XL" in kind else "lossless-m")
    if "painted" not in kind:
        return Recipe(quality=0)
    offsets = np.random.default_rng(20).integers(-22, 23, blocks(side, side))
    return Recipe(quality=40, quality_map=QualityMap.of(offsets), look=100)


def promised(data: bytes) -> int:
    header = container.read_header(data)
    edition = edition_of(header.model_name, header.model_hash)
    assert edition is not None
    return edition.family.memory(edition.config, header)


def decode(path: Path) -> int:
    """What decoding with a limit that just suffices takes, in bytes beyond a process that has done nothing yet."""
    data = path.read_bytes()
    before = memory(reset=True)
    codec.decode(data, limits=Limits(memory=promised(data)))
    return memory() - before


def main() -> int:
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    kept = True
    print("| file | pixels | promised MiB | taken MiB |\n| --- | --: | --: | --: |")
    with TemporaryDirectory() as folder:
        for kind in KINDS:
            path = Path(folder) / "a.hpcm"
            data = codec.encode(picture(kind, side), recipe(kind, side), reconstruct=False).data
            path.write_bytes(data)
            most = promised(data)
            try:
                codec.decode(data, limits=Limits(memory=most - 1))
            except LimitExceeded:
                refused = True
            else:
                refused = False
            script = "import sys, pathlib, tests.fuzz.promised as p; print(p.decode(pathlib.Path(sys.argv[1])))"
            done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
            taken = int(done.stdout)
            kept &= refused and taken <= most
            print(f"| {kind} | {side} x {side} | {most / 2**20:.0f} | {taken / 2**20:.0f} |", flush=True)
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
