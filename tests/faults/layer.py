"""The layer between a program and the calls that write (layer.c), and processes that run operations below it.

A server process has imported what an operation needs and forks for each try of it, so that a try takes milliseconds.
"""

from __future__ import annotations

import json
import mmap
import os
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.paths import ROOT

KINDS = ("watch", "kill", "torn", "full", "refused", "failing", "pause")
"""In layer.c's order. watch: nothing happens; kill: at the call, before it is made; torn: when half of a write is made;
full: half of a write is made, and from then on there is no room; refused: renaming and linking from then on; failing:
one write or fsync ends with an error of the device; pause: the process stops before the call, to go on later.
"""
CLOCKS = ("right", "ten years back", "ten years ahead", "back and ahead in turn")
_NAMES, _WRITES, _MAKES, _SYNCS = range(4)
_LAYOUT = struct.Struct("=iiqqii4096s")
STATE = "FAULTS_STATE"


@dataclass(frozen=True)
class Fault:
    """What happens at the call of a number, counted from 1; clock: place in CLOCKS."""

    kind: str = "watch"
    at: int = 0
    clock: int = 0

    def __str__(self) -> str:
        return CLOCKS[self.clock] if self.clock else f"{self.kind} {self.at}"

    @property
    def kills(self) -> bool:
        return self.kind in ("kill", "torn")


class Call(NamedTuple):
    """A call that changes something below the folder. bytes: of a write."""

    number: int
    group: int
    what: str
    path: str
    bytes: int

    @property
    def kinds(self) -> list[str]:
        """What can happen at it."""
        found = ["kill"]
        if self.group == _WRITES and self.bytes > 1:
            found.append("torn")
        if self.group in (_WRITES, _MAKES):
            found.append("full")
        if self.group == _NAMES:
            found.append("refused")
        if self.group in (_WRITES, _SYNCS):
            found.append("failing")
        return found


def obstacle() -> str:
    """Why there can be no layer here; empty where there can."""
    if sys.platform != "linux":
        return "the layer is for Linux"
    return "" if shutil.which("cc") else "the layer needs a C compiler"


def build(folder: Path) -> Path:
    """The layer, compiled."""
    made = folder / "layer.so"
    source = Path(__file__).with_name("layer.c")
    flags = ("-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-U_FORTIFY_SOURCE")
    subprocess.run(["cc", *flags, "-o", made, source, "-ldl"], check=True)
    return made


class Going:
    """A process of an operation that has begun."""

    def __init__(self, pid: int, work: Path, state: mmap.mmap) -> None:
        self.pid, self._work, self._state = pid, work, state
        self.status: int | None = None

    @property
    def happened(self) -> bool:
        return bool(_LAYOUT.unpack_from(self._state)[4])

    @property
    def killed(self) -> bool:
        return self.status is not None and os.WIFSIGNALED(self.status)

    @property
    def code(self) -> int:
        assert self.status is not None
        return os.waitstatus_to_exitcode(self.status)

    @property
    def stopped(self) -> bool:
        return self.status is not None and os.WIFSTOPPED(self.status)

    def said(self) -> str:
        """On standard error."""
        return (self._work / "stderr").read_text("utf-8", "replace")

    def go_on(self) -> None:
        self.status = None
        os.killpg(self.pid, signal.SIGCONT)

    def calls(self) -> list[Call]:
        found = []
        for number, line in enumerate((self._work / "state.trace").read_text().splitlines(), 1):
            group, rest = line.split(" ", 1)
            name, size = rest.rsplit(" ", 1)
            what, path = name.split(" /", 1)
            found.append(Call(number, int(group), what, "/" + path, int(size)))
        return found


class Server:
    """Processes of one operation. `work`: a folder for what is said and what is to happen."""

    def __init__(self, operation: str, layer: Path, work: Path, environment: Mapping[str, str]) -> None:
        self._work, self._count = work, 0
        alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.server", operation],
            cwd=ROOT,
            env={**os.environ, **alone, **environment, "LD_PRELOAD": str(layer)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, step: str, folder: Path, fault: Fault) -> Going:
        """Begin a step of the operation (operations.Operation) in a folder, whose calls are watched."""
        self._count += 1
        work = self._work / str(self._count)
        work.mkdir()
        (work / "state.trace").touch()
        name = str(folder).encode()
        (work / "state").write_bytes(_LAYOUT.pack(KINDS.index(fault.kind), fault.clock, fault.at, 0, 0, 0, name))
        with (work / "state").open("r+b") as file:
            state = mmap.mmap(file.fileno(), _LAYOUT.size)
        pid = self._ask({"do": "start", "step": step, "folder": str(folder), "work": str(work)})
        return Going(pid, work, state)

    def wait(self, going: Going, seconds: float = 120) -> bool:
        """Whether the process has ended or stopped in that time."""
        status = self._ask({"do": "wait", "pid": going.pid, "seconds": seconds})
        going.status = status
        return status is not None

    def run(self, step: str, folder: Path, fault: Fault | None = None) -> Going:
        """A step to its end."""
        going = self.start(step, folder, fault or Fault())
        if not self.wait(going):
            os.killpg(going.pid, signal.SIGKILL)
            self.wait(going)
            raise TimeoutError(f"{step} of {folder} never ends: {going.said()}")
        return going

    def _ask(self, question: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.kill()  # Taken apart in good order, torch takes seconds.
        self._process.wait()


@contextmanager
def serving(operation: str, layer: Path, work: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    server = Server(operation, layer, work, environment)
    try:
        yield server
    finally:
        server.close()
