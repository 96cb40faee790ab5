"""Weights for a linear beginning: principal components, identities and zeros."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def leading(samples: Tensor, count: int) -> Tensor:
    """The leading principal components of samples CxN, as rows: count x C. Not centred."""
    wide = samples.double()
    vectors: Tensor = torch.linalg.eigh(wide @ wide.T).eigenvectors
    return vectors.flip(1).T[:count].to(samples.dtype)


def linear(conv: nn.Conv2d, matrix: Tensor | None = None) -> None:
    """Make a 1x1 convolution that matrix (rows by first inputs); without one, the identity of as many as fit."""
    silence(conv)
    matrix = torch.eye(min(conv.in_channels, conv.out_channels)) if matrix is None else matrix
    rows, columns = matrix.shape
    conv.weight[:rows, :columns, 0, 0] = matrix.to(conv.weight)


def silence(layer: nn.Module) -> None:
    """Zero weights: what they multiply still tells them where to go, so they learn from the first step on."""
    for parameter in layer.parameters():
        parameter.zero_()
