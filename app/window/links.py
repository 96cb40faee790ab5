"""Addresses of the web: given to the desktop's browser, and shown where there is none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.session.background import Background
from app.ui.notices import Notice
from app.ui.translation import tr


def open_address(address: str, background: Background, tell: Callable[[Notice], None]) -> None:
    """Open an address in the browser; where that fails, tell the address, to be copied."""

    def failed() -> None:
        words = tr("No browser opened the address. It is {address}")
        tell(Notice(words.format(address=address), address=address))

    # Qt starts this program too, and takes its start for success; its exit status says whether there was a browser.
    opener = shutil.which("xdg-open") if sys.platform.startswith("linux") else None
    if opener is None:
        if not QDesktopServices.openUrl(QUrl(address)):
            failed()
        return
    none = subprocess.DEVNULL
    command = [opener, address]

    def run() -> int:
        # In a session of its own: a browser that it becomes stays when this program ends.
        return subprocess.run(
            command, stdin=none, stdout=none, stderr=none, start_new_session=True, check=False
        ).returncode

    background.run(run, lambda status: failed() if status else None, lambda error, details: failed())
