import numpy as np
import numpy.typing as npt

_Tensor = npt.NDArray[np.int16]

class Matrix:
    def __init__(
        self,
        weight: npt.NDArray[np.int16],
        bias: npt.NDArray[np.int32],
        shift: npt.NDArray[np.uint8],
        low: int,
        high: int,
        leaky: bool,
        limit: int,
    ) -> None: ...
    @property
    def inputs(self) -> int: ...
    @property
    def outputs(self) -> int: ...

class Depthwise:
    def __init__(
        self,
        weight: npt.NDArray[np.int16],
        bias: npt.NDArray[np.int32],
        shift: npt.NDArray[np.uint8],
        low: int,
        high: int,
        limit: int,
    ) -> None: ...
    @property
    def channels(self) -> int: ...

class Engine:
    def __init__(self, instruction_set: str, threads: int) -> None: ...
    @property
    def name(self) -> str: ...
    def patches(self, x: _Tensor, side: int, matrix: Matrix, out: _Tensor) -> None: ...
    def spread(self, x: _Tensor, side: int, matrix: Matrix, out: _Tensor) -> None: ...
    def partial_block(
        self, x: _Tensor, conv: Matrix, expand: Matrix, reduce: Matrix, out: _Tensor, top: int, bottom: int
    ) -> None: ...
    def depthwise_block(self, x: _Tensor, conv: Depthwise, expand: Matrix, reduce: Matrix, out: _Tensor) -> None: ...

def instruction_sets() -> list[str]: ...
