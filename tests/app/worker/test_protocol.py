"""Messages and shared memory, without a process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from app.worker import protocol, shared_memory
from app.worker.protocol import Cancelled, Error, Progress, Ready, Result, Tag, Unavailable, is_stale
from app.worker.shared_memory import Parcel, Piece, Shelf, discard, pack, unpack
from hpcm_core.picture.picture import Picture

SHARED = Path("/dev/shm")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /dev/shm and /proc")
RUNNING = Tag(job=7, generation=2)
PARCEL = Parcel((Piece("x", 0, 1),))


@pytest.mark.parametrize(
    "make",
    [
        lambda tag: Progress(tag, "Coding", 0.5),
        lambda tag: Result(tag, PARCEL),
        lambda tag: Error(tag, "m", "d"),
        lambda tag: Cancelled(tag),
    ],
)
def test_only_messages_of_the_running_job_in_the_running_process_count(make):
    assert not is_stale(make(RUNNING), RUNNING, 2)
    assert is_stale(make(Tag(6, 2)), RUNNING, 2)
    assert is_stale(make(Tag(7, 1)), RUNNING, 2)
    assert is_stale(make(RUNNING), None, 2)


def test_a_process_speaks_for_itself_only():
    assert not is_stale(Ready(2, 0.1, "CPU"), None, 2)
    assert is_stale(Ready(1, 0.1, "CPU"), None, 2)
    assert is_stale(Unavailable(1, "m", "d"), RUNNING, 2)


def test_messages_cannot_be_changed():
    with pytest.raises(AttributeError):
        protocol.Progress(RUNNING, "Coding", 0.5).fraction = 0.6  # type: ignore[misc]


def picture_of(dtype=np.uint16):
    pixels = np.arange(5 * 7 * 3, dtype=dtype).reshape(5, 7, 3)
    return Picture(pixels, alpha=pixels[:, :, 0].copy(), icc=b"icc" * 1000)


@pytest.fixture
def shelf():
    shelf = Shelf(f"hpcm-test-{os.getpid()}-")
    yield shelf
    assert blocks(shelf) == []


def blocks(shelf):
    return sorted(path.name for path in SHARED.glob(shelf.prefix + "*"))


def open_files():
    return len(os.listdir("/proc/self/fd"))


def test_a_picture_travels_whole_and_outlives_the_blocks_name():
    picture = picture_of()
    parcel, block = pack(picture, "hpcm-test-parcel")
    try:
        other = unpack(parcel)
    finally:
        block.close()
        block.unlink()
    assert np.array_equal(other.pixels, picture.pixels)
    assert np.array_equal(other.alpha, picture.alpha)
    assert other.icc == picture.icc
    assert not np.shares_memory(other.pixels, picture.pixels)
    assert other.alpha.ctypes.data % shared_memory.ALIGNMENT == 0
    with pytest.raises(ValueError, match="read-only"):
        other.pixels[0, 0, 0] = 9


@linux
def test_a_block_goes_with_the_last_array_in_it(shelf):
    before = open_files()
    picture = shelf.put(picture_of())
    assert len(blocks(shelf)) == 1
    row, alpha = picture.pixels[2], picture.alpha
    del picture
    assert len(blocks(shelf)) == 1
    assert row[0, 0] == 42
    del row
    assert alpha[0, 1] == 3
    del alpha
    assert blocks(shelf) == []
    assert open_files() == before  # An open file would keep the memory.


@linux
def test_what_lies_on_the_shelf_is_named_and_not_copied(shelf):
    picture = shelf.put(picture_of())
    parcel, block = shelf.pack((picture, np.ones(9)), shelf.new_name())
    there = {piece.name for piece in parcel.pieces[1:3]}
    assert there == set(blocks(shelf)) - {block.name}
    other, ones = unpack(parcel)
    block.close()
    block.unlink()
    del picture
    assert np.array_equal(other.pixels, picture_of().pixels)
    assert ones.sum() == 9


@linux
def test_a_result_stays_in_the_block_it_came_in(shelf):
    parcel, block = pack(picture_of(), shelf.new_name())
    block.close()  # As the codec process does once the window has taken it.
    picture = shelf.take(parcel)
    assert blocks(shelf) == [block.name]
    again, other = shelf.pack(picture, shelf.new_name())
    assert again.pieces[1].name == block.name
    other.close()
    other.unlink()
    del picture


@linux
def test_clearing_removes_the_names_and_keeps_what_is_looked_at(shelf):
    picture = shelf.put(picture_of())
    shelf.clear()
    assert blocks(shelf) == []
    assert np.array_equal(picture.pixels, picture_of().pixels)


@linux
def test_without_room_a_picture_stays_where_it_is(shelf, monkeypatch):
    monkeypatch.setattr(shared_memory.shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    picture = picture_of()
    assert shelf.put(picture) is picture
    with pytest.raises(OSError, match="No room"):
        pack(picture, shelf.new_name())


def test_discarding_removes_a_block_and_accepts_that_there_is_none():
    _, block = pack(b"x", "hpcm-test-discard")
    block.close()
    discard("hpcm-test-discard")
    discard("hpcm-test-discard")
    with pytest.raises(FileNotFoundError):
        unpack(Parcel((Piece("hpcm-test-discard", 0, 1),)))
