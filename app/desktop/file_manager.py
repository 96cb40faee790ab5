"""Showing a file in the desktop's file manager."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

PATIENCE = 5
"""Seconds that the desktop may take to answer."""


def show_command(path: Path) -> list[str] | None:
    """What to run so that the file manager shows a file among its neighbours; None where nothing is known to do so."""
    if sys.platform == "win32":
        return ["explorer", f"/select,{path}"]
    if sys.platform == "darwin":
        return ["open", "-R", str(path)]
    send = shutil.which("dbus-send")
    if send is None:
        return None
    # https://www.freedesktop.org/wiki/Specifications/file-manager-interface/; a comma would begin another file.
    address = "file://" + quote(str(path))
    return [
        send, "--session", "--print-reply", "--dest=org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1.ShowItems", f"array:string:{address}", "string:",
    ]  # fmt: skip


def show_file(path: Path) -> bool:
    """Show a file in its folder; False where the desktop did not. Waits for its answer: not for the window's thread."""
    command = show_command(path.absolute())
    if command is None:
        return False
    try:
        done = subprocess.run(command, timeout=PATIENCE, capture_output=True, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    # Explorer returns 1 when all is well.
    return done.returncode == 0 or sys.platform == "win32"
