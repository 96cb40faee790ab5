"""PyTorch, which an installation may be without: whether it is here, and what to say where it is not.

The bundled model needs none; Base, Large, 1B, imported checkpoints, files of the bundled model from before it computed
in integers, CUDA and training do. Importing this module imports no torch.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

from hpcm_core.errors import ModelError, Phrase

EXTRA = 'pip install "hpcm-studio[torch]"'


def is_here() -> bool:
    """Whether it can be imported. Does not import it."""
    try:
        return find_spec("torch") is not None
    except (ModuleNotFoundError, ValueError):
        return False


def absent(what: Phrase) -> ModelError:
    """What to raise, in two sentences: what, the subject of the first, needs PyTorch; and how to get it."""
    return ModelError("{what} needs PyTorch, which is not part of this installation. {how}", what=what, how=_how())


def check(what: Phrase) -> None:
    """Raises what `absent` makes where it is not here."""
    if not is_here():
        raise absent(what)


def _how() -> Phrase:
    if getattr(sys, "frozen", False):
        # The names that the packages of both have (installers/linux/package.py, installers/windows/hpcm-studio.iss).
        return Phrase("Install the full HPCM Studio in its place: hpcm-studio instead of hpcm-studio-small.")
    return Phrase("To get it, run: {command}", command=EXTRA)
