"""Pools on this machine: real processes, some of which die."""

from __future__ import annotations

import os
import time

import pytest

from hpcm_core.errors import Phrase
from hpcm_core.jobs import choosing
from hpcm_core.jobs.here import Here
from hpcm_core.jobs.local import Local
from hpcm_core.jobs.pool import Failed, run
from tests.hpcm_core.jobs.works import Breaking, Deadly, Failing, Slow, Square

pytestmark = pytest.mark.trust


def here(work):
    return Here(work, lambda stage, fraction: None)


def local(work):
    return Local(work, 2, 1)


def outcomes(pool, items):
    """By the item's number; every item once."""
    with pool:
        ended = list(run(pool, items))
    assert sorted(one.number for one in ended) == list(range(len(ended)))
    assert all(items[one.number] == one.item for one in ended)
    return {one.number: one.outcome for one in ended}


@pytest.mark.parametrize("pool", [here, local])
def test_every_item_once_and_failures_are_its_own(pool):
    found = outcomes(pool(Failing()), ["a", "user", "memory", "fault", "b"])
    assert (found[0], found[4]) == ("a", "b")
    assert found[1] == Failed("HpcmError", "The item user is not to be had.")
    assert isinstance(found[1].message, Phrase), "it can be translated"
    assert found[2] == Failed("MemoryError", "There is not enough memory.")
    assert found[3] == Failed("ZeroDivisionError", "unexpected ZeroDivisionError: oh")
    assert outcomes(pool(Failing()), []) == {}


def test_two_processes_with_their_threads():
    before = os.environ.get("OMP_NUM_THREADS")
    found = outcomes(Local(Square(0.2), 2, 3), list(range(8))).values()
    assert {threads for _, _, threads in found} == {"3"}
    processes = {process for _, process, _ in found}
    assert len(processes) == 2
    assert os.getpid() not in processes
    assert os.environ.get("OMP_NUM_THREADS") == before


@pytest.mark.parametrize(("pool", "most"), [(here, 1), (local, 2)])
def test_no_more_items_are_taken_than_there_is_room_for(pool, most):
    taken, ended, ahead = 0, 0, []

    def items():
        nonlocal taken
        for item in range(9):
            taken += 1
            ahead.append(taken - ended)
            yield item

    with pool(Square(0.02)) as opened:
        for _ in run(opened, items()):
            ended += 1
    assert ended == 9
    assert max(ahead) <= most + 1, "and one that the loop holds"


@pytest.mark.parametrize(
    "work", [Deadly, pytest.param(Breaking, marks=pytest.mark.skipif(os.name != "posix", reason="its pipes"))]
)
def test_an_item_that_kills_its_worker_costs_only_itself(work):
    found = outcomes(local(work(poison=2)), list(range(8)))
    assert found.pop(2) == Failed(
        "WorkerLost", "3 workers were lost with this picture; perhaps it needs more memory than they have."
    )
    assert found == {item: item for item in range(8) if item != 2}


def test_the_items_of_a_lost_worker_run_again(tmp_path):
    for mark in "12":
        (tmp_path / mark).touch()
    again = []
    with local(Deadly(2, tmp_path)) as pool:
        ended = list(run(pool, range(8), lambda item: again.append(item) or item))
    assert sorted(one.outcome for one in ended) == list(range(8))
    assert again == [2, 2]


@pytest.mark.skipif(os.name != "posix", reason="SIGTERM as an exception is POSIX")
def test_closing_early_leaves_nothing_half_written(tmp_path):
    start = time.monotonic()
    with local(Slow(tmp_path)) as pool:
        for number in range(2):
            pool.submit(number, number)
        while sum(path.stat().st_size > 0 for path in tmp_path.iterdir()) < 2:
            assert time.monotonic() - start < 60
            time.sleep(0.02)
        processes = [worker.process for worker in pool._workers]
    assert list(tmp_path.iterdir()) == []
    assert not any(process.is_alive() for process in processes)
    assert time.monotonic() - start < 50, "nobody waited for the work"


def test_processes_are_for_many_items(monkeypatch):
    monkeypatch.setattr(choosing, "cores", lambda: 4)
    assert choosing.most_workers(choosing.FEW * 2 - 1) == 1
    assert choosing.most_workers(10**6, threads=2) <= 2
    monkeypatch.setattr(choosing, "MEMORY", 1 << 20)
    assert choosing.most_workers(choosing.FEW * 3) == 3
    assert choosing.most_workers(10**6) == 4
    assert choosing.most_workers(10**6, threads=2) == 2
    assert choosing.most_workers(10**6, threads=8) == 1
    monkeypatch.setattr(choosing, "MEMORY", 1 << 60)
    assert choosing.most_workers(10**6) == 1
