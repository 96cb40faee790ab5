"""Scripts in processes of their own in which torch cannot be imported."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.paths import ROOT

BLOCKED = """
import sys
from pathlib import Path
from tests.toy.plain import NoTorch
NoTorch.install()
folder = Path(sys.argv[1])
"""

BLOCKED_LIGHTLY = """
import sys
from pathlib import Path
sys.modules["torch"] = None
folder = Path(sys.argv[1])
"""
"""The same without what the other imports itself."""


def run(tmp_path, script, beginning=BLOCKED):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HPCM_")}
    done = subprocess.run(
        [sys.executable, "-c", beginning + script, str(tmp_path)],
        cwd=ROOT,
        env={**environment, "HPCM_DATA_DIR": str(tmp_path / "data"), "HPCM_CONFIG_DIR": str(tmp_path / "config")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
