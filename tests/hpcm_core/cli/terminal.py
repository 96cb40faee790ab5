"""Commands whose standard error is a terminal."""

from __future__ import annotations

import os
import subprocess
import sys


def shown_by(*arguments: object, code: int = 0) -> bytes:
    """All that a command shows there, which draws over itself. POSIX alone has such terminals."""
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    command = [sys.executable, "-m", "hpcm_core.cli", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower, env=environment) as process:
        os.close(follower)
        shown = b""
        try:
            while block := os.read(leader, 4096):
                shown += block
        except OSError:  # The end of a terminal, on Linux.
            pass
    os.close(leader)
    assert process.returncode == code, shown
    return shown
