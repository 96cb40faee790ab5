"""Which pool: a cluster where one is named, else processes of this machine, or this process where others do not pay."""

from __future__ import annotations

import contextlib
import os

from hpcm_core.jobs.here import Here
from hpcm_core.jobs.local import Local
from hpcm_core.jobs.pool import I, Pool, R, Work
from hpcm_core.progress import Progress

MEMORY = 3 << 30
"""Bytes that a worker may need."""
FEW = 8
"""Items for which another process does not pay: it takes seconds to start and to load a model."""


def choose(
    work: Work[I, R],
    items: int,
    report: Progress,
    on: str | None = None,
    workers: int | None = None,
    threads: int | None = None,
) -> Pool[I, R]:
    """The pool for so many items. on: a cluster's address; workers: how many, otherwise as many as there is room for;
    threads: of each worker, otherwise one on a cluster and here its share of the cores; report: of the work within an
    item, where that can be told. Raises HpcmError where the cluster cannot be used.
    """
    if on is not None:
        from hpcm_core.jobs.cluster import Cluster

        return Cluster(work, on, workers, threads or 1)
    count = workers or most_workers(items, threads or 1)
    if count == 1 and threads is None:
        return Here(work, report)
    return Local(work, count, threads or max(1, cores() // count))


def most_workers(items: int, threads: int = 1) -> int:
    """Processes that pay on this machine: one for so many cores, if memory and items are enough for them."""
    memory = MEMORY * cores()
    if hasattr(os, "sysconf"):  # Windows does not tell.
        with contextlib.suppress(ValueError, OSError):
            memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(cores() // threads, memory // MEMORY, items // FEW))


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
