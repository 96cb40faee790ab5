"""The quality scale of variable-rate models: quality 0..100 <-> q, the place in a model's table of lambdas <-> lambda,
the weight of the training loss (lambda * 255^2 * MSE + bits per pixel).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hpcm_core.errors import CorruptFile, InvalidRecipe
from hpcm_core.format.header import FIXED_RATE, MAX_QUALITY
from hpcm_core.models.family import Config

_END_TOLERANCE = 1e-9


def quality_to_q(quality: int, lambdas: Sequence[float]) -> float:
    """The position q in [0, len(lambdas) - 1] of a quality 0..100. Raises InvalidRecipe."""
    check_quality(quality)
    return quality * (len(lambdas) - 1) / MAX_QUALITY


def q_to_lambda(q: float, lambdas: Sequence[float]) -> float:
    """lambda at position q, log-linear between the table's entries. Raises InvalidRecipe outside the table."""
    last = len(lambdas) - 1
    if not 0 <= q <= last:
        raise InvalidRecipe("The rate position must be between 0 and {most}.", most=last)
    i = min(int(q), last - 1)
    f = q - i
    return math.exp((1 - f) * math.log(lambdas[i]) + f * math.log(lambdas[i + 1]))


def lambda_to_q(lmbda: float, lambdas: Sequence[float]) -> float:
    """Inverse of `q_to_lambda`. Raises InvalidRecipe outside the table's range."""
    low, high = lambdas[0], lambdas[-1]
    if not low * (1 - _END_TOLERANCE) <= lmbda <= high * (1 + _END_TOLERANCE):
        raise InvalidRecipe("The lambda must be between {low:g} and {high:g}.", low=low, high=high)
    lmbda = min(max(lmbda, low), high)
    i = max(k for k in range(len(lambdas) - 1) if lambdas[k] <= lmbda)
    return i + math.log(lmbda / lambdas[i]) / math.log(lambdas[i + 1] / lambdas[i])


def quality_to_lambda(quality: int, lambdas: Sequence[float]) -> float:
    """lambda of a quality 0..100. Raises InvalidRecipe."""
    return q_to_lambda(quality_to_q(quality, lambdas), lambdas)


def lambda_to_quality(lmbda: float, lambdas: Sequence[float]) -> int:
    """The quality 0..100 whose lambda is nearest on the log scale. Raises InvalidRecipe outside the table's range."""
    return round(lambda_to_q(lmbda, lambdas) * MAX_QUALITY / (len(lambdas) - 1))


def check_quality(quality: Any) -> None:
    """Raises InvalidRecipe."""
    if type(quality) is not int or not 0 <= quality <= MAX_QUALITY:
        raise InvalidRecipe("The quality must be a whole number from 0 to {most}.", most=MAX_QUALITY)


def recorded_quality(quality: int | None, lmbda: float | None, config: Config, default: int) -> int:
    """The quality that a file records: 0 to 100, or FIXED_RATE for a model without qualities. Raises InvalidRecipe."""
    if config.rates != "variable":
        return FIXED_RATE
    if lmbda is not None:
        return lambda_to_quality(lmbda, config.rate_lambdas)
    return default if quality is None else quality


def recorded_rate(quality: int, config: Config) -> float:
    """The rate position q of a recorded quality. Raises CorruptFile where the model has no such quality."""
    variable = config.rates == "variable"
    if variable != (quality != FIXED_RATE):
        raise CorruptFile("The file is damaged: its quality does not fit its model.")
    return quality_to_q(quality, config.rate_lambdas) if variable else 0.0
