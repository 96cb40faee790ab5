"""Rate-distortion curves as an SVG drawing: PSNR and MS-SSIM over bits per pixel, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hpcm_core.evaluation import plot
from hpcm_core.evaluation.rd import Point


def draw(curves: Mapping[str, Sequence[Point]], title: str, most_bpp: float = 2.0) -> str:
    """An SVG document. Points beyond `most_bpp` are left out: there all codecs look alike."""
    psnr = {name: [(p.bpp, p.psnr) for p in points] for name, points in curves.items()}
    ms_ssim = {
        name: [(p.bpp, p.ms_ssim_db) for p in points if p.ms_ssim_db is not None] for name, points in curves.items()
    }
    panels = [
        plot.Panel("PSNR (dB) over bits per pixel", "bpp", psnr, most_bpp),
        plot.Panel("MS-SSIM (dB) over bits per pixel", "bpp", ms_ssim, most_bpp),
    ]
    return plot.draw(panels, title)
