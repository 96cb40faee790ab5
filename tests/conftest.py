from __future__ import annotations

from hypothesis import settings

import hpcm_core.runtime  # noqa: F401 - before torch

# How long an example takes says more about the machine than about the code.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
