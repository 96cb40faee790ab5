"""What a λ means, for who chooses one."""

from __future__ import annotations

from app.ui.translation import number, tr
from hpcm_core.models.published import expected


def in_words(variant: str, metric: str, lmbda: float) -> str:
    """A λ with the rate that it leads to, where that is known."""
    rate = expected(variant, metric, lmbda)
    if rate is None:
        return number(lmbda, "g")
    return tr("{value}  · ≈ {rate} bpp").format(value=number(lmbda, "g"), rate=number(rate[0], ".2f"))


def meaning(variant: str = "", metric: str = "mse", lmbda: float | None = None) -> str:
    """What λ does, and what is expected of this one."""
    words = tr(
        "The loss in training was λ · distortion + rate: a larger λ makes larger files and better pictures. "
        "Each λ is a model of its own."
    )
    rate = expected(variant, metric, lmbda) if lmbda is not None else None
    if rate is None:
        return words
    unit = "dB PSNR" if metric == "mse" else "dB MS-SSIM"
    figures = tr("Published means on the Kodak pictures: {rate} bpp at {quality} {unit}.")
    figures = figures.format(rate=number(rate[0], ".3f"), quality=number(rate[1], ".2f"), unit=unit)
    return f"{words}\n{figures}"


def of_quality(quality: int, lmbda: float) -> str:
    """What a quality is, for who knows λ."""
    words = tr(
        "Quality {quality} is λ = {value}: the weight of distortion against rate. Higher means larger and better."
    )
    return words.format(quality=quality, value=number(lmbda, ".4g"))
