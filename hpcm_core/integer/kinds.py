"""What the tensors of a model in integers must be. Imports no NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcm_core.errors import ModelError

if TYPE_CHECKING:
    import numpy.typing as npt


class Kind(NamedTuple):
    """What a tensor must be."""

    dtype: str
    shape: tuple[int, ...]


def check_types(weights: Mapping[str, npt.NDArray[Any]], wanted: Mapping[str, Kind], profile: int) -> None:
    """Raises ModelError where a tensor is of another type than an arithmetic profile has."""
    for name, kind in wanted.items():
        if weights[name].dtype != kind.dtype:
            raise ModelError(
                "The weights {name} are not of the type that profile {profile} has.", name=name, profile=profile
            )
