"""What a user can hand to the developers: the message, its details, and the versions of what runs."""

from __future__ import annotations

import platform
from pathlib import Path

from PySide6.QtCore import QUrl, qVersion
from PySide6.QtGui import QDesktopServices

from app.desktop import edition
from app.ui.notices import Notice
from hpcm_core import __version__


def report_of(notice: Notice) -> str:
    """The text that "Copy report" puts on the clipboard."""
    system = f"{platform.system()} {platform.release()} ({platform.machine()})"
    kind = {edition.CPU_ONLY: " (CPU build)", edition.SMALL: " (small build)"}.get(edition.note(), "")
    versions = f"HPCM Studio {__version__}{kind} · Python {platform.python_version()} · Qt {qVersion()} · {system}"
    return f"{notice.message}\n\n{notice.details or 'No details.'}\n\n{versions}\n"


def open_folder(folder: Path) -> bool:
    """Show a folder in the desktop's file manager; False if there is none to show it."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
