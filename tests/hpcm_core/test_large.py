"""A 24-megapixel picture there and back within 4 GiB, metrics included, in a process of its own."""

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

tile = Picture.open(bundled("samples/astronaut.png")).pixels
pixels = np.tile(tile, (8, 12, 1))[:4000, :6000]
encoded = encode(Picture(pixels), Recipe(quality=40))
decoded = decode(encoded.data)
same = bool((decoded.picture.pixels == encoded.reconstruction.pixels).all())
error = np.square(decoded.picture.pixels.astype(np.int32) - pixels).mean(axis=(1, 2), dtype=np.float64)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if sys.platform != "darwin":
    peak *= 1024
report = {"same": same, "peak": peak, "psnr": encoded.metrics.psnr, "error": error.tolist()}
report["tiles"] = [encoded.header.tile_rows, encoded.header.tile_cols]
print(json.dumps(report))
"""


def test_24_megapixels():
    out = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    report = json.loads(out)
    assert report["tiles"] == [4, 6]
    assert report["same"]
    assert report["psnr"] > 27
    assert report["peak"] < 4 << 30
    # The picture repeats every 512 rows, so the mean error of a row should too: a seam at the border of a tile or of a
    # window would stand out against the same row of other periods.
    error = report["error"]
    for border in (1024, 2048, 3072):
        near = sum(error[border - 8 : border + 8])
        elsewhere = sum(error[border - 512 - 8 : border - 512 + 8])
        assert near < 1.1 * elsewhere
