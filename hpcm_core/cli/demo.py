"""What `make run` does without a display: the bundled sample there and back, with a table and three files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hpcm_core import codec, metrics
from hpcm_core.files import atomic_write, writing
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource

SAMPLE = "samples/astronaut.png"
_GAP = 8
"""Pixels between the two pictures."""


def run(folder: Path) -> Iterator[str]:
    """Encode, write, read back, decode and measure; yields the lines of the report. Raises HpcmError."""
    source = resource(SAMPLE)
    picture = Picture.open(source)
    recipe = Recipe()
    encoded = codec.encode(picture, recipe, reconstruct=False)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{source.stem}.hpcm"
        atomic_write(file, encoded.data)
        data = file.read_bytes()
    decoded = codec.decode(data)
    measured = metrics.compare(picture, decoded.picture, len(data))
    png, both = folder / f"{source.stem}.decoded.png", folder / f"{source.stem}.side-by-side.png"
    decoded.picture.save(png)
    gap = np.full((picture.height, _GAP, 3), 255, picture.pixels.dtype)
    Picture(np.concatenate((picture.rgb(), gap, decoded.picture.rgb()), axis=1), icc=picture.icc).save(both)

    rows = {
        "picture": f"{source.name}, {picture.width} x {picture.height}",
        "model": f"{encoded.header.model_name}, quality {recipe.quality}",
        "bytes": f"{len(data):,} (PNG: {source.stat().st_size:,})",
        "bpp": f"{measured.bpp:.4f}",
        "PSNR": f"{measured.psnr:.2f} dB",
        "MS-SSIM": "-" if measured.ms_ssim is None else f"{measured.ms_ssim:.5f} ({measured.ms_ssim_db:.2f} dB)",
        "encode": f"{sum(encoded.times.values()):.2f} s (of it {encoded.times['model']:.2f} s loading the model)",
        "decode": f"{sum(decoded.times.values()):.2f} s",
    }
    width = max(map(len, rows))
    yield from (f"{name:<{width}}  {value}" for name, value in rows.items())
    yield from (f"{'wrote':<{width}}  {path}" for path in (file, png, both))
