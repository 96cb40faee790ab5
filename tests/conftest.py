"""How the tests share a machine: `make test` runs them on every core that has memory for it (pytest-xdist)."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

MEMORY = 3 << 30
"""Bytes that a worker may need, its window's or command's processes included."""
MOST = 8
"""Workers; the longest tests leave nothing to do for more."""

if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    # Workers that each started as many threads as there are cores would get in each other's way; tests of threads say
    # how many they need. Before torch, and for the processes that tests start too.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))

import hpcm_core.runtime  # noqa: E402, F401 - before torch

# A shell that starts something in the background may have it ignore Ctrl+C, and all that it starts: tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more about the machine than about the code.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers of `-n auto`: one a core, as far as memory goes, and not too many."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows tells neither.
        return min(MOST, cores)
    return max(1, min(MOST, cores, memory // MEMORY))
