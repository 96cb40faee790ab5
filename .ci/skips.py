"""Print the tests that were skipped and fail on one that is not on the list: `skips.py ALLOWED.txt REPORT.xml...`."""

from __future__ import annotations

import fnmatch
import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def main(allowed_list: Path, *reports: Path) -> int:
    lines = (line.split("#")[0].strip() for line in allowed_list.read_text("utf-8").splitlines())
    allowed = [line for line in lines if line]
    skipped = [
        (f"{case.get('classname')}.{case.get('name')}", (skip.get("message") or "").strip())
        for report in reports
        for case in ET.parse(report).iter("testcase")
        for skip in case.findall("skipped")
    ]
    forbidden = 0
    print(f"Skipped tests: {len(skipped)}")
    for name, reason in skipped:
        known = any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed)
        forbidden += not known
        print(f"  {'' if known else 'NOT ALLOWED: '}{name}: {reason}")
    return 1 if forbidden else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
