"""What curves are measured by, and which setting of a codec is its best for which measure.

Names alone, without what computes them: the window imports it.
"""

from __future__ import annotations

QUALITIES = {"psnr": "PSNR (dB)", "ms_ssim_db": "MS-SSIM (dB)", "ssimulacra2": "SSIMULACRA 2"}
"""The measures, by the field of a point, and how an axis names them."""
TITLES = {
    "jpeg": "JPEG",
    "webp": "WebP",
    "avif-psnr": "AVIF tune=psnr",
    "avif-iq": "AVIF tune=iq",
    "avif-ssim": "AVIF tune=ssim",
    "jxl": "JPEG XL",
}
"""Other codecs, with the setting where there are several, for a user."""
SETTINGS: dict[str, tuple[float, ...]] = {
    "jpeg": (10, 20, 30, 45, 60, 75, 88),
    "webp": (2, 15, 35, 55, 75, 88, 94),
    "avif-psnr": (20, 30, 40, 50, 62, 74, 85),
    "avif-iq": (20, 30, 40, 50, 62, 74, 85),
    "jxl": (15, 35, 55, 70, 80, 88, 93),
}
"""The qualities of each codec's curve: those of resources/rd/measured_kodak.json, so that a measurement on Kodak can be
held against it.
"""
_BEST_FOR = {"avif-psnr": ("psnr",), "avif-iq": ("ms_ssim_db", "ssimulacra2"), "avif-ssim": ()}


def is_best(name: str, quality: str) -> bool:
    """Whether a curve is fair to compare with by one of QUALITIES: of a codec that can be tuned, only its best is.

    AVIF tuned for SSIM is behind tune=iq by MS-SSIM too (on Kodak), and best for nothing.
    """
    return quality in _BEST_FOR.get(name, QUALITIES)
