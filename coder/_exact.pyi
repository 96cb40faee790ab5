import numpy as np
import numpy.typing as npt

_Narrow = npt.NDArray[np.int16]
_Wide = npt.NDArray[np.int64]

def pack(weight: _Narrow) -> _Narrow:
    """Weights, outputs x inputs (an even number), in the order that `Engine.linear` reads."""

def instruction_sets() -> list[str]:
    """What this machine has kernels for, best first; the last is "portable"."""

class Engine:
    """Layers of exact arithmetic on one instruction set, spread over threads. Tensors are H x W x C.

    Arrays are read and written in place; other types or layouts are a TypeError, other shapes a ValueError. What makes
    sums returns their largest magnitude.
    """

    def __init__(self, instruction_set: str, threads: int) -> None: ...
    @property
    def name(self) -> str: ...
    def linear(
        self,
        x: _Narrow,
        weight: _Narrow,
        left: _Wide,
        bias: _Wide,
        leaky: bool,
        plus: _Narrow | _Wide | None,
        plus_shift: int,
        sum_shift: int,
        out: _Wide,
    ) -> int: ...
    def depthwise(self, x: _Narrow, weight: _Narrow, left: _Wide, bias: _Wide, out: _Wide) -> int: ...
    def scale(self, x: _Narrow, factors: _Wide, out: _Wide) -> int: ...
    def place(self, x: _Narrow | _Wide, shift: int, out: _Wide, channel: int) -> int:
        """x * 2^shift into the channels of out from `channel` on."""
    def round(self, sums: _Wide, shift: int, out: _Narrow) -> None: ...
    def attend(
        self,
        q: _Narrow,
        k: _Narrow,
        v: _Narrow,
        heads: int,
        window: int,
        factor: int,
        shift: int,
        powers: _Wide,
        out: _Wide,
    ) -> None: ...
