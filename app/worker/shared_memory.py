"""Objects in blocks of shared memory: a pickle with its buffers out of band (PEP 574), so that pixels are written once
and then only looked at.

The window's process makes up every name, also those of results. So it can remove each block by name, whatever became of
the process that was to create it. What it was handed, and what it put there itself, stays in its block for as long as
an array looks into it (see Shelf); a job that needs those pixels again names them instead of copying them.
"""

from __future__ import annotations

import errno
import itertools
import logging
import pickle
import shutil
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

log = logging.getLogger("hpcm.shared")

T = TypeVar("T")
Bytes: TypeAlias = npt.NDArray[np.uint8]

ALIGNMENT = 64
"""Every buffer begins at a multiple of this, as arrays of any type and vector instructions like it."""
FOLDER = "/dev/shm"
"""Where Linux keeps the blocks. It can be small, and writing past its end would kill the process."""


@dataclass(frozen=True)
class Piece:
    """Bytes in a block: the block's name, where they begin and how many they are."""

    name: str
    start: int
    size: int


@dataclass(frozen=True)
class Parcel:
    """Where the parts of an object lie: the pickle first, then its buffers."""

    pieces: tuple[Piece, ...]


class Block(SharedMemory):
    """A block whose memory can outlive this object."""

    def hand_over(self) -> Bytes:
        """All bytes, read-only. From now on the memory stays mapped for as long as the array or a view of it lives;
        this object keeps nothing but the name.
        """
        memory = self.buf
        assert memory is not None
        whole = np.frombuffer(memory, np.uint8)
        whole.flags.writeable = False
        # SharedMemory would unmap at once, which it cannot while the array looks into it: the array's own reference
        # to the map does that in the end. What is left to close is the file descriptor.
        self._buf = self._mmap = None
        self.close()
        return whole


def pack(value: object, name: str, lent: Callable[[Bytes], Piece | None] | None = None) -> tuple[Parcel, Block]:
    """Put `value` into a new block of that name. lent: finds the place of bytes that lie in a block already.

    The caller keeps the block open as long as it must live, and closes it. Raises OSError where there is no room.
    """
    buffers: list[pickle.PickleBuffer] = []
    stream = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    pieces: list[Piece] = []
    copies: list[tuple[Piece, Bytes]] = []
    end = 0
    for part in (np.frombuffer(stream, np.uint8), *(np.frombuffer(buffer.raw(), np.uint8) for buffer in buffers)):
        piece = lent(part) if lent is not None else None
        if piece is None:
            piece = Piece(name, end, part.nbytes)
            copies.append((piece, part))
            end += -(-part.nbytes // ALIGNMENT) * ALIGNMENT
        pieces.append(piece)
    _check_room(end)
    block = Block(name=name, create=True, size=max(1, end))
    assert block.buf is not None
    target = np.frombuffer(block.buf, np.uint8)
    for piece, part in copies:
        # By NumPy, which lets other threads run meanwhile: a memoryview would stop the window.
        np.copyto(target[piece.start : piece.start + piece.size], part)
    return Parcel(tuple(pieces)), block


def unpack(parcel: Parcel) -> Any:
    """The object in its blocks. Its arrays look into them, read-only, and stay valid after the names are gone."""
    names = {piece.name for piece in parcel.pieces}
    return _load(parcel, {name: Block(name=name).hand_over() for name in names})


def discard(name: str) -> None:
    """Remove the block of that name, if there is one."""
    try:
        block = SharedMemory(name=name)
    except FileNotFoundError:
        return
    block.close()
    block.unlink()


class Shelf:
    """The blocks that the window's process looks into. Each is removed when the last array in it is gone.

    Its methods may be called from any thread.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()  # A block can go while this thread is in here.
        self._places: dict[str, tuple[int, int]] = {}  # name: first address, size
        self._ends: list[weakref.finalize[..., Any]] = []

    def new_name(self) -> str:
        """A name that no block has."""
        return f"{self.prefix}{next(self._numbers)}"

    def put(self, value: T) -> T:
        """The same object with its arrays in shared memory; the very same where there is no room."""
        try:
            parcel, block = pack(value, self.new_name())
        except OSError as error:
            log.warning("No room in shared memory: %s", error)
            return value
        result: T = self._keep(parcel, block)
        return result

    def pack(self, value: object, name: str) -> tuple[Parcel, Block]:
        """As the function of that name; arrays that lie on the shelf are not copied."""
        return pack(value, name, self._place)

    def take(self, parcel: Parcel) -> Any:
        """The object that the codec process has put into one block, which is on the shelf from now on."""
        return self._keep(parcel, Block(name=parcel.pieces[0].name))

    def clear(self) -> None:
        """Remove all names now. What still looks into the blocks stays valid."""
        for end in self._ends:
            end()

    def _keep(self, parcel: Parcel, block: Block) -> Any:
        whole = block.hand_over()
        with self._lock:
            self._places[block.name] = (_address(whole), whole.nbytes)
            self._ends = [end for end in self._ends if end.alive]
            self._ends.append(weakref.finalize(whole, self._drop, block))
        return _load(parcel, {block.name: whole})

    def _place(self, part: Bytes) -> Piece | None:
        address = _address(part)
        with self._lock:
            for name, (first, size) in [*self._places.items()]:
                if first <= address and address + part.nbytes <= first + size:
                    return Piece(name, address - first, part.nbytes)
        return None

    def _drop(self, block: Block) -> None:
        with self._lock:
            self._places.pop(block.name, None)
        block.unlink()


def _load(parcel: Parcel, blocks: dict[str, Bytes]) -> Any:
    stream, *buffers = (blocks[piece.name][piece.start : piece.start + piece.size] for piece in parcel.pieces)
    return pickle.loads(stream.data, buffers=buffers)


def _address(array: Bytes) -> int:
    return int(array.__array_interface__["data"][0])


def _check_room(size: int) -> None:
    if sys.platform == "linux" and size > shutil.disk_usage(FOLDER).free:
        raise OSError(errno.ENOSPC, f"No room for {size} bytes in {FOLDER}")
