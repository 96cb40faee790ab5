"""Which libraries of the system a folder of programs needs, and the Debian packages that hold them.

Read from the files themselves, so a library that nobody thought of fails the build instead of a user.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from qt_libraries import DEBIAN

# Beyond those that Qt asks for on every machine.
PACKAGES = DEBIAN | {
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libcrypto.so.3": "libssl3",
    "libexpat.so.1": "libexpat1",
    "libgcc_s.so.1": "libgcc-s1",
    "libssl.so.3": "libssl3",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
OF_LIBC = ("ld-linux", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libresolv.so", "libutil.so")
OPTIONAL = {"libqgtk3.so": "libgtk-3-0"}
"""Plugins that Qt does without where their libraries are not, and the package to recommend for each."""

_GCC_OF_GLIBCXX = {28: "10", 29: "11", 30: "12", 31: "13", 32: "13", 33: "14", 34: "15"}


def programs(folder: Path) -> Iterator[Path]:
    """Every ELF file below the folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def needed(folder: Path) -> tuple[dict[str, str], dict[str, int]]:
    """Libraries that are asked for and not in the folder, each with one file that asks; the newest symbol versions.

    The versions are the last but one number of the newest GLIBC_2.x and GLIBCXX_3.4.x.
    """
    own = {path.name for path in folder.rglob("*")}
    libraries: dict[str, str] = {}
    versions = {"GLIBC_2": 0, "GLIBCXX_3.4": 0}
    for path in programs(folder):
        if path.name in OPTIONAL:
            continue
        text = subprocess.run(["readelf", "-dVW", path], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"\(NEEDED\).*\[(.*)\]", text):
            if name not in own:
                libraries.setdefault(name, path.name)
        for series in versions:
            found = re.findall(rf"Name: {re.escape(series)}\.(\d+)", text)
            versions[series] = max([versions[series], *map(int, found)])
    return libraries, versions


def depends(folder: Path) -> list[str]:
    """The Depends of a package that holds the folder. Raises LookupError for a library of no known package."""
    libraries, versions = needed(folder)
    libc, gcc = versions["GLIBC_2"], _GCC_OF_GLIBCXX[max(28, versions["GLIBCXX_3.4"])]
    packages = {f"libc6 (>= 2.{libc})", f"libstdc++6 (>= {gcc})"}
    for name, asker in libraries.items():
        if name.startswith((*OF_LIBC, "libstdc++")):
            continue
        if name not in PACKAGES:
            raise LookupError(f"{name}, which {asker} needs, is in no package that this script knows.")
        packages.add(PACKAGES[name])
    return sorted(packages)
