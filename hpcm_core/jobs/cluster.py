"""The pool of a Ray cluster: an actor for each GPU of a node that has some, and for as many cores as a worker's threads
on the others.

An actor is lost with its node or by itself, and is not restarted by Ray: this pool then looks at the nodes again and
gives each the actors that it lacks, so nodes that come later are used too.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TextIO, cast

from hpcm_core import __version__
from hpcm_core.errors import HpcmError
from hpcm_core.jobs.pool import Failed, I, Lost, R, Work, perform, silent

AHEAD = 2
"""Items that a worker has at most: one in hand, and one that is there when it is done with that."""
_log = logging.getLogger(__name__)
_ANSWER = 10.0
"""Seconds that a cluster has to answer."""
_TRIES = 3
_NO_SERVER = "client server failed"
"""Ray's words where the process that it starts for a client did not come up, as where another program takes the port
that it was to have: the next one gets another.
"""
_LOOK = 10.0
"""Seconds after which the nodes are looked at again."""


class Actor:
    """What runs on the cluster: the work, kept between items."""

    def __init__(self, work: Work[Any, Any]) -> None:
        self._work = work

    def version(self) -> str:
        return __version__

    def do(self, item: Any) -> Any:
        return perform(self._work, item, silent)


@dataclass
class _Worker:
    node: str
    handle: Any
    ready: bool = False
    numbers: deque[int] = field(default_factory=deque)
    """Of its items, in the order in which it does them."""


class Cluster(Generic[I, R]):
    """address: "auto", ray://HOST:PORT or HOST:PORT. most: workers at most, all that there is room for if None.

    patience: seconds to wait for a worker where there is none. Raises HpcmError where Ray is not installed or does not
    answer.
    """

    def __init__(
        self, work: Work[I, R], address: str, most: int | None = None, threads: int = 1, patience: float = 300.0
    ) -> None:
        self._ray = _connect(address)
        self._address, self._most, self._threads, self._patience = address, most, threads, patience
        self._work = self._ray.put(work)
        self._workers: list[_Worker] = []
        self._running: dict[Any, tuple[_Worker, int | None]] = {}
        """What is waited for, by Ray's reference: an item, or None for the worker to be ready."""
        self._looked = self._alive = time.monotonic()
        self._start_missing()

    @property
    def workers(self) -> int:
        return len(self._workers)

    @property
    def room(self) -> int:
        return sum(AHEAD - len(worker.numbers) for worker in self._workers if worker.ready)

    def submit(self, number: int, item: I) -> None:
        worker = min((w for w in self._workers if w.ready), key=lambda w: len(w.numbers))
        worker.numbers.append(number)
        with _in_words(self._address):
            self._running[worker.handle.do.remote(item)] = worker, number

    def wait(self) -> list[tuple[int, R | Failed | Lost]]:
        with _in_words(self._address):
            return self._wait()

    def _wait(self) -> list[tuple[int, R | Failed | Lost]]:
        now = time.monotonic()
        if now - self._looked > _LOOK or not self._workers:
            self._looked = now
            self._start_missing()
        if any(worker.ready for worker in self._workers):
            self._alive = now
        elif now - self._alive > self._patience:
            raise HpcmError("The Ray cluster {address} has no room for a worker.", address=self._address)
        if not self._running:
            time.sleep(min(1.0, self._patience / 10))
            return []
        references = list(self._running)
        ready, _ = self._ray.wait(references, num_returns=1, timeout=min(1.0, self._patience / 10))
        if ready:  # And all that are ready beside it, without waiting for more.
            ready, _ = self._ray.wait(references, num_returns=len(references), timeout=0)
        ended: list[tuple[int, R | Failed | Lost]] = []
        for reference in ready:
            if reference in self._running:  # Not already given up with its worker.
                ended += self._end(reference)
        return ended

    def _end(self, reference: Any) -> list[tuple[int, R | Failed | Lost]]:
        worker, number = self._running.pop(reference)
        try:
            result = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            if number is None and _was_raised(error):
                reason = str(error).strip().splitlines()[-1]
                raise HpcmError(
                    "The workers of {address} cannot start: {reason}", address=self._address, reason=reason
                ) from None
            return self._lose(worker)
        if number is not None:
            worker.numbers.remove(number)
            return [(number, result)]
        if result != __version__:
            raise HpcmError(
                "The workers of {address} have HPCM Studio {theirs}, and this is {ours}: they have to be the same, for "
                "the same bytes.",
                address=self._address,
                theirs=result,
                ours=__version__,
            )
        worker.ready = True
        return []

    def _lose(self, worker: _Worker) -> list[tuple[int, R | Failed | Lost]]:
        """All items of a worker that is gone; the first one it had in hand."""
        self._workers.remove(worker)
        self._running = {ref: (other, number) for ref, (other, number) in self._running.items() if other is not worker}
        with contextlib.suppress(self._ray.exceptions.RayError):
            self._ray.kill(worker.handle)
        if worker.ready:  # Another is wanted at once; one that could not even start is for the next look.
            self._looked = 0.0
        return [(number, Lost(blamed=place == 0)) for place, number in enumerate(worker.numbers)]

    def _start_missing(self) -> None:
        for node in self._ray.nodes():
            if not node["Alive"]:
                continue
            cores, cards = int(node["Resources"].get("CPU", 0)), int(node["Resources"].get("GPU", 0))
            fitting = min(cards, cores) if cards else cores // self._threads
            there = sum(worker.node == node["NodeID"] for worker in self._workers)
            for _ in range(fitting - there):
                if self._most is None or len(self._workers) < self._most:
                    self._start(node["NodeID"], cores // cards if cards else self._threads, 1 if cards else 0)

    def _start(self, node: str, threads: int, cards: int) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        handle = (
            self._ray.remote(Actor)
            .options(
                num_cpus=threads,
                num_gpus=cards,
                max_restarts=0,
                max_task_retries=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
                runtime_env={"env_vars": _environment(threads)},
            )
            .remote(self._work)
        )
        worker = _Worker(node, handle)
        self._workers.append(worker)
        self._running[handle.version.remote()] = worker, None

    def __enter__(self) -> Cluster[I, R]:
        self._output = sys.stdout
        sys.stdout = cast(TextIO, _WithoutRay(sys.stdout))
        return self

    def __exit__(self, *error: object) -> None:
        try:
            for worker in self._workers if self._ray.is_initialized() else ():  # Else Ray would start a cluster here.
                with contextlib.suppress(self._ray.exceptions.RayError, ConnectionError):
                    self._ray.kill(worker.handle)
            self._workers.clear()
            self._running.clear()
            with contextlib.redirect_stdout(io.StringIO()):  # It ends with what its threads have not printed yet.
                self._ray.shutdown()
        finally:
            sys.stdout = self._output


class _WithoutRay:
    """Standard output, but for Ray's threads: where a node is lost they print the end of its log there, and standard
    output may be a document.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        if not threading.current_thread().name.startswith("ray_"):
            return self._stream.write(text)
        if text.strip():
            _log.debug("%s", text.rstrip())
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _environment(threads: int) -> dict[str, str]:
    """Variables of a worker: its threads, and what this process was told by such."""
    told = {name: value for name, value in os.environ.items() if name.startswith("HPCM_")}
    return {**told, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}


def _connect(address: str) -> Any:
    """Ray, connected. Raises HpcmError."""
    try:
        import ray
    except ModuleNotFoundError:
        raise HpcmError("Ray is not installed: pip install 'hpcm-studio[cluster]' brings it.") from None
    for again in reversed(range(_TRIES)):
        try:
            _check_answers(address)
            ray.init(address, log_to_driver=False, configure_logging=False, logging_level=logging.ERROR)
            break
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            # A client that could not connect would stand in the way of every later one of this process.
            ray.util.disconnect()  # type: ignore[no-untyped-call]
            if not (again and _NO_SERVER in str(error)):
                raise _unreachable(address, error) from None
    return ray


@contextlib.contextmanager
def _in_words(address: str) -> Iterator[None]:
    """Let a connection that is lost be an error for a user."""
    try:
        yield
    except ConnectionError as error:
        raise _unreachable(address, error) from None


def _unreachable(address: str, error: Exception) -> HpcmError:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    reason = lines[-1] if lines[0].endswith(":") else lines[0]  # Of a traceback its end.
    return HpcmError("The Ray cluster {address} cannot be reached: {reason}", address=address, reason=reason)


def _check_answers(address: str) -> None:
    """Raise the OSError of an address where nobody listens: Ray tries for minutes."""
    place = re.fullmatch(r"(?:ray://)?(\[[^]]+\]|[^:/]+)(?::(\d+))?/?", address)
    if place is not None and address != "auto":
        socket.create_connection((place[1].strip("[]"), int(place[2] or 10001)), _ANSWER).close()


def _was_raised(error: Exception) -> bool:
    """Whether a worker could not start by an exception of its own, which the next one would meet too."""
    from ray.exceptions import ActorDiedError, RayTaskError, RuntimeEnvSetupError

    return isinstance(error, (RayTaskError, RuntimeEnvSetupError)) or (
        isinstance(error, ActorDiedError) and "creation task" in str(error)
    )
