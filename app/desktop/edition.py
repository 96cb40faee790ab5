"""What kind of build this is: run from source, or bundled with its own Python, with the CPU build of torch or without
any.
"""

from __future__ import annotations

import sys

from app.ui.translation import QT_TR_NOOP
from hpcm_core import pytorch

CPU_ONLY = QT_TR_NOOP(
    "This build computes on the processor (CPU). The page “Installing” of the documentation tells how to compute on a "
    "graphics card."
)
SMALL = QT_TR_NOOP(
    "This is the small build, which computes with the bundled model alone. The full one, hpcm-studio instead of "
    "hpcm-studio-small, has Base and Large too."
)


def note() -> str:
    """A text for a user where this build cannot do what a build from source can; else empty."""
    if not getattr(sys, "frozen", False):
        return ""
    return CPU_ONLY if pytorch.is_here() else SMALL
