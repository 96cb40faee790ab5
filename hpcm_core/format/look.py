"""The look that a file's maker wishes: faithful, natural or between, and the `look` chunk with it."""

from __future__ import annotations

import struct

from hpcm_core.errors import CorruptFile

FAITHFUL = 0
"""The picture as it was, as nearly as the bytes allow: what every file is measured by."""
NATURAL = 256
"""The picture of the model's second synthesis, which invents the detail that the bytes do not hold."""

_U16 = struct.Struct("<H")


def pack_look(look: int) -> bytes:
    """The payload of a `look` chunk."""
    return _U16.pack(look)


def parse_look(payload: bytes | memoryview | None) -> int:
    """What pack_look made of a look; FAITHFUL of a file without the chunk. Raises CorruptFile for anything else."""
    if payload is None:
        return FAITHFUL
    look = _U16.unpack(payload)[0] if len(payload) == _U16.size else NATURAL + 1
    if look > NATURAL:
        raise CorruptFile("The file is damaged: {chunk} cannot be unpacked.", chunk="look")
    return int(look)
