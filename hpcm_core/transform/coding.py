"""Pixels to tiles and back, for every codec with an analysis transform, an entropy model and a synthesis transform.

Arrays are NumPy's, and nothing here imports torch: networks.py does it with networks of torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hpcm_core.entropy.model import EntropyModel
from hpcm_core.entropy.streams import Floats, Report, decode_tiles, empty_latents, encode_tiles, half_tile
from hpcm_core.errors import Phrase
from hpcm_core.format.header import Header
from hpcm_core.format.tile import Tile, pack_tile, parse_tile
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.results import BitMaps, Coded
from hpcm_core.transform.tiling import CodecConfig, Grid, grid

_WORKING_MEMORY = 2 << 30
"""Bytes that a window or a tile may need beside what grows with the picture."""

_BEFORE, _REFINED = 0.02, 0.95
"""Fractions of the work at which latents begin and end to be refined."""

Refine = Callable[[Picture, Header, Floats, Job], tuple[Floats, EntropyModel]]
"""Makes better latents of those (1xMxhxw) of a picture, and gives the entropy model that codes them."""


class Transforms(Protocol):
    """The transforms of one model at one rate, over a whole picture."""

    def analyse(self, picture: Picture, cut: Grid, report: Report) -> Floats:
        """Latents y of the padded picture: 1xMxhxw as `cut` says, in memory that is given away."""
        ...

    def synthesize(self, y_hat: Floats, header: Header, cut: Grid, report: Report) -> npt.NDArray[np.generic]:
        """Pixels from latents: H x W x C as the header says, uint8 or uint16."""
        ...


def memory(config: CodecConfig, header: Header) -> int:
    """Bytes that a picture's pixels (twice) and latents need, and what a window or tile needs beside."""
    cut = grid(header.width, header.height, config, header.padding)
    latents = cut.height * cut.width * config.latent_channels
    return 2 * cut.pixels * header.channels * header.bit_depth // 8 + 4 * latents + _WORKING_MEMORY


def encode(
    config: CodecConfig,
    transforms: Transforms,
    entropy: EntropyModel,
    picture: Picture,
    header: Header,
    job: Job,
    refine: Refine | None = None,
) -> Coded:
    """Code a picture. Raises HpcmError."""
    y_hat, codes = code_latents(config, transforms, entropy, picture, header, job, refine)
    return _coded(transforms, entropy, header, grid(header.width, header.height, config, header.padding), y_hat, codes)


def code_latents(
    config: CodecConfig,
    transforms: Transforms,
    entropy: EntropyModel,
    picture: Picture,
    header: Header,
    job: Job,
    refine: Refine | None = None,
) -> tuple[Floats, list[tuple[Tile, Floats]]]:
    """A picture's latents y_hat as a decoder has them, 1xMxhxw; of each tile what was coded, and its bits."""
    cut = grid(header.width, header.height, config, header.padding)
    whole = job
    if refine is not None:
        job = whole.part(0.0, _BEFORE)
    y = transforms.analyse(picture, cut, lambda done: job.report(Phrase("Analysing"), 0.2 * done))
    job.lap("analysis")
    if refine is not None:
        y[...], entropy = refine(picture, header, y, whole.part(_BEFORE, _REFINED))
        job.lap("refinement")
        job = whole.part(_REFINED, 1.0)
    # Nothing looks at y again, and as much new memory would have to be cleared.
    codes = encode_tiles(entropy, _of_tiles(y, cut), lambda done: job.report(Phrase("Coding"), 0.2 + 0.8 * done))
    job.lap("coding")
    return y, codes


def decode(
    config: CodecConfig,
    transforms: Transforms,
    entropy: EntropyModel,
    header: Header,
    tiles: Sequence[bytes | memoryview],
    job: Job,
    known: int | None = None,
    natural: Transforms | None = None,
) -> Coded:
    """The payloads of a file's tiles back to latents; pixels are made when they are asked for. known: decode only the
    first labels, so many, and predict the rest (streams.preview_tile). natural: whose synthesis makes the natural look.
    Raises HpcmError.
    """
    cut = grid(header.width, header.height, config, header.padding)
    y_hat = empty_latents(config.latent_channels, cut.height, cut.width)
    parsed = [parse_tile(payload, entropy.streams) for payload in tiles]
    bits = decode_tiles(
        entropy, parsed, _of_tiles(y_hat, cut), lambda done: job.report(Phrase("Decoding"), done), known
    )
    job.lap("decoding")
    return _coded(transforms, entropy, header, cut, y_hat, list(zip(parsed, bits, strict=True)), natural)


def decode_half(
    config: CodecConfig,
    transforms: Transforms,
    entropy: EntropyModel,
    header: Header,
    tiles: Sequence[bytes | memoryview],
    job: Job,
) -> npt.NDArray[np.generic]:
    """The picture at half its width and height (rounded up): H/2 x W/2 x C as the header says, by the synthesis of
    latents at half size (streams.half_tile). transforms: of such a picture, whose quality map has blocks of half the
    side. Raises HpcmError.
    """
    cut = grid(header.width, header.height, config, header.padding)
    half = cut.halved
    y_hat = empty_latents(config.latent_channels, half.height, half.width)
    for i, (payload, whole, part) in enumerate(zip(tiles, cut.tiles, half.tiles, strict=True)):
        job.report(Phrase("Decoding a preview"), 0.5 * i / len(tiles))
        (rows, columns), (half_rows, half_columns) = whole, part
        tile = parse_tile(payload, entropy.streams)
        latents = half_tile(entropy, tile, len(rows), len(columns), job.check)
        y_hat[..., half_rows.slice, half_columns.slice] = latents
    small = replace(header, width=-(-header.width // 2), height=-(-header.height // 2))
    return transforms.synthesize(
        y_hat, small, half, lambda done: job.report(Phrase("Decoding a preview"), 0.5 + 0.5 * done)
    )


def _of_tiles(latents: Floats, cut: Grid) -> list[Floats]:
    """The parts of a picture's latents that its tiles hold."""
    return [latents[..., rows.slice, columns.slice] for rows, columns in cut.tiles]


def _coded(
    transforms: Transforms,
    entropy: EntropyModel,
    header: Header,
    cut: Grid,
    y_hat: Floats,
    codes: Sequence[tuple[Tile, Floats]],
    natural: Transforms | None = None,
) -> Coded:
    def pixels(by: Transforms, stage: str, job: Job) -> npt.NDArray[np.generic]:
        samples = by.synthesize(y_hat, header, cut, lambda done: job.report(Phrase("Reconstructing"), done))
        job.lap(stage)
        return samples

    return Coded(
        tiles=tuple(pack_tile(tile) for tile, _ in codes),
        stream_bytes=sum(tile.stream_bytes for tile, _ in codes),
        bits=bit_maps(entropy.labels, header, cut, [bits for _, bits in codes]),
        pixels=partial(pixels, transforms, "synthesis"),
        natural=None if natural is None else partial(pixels, natural, "natural look"),
    )


def bit_maps(labels: tuple[str, ...], header: Header, cut: Grid, bits: Sequence[Floats]) -> BitMaps:
    """Join the tiles' maps (labels x hxw each) and cut off the padding; what the padding cost is booked on the
    picture's last row and column.
    """
    joined = np.zeros((len(labels), cut.height, cut.width), np.float32)
    for of_tile, (rows, columns) in zip(bits, cut.tiles, strict=True):
        joined[:, rows.slice, columns.slice] = of_tile
    height, width = -(-header.height // cut.stride), -(-header.width // cut.stride)
    joined[:, height - 1] += joined[:, height:].sum(axis=1)
    joined[:, :, width - 1] += joined[:, :, width:].sum(axis=2)
    return BitMaps(joined[:, :height, :width].copy(), labels, cut.stride)
