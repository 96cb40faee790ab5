"""`make faults`: every operation with every fault at every call that writes, and a table of what came of them.

    python -m tests.faults.run                         # all
    python -m tests.faults.run encode batch            # some
    python -m tests.faults.run encode --only "kill 7"  # one fault, as a finding names it

Prints findings with the folder that they are left in, and ends with 1 if there are any.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from tests.faults import layer
from tests.faults.layer import CLOCKS, Call, Fault, Going, Server
from tests.faults.operation import CARELESS, Careless, Files, Operation, same
from tests.faults.operations import OPERATIONS

_RUN = 5
"""Writes in a row that count one by one."""
WAITS = 1.0
"""Seconds after which another process counts as waiting for the one that is stopped."""


class Trial:
    """An operation, its server, and what it makes of its folder undisturbed."""

    def __init__(self, operation: Operation, server: Server, work: Path) -> None:
        self.operation, self._server, self._work = operation, server, work
        self._template = work / "template"
        self._template.mkdir()
        made = server.run("setup", self._template)
        assert made.code == 0, made.said()
        self.before = snapshot(self._template)
        folder = self._folder()
        undisturbed = server.run("run", folder)
        assert undisturbed.code == 0, undisturbed.said()
        self.calls = undisturbed.calls()
        self.expected = snapshot(folder)
        assert self.calls, "the layer sees no call at all"
        shutil.rmtree(folder)

    def faults(self) -> list[Fault]:
        """All that can happen. Of many writes to one file in a row, it does at the first, the middle and the last."""
        calls = [call for run in _runs(self.calls) for call in run]
        at_calls = [Fault(kind, call.number) for call in calls for kind in (*call.kinds, "pause")]
        found = at_calls + [Fault(clock=clock) for clock in range(1, len(CLOCKS))]
        only = self.operation.only
        return spread([fault for fault in found if not only or fault.kind in only], self.operation.most)

    def attempt(self, fault: Fault) -> None:
        """Raises AssertionError, which names the folder that is left."""
        folder = self._folder()
        try:
            if fault.kind == "pause":
                self._both(folder, fault)
            else:
                self._one(folder, fault)
        except AssertionError as error:
            call = self.calls[fault.at - 1] if fault.at else None
            raise AssertionError(f"{fault}{_words(call)}, left in {folder}: {error}") from None
        shutil.rmtree(folder)

    def _one(self, folder: Path, fault: Fault) -> None:
        """An operation meets its fault, and is run again without."""
        operation = self.operation
        going = self._server.run("run", folder, fault)
        files = snapshot(folder)
        if fault.kills:
            assert going.happened, "never happened"
            assert going.killed, f"not killed, but ended with {going.code}: {going.said()}"
        else:
            assert not going.killed, f"killed by {going.code}"
            self._check_end(going, files, fault)
        for name, data in self.before.items():
            assert name in files, f"{name} is gone"
            assert name in self.expected or files[name] == data, f"{name} has changed"
        for name, data in files.items():
            if fault.kills and operation.may_stay(name):
                continue
            known = [operation.normal(name, known[name]) for known in (self.before, self.expected) if name in known]
            assert operation.normal(name, data) in known or operation.partly(name, data, self.expected), (
                f"{name} is neither what it was nor what it becomes: {data!r:.200}"
            )
        operation.check(files, self.before, self.expected)
        again = self._server.run("again", folder, Fault(clock=fault.clock))
        assert again.code == 0, f"cannot be run again: {again.said()}"
        same(operation, snapshot(folder), self.expected)

    def _check_end(self, going: Going, files: Files, fault: Fault) -> None:
        said = going.said()
        assert "Traceback" not in said, said
        if going.code == 0 and not (self.operation.silent and going.happened):
            same(self.operation, files, self.expected)
        elif not self.operation.silent:
            assert going.happened, said
            assert said.strip(), f"says nothing, status {going.code}"

    def _both(self, folder: Path, fault: Fault) -> None:
        """One process stops at a call while another does all its work, or waits."""
        server = self._server
        one = server.start("run", folder, fault)
        server.wait(one)
        assert one.stopped, f"did not stop: {one.said()}"
        other = server.start("other", folder, Fault())
        ended = server.wait(other, WAITS)
        one.go_on()
        assert server.wait(one), "never ends"
        assert ended or server.wait(other), "the other never ends"
        for going in (one, other):
            assert not going.killed, f"killed by {going.code}"
            assert "Traceback" not in going.said(), going.said()
            assert going.code == 0 or going.said().strip(), f"says nothing, status {going.code}"
        assert 0 in (one.code, other.code), f"both fail: {one.said()} {other.said()}"
        self.operation.check_both(snapshot(folder), self.expected)

    def _folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="try-", dir=self._work))
        return shutil.copytree(self._template, folder, dirs_exist_ok=True)


def _runs(calls: list[Call]) -> list[list[Call]]:
    """Calls in order, in groups of those that write to one file in a row; of long groups the first, middle and last."""
    found = []
    for _, together in groupby(calls, lambda call: (call.path, call.what, call.bytes > 0 or call.number)):
        run = list(together)
        found.append(run if len(run) <= _RUN else [run[0], run[len(run) // 2], run[-1]])
    return found


def _words(call: Call | None) -> str:
    return "" if call is None else f" ({call.what} {call.path.rpartition('/')[2]})"


def snapshot(folder: Path) -> Files:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@contextmanager
def trial(name: str, shim: Path, work: Path) -> Iterator[Trial]:
    operation = {**OPERATIONS, CARELESS: Careless()}[name]
    work = Path(os.path.realpath(work))
    said = work / "said"
    said.mkdir(parents=True)
    with operation.around() as environment, layer.serving(name, shim, said, environment) as server:
        yield Trial(operation, server, work)


def spread(faults: list[Fault], most: int) -> list[Fault]:
    """Of each kind so many at most, evenly from first to last."""
    chosen = []
    for kind in dict.fromkeys(fault.kind for fault in faults):
        of_kind = [fault for fault in faults if fault.kind == kind]
        step = max(1, -(-len(of_kind) // most))
        chosen += of_kind[step // 2 :: step]
    return chosen


def table(rows: dict[str, tuple[int, Counter[str], int]]) -> str:
    kinds = [kind for kind in layer.KINDS if kind != "watch"]
    head = f"| operation | calls | {' | '.join(kinds)} | clock | findings |"
    lines = [head, "| --- |" + " --: |" * (head.count("|") - 2)]
    for name, (calls, counts, findings) in rows.items():
        figures = [counts[kind] for kind in (*kinds, "watch")]
        lines.append(f"| {name} | {calls} | {' | '.join(map(str, figures))} | {findings} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help=", ".join(OPERATIONS))
    parser.add_argument("--most", type=int, default=1 << 30, help="calls of each kind of fault, evenly spread")
    parser.add_argument("--only", help="one fault")
    parser.add_argument("--calls", action="store_true", help="print the calls of each operation")
    options = parser.parse_args()
    if why := layer.obstacle():
        print(f"Nothing is tried: {why}.")
        return 1
    work = Path(tempfile.mkdtemp(prefix="faults-"))
    shim = layer.build(work)
    rows: dict[str, tuple[int, Counter[str], int]] = {}
    start = time.perf_counter()
    for name in options.operations or OPERATIONS:
        counts, findings = Counter[str](), 0
        with trial(name, shim, work / name) as one:
            if options.calls:
                for call in one.calls:
                    print(name, call.number, call.what, Path(call.path).name, call.bytes)
            for fault in spread(one.faults(), options.most):
                if options.only in (None, str(fault)):
                    counts[fault.kind] += 1
                    try:
                        one.attempt(fault)
                    except AssertionError as error:
                        findings += 1
                        print(f"finding: {name}: {error}", flush=True)
            rows[name] = (len(one.calls), counts, findings)
    print(f"\n{table(rows)}\n\n{time.perf_counter() - start:.0f} s")
    if any(findings for _, _, findings in rows.values()):
        return 1
    shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
