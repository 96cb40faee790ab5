"""Who computes profile 2 on this machine."""

from __future__ import annotations

import logging
from functools import cache

from hpcm_core.errors import HpcmError
from hpcm_core.integer import native


@cache
def operations() -> native.Native:
    """The fastest instruction set that passes its check. Raises HpcmError where none does."""
    for name in native.instruction_sets():
        found = native.Native(name)
        fault = native.self_check(found)
        if fault is None:
            return found
        logging.getLogger(__name__).error("The kernels for %s compute %s wrongly, and are not used.", name, fault)
    raise HpcmError("This machine computes wrongly: none of the program's kernels passes its check.")
