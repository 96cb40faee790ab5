"""Build the coder's C++ tests for Windows with MinGW-w64 and run them under Wine: `check_native.py BUILD_FOLDER`.

Installs nothing; says which packages of Debian are missing. The tests compare every instruction set of this machine's
processor, which Wine hands on, with plain loops.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CODER = HERE.parents[1] / "coder"
PROGRAMS = ("rans_tests", "exact_tests", "integer_tests", "session_tests", "lossless_tests")
DEBIAN = {
    "cmake": ("cmake",),
    "ninja": ("ninja-build",),
    "x86_64-w64-mingw32-g++-posix": ("g++-mingw-w64-x86-64",),
    "wine": ("wine", "wine64"),
}
"""Tools, and the packages of Debian and Ubuntu that bring them."""


def missing_packages() -> list[str]:
    """Packages whose tools are not here."""
    return sorted(name for tool, names in DEBIAN.items() if shutil.which(tool) is None for name in names)


def build(folder: Path) -> None:
    """Configure and build the tests in the folder."""
    options = ("-DHPCM_MODULE=OFF", "-DHPCM_TESTS=ON", "-DCMAKE_BUILD_TYPE=Release")
    toolchain = f"-DCMAKE_TOOLCHAIN_FILE={HERE / 'mingw.cmake'}"
    # Left from another place or another toolchain, its settings would win over these.
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cmake", "-S", str(CODER), "-B", str(folder), "-G", "Ninja", toolchain, *options], check=True)
    subprocess.run(["cmake", "--build", str(folder)], check=True)


def run(folder: Path) -> list[str]:
    """Run every test program in a Windows of its own; the names of those that failed."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="hpcm-wine-") as prefix:
        environment = os.environ | {"WINEPREFIX": prefix, "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
        environment.pop("DISPLAY", None)
        for name in PROGRAMS:
            done = subprocess.run(
                ["wine", str(folder / f"{name}.exe")], env=environment, capture_output=True, text=True, check=False
            )
            print(f"{name}.exe under Wine:\n{done.stdout}", flush=True)
            if done.returncode != 0 or "All tests passed." not in done.stdout:
                print(done.stderr, file=sys.stderr)
                failed.append(name)
        subprocess.run(["wineserver", "-k"], env=environment, check=False)
    return failed


def main() -> int:
    if packages := missing_packages():
        print(f"To check the Windows build here: sudo apt-get install {' '.join(packages)}", file=sys.stderr)
        return 1
    folder = Path(sys.argv[1]).resolve()
    build(folder)
    failed = run(folder)
    for name in failed:
        print(f"{name} failed.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
