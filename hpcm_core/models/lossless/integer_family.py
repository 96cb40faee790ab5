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
    from hpcm_core.models.lossless.native import Coder, Stop
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Job
    from hpcm_core.results import Coded

R = TypeVar("R")
_BUNDLED = "lossless-m"
_PIXEL_MEMORY = 64
"""Bytes that coding may need for a pixel of a tile: its samples, the intervals of these, its stream."""
_THREAD_MEMORY = 4 << 20
"""Bytes for features that are still read."""
_LOOK_UP = 0.05
"""Seconds between two looks at whether the job is still wanted."""


class LearnedLosslessFamily(Family):
    """What `hpcm models quantize` makes of a network of the family `lossless`. Tiles are coded side by side."""

    name = "lossless-integer"
    configs: Mapping[str, LosslessConfig] = MappingProxyType({_BUNDLED: CONFIGS[_BUNDLED]})
    lossless_coder = Phrase("a neural network")
    remark = Phrase(
        "Files of photographs are mostly 2 to 12 % smaller than by JPEG XL, those of drawn pictures larger; making and "
        "reading them takes far longer."
    )

    def config_of(self, variant: str) -> LosslessConfig | None:
        return CONFIGS.get(variant)

    def takes(self, config: LosslessConfig, channels: int, bit_depth: int) -> bool:
        """RGB of 8 bits: of these alone a model has seen pictures."""
        return channels == 3 and bit_depth == 8

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
        samples = header.width * header.height * header.channels
        tile = min(header.width, config.tile) * min(header.height, config.tile)
        of_threads = thread_count() * (_THREAD_MEMORY + _PIXEL_MEMORY * tile)
        return LEAST_MEMORY + self.weights(config) + 2 * samples + of_threads

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

        cut = grid(header.width, header.height, model.config, header.padding).tiles
        coder: Coder = model.network

        def of_tile(place: int, stop: Stop) -> bytes:
            rows, columns = cut[place]
            return coder.encode(np.ascontiguousarray(picture.pixels[rows.slice, columns.slice]), stop)

        payloads = _side_by_side(of_tile, len(cut), job, Phrase("Coding"))
        job.lap("coding")
        return _coded(payloads, model.config, picture.pixels)

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

        from hpcm_core.errors import CorruptFile

        if not self.takes(model.config, header.channels, header.bit_depth):
            raise CorruptFile("The file is damaged: its samples are not of a kind that its model codes.")
        cut = grid(header.width, header.height, model.config, header.padding).tiles
        pixels = np.empty((header.height, header.width, header.channels), np.uint8)
        coder: Coder = model.network

        def of_tile(place: int, stop: Stop) -> None:
            rows, columns = cut[place]
            try:
                samples = coder.decode(tiles[place], len(rows), len(columns), stop)
            except ValueError:
                raise ArithmeticMismatch(
                    "The file's code streams do not give the pixels that were coded: it is damaged in a way that its "
                    "other checksums do not show."
                ) from None
            pixels[rows.slice, columns.slice] = samples

        _side_by_side(of_tile, len(cut), job, Phrase("Decoding"))
        job.lap("decoding")
        return _coded(tiles, model.config, pixels)


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


def _coded(payloads: Sequence[bytes | memoryview], config: LosslessConfig, pixels: npt.NDArray[np.generic]) -> Coded:
    from hpcm_core.results import Coded

    stream_bytes = sum(parse_tile(payload, config.streams).stream_bytes for payload in payloads)
    return Coded(tuple(map(bytes, payloads)), stream_bytes, None, lambda job: pixels)


LEARNED_LOSSLESS_FAMILY = LearnedLosslessFamily()
