"""HPCM: a learned image codec. `encode(picture, recipe)` and `decode(data)` are the whole of it.

Names are loaded on first use (PEP 562): importing this package costs nothing and has no side effects, so the window's
process can use the light parts (pictures, recipes, containers) without ever importing torch.

Both work in other processes too, however those are started. One that was forked, as multiprocessing does by default on
Linux before Python 3.14, computes on one thread, and not on CUDA if its parent did: for either take the start method
"spawn".
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpcm_core.codec import decode, encode
    from hpcm_core.errors import HpcmError
    from hpcm_core.picture.picture import Picture
    from hpcm_core.recipe import Recipe

__version__ = "0.1.0"

_HOMES = {
    "encode": "hpcm_core.codec",
    "decode": "hpcm_core.codec",
    "HpcmError": "hpcm_core.errors",
    "Picture": "hpcm_core.picture.picture",
    "Recipe": "hpcm_core.recipe",
}

__all__ = ["HpcmError", "Picture", "Recipe", "decode", "encode"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
