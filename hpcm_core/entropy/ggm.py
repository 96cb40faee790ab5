"""The Generalized Gaussian that models every latent, and its integer tables.

P(v) = F((v + 1/2)/s) - F((v - 1/2)/s) with F(t) = (1 + sign(t) P(1/beta, |t|^beta)) / 2, beta = 1.5, and P the
regularized lower incomplete gamma function ("Generalized Gaussian Model for Learned Image Compression", arXiv
2411.19320; used by HPCM).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hpcm_core.entropy.tables import CdfTables, scale_thresholds

BETA = 1.5
SCALE_MIN = 0.12
SCALE_MAX = 64.0
LEVELS = 60
LIKELIHOOD_MIN = 1e-9
TOTAL = 1 << 16
"""Sum of a table's frequencies."""

_TAIL = 5.42691097558631
"""A table reaches this many scales from the mean: mass 1e-6 is left to the escape symbol."""


class _LowerBound(torch.autograd.Function):
    """max(x, bound); the gradient passes above the bound, or where it would push up to it (as in CompressAI)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, bound: Tensor) -> Tensor:
        ctx.save_for_backward(x, bound)
        return torch.maximum(x, bound)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        x, bound = ctx.saved_tensors
        (grad,) = grads
        return grad * ((x >= bound) | (grad < 0)), None


def lower_bound(x: Tensor, bound: float) -> Tensor:
    """max(x, bound) with the bound rounded to float32, as the published models store it; same shape as x."""
    # Filled on the device: a copy from the host would make it wait.
    limit = torch.full((), float(np.float32(bound)), dtype=x.dtype, device=x.device)
    return cast(Tensor, _LowerBound.apply(x, limit))  # type: ignore[no-untyped-call]


class _Cdf(torch.autograd.Function):
    """F(t), whose derivative is the density beta / (2 Gamma(1/beta)) exp(-|t|^beta).

    Left to automatic differentiation it would be 0 times infinity at t = 0, where one latent in a few million lies.
    """

    @staticmethod
    def forward(ctx: Any, t: Tensor) -> Tensor:
        power = torch.abs(t) ** BETA
        ctx.save_for_backward(power)
        shape = torch.full((), 1 / BETA, dtype=t.dtype, device=t.device)
        return 0.5 * (1 + torch.sign(t) * torch.special.gammainc(shape, power))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (power,) = ctx.saved_tensors
        (grad,) = grads
        return grad * torch.exp(-power) * (BETA / (2 * math.gamma(1 / BETA)))


def cdf(t: Tensor) -> Tensor:
    """F(t) of the unit Generalized Gaussian; same shape as t. Differentiable everywhere."""
    return cast(Tensor, _Cdf.apply(t))  # type: ignore[no-untyped-call]


def likelihood(values: Tensor, scales: Tensor) -> Tensor:
    """Probability of each value (symbol, or noisy latent minus its mean), at least 1e-9. Shapes broadcast; scales are
    raw.
    """
    s = lower_bound(scales, SCALE_MIN)
    # The distribution is symmetric: differences are taken in the lower tail, where F keeps its precision.
    v = torch.abs(values)
    return lower_bound(cdf((0.5 - v) / s) - cdf((-0.5 - v) / s), LIKELIHOOD_MIN)


def scale_table() -> Tensor:
    """The 60 scales that have a table, float32, from 0.12 to 64 in geometric steps."""
    return torch.exp(torch.linspace(math.log(SCALE_MIN), math.log(SCALE_MAX), LEVELS))


def build_tables(scales: Tensor) -> CdfTables:
    """Tables for positive scales (1-D, float32), exactly as the published code builds them. See `quantize` for the
    counts.
    """
    rows: list[npt.NDArray[np.int32]] = []
    reaches: list[int] = []
    for scale in scales.to(torch.float32):
        reach = math.ceil(_TAIL * float(scale))
        values = torch.arange(-reach, reach + 1, dtype=torch.float32)
        upper, lower = cdf((values + 0.5) / scale), cdf((values - 0.5) / scale)
        tail = lower[:1] + 1 - upper[-1:]
        rows.append(quantize(torch.cat((upper - lower, tail)).numpy()))
        reaches.append(reach)
    lengths = np.array([len(row) for row in rows], dtype=np.int32)
    table = np.zeros((len(rows), int(lengths.max())), dtype=np.int32)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return CdfTables(table, lengths, -np.array(reaches, dtype=np.int32))


def quantize(pmf: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    """Probabilities to cumulative frequencies that start at 0, end at 65536 and give every symbol at least 1.

    The published rule: round, normalize, then let each empty symbol take one count from the rarest symbol that can
    spare it.
    """
    counts = np.floor(pmf.astype(np.float64) * TOTAL + 0.5).astype(np.int64)
    counts = TOTAL * counts // counts.sum()
    edges = np.concatenate(([0], np.cumsum(counts)))
    edges[-1] = TOTAL
    for i in range(len(counts)):
        if edges[i] != edges[i + 1]:
            continue
        frequencies = np.diff(edges)
        j = int(np.argmin(np.where(frequencies > 1, frequencies, TOTAL + 1)))
        if j < i:
            edges[j + 1 : i + 1] -= 1
        else:
            edges[i + 1 : j + 1] += 1
    return edges.astype(np.int32)


@cache
def thresholds() -> Tensor:
    """tables.scale_thresholds as a tensor."""
    return torch.from_numpy(scale_thresholds())


def table_index(scales: Tensor) -> Tensor:
    """Table of each raw float32 scale: how many of the first 59 scales lie below it. uint8, same shape; NaN gives 0."""
    return torch.bucketize(torch.nan_to_num(scales), thresholds()).to(torch.uint8)
