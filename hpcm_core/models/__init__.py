"""Networks and where their weights are kept. Importing this package does not import torch; its functions do, on first
use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpcm_core.models.hpcm.network import HPCM, build_model

_HOMES = {"HPCM": "hpcm_core.models.hpcm.network", "build_model": "hpcm_core.models.hpcm.network"}

__all__ = ["HPCM", "build_model"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
