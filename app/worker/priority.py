"""The codec process leaves the processor to other programs, where that is asked for."""

from __future__ import annotations

import logging
import os
import sys

log = logging.getLogger("hpcm.codec")

VARIABLE = "HPCM_PRIORITY"
"""Of the environment: `low`, or anything else for the usual priority."""
NICENESS = 10
_BELOW_NORMAL = 0x4000


def apply() -> None:
    """Take the priority that the environment asks for; where the system refuses, keep the usual one."""
    if os.environ.get(VARIABLE) != "low":
        return
    try:
        if sys.platform == "win32":
            import ctypes

            kernel = ctypes.windll.kernel32
            kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
        else:
            os.nice(NICENESS)
    except OSError as error:
        log.warning("The priority could not be changed: %s", error)
