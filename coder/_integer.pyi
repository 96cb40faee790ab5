from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from typing_extensions import Buffer

from coder._rans import Tables

_Tensor = npt.NDArray[np.int16]
_Floats = npt.NDArray[np.float32]
_Report = Callable[[float], None] | None
"""Told the fraction that is done; may raise to stop the work."""
_Gains = tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
"""Factors and shifts, qualities x channels each, and the quality of every latent position."""
_Slots = tuple[int, int, Sequence[tuple[int, int, int]]]
"""Parts, stride, and of each slot its part, row and column."""
_Block = tuple[Depthwise, Matrix, Matrix]

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

class Scale:
    def __init__(self, factor: npt.NDArray[np.int16], shift: npt.NDArray[np.uint8], low: int, high: int) -> None: ...

class Chain:
    """Layers in a row: (goes up, side, matrix) of a convolution, (conv, expand, reduce) of a block."""

    def __init__(self, layers: Sequence[tuple[bool, int, Matrix] | tuple[Matrix, Matrix, Matrix]]) -> None: ...

class Entropy:
    """The entropy model of one model. nets: blocks before and after the embedding, and the last matrix. steps: scale,
    whether it opens that scale, stream, network, sampling, adaptor and embedding (none for the first).
    """

    def __init__(
        self,
        *,
        h_s: Chain,
        z_means: npt.NDArray[np.int32],
        z_tables: npt.NDArray[np.uint8],
        scale_left: npt.NDArray[np.uint8],
        mean_left: npt.NDArray[np.uint8],
        table_of: npt.NDArray[np.uint8],
        descents: Sequence[_Slots],
        context_nets: Sequence[Matrix],
        nets: Sequence[tuple[Sequence[_Block], Sequence[_Block], Matrix]],
        steps: Sequence[tuple[int, bool, int, int, _Slots, Matrix | None, Scale | None]],
    ) -> None: ...

class Tile:
    """The entropy model of a tile of height x width latents, one request after the other."""

    def __init__(self, engine: Engine, entropy: Entropy, height: int, width: int) -> None: ...
    def next(self, report: _Report = None) -> bool: ...
    @property
    def indices(self) -> npt.NDArray[np.uint8]: ...
    @property
    def means(self) -> npt.NDArray[np.int32]: ...
    def take(self, symbols: npt.NDArray[np.int32]) -> None: ...
    def y_hat(self) -> _Floats: ...

class Engine:
    """What computes. Latents are h x w x C with rows that lie together, samples H x W x C at any strides."""

    def __init__(self, instruction_set: str, threads: int) -> None: ...
    @property
    def name(self) -> str: ...
    def patches(self, x: _Tensor, side: int, matrix: Matrix, out: _Tensor) -> None: ...
    def pointwise(self, x: _Tensor, stride: int, matrix: Matrix, out: _Tensor) -> None: ...
    def spread(self, x: _Tensor, side: int, matrix: Matrix, out: _Tensor) -> None: ...
    def partial_block(self, x: _Tensor, conv: Matrix, expand: Matrix, reduce: Matrix, out: _Tensor) -> None: ...
    def depthwise_block(self, x: _Tensor, conv: Depthwise, expand: Matrix, reduce: Matrix, out: _Tensor) -> None: ...
    def scale(self, scale: Scale, x: _Tensor) -> None: ...
    def analyse(
        self, g_a: Chain, samples: npt.NDArray[np.generic], gains: _Gains, y: _Floats, report: _Report
    ) -> None: ...
    def synthesize(
        self, g_s: Chain, y_hat: _Floats, gains: _Gains, samples: npt.NDArray[np.generic], report: _Report
    ) -> None: ...
    def hyper(self, h_a: Chain, exponents: npt.NDArray[np.int8], y: _Floats, report: _Report) -> _Floats: ...
    def encode(
        self,
        entropy: Entropy,
        tables: Tables,
        h_a: Chain,
        exponents: npt.NDArray[np.int8],
        latents: Sequence[_Floats],
        hyperpriors: Sequence[_Floats],
        report: _Report,
    ) -> list[tuple[tuple[bytes, ...], int, _Floats]]:
        """Of each tile streams, the CRC-32 of the symbols, and bits by request and position. Latents become y_hat.
        hyperpriors: z of each tile, or none where h_a makes them of the latents.
        """

    def decode(
        self,
        entropy: Entropy,
        tables: Tables,
        tiles: Sequence[Sequence[Buffer]],
        latents: Sequence[_Floats],
        known: int,
        report: _Report,
    ) -> list[tuple[int, _Floats]]:
        """As encode, without the streams; latents are filled with y_hat. Raises CoderError."""

def entering(y_hat: _Floats, gains: _Gains) -> _Tensor: ...
def instruction_sets() -> list[str]: ...
