"""`hpcm train` in a process of its own, where lite is the tiny network of the tests."""

from __future__ import annotations

import sys

from hpcm_core.models.hpcm.config import CONFIGS
from tests.hpcm_core.training.tiny import TINY

if __name__ == "__main__":
    CONFIGS["lite"] = TINY
    from hpcm_core.cli.main import main

    sys.argv[0] = "hpcm"
    main()
