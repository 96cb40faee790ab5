"""Messages and shared memory, without a process."""

from __future__ import annotations

import numpy as np
import pytest

from app.worker import protocol
from app.worker.protocol import Cancelled, Error, Progress, Ready, Result, Tag, Unavailable, is_stale
from app.worker.shared import Parcel, discard, pack, unpack
from hpcm_core.picture import Picture

RUNNING = Tag(job=7, generation=2)
PARCEL = Parcel("x", (1,))


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


def test_a_picture_travels_whole_and_the_copy_outlives_the_block():
    pixels = np.arange(5 * 7 * 3, dtype=np.uint16).reshape(5, 7, 3)
    picture = Picture(pixels, alpha=pixels[:, :, 0].copy(), icc=b"icc" * 1000)
    parcel, block = pack(picture, "hpcm-test-parcel")
    try:
        copy = unpack(parcel)
    finally:
        block.close()
        block.unlink()
    assert np.array_equal(copy.pixels, pixels)
    assert np.array_equal(copy.alpha, picture.alpha)
    assert copy.icc == picture.icc
    copy.pixels[0, 0, 0] = 9
    assert picture.pixels[0, 0, 0] == 0


def test_discarding_removes_a_block_and_accepts_that_there_is_none():
    _, block = pack(b"x", "hpcm-test-discard")
    block.close()
    discard("hpcm-test-discard")
    discard("hpcm-test-discard")
    with pytest.raises(FileNotFoundError):
        unpack(Parcel("hpcm-test-discard", (1,)))
