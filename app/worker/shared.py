"""One object in one block of shared memory: a pickle with its buffers out of band (PEP 574), so pixels are copied
once per side.

The window's process makes up every name, also those of results. So it can remove each block by name, whatever
became of the
process that was to create it.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any


@dataclass(frozen=True)
class Parcel:
    """Name of a block, and the sizes in bytes of what lies in it: the pickle first, then its buffers."""

    name: str
    sizes: tuple[int, ...]


def pack(value: object, name: str) -> tuple[Parcel, SharedMemory]:
    """Put `value` into a new block of that name.

    The caller keeps the block open as long as it must live, and closes it.
    """
    buffers: list[pickle.PickleBuffer] = []
    stream = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [memoryview(stream), *(buffer.raw() for buffer in buffers)]
    sizes = tuple(view.nbytes for view in views)
    block = SharedMemory(name=name, create=True, size=max(1, sum(sizes)))
    target = block.buf
    assert target is not None
    start = 0
    for view, size in zip(views, sizes, strict=True):
        target[start : start + size] = view
        start += size
        view.release()
    return Parcel(name, sizes), block


def unpack(parcel: Parcel) -> Any:
    """A copy of the object in the block: it stays valid after the block is gone."""
    block = SharedMemory(name=parcel.name)
    try:
        parts: list[bytearray] = []
        assert block.buf is not None
        start = 0
        for size in parcel.sizes:
            parts.append(bytearray(block.buf[start : start + size]))
            start += size
    finally:
        block.close()
    return pickle.loads(parts[0], buffers=parts[1:])


def discard(name: str) -> None:
    """Remove the block of that name, if there is one."""
    try:
        block = SharedMemory(name=name)
    except FileNotFoundError:
        return
    block.close()
    block.unlink()
