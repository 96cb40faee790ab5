"""Make what the Windows programs carry in themselves: hpcm-studio.ico and version_info.txt.

    python installers/windows/make_resources.py [FOLDER]

writes them beside this file, where the bundle's recipe and the installer's script look for them. The icon is the one
that the window paints; the version is the project's.
"""

from __future__ import annotations

import io
import os
import re
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
ICON, VERSION = "hpcm-studio.ico", "version_info.txt"
SIDES = (16, 24, 32, 48, 64, 128, 256)
_TEXTS = {
    "CompanyName": "The HPCM Studio developers",
    "FileDescription": "HPCM Studio",
    "InternalName": "hpcm-studio",
    "LegalCopyright": "MIT licence; see LICENSE.txt",
    "ProductName": "HPCM Studio",
}


def icon() -> bytes:
    """The program's icon at all sizes that Windows asks for, each painted for itself."""
    from PIL import Image
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QGuiApplication

    from app.ui.icons import application_icon

    application = QGuiApplication.instance() or QGuiApplication([])
    images = []
    for side in SIDES:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        application_icon().pixmap(side, side).toImage().save(buffer, "PNG")
        images.append(Image.open(io.BytesIO(buffer.data().data())).convert("RGBA"))
    del application
    out = io.BytesIO()
    # Not as PNG inside: some programs that read icons from others do not know that.
    images[-1].save(out, "ICO", sizes=[image.size for image in images], append_images=images[:-1], bitmap_format="bmp")
    return out.getvalue()


def version_info(name: str) -> str:
    """The version resource of a release ("1.2.3") or of a build between two ("1.2.3.dev4"), as PyInstaller reads it."""
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", name)
    if match is None:
        raise ValueError(f"{name!r} does not begin as a version")
    major, minor, patch = (int(part or 0) for part in match.groups())
    numbers = (major, minor, patch, 0)
    texts = _TEXTS | {"FileVersion": f"{major}.{minor}.{patch}", "ProductVersion": f"{major}.{minor}.{patch}"}
    structs = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in sorted(texts.items()))
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, "
        f"fileType=1, subtype=0, date=(0, 0)),\n"
        f"  kids=[StringFileInfo([StringTable('040904B0', [{structs}])]),\n"
        f"        VarFileInfo([VarStruct('Translation', [0x409, 0x4B0])])])\n"
    )


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    (folder / ICON).write_bytes(icon())
    (folder / VERSION).write_text(version_info(version("hpcm-studio")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
