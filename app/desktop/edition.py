"""What kind of build this is: run from source, or bundled with its own Python and the CPU build of torch."""

from __future__ import annotations

import sys

from app.ui.translation import QT_TR_NOOP

CPU_ONLY = QT_TR_NOOP(
    "This build computes on the processor (CPU). The page “Installing” of the documentation tells how to compute on a "
    "graphics card."
)


def note() -> str:
    """A sentence for a user where this build cannot do what a build from source can; else empty."""
    return CPU_ONLY if getattr(sys, "frozen", False) else ""
