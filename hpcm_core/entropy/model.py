"""The seam of the entropy model: what lies between latents and the indices of tables, as one generator.

The model asks, step by step: "with these tables, which symbols?" An encoder answers with the symbols of its latents, a
decoder with what its streams hold, and both drive the same generator, so they cannot drift apart in code. Everything
that is coded goes this way, the hyperprior too. Each family of models brings its own generator; each arithmetic profile
is one implementation of it.

Files are coded with NumPy arrays (streams.py). A model that computes with torch speaks of tensors, and tensors.py
translates; nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Array: TypeAlias = Any
"""A NumPy array or a torch tensor: of one kind all through a generator."""

SYMBOL_MAX = 32767
"""Largest magnitude of a symbol; an encoder clips before it forms y_hat."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Result = TypeVar("Result")


def quantize(residual: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int32]:
    """Round half to even and clip to what the coder can carry: float -> int32. NaN becomes 0."""
    rounded = np.nan_to_num(residual)
    np.rint(rounded, out=rounded)
    return np.clip(rounded, -SYMBOL_MAX, SYMBOL_MAX, out=rounded).astype(np.int32)


class Place(Protocol):
    """Where the symbols of a request stand among the latents. Made by the family, used by whoever codes or counts."""

    def pack(self, y: Array) -> Array:
        """What of a tile's latents (1xMxhxw) is coded here, in the shape of the symbols."""
        ...

    def spread(self, bits: Array) -> Array:
        """Bits of the symbols, summed over channels, on the tile's grid: hxw."""
        ...

    def planes(self, values: Array) -> Array:
        """Values of the symbols, whatever they are, where they stand: CxHxW, zeros where none stands. Of latents that
        is Mxhxw; of what is coded beside them a grid of its own, whose positions stand for equally many latents each.
        """
        ...


class Request(NamedTuple):
    """What an entropy model needs coded next. Made by its generator, answered with int32 symbols of `indices`' shape.

    stream: number of the code stream that carries them. label: of the bit map that they are counted in. indices: uint8,
    the table of each symbol. means: float32, broadcast to the symbols' shape; what an encoder subtracts from the
    latents before rounding.
    """

    stream: int
    label: str
    indices: Array
    means: Array
    place: Place


Steps = Generator[Request, Array, Array]
"""Yields requests, receives symbols, returns y_hat (1xMxhxw, float32, on the processor)."""


class EntropyModel(Protocol):
    """One arithmetic profile of one network's entropy model. It works on one tile at a time."""

    streams: int
    """Code streams of a tile."""
    labels: tuple[str, ...]
    """Of the bit maps, in coding order."""

    def steps(self, height: int, width: int) -> Steps:
        """The requests for a tile of height x width latents."""
        ...


def drive(steps: Generator[Asked, Answer, Result], answer: Callable[[Asked], Answer]) -> Result:
    """Take a generator from its first question to its result. One that is given up is closed before the error goes on,
    so what it holds is released then and not when it is collected.
    """
    try:
        asked = next(steps)
        while True:
            reply = answer(asked)
            try:
                asked = steps.send(reply)
            except StopIteration as end:
                # Not end.value, which torch.compile cannot follow.
                result: Result = end.args[0]
                return result
    finally:
        steps.close()


def translated(
    steps: Generator[Asked, Answer, Result],
    ask: Callable[[Asked], Request],
    answer: Callable[[Asked, Array], Answer],
) -> Generator[Request, Array, Result]:
    """A generator of requests over one that asks and is answered in other terms."""
    asked = next(steps)
    while True:
        symbols = yield ask(asked)
        try:
            asked = steps.send(answer(asked, symbols))
        except StopIteration as end:
            result: Result = end.value
            return result
