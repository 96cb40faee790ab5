"""A process that has imported what an operation needs, and forks for each try of it: see layer.Server."""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before NumPy and torch

import ctypes
import json
import os
import sys
import time
from typing import Any

from tests.faults.layer import STATE
from tests.faults.operations import CARELESS, OPERATIONS, Careless, Operation


def main() -> None:
    operation = {**OPERATIONS, CARELESS: Careless()}[sys.argv[1]]
    operation.prepare()
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "wait":
            _answer(_wait(asked["pid"], asked["seconds"]))
            continue
        if (pid := os.fork()) == 0:
            _run(operation, asked)
            return
        _answer(pid)


def _run(operation: Operation, asked: dict[str, Any]) -> None:
    """The child: a group of its own, output into files, and from here on the layer at work."""
    os.setsid()
    os.chdir(asked["folder"])
    for number, (name, flags) in enumerate(
        ((os.devnull, os.O_RDONLY), *((f"{asked['work']}/{name}", os.O_WRONLY | os.O_CREAT) for name in _OUTPUTS))
    ):
        file = os.open(name, flags, 0o600)
        os.dup2(file, number)
        os.close(file)
    state = f"{asked['work']}/state"
    os.environ[STATE] = state  # for processes that this one starts
    ctypes.CDLL(None).faults_arm(state.encode())
    getattr(operation, asked["step"])()


_OUTPUTS = ("stdout", "stderr")


def _wait(pid: int, seconds: float) -> int | None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if found:
            return status
        time.sleep(0.001)
    return None


def _answer(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
