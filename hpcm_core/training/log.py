"""What a run tells of itself on the way: a file of one JSON document a line, in the order of its steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from hpcm_core import strict_json
from hpcm_core.errors import HpcmError
from hpcm_core.files import append_line, atomic_write, open_alone


class Log:
    """One training at a time has a folder's log, and with it the folder."""

    def __init__(self, folder: Path, step: int) -> None:
        """step: what is told of later ones comes again, and is dropped. Raises HpcmError where another process trains
        in the folder, and OSError.
        """
        self._path = folder / "log.jsonl"
        self._folder = folder
        self._file = self._open()
        try:
            lines = self._path.read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if line.endswith(b"\n") and _step(line) <= step]
            if kept != lines:
                atomic_write(self._path, b"".join(kept))
                self._file.close()
                self._file = self._open()
        except BaseException:
            self._file.close()
            raise

    def write(self, row: dict[str, Any]) -> None:
        """Add a row, which a reader then sees at once. Raises OSError."""
        append_line(self._file, strict_json.dumps(row).encode() + b"\n")

    def _open(self) -> IO[bytes]:
        try:
            return open_alone(self._path)
        except BlockingIOError:
            raise HpcmError("Another process is training in {folder}.", folder=self._folder) from None

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


def _step(line: bytes) -> float:
    """Of a row; infinite for what is none."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return float("inf")
