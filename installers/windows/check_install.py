"""Install silently, use, upgrade and uninstall: what the workflow does with the finished installer on Windows.

python installers/windows/check_install.py SETUP.exe [--all-users]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import winreg
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import round_trip

SILENT = ("/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART", "/SP-")
KEYS = (
    r"Software\Classes\HPCMStudio.File.1\shell\open\command",
    r"Software\Classes\.hpcm\OpenWithProgids",
    r"Software\Classes\SystemFileAssociations\.png\shell\HPCMStudio.Compress\command",
    r"Software\Microsoft\Windows\CurrentVersion\App Paths\hpcm.exe",
)


class Failed(Exception):
    """What was not as it should be."""


class Installation:
    """Where the program is, for one user or for all."""

    def __init__(self, all_users: bool) -> None:
        self.option = "/ALLUSERS" if all_users else "/CURRENTUSER"
        self.root = winreg.HKEY_LOCAL_MACHINE if all_users else winreg.HKEY_CURRENT_USER
        base = os.environ["PROGRAMFILES"] if all_users else os.path.join(os.environ["LOCALAPPDATA"], "Programs")
        menus = os.environ["PROGRAMDATA"] if all_users else os.environ["APPDATA"]
        self.folder = Path(base) / "HPCM Studio"
        self.shortcut = Path(menus) / r"Microsoft\Windows\Start Menu\Programs\HPCM Studio.lnk"

    def value(self, key: str) -> str | None:
        """The key's default value, or None where there is no such key."""
        try:
            with winreg.OpenKey(self.root, key) as opened:
                try:
                    return str(winreg.QueryValueEx(opened, "")[0])
                except FileNotFoundError:
                    return ""
        except FileNotFoundError:
            return None

    def install(self, setup: Path) -> None:
        run(str(setup), *SILENT, self.option, "/TASKS=associate,verb", f"/LOG={setup.with_suffix('.log')}")
        for name in ("hpcm-studio.exe", "hpcm.exe", r"_internal\MANIFEST", r"_internal\sbom.cdx.json"):
            expect((self.folder / name).is_file(), f"{name} is not installed.")
        expect(self.shortcut.is_file(), "The start menu has no entry.")
        for key in KEYS:
            expect(self.value(key) is not None, f"{key} is not registered.")
        expect(str(self.folder) in (self.value(KEYS[0]) or ""), "Another program opens .hpcm files.")

    def use(self, picture: Path) -> None:
        round_trip.check(str(self.folder / "hpcm.exe"))
        started = time.monotonic()
        run(str(self.folder / "hpcm-studio.exe"), "--sample", "--screenshot", str(picture))
        print(f"The window showed its result after {time.monotonic() - started:.1f} s.")
        expect(picture.is_file() and picture.stat().st_size > 10_000, "The window drew nothing.")

    def uninstall(self) -> None:
        run(str(self.folder / "unins000.exe"), *SILENT)
        for _ in range(60):  # The uninstaller goes on in a copy of itself.
            if not (self.folder / "unins000.exe").exists():
                break
            time.sleep(1)
        left = [path for path in self.folder.rglob("*") if path.is_file()] if self.folder.exists() else []
        expect([path.name for path in left] == ["notes.txt"], f"Uninstalling left {left}.")
        expect(not self.shortcut.exists(), "Uninstalling left the start menu's entry.")
        for key in KEYS:
            expect(self.value(key) is None, f"Uninstalling left {key}.")


def run(*command: str) -> None:
    print(">", *command, flush=True)
    status = subprocess.run(command, timeout=900, check=False).returncode
    expect(status == 0, f"{Path(command[0]).name} ended with {status}.")


def expect(fact: bool, otherwise: str) -> None:
    if not fact:
        raise Failed(otherwise)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("setup", type=Path)
    parser.add_argument("--all-users", action="store_true")
    options = parser.parse_args()
    setup = options.setup.resolve()
    here = Installation(options.all_users)
    try:
        here.install(setup)
        here.use(setup.with_suffix(".png"))
        stale = here.folder / "_internal" / "of an earlier version.dll"
        stale.write_bytes(b"stale")
        (here.folder / "notes.txt").write_text("the user's own", encoding="utf-8")
        here.install(setup)
        expect(not stale.exists(), "The upgrade left a file of the version before.")
        here.uninstall()
    except (Failed, round_trip.Failed) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    print("Installed, used, upgraded and uninstalled.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
