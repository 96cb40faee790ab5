"""What 24 megapixels need there and back stays within 4 GiB, metrics included; measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

resource = pytest.importorskip("resource", reason="peak memory is measured by the resource module of Unix")

CODE = """
import json, resource, sys
import numpy as np
from hpcm_core import Picture, Recipe, decode, encode
from hpcm_core.resources import resource as bundled

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

tile = Picture.open(bundled("samples/astronaut.png")).pixels
decode(encode(Picture(tile[:256, :256].copy()), Recipe(quality=40)).data)
start = peak()
pixels = np.tile(tile, (8, 4, 1))[:4000, :2000]
encoded = encode(Picture(pixels), Recipe(quality=40))
decoded = decode(encoded.data)
same = bool((decoded.picture.pixels == encoded.reconstruction.pixels).all())
error = np.square(decoded.picture.pixels.astype(np.int32) - pixels).mean(axis=(1, 2), dtype=np.float64)
report = {"same": same, "start": start, "peak": peak(), "psnr": encoded.metrics.psnr, "error": error.tolist()}
report["tiles"] = [encoded.header.tile_rows, encoded.header.tile_cols]
print(json.dumps(report))
"""


def test_24_megapixels():
    """A third of them, which is high enough for whole windows and for four rows of tiles. Whatever grows with a picture
    may grow to three times that: what does not grow, as a window's memory, counts threefold too, on the safe side.
    """
    out = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    report = json.loads(out)
    assert report["tiles"] == [4, 2]
    assert report["same"]
    assert report["psnr"] > 27
    assert report["start"] + 3 * (report["peak"] - report["start"]) < 4 << 30
    # The picture repeats every 512 rows, so the mean error of a row should too: a seam at the border of a tile or of a
    # window would stand out against the same row of other periods.
    error = report["error"]
    for border in (1024, 2048, 3072):
        near = sum(error[border - 8 : border + 8])
        elsewhere = sum(error[border - 512 - 8 : border - 512 + 8])
        assert near < 1.1 * elsewhere
