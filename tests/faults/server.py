"""A process that has imported what an operation needs, and forks for each try of it: see layer.Server."""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before NumPy and torch

import atexit
import ctypes
import json
import os
import signal
import sys
import time
import traceback
from typing import Any

from tests.faults.layer import STATE
from tests.faults.operation import CARELESS, Careless, Operation
from tests.faults.operations import OPERATIONS


def main() -> None:
    die_with_parent()
    operation = {**OPERATIONS, CARELESS: Careless()}[sys.argv[1]]
    operation.prepare()
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "wait":
            _answer(_wait(asked["pid"], asked["seconds"]))
            continue
        if (pid := os.fork()) == 0:
            os._exit(_run(operation, asked))
        _answer(pid)


def _run(operation: Operation, asked: dict[str, Any]) -> int:
    """The child: a group of its own, output into files, and from here on the layer at work. Returns the exit status;
    taking torch apart at the end, as the interpreter would, takes longer than most tries.
    """
    die_with_parent()
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
    status = 0
    try:
        getattr(operation, asked["step"])()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        status = int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status


def die_with_parent() -> None:
    """Nothing stays behind, stopped or waiting for what is stopped, where the tests are killed in the middle."""
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)


_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG."""
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
