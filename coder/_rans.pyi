import numpy as np
from numpy.typing import NDArray
from typing_extensions import Buffer

class CoderError(ValueError):
    """The bytes are not a stream of the symbols that are asked for."""

class Tables:
    """At most 256 tables of cumulative frequencies in 1/65536."""

    def __init__(self, cdf: NDArray[np.integer], lengths: NDArray[np.integer], offsets: NDArray[np.integer]) -> None:
        """Check and prepare tables.

        cdf: (T, L); row t rises strictly from 0 to 65536 within its first ``lengths[t]`` entries, the rest is ignored.
        lengths: (T,), number of symbols of each table plus 1. The last symbol of a table is the escape.
        offsets: (T,), value of the first symbol of each table. All values must be within -32767 and 32767.

        Raises ValueError if a table is not so.
        """

    def __len__(self) -> int: ...
    def bits(self, symbols: NDArray[np.int32], indices: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Cost of each symbol in bits, in the shape of ``symbols``: -log2(frequency / 65536), and the raw bits of an
        escape. Raises ValueError as `Encoder.push`."""

class Encoder:
    """Collects symbols and writes them as one stream."""

    def __init__(self, tables: Tables) -> None: ...
    def push(self, symbols: NDArray[np.int32], indices: NDArray[np.uint8]) -> None:
        """Append symbols, in C order, each with the index of its table.

        Raises ValueError, and appends nothing, where the sizes differ, an index names no table or a symbol is beyond
        +-32767; RuntimeError after `finish`.
        """

    def finish(self) -> bytes:
        """End the stream and return it: never more than the costs of the symbols, 0.1 % and 8 bytes; empty without
        symbols. Raises RuntimeError if called twice."""

class Decoder:
    """Reads a stream back, for any bytes either with the right number of symbols or with `CoderError`."""

    def __init__(self, data: Buffer, tables: Tables) -> None:
        """Read from ``data``, which is kept and not copied. Damage is reported from the first `pull` or `finish` on."""

    def pull(self, indices: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Read the next symbols, in the shape of the indices of their tables.

        Raises CoderError for damaged bytes, and in every later call; ValueError, without reading anything, if an index
        names no table.
        """

    def finish(self) -> None:
        """Check that the stream ends here. Raises CoderError if not, and if any call did before."""
