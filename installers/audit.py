"""Known vulnerabilities of what files of hashes pin, by a copy of the Python Packaging Advisory Database.

    python installers/audit.py FOLDER LOCK...

FOLDER: a checkout of github.com/pypa/advisory-database. Prints what is found and of when the newest advisory is, and
ends with 1 if anything is. `make audit` asks the index itself, which knows of today's; this is for where it cannot be
reached.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version


def pinned(lock: Path) -> Iterator[tuple[str, Version]]:
    """Name, as an index has it, and version of everything in a file of hashes, for whatever system."""
    for line in lock.read_text("utf-8").splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            requirement = Requirement(line.rstrip("\\ "))
            yield canonical(requirement.name), Version(next(iter(requirement.specifier)).version)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def advisories(folder: Path, name: str) -> list[dict[str, Any]]:
    """All of a package that are not withdrawn, as https://ossf.github.io/osv-schema/ describes them."""
    found = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((folder / "vulns" / name).glob("*.yaml"))]
    return [one for one in found if "withdrawn" not in one]


def affects(advisory: dict[str, Any], name: str, version: Version) -> bool:
    """Whether an advisory is about this version."""
    for part in advisory.get("affected", ()):
        if canonical(part["package"]["name"]) != name:
            continue
        if any(_version(text) == version for text in part.get("versions", ())):
            return True
        for span in part.get("ranges", ()):
            if span["type"] == "ECOSYSTEM" and _within(span["events"], version):
                return True
    return False


def _within(events: list[dict[str, str]], version: Version) -> bool:
    """Events tell versions from which on, before which, and up to which something holds."""
    for event, after in pairwise([*events, {}]):
        if "introduced" not in event or (start := _version(event["introduced"])) is None or version < start:
            continue
        if "fixed" in after:
            end = _version(after["fixed"])
            if end is None or version < end:
                return True
        elif "last_affected" in after:
            end = _version(after["last_affected"])
            if end is None or version <= end:
                return True
        else:
            return True
    return False


def _version(text: str) -> Version | None:
    try:
        return Version(str(text))
    except InvalidVersion:
        return None


def newest(folder: Path) -> str:
    """The day of the newest advisory that was published."""
    days = (re.search(r"^published: '?(\d{4}-\d\d-\d\d)", path.read_text("utf-8"), re.MULTILINE)
            for path in (folder / "vulns").rglob("*.yaml"))  # fmt: skip
    return max((found[1] for found in days if found), default="")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("locks", type=Path, nargs="+")
    options = parser.parse_args()
    if not (latest := newest(options.folder)):
        sys.exit(f"{options.folder} has no advisories.")
    asked = sorted({one for lock in options.locks for one in pinned(lock)})
    known = found = 0
    for name, version in asked:
        listed = advisories(options.folder, name)
        known += len(listed)
        for advisory in listed:
            if affects(advisory, name, version):
                found += 1
                print(f"{name} {version}: {', '.join([advisory['id'], *advisory.get('aliases', ())])}")
    print(f"{len(asked)} packages, {known} advisories about them, the newest of all of {latest}: {found} apply.")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
