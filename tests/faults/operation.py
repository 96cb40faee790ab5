"""What an operation is that faults are tried on, and one that they have to find."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

Files = dict[str, bytes]
"""What is in a folder, by path below it."""
TEMPORARY = re.compile(r"(?:.*/)?\.(?:[^/]+\.tmp|lock)")
"""What files.replacing and one_at_a_time leave where they are killed."""


def hpcm(*arguments: str) -> None:
    """The command; ends with SystemExit."""
    from hpcm_core.cli.main import main

    sys.argv = ["hpcm", *arguments]
    main()


@contextmanager
def ending_well() -> Iterator[None]:
    try:
        yield
    except SystemExit as ended:
        if ended.code:
            raise


def is_object(line: bytes) -> bool:
    """Whether it is one JSON object."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def csv_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


class Operation:
    """One that is killed, refused and met by another in the middle. Its steps run in a process of their own each, in
    the folder; all of them but `setup` and `prepare` below the layer.
    """

    most: ClassVar[int] = 1 << 30
    """Faults of each kind, where a try takes seconds."""
    only: ClassVar[Sequence[str]] = ()
    """Kinds of faults, if not all."""
    silent: ClassVar[bool] = False
    """Whether a failure is no error: what could not be written is left."""

    @contextmanager
    def around(self) -> Iterator[Mapping[str, str]]:
        """What it needs around it; yields what its processes find in their environment."""
        yield {}

    def prepare(self) -> None:
        """Import what the operation needs, before processes are forked for it."""
        raise NotImplementedError

    def setup(self) -> None:
        """Make what is there before."""

    def run(self) -> None:
        raise NotImplementedError

    def again(self) -> None:
        """What a user does after a fault."""
        self.run()

    def other(self) -> None:
        """What another process does at the same time."""
        self.run()

    def normal(self, name: str, data: bytes) -> object:
        """What of a file is the same in every run."""
        return data

    def partly(self, name: str, data: bytes, expected: Files) -> bool:
        """Whether a file that is neither what it was nor what it becomes is still right, since it grows."""
        return False

    def may_stay(self, name: str) -> bool:
        """Whether a file is one that a process which is killed may leave, for the next to remove."""
        return TEMPORARY.fullmatch(name) is not None

    def check(self, files: Files, before: Files, expected: Files) -> None:
        """What else has to hold after a fault, whichever. Raises AssertionError."""

    def check_both(self, files: Files, expected: Files) -> None:
        """What has to hold after another has been at work in the middle. Raises AssertionError."""
        same(self, files, expected)


def same(operation: Operation, files: Files, expected: Files) -> None:
    """Raises AssertionError where files are not what they become in an undisturbed run."""
    assert files.keys() == expected.keys(), f"files {sorted(files.keys() ^ expected.keys())}"
    for name, data in files.items():
        found, wanted = operation.normal(name, data), operation.normal(name, expected[name])
        assert found == wanted, f"{name} is {found!r:.300} and not {wanted!r:.300}"


class Careless(Operation):
    """Writes as nothing here may: it is what the layer and the checks have to find."""

    def prepare(self) -> None:
        pass

    def setup(self) -> None:
        Path("file").write_bytes(b"old" * 100)

    def run(self) -> None:
        with open("file", "wb", buffering=0) as file:
            file.write(b"new" * 100)

    def other(self) -> None:
        Path("file").write_bytes(b"other" * 100)


CARELESS = "careless"
