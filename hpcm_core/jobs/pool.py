"""What a pool of workers is, and how items run through one: bounded in flight, again where a worker was lost, results
in the order in which they end.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from hpcm_core.errors import HpcmError, Phrase, sentence
from hpcm_core.progress import Progress

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")
I_contra = TypeVar("I_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)

TRIES = 3
"""How often an item is given to a worker that is lost with it. More than once, since workers are lost for reasons of
their own; not for ever, since an item may be what they are lost by: one that needs more memory than there is.
"""
_log = logging.getLogger(__name__)


class Work(Protocol[I_contra, R_co]):
    """What is done with an item. A value: it is pickled to each worker once, and there called with one item after the
    other, so what it keeps (models above all, by the codec's own caches) is loaded once. Called again with an item that
    a lost worker had it leaves what it would have left the first time.
    """

    def __call__(self, item: I_contra, report: Progress, /) -> R_co: ...


@dataclass(frozen=True)
class Failed:
    """An item that did not go well. kind: the error's class; message: a sentence for a user."""

    kind: str
    message: str


class Lost:
    """The outcome of an item whose worker is gone. blamed: whether the worker had it in hand, not only in its queue."""

    def __init__(self, blamed: bool = True) -> None:
        self.blamed = blamed


@dataclass(frozen=True)
class Ended(Generic[I, R]):
    """An item that needs no more work. number: its place among the items; outcome: the work's result, or why not."""

    number: int
    item: I
    outcome: R | Failed


class Pool(Protocol[I, R]):
    """Workers that hold a piece of work. Leaving the `with` block ends them, whatever they do."""

    @property
    def workers(self) -> int:
        """How many are at work or will be."""

    @property
    def room(self) -> int:
        """How many items more it takes just now."""

    def submit(self, number: int, item: I) -> None:
        """Give it an item; only where there is room."""

    def wait(self) -> list[tuple[int, R | Failed | Lost]]:
        """Wait until something happens, and return what has ended; nothing if there may be more room instead. Raises
        HpcmError where no worker is left and none comes.
        """

    def __enter__(self) -> Pool[I, R]: ...

    def __exit__(self, *error: object) -> None: ...


def run(
    pool: Pool[I, R], items: Iterable[I], again: Callable[[I], I] = lambda item: item, tries: int = TRIES
) -> Iterator[Ended[I, R]]:
    """Every item through the pool, each yielded once, as it ends. No more items are taken from `items` than the pool
    has room for. again: makes what is tried anew of an item whose worker was lost, which may have left its result.
    Raises HpcmError as `Pool.wait` does.
    """
    fresh = enumerate(items)
    lost: deque[tuple[int, I]] = deque()
    running: dict[int, I] = {}
    losses: dict[int, int] = {}
    exhausted = False
    while True:
        while (lost or not exhausted) and pool.room > 0:
            given = lost.popleft() if lost else next(fresh, None)
            if given is None:
                exhausted = True
                break
            number, item = given
            running[number] = item
            pool.submit(number, item)
        if not running and not lost and exhausted:
            return
        for number, outcome in pool.wait():
            item = running.pop(number)
            if not isinstance(outcome, Lost):
                losses.pop(number, None)
                yield Ended(number, item, outcome)
                continue
            losses[number] = losses.get(number, 0) + outcome.blamed
            if losses[number] < tries:
                lost.append((number, again(item)))
            else:
                yield Ended(number, item, _given_up(losses.pop(number)))


def perform(work: Callable[[I, Progress], R], item: I, report: Progress) -> R | Failed:
    """The work's result, or why there is none: an item's failure is no worker's."""
    try:
        return work(item, report)
    except HpcmError as error:
        return Failed(type(error).__name__, error.phrase)
    except (OSError, MemoryError) as error:
        return Failed(type(error).__name__, sentence(error))
    except Exception as error:  # A fault of the program's own: the other items are not to suffer from it.
        _log.debug("An item failed.", exc_info=True)
        return Failed(type(error).__name__, f"unexpected {type(error).__name__}: {error}")


def silent(stage: Phrase, fraction: float) -> None:
    """A progress that nobody watches: that within an item, where another process works on it."""


def _given_up(losses: int) -> Failed:
    message = Phrase("{count} workers were lost with this picture; perhaps it needs more memory than they have.",
                     count=losses)  # fmt: skip
    return Failed("WorkerLost", message)
