"""Entropy models that compute with torch, as streams.py wants them: it codes NumPy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor

from hpcm_core.entropy.model import EntropyModel, Place, Request, Steps, translated


class OfTensors:
    """An entropy model whose requests carry tensors, as one whose requests carry arrays. Nothing is copied that lies on
    the processor already.
    """

    def __init__(self, entropy: EntropyModel) -> None:
        self.streams, self.labels = entropy.streams, entropy.labels
        self._entropy = entropy

    def steps(self, height: int, width: int) -> Steps:
        """See EntropyModel; y_hat too is an array."""
        y_hat: Tensor = yield from translated(
            self._entropy.steps(height, width), _request, lambda _, symbols: torch.from_numpy(symbols)
        )
        return _array(y_hat)


@dataclass(frozen=True)
class _ArrayPlace:
    place: Place

    def pack(self, y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return _array(self.place.pack(torch.from_numpy(y)))

    def spread(self, bits: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return _array(self.place.spread(torch.from_numpy(bits)))

    def planes(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return _array(self.place.planes(torch.from_numpy(values)))


def _request(asked: Request) -> Request:
    indices, means = _array(asked.indices), _array(asked.means)
    return asked._replace(indices=indices, means=means, place=_ArrayPlace(asked.place))


def _array(tensor: Tensor) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = tensor.detach().cpu().numpy()
    return array
