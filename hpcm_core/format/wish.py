"""A .hpcm file that wishes another look: what codes the picture stays byte by byte."""

from __future__ import annotations

from dataclasses import replace

from hpcm_core.format import container
from hpcm_core.format.look import FAITHFUL, pack_look
from hpcm_core.limits import DEFAULT_LIMITS, Limits


def wishing(data: bytes | bytearray | memoryview, look: int, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The file with a look (FAITHFUL to NATURAL) as its maker's wish; without the chunk for FAITHFUL.

    Raises HpcmError, as container.read does.
    """
    file = container.read(data, limits)
    return container.write(replace(file, look=None if look == FAITHFUL else pack_look(look)), limits)
