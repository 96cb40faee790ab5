"""How models, recipes, coding steps, bytes and bits are said: short texts that several parts of the window show."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.ui.translation import QT_TR_NOOP, number, tr
from hpcm_core.look import NATURAL
from hpcm_core.models.registry import lossless_coder
from hpcm_core.recipe import LOSSLESS, Recipe


def pretty_model(name: str) -> str:
    """A model's name as a user reads it."""
    if lossless_coder(name) is not None:
        return tr("Lossless") + name.removeprefix(LOSSLESS).replace("-", " ").upper()
    return name.capitalize() if name.isalpha() else name


def quality_in_words(quality: int) -> str:
    """The quality of a model of variable rate, with its name."""
    return tr("quality {value}").format(value=quality)


def look_in_words(look: int) -> str:
    """A look that is not the faithful one, with what it does."""
    percent = max(1, round(100 * look / NATURAL))
    if percent == 100:
        return tr("Natural, invented detail")
    return tr("Natural {percent} %, invented detail").format(percent=percent)


def describe_recipe(recipe: Recipe) -> str:
    """Model, rate and effort of a recipe in a few words."""
    words = _model_and_rate(recipe)
    return words if not recipe.is_patient else words + " · " + tr("effort {value}").format(value=recipe.effort)


def _model_and_rate(recipe: Recipe) -> str:
    kept = lossless_coder(recipe.model) is not None
    family = pretty_model(recipe.model if kept else recipe.model.split("-")[0])
    if recipe.quality is not None:
        return f"{family} · {quality_in_words(recipe.quality)}"
    if recipe.target_bytes is not None:
        return f"{family} · " + tr("at most {value}").format(value=number(recipe.target_bytes / 1000, "g") + " kB")
    if recipe.target_bpp is not None:
        return f"{family} · " + tr("at most {value}").format(value=number(recipe.target_bpp, "g") + " bpp")
    if recipe.target_psnr is not None:
        return f"{family} · " + tr("at least {value}").format(value=number(recipe.target_psnr, "g") + " dB")
    if recipe.lmbda is None:
        return family  # A model without a choice of rates.
    metric = " · MS-SSIM" if recipe.metric == "ms-ssim" else ""
    return f"{family} · λ {number(recipe.lmbda, 'g')}{metric}"


_COLOURS = {
    "R": (QT_TR_NOOP("Red"), QT_TR_NOOP("red")),
    "G": (QT_TR_NOOP("Green"), QT_TR_NOOP("green")),
    "B": (QT_TR_NOOP("Blue"), QT_TR_NOOP("blue")),
    "Y": (QT_TR_NOOP("Grey"), QT_TR_NOOP("grey")),
}
"""Labels of maps that are of colours: by themselves and within a sentence."""


def step_name(label: str) -> str:
    """A bit map by its label (see BitMaps), as a name: the hyperprior, a coding step, or the label itself."""
    if label == "z":
        return tr("Hyperprior z")
    if label in _COLOURS:
        return tr(_COLOURS[label][0])
    return tr("Step {number}").format(number=label) if label.isdecimal() else label


def step_meaning(labels: Sequence[str], step: int) -> str:
    """What one of the maps is, for who meets its label; empty for one that says it itself. Arguments as of map_name."""
    label = labels[step]
    if label == "z":
        return tr(
            "Hyperprior z: side information, coded first. The spread and middle of everything after it "
            "are predicted from it."
        )
    if label in _COLOURS:
        return tr(
            "What the samples of one colour took, each given the pixels before it and the colours before it there."
        )
    if not label.isdecimal():
        return ""
    last = [other for other in labels if other.isdecimal()][-1]
    words = tr(
        "Coding step {number} of {last}: a part of the latents, predicted from z and all steps before. "
        "Early steps hold the coarse picture, late ones its detail."
    )
    return words.format(number=label, last=last)


def map_name(labels: Sequence[str], step: int | None, cumulative: bool = False) -> str:
    """What is on the canvas, within a sentence. labels: of all maps; step: the place of one, None for their sum;
    cumulative: with all before it.
    """
    if labels and labels[0] in _COLOURS:  # side by side: none is cumulative
        return tr("all colours") if step is None or len(labels) == 1 else tr(_COLOURS[labels[step]][1])
    if step is None:
        return tr("all steps")
    first, last = labels[0], labels[step]
    if not cumulative or step == 0:
        if last == "z":
            return tr("hyperprior z")
        return tr("step {number}").format(number=last) if last.isdecimal() else last
    if first == "z" and labels[1].isdecimal() and last.isdecimal():
        return tr("z and step 1") if step == 1 else tr("z and steps 1 to {last}").format(last=last)
    return f"{first} – {last}"


def format_bytes(count: int) -> str:
    """A number of bytes in decimal units, as file managers show it."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return number(count / 1000, ".1f" if count < 100_000 else ".0f") + " kB"
    if count < 1_000_000_000:
        return number(count / 1_000_000, ".2f") + " MB"
    return number(count / 1_000_000_000, ".2f") + " GB"


def format_decibels(value: float) -> str:
    """A PSNR or MS-SSIM in dB, without the unit; pictures that are equal have an infinite one."""
    return "∞" if math.isinf(value) else number(value, ".2f")


def format_bits(bits: float) -> str:
    """A number of bits, short."""
    if bits < 1000:
        return number(bits, ".0f") + " bit"
    if bits < 1_000_000:
        return number(bits / 1000, ".1f") + " kbit"
    return number(bits / 1_000_000, ".2f") + " Mbit"
