"""What a run has done, in a file of one JSON document a line, so that the same run goes on where it was stopped.

The first line says which run it is; each line after it is an item that has ended well: what names it, the stamp of its
source (storage.stamp), and its result. Lines are appended as items end: whatever kills the run costs at most the line
that was being written. One run at a time has the file.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import IO, Any

from hpcm_core import strict_json
from hpcm_core.errors import HpcmError
from hpcm_core.files import append, open_alone, reading, writing
from hpcm_core.limits import MIB

Stamp = list[Any]
_KIND = "HPCM Studio manifest"
_MOST = 64 * MIB
"""Bytes of a line."""


class Manifest:
    """settings: what results depend on beside the sources, as JSON. Raises HpcmError where the file is of another run,
    or is no manifest: nothing is written into it then; and where a run has it that is going on.
    """

    def __init__(self, path: Path, settings: dict[str, Any]) -> None:
        self._path = path
        self._places: dict[str, int] = {}
        """Where in the file an item's last line begins: the lines of a million items are better left there."""
        head = {"kind": _KIND, **settings}
        self._lines: IO[bytes] = io.BytesIO()
        with writing(path):
            try:
                self._file = open_alone(path)
            except BlockingIOError:
                raise HpcmError("{path} is the manifest of a run that is going on.", path=path) from None
        try:
            with reading(path, HpcmError):
                self._lines = path.open("rb")
            whole = self._read(head)
            with writing(path):
                self._file.truncate(whole)
                if not whole:
                    self._append(head)
        except BaseException:
            self.__exit__()
            raise

    def known(self, name: str, stamp: Stamp) -> dict[str, Any] | None:
        """The result of an item, if it has ended well and its source is what it was. Raises HpcmError."""
        if (place := self._places.get(name)) is None:
            return None
        with reading(self._path, HpcmError):
            self._lines.seek(place)
            entry = _entry(self._lines.readline())
        return entry["result"] if entry is not None and entry["stamp"] == stamp else None

    def add(self, name: str, stamp: Stamp, result: dict[str, Any]) -> None:
        """Raises HpcmError."""
        with writing(self._path):
            self._append({"name": name, "stamp": stamp, "result": result})

    def _append(self, document: dict[str, Any]) -> None:
        append(self._file, _line(document))

    def _read(self, head: dict[str, Any]) -> int:
        """Find the items that are there. Returns the bytes of the lines that are whole: one that was being written when
        the run was killed is not.
        """
        with reading(self._path, HpcmError):
            first = self._lines.readline(_MOST)
            if not first.endswith(b"\n") and _line(head).startswith(first):
                return 0
            self._check(first, head)
            whole = len(first)
            while (line := self._lines.readline(_MOST)).endswith(b"\n"):
                if (entry := _entry(line)) is not None:
                    self._places[entry["name"]] = whole
                whole += len(line)
        return whole

    def _check(self, first: bytes, head: dict[str, Any]) -> None:
        found = _document(first)
        if found.get("kind") != _KIND:
            raise HpcmError("{path} is no manifest of HPCM Studio.", path=self._path)
        if other := [name for name in {**head, **found} if found.get(name) != head.get(name)]:
            raise HpcmError(
                "{path} is the manifest of another run: {names} differ. Choose another name for this one.",
                path=self._path,
                names=", ".join(other),
            )

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *error: object) -> None:
        for file in (self._file, self._lines):
            file.close()


def _line(document: dict[str, Any]) -> bytes:
    return strict_json.dumps(document).encode() + b"\n"


def _document(line: bytes) -> dict[str, Any]:
    """Empty for what is no JSON object."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _entry(line: bytes) -> dict[str, Any] | None:
    """An item's line; None for any other."""
    found = _document(line)
    kinds = {"name": str, "stamp": list, "result": dict}
    return found if all(isinstance(found.get(key), kind) for key, kind in kinds.items()) else None
