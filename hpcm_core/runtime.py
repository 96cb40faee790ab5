"""Settings that must be made before NumPy and torch are loaded; importing this module makes them.

OMP_WAIT_POLICY: between two parallel regions OpenMP's threads spin by default. As soon as another program wants a
core, the spinning starves the thread that all wait for: measured on two cores beside one busy process, coding took 10
times as long. A value that the user has set stays.

OPENBLAS_THREAD_TIMEOUT: NumPy's OpenBLAS starts its threads when it is loaded, and each spins 2^26 cycles for work
before it sleeps: on two cores a tenth of a second of processor time for every command, which has none. With 2^4 cycles
they sleep at once, and are woken when there is something to multiply.

Fork: OpenMP's threads do not come along into a process made by fork, but its list of them does, and the first parallel
region there would wait for them for ever. On one thread torch enters none. The coder's own threads look after
themselves: coder/src/exact/pool.cpp.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")


def _after_fork() -> None:
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def thread_count() -> int:
    """Cores that this process may use; OMP_NUM_THREADS, as for torch, says otherwise."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
