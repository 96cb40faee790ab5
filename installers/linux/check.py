"""Prove what `make dist` built: install, use, upgrade and remove it in a clean Debian. Ends with how many cases passed.

    python installers/linux/check.py FOLDER [ONLY]

Both packages and both archives are tried, each in a root of its own: what ONLY names (full, small), or else all.

Needs root, debootstrap, Xvfb and zstd; where one is missing that is a failure, never a skip. Pictures of the windows
are left in FOLDER/screenshots for a person to look at.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import check_archive
import check_deb
from clean_root import CleanRoot, Display, run_all

KINDS = {"small": "hpcm-studio-small", "full": "hpcm-studio"}
NEEDED = {"debootstrap": "debootstrap", "Xvfb": "xvfb", "zstd": "zstd", "unshare": "util-linux", "dpkg-deb": "dpkg"}


def main() -> int:
    folder = Path(sys.argv[1]).resolve()
    if os.geteuid() != 0:
        sys.exit("A clean root can only be made by root: sudo make dist-check")
    if missing := sorted(package for command, package in NEEDED.items() if shutil.which(command) is None):
        sys.exit(f"The check cannot run and so has failed. Install: apt-get install {' '.join(missing)}")
    shots = folder / "screenshots"
    shots.mkdir(exist_ok=True)
    cases = []
    with Display() as display:
        for kind, name in KINDS.items():
            if sys.argv[2:] not in ([], [kind]):
                continue
            packages, archives = sorted(folder.glob(f"{name}_*.deb")), sorted(folder.glob(f"{name}-[0-9]*.tar.*"))
            if len(packages) != 1 or len(archives) != 1:
                sys.exit(f"One package and one archive called {name} are wanted in {folder}; run: make dist")
            root = CleanRoot.make(folder / "base", folder / f"root-{kind}")
            cases += check_deb.cases(kind, root, display, packages[0], folder / "work", shots)
            cases += check_archive.cases(kind, root, display, archives[0], shots)
        return run_all(cases)


if __name__ == "__main__":
    sys.exit(main())
