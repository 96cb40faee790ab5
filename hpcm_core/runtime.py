"""Settings that must be made before torch is loaded; importing this module makes them.

OMP_WAIT_POLICY: between two parallel regions OpenMP's threads spin by default. As soon as another program wants a
core, the spinning starves the thread that all wait for: measured on two cores beside one busy process, coding took 10
times as long. A value that the user has set stays.

Fork: OpenMP's threads do not come along into a process made by fork, but its list of them does, and the first parallel
region there would wait for them for ever. On one thread torch enters none. The coder's own threads look after
themselves: coder/src/exact/pool.cpp.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _after_fork() -> None:
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
