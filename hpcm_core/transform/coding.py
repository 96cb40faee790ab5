"""Pixels to tiles and back, for every codec with an analysis transform, an entropy model and a synthesis transform."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hpcm_core.entropy.model import EntropyModel
from hpcm_core.entropy.streams import TileCode, decode_tile, encode_tile
from hpcm_core.errors import Phrase
from hpcm_core.format.header import Header
from hpcm_core.format.tile import pack_tile, parse_tile
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.results import BitMaps, Coded
from hpcm_core.transform.devices import Codec, CodecConfig
from hpcm_core.transform.tiling import Grid, grid
from hpcm_core.transform.windows import analyse, empty_latents, synthesize

_WORKING_MEMORY = 2 << 30
"""Bytes that a window or a tile may need beside what grows with the picture."""


def memory(config: CodecConfig, header: Header) -> int:
    """Bytes that a picture's pixels (twice) and latents (y and y_hat) need, and what a window or tile needs beside."""
    cut = grid(header.width, header.height, config, header.padding)
    latents = cut.height * cut.width * config.latent_channels
    return 2 * cut.pixels * header.channels * header.bit_depth // 8 + 2 * 4 * latents + _WORKING_MEMORY


def encode(
    network: Codec, entropy: EntropyModel, picture: Picture, header: Header, q: float, job: Job, device: torch.device
) -> Coded:
    """Code a picture at rate q; device: where the transforms run. Raises HpcmError."""
    cut = grid(header.width, header.height, network.config, header.padding)
    y = analyse(network, picture, cut, q, lambda done: job.report(Phrase("Analysing"), 0.2 * done), device)
    job.lap("analysis")
    y_hat, codes = empty_latents(network, cut), []
    for i, (rows, columns) in enumerate(cut.tiles):
        job.report(Phrase("Coding"), 0.2 + 0.8 * i / len(cut.tiles))
        codes.append(encode_tile(entropy, y[..., rows.slice, columns.slice], job.check))
        y_hat[..., rows.slice, columns.slice] = codes[-1].y_hat
    del y
    job.lap("coding")
    return _coded(network, entropy, header, cut, y_hat, codes, q, device)


def decode(
    network: Codec,
    entropy: EntropyModel,
    header: Header,
    tiles: Sequence[bytes | memoryview],
    q: float,
    job: Job,
    device: torch.device,
) -> Coded:
    """The payloads of a file's tiles back to latents; pixels are made when they are asked for. Raises HpcmError."""
    cut = grid(header.width, header.height, network.config, header.padding)
    y_hat, codes = empty_latents(network, cut), []
    for i, (payload, (rows, columns)) in enumerate(zip(tiles, cut.tiles, strict=True)):
        job.report(Phrase("Decoding"), i / len(tiles))
        tile = parse_tile(payload, entropy.streams)
        codes.append(decode_tile(entropy, tile, len(rows), len(columns), job.check))
        y_hat[..., rows.slice, columns.slice] = codes[-1].y_hat
    job.lap("decoding")
    return _coded(network, entropy, header, cut, y_hat, codes, q, device)


def _coded(
    network: Codec,
    entropy: EntropyModel,
    header: Header,
    cut: Grid,
    y_hat: Tensor,
    codes: Sequence[TileCode],
    q: float,
    device: torch.device,
) -> Coded:
    def pixels(job: Job) -> npt.NDArray[np.generic]:
        def report(done: float) -> None:
            job.report(Phrase("Reconstructing"), done)

        samples = synthesize(network, y_hat, header, cut, q, report, device)
        job.lap("synthesis")
        return samples

    return Coded(
        tiles=tuple(pack_tile(code.tile) for code in codes),
        stream_bytes=sum(code.tile.stream_bytes for code in codes),
        bits=_bit_maps(entropy.labels, header, cut, codes),
        pixels=pixels,
    )


def _bit_maps(labels: tuple[str, ...], header: Header, cut: Grid, codes: Sequence[TileCode]) -> BitMaps:
    """Join the tiles' maps and cut off the padding; what the padding cost is booked on the picture's last row and
    column.
    """
    joined = np.zeros((len(labels), cut.height, cut.width), np.float32)
    for code, (rows, columns) in zip(codes, cut.tiles, strict=True):
        joined[:, rows.slice, columns.slice] = code.bits
    height, width = -(-header.height // cut.stride), -(-header.width // cut.stride)
    joined[:, height - 1] += joined[:, height:].sum(axis=1)
    joined[:, :, width - 1] += joined[:, :, width:].sum(axis=2)
    return BitMaps(joined[:, :height, :width].copy(), labels, cut.stride)
