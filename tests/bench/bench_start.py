"""Processor time of commands from start to end, user and system together, beside Python's and NumPy's own.

    python -m tests.bench.bench_start [ROUNDS]

Medians of interleaved rounds. The picture is the smallest of the samples; byte code is taken from a cache, which the
first round, that does not count, fills.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from hpcm_core.resources import resource as bundled
from tests.paths import ROOT


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """What one run of a command takes of all processors together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": f"{folder}/cache"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        hpcm, file = [sys.executable, "-m", "hpcm_core.cli"], str(Path(folder) / "a.hpcm")
        sample = str(bundled("samples/chelsea.png"))
        commands = {
            "Python": [sys.executable, "-c", "pass"],
            "import numpy": [sys.executable, "-c", "import numpy"],
            "hpcm --help": [*hpcm, "--help"],
            "hpcm encode": [*hpcm, "encode", "-f", sample, "-o", file, "--preview", "--no-metrics"],
            "hpcm info": [*hpcm, "info", file],
            "hpcm thumbnail": [*hpcm, "thumbnail", file, f"{folder}/t.png"],
            "hpcm decode": [*hpcm, "decode", "-f", file, "-o", f"{folder}/a.png"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                taken = seconds(command, environment)
                if number:
                    times[name].append(taken)
    for name, taken_all in times.items():
        print(f"{name:16} {statistics.median(taken_all):.3f} s")


if __name__ == "__main__":
    main()
