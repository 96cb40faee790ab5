from collections.abc import Callable

import numpy as np
import numpy.typing as npt

_Samples = npt.NDArray[np.uint8]
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
    def encode(self, samples: _Samples, check: _Check | None = ...) -> bytes: ...
    def decode(self, data: bytes | memoryview, height: int, width: int, check: _Check | None = ...) -> _Samples: ...
    def heads(self, samples: _Samples) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]: ...

def instruction_sets() -> list[str]: ...
