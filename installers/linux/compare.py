"""Compare two builds of one commit, file by file.

    python installers/linux/compare.py FIRST SECOND

Exit status 0 if nothing differs but what is stated in EXPECTED, which docs/installing.md repeats.
"""

from __future__ import annotations

import filecmp
import sys
from fnmatch import fnmatch
from pathlib import Path

EXPECTED: tuple[str, ...] = ()
"""Files that may differ between two builds on one machine: none."""


def differences(first: Path, second: Path) -> list[str]:
    """Names of files and links that are in one folder only, or are not the same in both; each with what differs."""
    names = {path.relative_to(folder).as_posix() for folder in (first, second) for path in folder.rglob("*")}
    found = []
    for name in sorted(names):
        a, b = first / name, second / name
        if not (a.is_symlink() or a.exists()) or not (b.is_symlink() or b.exists()):
            found.append(f"{name}: in one only")
        elif a.is_symlink() or b.is_symlink():
            if not (a.is_symlink() and b.is_symlink() and a.readlink() == b.readlink()):
                found.append(f"{name}: links differ")
        elif a.is_file() and not filecmp.cmp(a, b, shallow=False):
            found.append(f"{name}: contents differ")
        elif a.stat().st_mode != b.stat().st_mode:
            found.append(f"{name}: rights differ")
    return found


def main() -> int:
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    stated = [line for line in found if any(fnmatch(line.partition(":")[0], pattern) for pattern in EXPECTED)]
    for line in found:
        print(line + (" (as stated)" if line in stated else ""))
    print(f"{len(found)} differences, {len(found) - len(stated)} not stated")
    return 1 if len(found) > len(stated) else 0


if __name__ == "__main__":
    sys.exit(main())
