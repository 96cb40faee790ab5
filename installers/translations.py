"""Bring the translations up to date: collect the texts of the window's source, then compile what is translated.

    python installers/translations.py        the languages that there are
    python installers/translations.py fr     begin another one, or only this one

New texts stand in resources/translations/hpcm-studio_XX.ts as unfinished; Qt Linguist or any editor fills them in. The
.qm files are what the program loads. The two tools come with PySide6.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"


def tool(name: str) -> str:
    """One of Qt's Linguist tools."""
    found = shutil.which(f"pyside6-{name}", path=sysconfig.get_path("scripts")) or shutil.which(f"pyside6-{name}")
    if found is None:
        sys.exit(f"pyside6-{name} was not found; it comes with PySide6-Essentials.")
    return found


def collect(target: Path) -> None:
    """Write the texts of the window into a .ts file; translations that it has stay, texts that are gone go."""
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*.py"))
    command = [tool("lupdate"), "-silent", "-no-obsolete", "-locations", "none", *sources]
    language = target.stem.partition("_")[2]
    command += ["-source-language", "en", "-target-language", language, "-ts", str(target)]
    subprocess.run(command, cwd=ROOT, check=True)


def compile_to(source: Path, target: Path) -> None:
    """Make the .qm file of a .ts file."""
    subprocess.run([tool("lrelease"), "-silent", str(source), "-qm", str(target)], check=True)


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = [FOLDER / f"hpcm-studio_{language}.ts" for language in sys.argv[1:]] or sorted(FOLDER.glob("*.ts"))
    for path in files:
        collect(path)
        compile_to(path, path.with_suffix(".qm"))
        unfinished = path.read_text("utf-8").count('type="unfinished"')
        print(f"{path.relative_to(ROOT)}: {unfinished or 'no'} texts to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
