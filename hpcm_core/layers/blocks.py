"""Residual blocks and window attention."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

SLOPE = 0.01
"""Negative slope of every LeakyReLU."""


class PartialConv(nn.Module):
    """3x3 convolution on the first channels; the others pass through (FasterNet, CVPR 2023). BxCxHxW -> BxCxHxW."""

    def __init__(self, channels: int, partial: int) -> None:
        super().__init__()
        self.split = channels // partial
        self.pconv = nn.Conv2d(self.split, self.split, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        # split, not slices: its gradient is one concatenation, theirs two padded copies of x and their sum.
        mixed, passed = torch.split(x, [self.split, x.shape[1] - self.split], dim=1)
        return torch.cat((self.pconv(mixed), passed), dim=1)


class PConvBlock(nn.Module):
    """Residual block of the transforms: partial 3x3, C -> hidden (4C as published), LeakyReLU, hidden -> C. BxCxHxW ->
    BxCxHxW.
    """

    def __init__(self, channels: int, partial: int, hidden: int = 0) -> None:
        super().__init__()
        hidden = hidden or 4 * channels
        self.branch = nn.Sequential(
            PartialConv(channels, partial),
            nn.Conv2d(channels, hidden, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(hidden, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


class DWConvBlock(nn.Module):
    """Residual block of the context model: depthwise 3x3, C -> hidden (2C as published), LeakyReLU, hidden -> C.
    BxCxHxW -> BxCxHxW.
    """

    def __init__(self, channels: int, hidden: int = 0) -> None:
        super().__init__()
        hidden = hidden or 2 * channels
        self.branch = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, groups=channels),
            nn.Conv2d(channels, hidden, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(hidden, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


class ConvStack(nn.Module):
    """3x3 convolutions with LeakyReLU between them. channels: of the input, between them, and of the output.
    BxCxHxW -> BxC'xHxW.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(wide, narrow, 3, padding=1) for wide, narrow in pairwise(channels)])

    def forward(self, x: Tensor) -> Tensor:
        *first, last = self.convs
        for conv in first:
            x = nn.functional.leaky_relu(conv(x), SLOPE)
        return last(x)


class WindowAttention(nn.Module):
    """Progressive context fusion: what the new context psi asks of the old context C, in non-overlapping windows.

    out = softmax(Q K^T / sqrt(d)) V + conv_out(psi), Q from psi, K and V from C, heads of d contiguous channels, tokens
    row by row.
    """

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads = heads
        self.window = window
        self.conv_q = nn.Conv2d(channels, channels, 1)
        self.conv_k = nn.Conv2d(channels, channels, 1)
        self.conv_v = nn.Conv2d(channels, channels, 1)
        self.conv_out = nn.Conv2d(channels, channels, 1)

    def forward(self, psi: Tensor, context: Tensor) -> Tensor:
        """Psi and context BxCxHxW, H and W multiples of the window; returns BxCxHxW."""
        batch, channels, height, width = psi.shape
        q, k, v = (self._tokens(t) for t in (self.conv_q(psi), self.conv_k(context), self.conv_v(context)))
        out = nn.functional.scaled_dot_product_attention(q, k, v).reshape(
            batch, height // self.window, width // self.window, self.heads, self.window, self.window, -1
        )
        out = out.permute(0, 3, 6, 1, 4, 2, 5).reshape(batch, channels, height, width)
        return out + self.conv_out(psi)

    def weights(self, psi: Tensor, context: Tensor, query: int) -> Tensor:
        """How much one token of psi takes from each token of the context: B x windows x heads x tokens, adding up to 1
        over the tokens. query: the token's number within its window. Psi and context as for `forward`.
        """
        q, k = self._tokens(self.conv_q(psi))[..., query, :], self._tokens(self.conv_k(context))
        scores = (k @ q.unsqueeze(-1)).squeeze(-1) / math.sqrt(q.shape[-1])
        return scores.softmax(dim=-1)

    def _tokens(self, x: Tensor) -> Tensor:
        """BxCxHxW -> B x windows x heads x tokens x d."""
        batch, channels, height, width = x.shape
        w = self.window
        x = x.reshape(batch, self.heads, channels // self.heads, height // w, w, width // w, w)
        return x.permute(0, 3, 5, 1, 4, 6, 2).reshape(
            batch, (height // w) * (width // w), self.heads, w * w, channels // self.heads
        )
