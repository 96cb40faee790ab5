"""Pictures without loss, by JPEG XL: it has no weights and needs no torch.

The learned coder beside it, models/lossless, has names of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from hpcm_core.errors import ArithmeticMismatch, CorruptFile, ModelError, Phrase
from hpcm_core.format.tile import Tile, pack_tile, parse_tile
from hpcm_core.models.family import LEAST_MEMORY, Family, Model
from hpcm_core.models.jpegxl.config import LOSSLESS, JpegXlConfig
from hpcm_core.transform.tiling import grid

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hpcm_core.format.gain import QualityMap
    from hpcm_core.format.header import Header
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Job
    from hpcm_core.results import Coded

    Samples: TypeAlias = npt.NDArray[Any]

EFFORT = 7
"""JPEG XL's own default; 9 saves 1 % and takes much longer."""
_PIXEL_MEMORY = 192
"""Bytes that the coder may need for a pixel of a tile, to encode or to decode it."""
_FRAMES = 5
"""How many times the pixels of a tile the frames of its codestream may have, rounded up (jxl_frames)."""


@dataclass(frozen=True)
class Coder:
    """What stands in the place of networks: nothing but how much time to spend."""

    effort: int = EFFORT


class JpegXlFamily(Family):
    """Tiles as codestreams of JPEG XL without loss."""

    name = "jpeg-xl"
    configs: Mapping[str, JpegXlConfig] = MappingProxyType({LOSSLESS.name: LOSSLESS})
    needs_weights = False
    lossless_coder = "JPEG XL"
    efforts = range(1, 10)
    usual_effort = EFFORT

    def shapes(self, config: JpegXlConfig) -> Mapping[str, tuple[int, ...]]:
        return {}

    def restore(self, config: JpegXlConfig, weights: Mapping[str, Samples]) -> Coder:
        return Coder()

    def arithmetic(self, config: JpegXlConfig) -> Mapping[str, Any]:
        return {"coder": self.name, "tile": config.tile}

    def memory(self, config: JpegXlConfig, header: Header) -> int:
        samples = header.width * header.height * header.channels * header.bit_depth // 8
        tile = min(header.width, config.tile) * min(header.height, config.tile)
        return LEAST_MEMORY + 2 * samples + _FRAMES * _PIXEL_MEMORY * tile

    def at_effort(self, model: Model, effort: int) -> Model:
        return replace(model, network=Coder(effort))

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
        """Every tile is decoded again and compared before it counts as coded."""
        import numpy as np

        cut = grid(header.width, header.height, model.config, header.padding)
        tiles = []
        for number, (rows, columns) in enumerate(cut.tiles):
            job.report(Phrase("Coding"), number / len(cut.tiles))
            samples = np.ascontiguousarray(picture.pixels[rows.slice, columns.slice])
            stream = _encoded(samples, model.network.effort)
            if not _is_kept(samples, stream):
                raise ModelError("JPEG XL did not keep every pixel of this picture, so no file was made.")
            tiles.append(Tile((stream,), zlib.crc32(_little_endian(samples))))
        job.lap("coding")
        return _coded(tiles, picture.pixels)

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
        dtype = np.dtype(f"u{header.bit_depth // 8}")
        pixels = np.empty((header.height, header.width, header.channels), dtype)
        parsed = []
        for number, (payload, (rows, columns)) in enumerate(zip(tiles, cut.tiles, strict=True)):
            job.report(Phrase("Decoding"), number / len(tiles))
            tile = parse_tile(payload, model.config.streams)
            samples = _decoded(bytes(tile.streams[0]), (len(rows), len(columns), header.channels), dtype)
            if zlib.crc32(_little_endian(samples)) != tile.symbols_crc:
                raise ArithmeticMismatch(
                    "The file's code streams do not give the pixels that were coded: it is damaged in a way that its "
                    "other checksums do not show, or JPEG XL decodes it wrongly here."
                )
            pixels[rows.slice, columns.slice] = samples
            parsed.append(tile)
        job.lap("decoding")
        return _coded(parsed, pixels)


def _coded(tiles: Sequence[Tile], pixels: Samples) -> Coded:
    from hpcm_core.results import Coded

    return Coded(tuple(map(pack_tile, tiles)), sum(tile.stream_bytes for tile in tiles), None, lambda job: pixels)


def _encoded(samples: Samples, effort: int) -> bytes:
    """A tile, H x W x C, as a bare codestream."""
    from hpcm_core.picture.jxl_writing import lossless_stream

    try:
        return lossless_stream(samples, effort)
    except MemoryError:
        raise
    except ModuleNotFoundError:
        raise _absent() from None
    except Exception as error:  # Its errors have no common type.
        raise ModelError("JPEG XL cannot code this picture: {reason}", reason=str(error)) from error


def _decoded(stream: bytes, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Samples:
    """A tile's samples, H x W x C of that shape and type. What the stream says of itself is compared before anything is
    decoded. Raises CorruptFile.
    """
    from hpcm_core.picture.jxl import decode_lossless

    height, width, channels = shape
    try:
        return decode_lossless(stream, width, height, 8 * dtype.itemsize, channels)
    except ModuleNotFoundError:
        raise _absent() from None
    except ValueError:
        raise CorruptFile("The file is damaged: a tile's JPEG XL stream is not of this picture.") from None


def _is_kept(samples: Samples, stream: bytes) -> bool:
    """Whether decoders get these samples out of the stream, and take it at all."""
    import numpy as np

    try:
        return np.array_equal(_decoded(stream, samples.shape, samples.dtype), samples)
    except CorruptFile:
        return False


def _absent() -> ModelError:
    return ModelError("Pictures without loss need the package imagecodecs, which is not installed.")


def _little_endian(samples: Samples) -> bytes:
    return samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()


JPEG_XL_FAMILY = JpegXlFamily()
