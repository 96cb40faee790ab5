"""Which codecs there are: families and their variants, by name. Nothing outside models/ names a family.

Importing this module imports no torch.
"""

from __future__ import annotations

from typing import Any

from hpcm_core.models.family import Family, Rates
from hpcm_core.models.hpcm.family import HPCM_FAMILY

METRIC_NAMES = {"mse": "MSE", "ms-ssim": "MS-SSIM"}
"""What a model may be trained for, as a user reads it."""
METRICS = tuple(METRIC_NAMES)

_FAMILIES: list[Family] = [HPCM_FAMILY]


def register(family: Family) -> None:
    """Make a family known, for as long as the process lives. Raises ValueError where a variant's name is taken."""
    if taken := set(family.configs) & set(variants()):
        raise ValueError(f"There is a variant called {min(taken)} already.")
    _FAMILIES.append(family)


def families() -> list[Family]:
    """All families, the program's own first."""
    return list(_FAMILIES)


def variants() -> dict[str, Any]:
    """The configurations (family.Config) of all variants by name."""
    return {name: config for family in _FAMILIES for name, config in family.configs.items()}


def family_of(variant: str) -> Family:
    """The family that a variant belongs to. Raises KeyError."""
    return {name: family for family in _FAMILIES for name in family.configs}[variant]


def rates_of(variant: str) -> Rates:
    """How the rate of a variant is chosen. One that is unknown here counts as trained for one rate."""
    config = variants().get(variant)
    rates: Rates = "fixed" if config is None else config.rates
    return rates


def map_labels(variant: str) -> tuple[str, ...]:
    """The labels of the bit maps (results.BitMaps) that a variant's files give; none for a variant that is unknown."""
    config = variants().get(variant)
    return () if config is None else config.labels


def variant_of(model_name: str) -> str | None:
    """The variant that a model's name begins with, "base" of "base-mse-0.013"; None where there is none."""
    fitting = [name for name in variants() if model_name == name or model_name.startswith(f"{name}-")]
    return max(fitting, key=len, default=None)
