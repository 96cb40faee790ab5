"""Settings that must be made before torch is loaded; importing this module makes them.

OMP_WAIT_POLICY: between two parallel regions OpenMP's threads spin by default. As soon as another program wants a
core, the spinning starves the thread that all wait for: measured on two cores beside one busy process, coding took 10
times as long. A value that the user has set stays.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
