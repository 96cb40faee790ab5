"""The autoregressive model in integers (arithmetic profile 3): what files without loss are made with. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from hpcm_core.errors import ArithmeticMismatch, Phrase
from hpcm_core.format.tile import parse_tile
from hpcm_core.models.family import LEAST_MEMORY, Family, Model
from hpcm_core.models.lossless.config import CONFIGS, LosslessConfig
from hpcm_core.runtime import thread_count
from hpcm_core.transform.tiling import grid

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hpcm_core.format.gain import QualityMap
    from hpcm_core.format.header import Header
    from hpcm_core.models.lossless.native import Bits, Coder, Stop
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Job
    from hpcm_core.results import BitMaps, Coded
    from hpcm_core.transform.tiling import Grid, Span

R = TypeVar("R")
_BUNDLED = "lossless-m"
_BYTE_MEMORY = 28
"""Bytes that coding may need for each of a tile's samples' bytes: these, their intervals and costs, the stream."""
_THREAD_MEMORY = 4 << 20
"""Bytes for features that are still read."""
_CELL = 8
"""Pixels a side of what one value of a bit map stands for."""
_LABELS = {1: ("Y",), 3: ("R", "G", "B")}
"""Of the bit maps, by channels."""
_LOOK_UP = 0.05
"""Seconds between two looks at whether the job is still wanted."""


class LearnedLosslessFamily(Family):
    """What `hpcm models quantize` makes of a network of the family `lossless`. Tiles are coded side by side.

    Networks have seen RGB of 8 bits alone. Grey is coded as RGB of three equal colours, of which the first is coded,
    and so are tiles of RGB with none but grey pixels; of 16 bits the network reads what 8 have in fractions of a level.
    """

    name = "lossless-integer"
    configs: Mapping[str, LosslessConfig] = MappingProxyType({_BUNDLED: CONFIGS[_BUNDLED]})
    lossless_coder = Phrase("a neural network")
    remark = Phrase(
        "Files of photographs are mostly 2 to 12 % smaller than by JPEG XL; making and reading them takes far longer. "
        "Where JPEG XL is smaller, as of drawn pictures, it is taken."
    )

    def config_of(self, variant: str) -> LosslessConfig | None:
        return CONFIGS.get(variant)

    def rival(self, config: LosslessConfig) -> str | None:
        """JPEG XL: drawn pictures, and samples of 16 bits that take few of the 65,536 values, as those that were 8 or
        12 bits once, are half as large by it or less, since no model here has seen any.
        """
        return "lossless"

    def shapes(self, config: LosslessConfig) -> Mapping[str, tuple[int, ...]]:
        from hpcm_core.models.lossless.integers import kinds

        return {name: kind.shape for name, kind in kinds(config).items()}

    def restore(self, config: LosslessConfig, weights: Mapping[str, npt.NDArray[Any]]) -> Coder:
        from hpcm_core.models.lossless.integers import Integers
        from hpcm_core.models.lossless.native import Coder

        return Coder(Integers.of(config, weights))

    def arithmetic(self, config: LosslessConfig) -> Mapping[str, Any]:
        return asdict(config)

    def memory(self, config: LosslessConfig, header: Header) -> int:
        """The picture twice, and what each thread needs."""
        pixel = header.channels * header.bit_depth // 8
        tile = min(header.width, config.tile) * min(header.height, config.tile)
        of_threads = thread_count() * (_THREAD_MEMORY + _BYTE_MEMORY * pixel * tile)
        return LEAST_MEMORY + self.weights(config) + 2 * header.width * header.height * pixel + of_threads

    def encode(
        self,
        model: Model,
        picture: Picture,
        header: Header,
        q: float,
        job: Job,
        device: str,
        quality_map: QualityMap | None = None,
    ) -> Coded:
        import numpy as np

        cut = grid(header.width, header.height, model.config, header.padding)
        coder: Coder = model.network

        def of_tile(place: int, stop: Stop) -> tuple[bytes, Bits]:
            rows, columns = cut.tiles[place]
            payload, bits = coder.encode(np.ascontiguousarray(picture.pixels[rows.slice, columns.slice]), stop)
            return payload, _in_cells(bits, rows, columns)

        found = _side_by_side(of_tile, len(cut.tiles), job, Phrase("Coding"))
        job.lap("coding")
        payloads, bits = zip(*found, strict=True)
        return _coded(payloads, bits, cut, model.config, picture.pixels)

    def decode(
        self,
        model: Model,
        header: Header,
        tiles: Sequence[bytes | memoryview],
        q: float,
        job: Job,
        device: str,
        known: int | None = None,
        quality_map: QualityMap | None = None,
    ) -> Coded:
        import numpy as np

        cut = grid(header.width, header.height, model.config, header.padding)
        pixels = np.empty((header.height, header.width, header.channels), f"u{header.bit_depth // 8}")
        coder: Coder = model.network

        def of_tile(place: int, stop: Stop) -> Bits:
            rows, columns = cut.tiles[place]
            try:
                shape = (len(rows), len(columns), header.channels)
                samples, bits = coder.decode(tiles[place], shape, pixels.dtype, stop)
            except ValueError:
                raise ArithmeticMismatch(
                    "The file's code streams do not give the pixels that were coded: it is damaged in a way that its "
                    "other checksums do not show."
                ) from None
            pixels[rows.slice, columns.slice] = samples
            return _in_cells(bits, rows, columns)

        bits = _side_by_side(of_tile, len(cut.tiles), job, Phrase("Decoding"))
        job.lap("decoding")
        return _coded(tiles, bits, cut, model.config, pixels)


def _side_by_side(work: Callable[[int, Stop], R], count: int, job: Job, stage: Phrase) -> list[R]:
    """What `work` makes of 0, 1, … on as many threads as this process may use. Work that runs when the job is cancelled
    or one has failed is told to stop. Raises what it raises first, Cancelled.
    """
    from hpcm_core.models.lossless.native import Stop

    stop = Stop()
    with ThreadPoolExecutor(min(count, thread_count())) as pool:
        futures = [pool.submit(work, place, stop) for place in range(count)]
        left = set(futures)
        try:
            job.report(stage, 0.0)
            while left:
                done, left = wait(left, _LOOK_UP, FIRST_COMPLETED)
                for one in done:
                    one.result()
                job.check()
                if done:
                    job.report(stage, 1 - len(left) / count)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [one.result() for one in futures]


def _in_cells(bits: Bits, rows: Span, columns: Span) -> Bits:
    """What samples of a tile took, h x w x C, added up in the cells of the picture's bit map that it touches."""
    import numpy as np

    for axis, span in enumerate((rows, columns)):
        places = np.arange(span.start, span.stop)
        bits = np.add.reduceat(bits, np.flatnonzero((places % _CELL == 0) | (places == span.start)), axis=axis)
    return bits


def _maps(streams: Sequence[int], bits: Sequence[Bits], cut: Grid) -> BitMaps:
    """The picture's maps, of what `_in_cells` gave for each tile and the bytes of its stream. Samples' bits are those
    of their intervals; what a stream is longer is shared out in proportion.
    """
    import numpy as np

    from hpcm_core.results import BitMaps

    height, width = cut.rows[-1].stop, cut.columns[-1].stop
    channels = bits[0].shape[2]
    maps = np.zeros((channels, -(-height // _CELL), -(-width // _CELL)), np.float32)
    for (rows, columns), of_tile, stream_bytes in zip(cut.tiles, bits, streams, strict=True):
        row, column = rows.start // _CELL, columns.start // _CELL
        shared = of_tile * (8 * stream_bytes / of_tile.sum(dtype=np.float64))
        maps[:, row : row + len(shared), column : column + shared.shape[1]] += np.moveaxis(shared, 2, 0)
    return BitMaps(maps, _LABELS[channels], _CELL, colours=True)


def _coded(
    payloads: Sequence[bytes | memoryview],
    bits: Sequence[Bits],
    cut: Grid,
    config: LosslessConfig,
    pixels: npt.NDArray[np.generic],
) -> Coded:
    from hpcm_core.results import Coded

    streams = [parse_tile(payload, config.streams).stream_bytes for payload in payloads]
    return Coded(tuple(map(bytes, payloads)), sum(streams), _maps(streams, bits, cut), lambda job: pixels)


LEARNED_LOSSLESS_FAMILY = LearnedLosslessFamily()
