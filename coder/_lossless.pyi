from collections.abc import Callable

import numpy as np
import numpy.typing as npt

_Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
_Bits = npt.NDArray[np.float32]
_Check = Callable[[], object]

SIDE_MAX: int

class Network:
    def __init__(
        self,
        arrays: dict[str, npt.NDArray[np.generic]],
        tables: dict[str, npt.NDArray[np.int32]],
        order: tuple[int, int, int] = ...,
        instruction_set: str = ...,
    ) -> None: ...
    @property
    def name(self) -> str: ...
    def encode(self, samples: _Samples, bits: _Bits | None = ..., check: _Check | None = ...) -> bytes: ...
    def decode(
        self, data: bytes | memoryview, samples: _Samples, bits: _Bits | None = ..., check: _Check | None = ...
    ) -> None: ...
    def heads(self, samples: _Samples) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]: ...

def instruction_sets() -> list[str]: ...
