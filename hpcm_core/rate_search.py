"""Finding the rate that meets a target: size, bits per pixel or PSNR, by bisection over a model's rates."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from hpcm_core.errors import HpcmError, MissingModel, Phrase
from hpcm_core.format.header import MAX_QUALITY
from hpcm_core.limits import Limits
from hpcm_core.models.catalogue import list_models
from hpcm_core.models.registry import rates_of
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Cancel, Progress
from hpcm_core.recipe import Recipe
from hpcm_core.results import Encoded


class Encode(Protocol):
    """codec.encode, as this module needs it."""

    def __call__(
        self,
        picture: Picture,
        recipe: Recipe,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        reconstruct: bool = True,
        limits: Limits = ...,
    ) -> Encoded: ...


def candidates(recipe: Recipe) -> list[Recipe]:
    """The recipes that a target chooses from, by rising rate: all qualities, or every installed lambda.

    Raises MissingModel where there is none.
    """
    bare = replace(
        recipe, target_bytes=None, target_bpp=None, target_psnr=None, quality=None, lmbda=_any_lambda(recipe)
    )
    if rates_of(recipe.model) == "variable":
        return [replace(bare, lmbda=None, quality=quality) for quality in range(MAX_QUALITY + 1)]
    lambdas = sorted(
        model.lmbda
        for model in list_models()
        if (model.variant, model.metric) == (recipe.model, recipe.metric)
        and model.state == "installed"
        and model.lmbda is not None
    )
    if not lambdas:
        raise MissingModel(
            "No {model} model for {metric} is installed; see hpcm models list.",
            model=recipe.model,
            metric=recipe.metric,
        )
    return [replace(bare, lmbda=lmbda) for lmbda in lambdas]


def encode_to_target(
    picture: Picture,
    recipe: Recipe,
    encode: Encode,
    *,
    progress: Progress | None,
    cancel: Cancel | None,
    reconstruct: bool,
    limits: Limits,
) -> Encoded:
    """The largest file within a size target, or the smallest that reaches a PSNR.

    Rates are taken to be monotone in size and PSNR. Raises HpcmError where even the extreme rate misses the target; the
    message says what that rate gives.
    """
    rates = candidates(recipe)
    by_psnr = recipe.target_psnr is not None
    if by_psnr:
        # The smallest rate that reaches a PSNR is, seen from the top, the last that does: one search serves both.
        rates.reverse()
    trials = max(1, (len(rates) - 1).bit_length()) + 1
    done = 0

    def attempt(candidate: Recipe, measured: bool) -> Encoded:
        nonlocal done

        def report(stage: Phrase, fraction: float) -> None:
            if progress is not None:
                attempts = Phrase("{stage} (attempt {number})", stage=stage, number=done + 1)
                progress(attempts, min(1.0, (done + fraction) / trials))

        encoded = encode(
            picture, candidate, progress=report, cancel=cancel, reconstruct=measured or by_psnr, limits=limits
        )
        done += 1
        return encoded

    best = attempt(rates[0], measured=False)
    if not meets(recipe, picture, best):
        raise _missed(recipe, best)
    low, high = 0, len(rates)
    while high - low > 1:
        middle = (low + high) // 2
        encoded = attempt(rates[middle], measured=False)
        if meets(recipe, picture, encoded):
            low, best = middle, encoded
        else:
            high = middle
    if reconstruct and best.metrics is None:
        best = attempt(rates[low], measured=True)
    if progress is not None:
        progress(Phrase("Done"), 1.0)
    return best


def meets(recipe: Recipe, picture: Picture, encoded: Encoded) -> bool:
    """Whether an encoding keeps within the recipe's target."""
    if recipe.target_psnr is not None:
        return encoded.metrics is not None and encoded.metrics.psnr >= recipe.target_psnr
    if recipe.target_bytes is not None:
        return len(encoded.data) <= recipe.target_bytes
    return recipe.target_bpp is not None and 8 * len(encoded.data) <= recipe.target_bpp * picture.width * picture.height


def _any_lambda(recipe: Recipe) -> float | None:
    """What makes a recipe of a fixed-rate model valid until its lambda is chosen."""
    return 1.0 if rates_of(recipe.model) == "fixed" else None


def _missed(recipe: Recipe, extreme: Encoded) -> HpcmError:
    if recipe.target_psnr is not None and extreme.metrics is not None:
        return HpcmError(
            "{model} does not reach {wanted:g} dB on this picture; its highest rate gives {reached:.2f} dB.",
            model=recipe.model,
            wanted=recipe.target_psnr,
            reached=extreme.metrics.psnr,
        )
    return HpcmError(
        "{model} cannot make this picture that small; its lowest rate gives {size:,} bytes ({bpp:.3f} bits per pixel).",
        model=recipe.model,
        size=len(extreme.data),
        bpp=8 * len(extreme.data) / (extreme.header.width * extreme.header.height),
    )
