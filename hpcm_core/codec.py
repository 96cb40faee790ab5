"""The one road: a picture becomes a .hpcm file and comes back. Window, command line, batch and tests all take it."""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from hpcm_core import metrics
from hpcm_core.advice import better_choice
from hpcm_core.entropy.exact import exact_entropy
from hpcm_core.entropy.streams import TileCode, decode_tile, encode_tile
from hpcm_core.errors import CorruptFile, LimitExceeded, MissingModel, UnsupportedVersion
from hpcm_core.format import container
from hpcm_core.format.container import Container
from hpcm_core.format.header import EXACT_PROFILE, FIXED_RATE, LATENT_STRIDE, Header
from hpcm_core.format.preview import cheap_preview, encode_preview
from hpcm_core.limits import DEFAULT_LIMITS, Limits
from hpcm_core.models.catalogue import LoadedModel, how_to_get, load, name_for
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.schedule import STEPS
from hpcm_core.picture.picture import Picture, decode_alpha, encode_alpha
from hpcm_core.progress import Cancel, Job, Progress
from hpcm_core.rate_search import encode_to_target
from hpcm_core.recipe import DEFAULT_QUALITY, Recipe, lambda_to_quality, quality_to_q
from hpcm_core.results import BitMaps, Decoded, Encoded
from hpcm_core.transform import devices
from hpcm_core.transform.tiling import split, tiles
from hpcm_core.transform.windows import analyse, empty_latents, synthesize

_WORKING_MEMORY = 2 << 30
"""Bytes that a window or a tile may need beside what grows with the picture."""


def encode(
    picture: Picture,
    recipe: Recipe,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    reconstruct: bool = True,
    limits: Limits = DEFAULT_LIMITS,
    device: str | None = None,
) -> Encoded:
    """Compress a picture. Without `reconstruct` the synthesis and the metrics are left out. device: where the
    transforms run, as devices.choose takes it.

    A recipe with a target is encoded at several rates; the file that meets it best is the result.

    Raises HpcmError: MissingModel, InvalidRecipe, LimitExceeded or Cancelled among others.
    """
    if recipe.has_target:
        return encode_to_target(
            picture,
            recipe,
            partial(encode, device=device),
            progress=progress,
            cancel=cancel,
            reconstruct=reconstruct,
            limits=limits,
        )
    job, clock, place = Job(progress, cancel), _Clock(), devices.choose(device)
    job.report("Loading the model", 0.0)
    with torch.inference_mode():
        model = load(name_for(recipe))
        clock.lap("model")
        quality = _quality(recipe, model.network)
        header = _header(picture, model, quality)
        _check_memory(header, model.network, limits)
        q = _rate(quality, model.network)

        y = analyse(model.network, picture, header, q, lambda done: job.report("Analysing", 0.15 * done), place)
        clock.lap("analysis")
        y_hat, codes = empty_latents(model.network, header), []
        entropy = exact_entropy(model.network)
        for i, (rows, columns) in enumerate(grid := tiles(header.latent_height, header.latent_width)):
            job.report("Coding", 0.15 + 0.6 * i / len(grid))
            codes.append(encode_tile(entropy, y[..., rows.slice, columns.slice], job.check))
            y_hat[..., rows.slice, columns.slice] = codes[-1].y_hat
        del y
        clock.lap("coding")
        data = _write(_container(picture, recipe, header, codes), picture)
        bits = _bit_maps(header, codes)
        stream_bytes = sum(code.tile.stream_bytes for code in codes)
        if not reconstruct:
            return Encoded(data, header, bits, stream_bytes, times=clock.times)

        pixels = synthesize(
            model.network, y_hat, header, q, lambda done: job.report("Reconstructing", 0.75 + 0.2 * done), place
        )
        # What the file decodes to: the ICC profile always stays, since the colours depend on it.
        reconstruction = replace(picture, pixels=pixels)
        if not recipe.keep_metadata:
            reconstruction = replace(reconstruction, exif=None, xmp=None)
        clock.lap("synthesis")
        job.report("Measuring", 0.95)
        measured = metrics.compare(picture, reconstruction, len(data))
        clock.lap("metrics")
        advice = better_choice(picture, len(data), measured.psnr)
        clock.lap("advice")
        job.report("Done", 1.0)
        return Encoded(data, header, bits, stream_bytes, reconstruction, measured, clock.times, advice)


def decode(
    data: bytes | bytearray | memoryview,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    limits: Limits = DEFAULT_LIMITS,
    device: str | None = None,
) -> Decoded:
    """The picture in a .hpcm file, or one HpcmError; never noise. device: as for encode."""
    job, clock, place = Job(progress, cancel), _Clock(), devices.choose(device)
    file = container.read(data, limits)
    header = file.header
    grid = tiles(header.latent_height, header.latent_width)
    if header.profile != EXACT_PROFILE:
        raise UnsupportedVersion(
            "The file was coded with arithmetic profile {profile}; this version reads files of profile {known} only.",
            profile=header.profile,
            known=EXACT_PROFILE,
        )
    if (len(split(header.latent_height)), len(split(header.latent_width))) != (header.tile_rows, header.tile_cols):
        raise CorruptFile("The file is damaged: its tiles do not fit its size.")
    job.report("Loading the model", 0.0)
    with torch.inference_mode():
        model = load(header.model_name)
        clock.lap("model")
        _check_model(header, model)
        _check_memory(header, model.network, limits)
        alpha = None
        if file.alpha is not None:
            alpha = decode_alpha(file.alpha, header.width, header.height, header.bit_depth)

        y_hat, codes = empty_latents(model.network, header), []
        entropy = exact_entropy(model.network)
        for i, (tile, (rows, columns)) in enumerate(zip(file.tiles, grid, strict=True)):
            job.report("Decoding", 0.05 + 0.55 * i / header.tile_count)
            codes.append(decode_tile(entropy, tile, len(rows), len(columns), job.check))
            y_hat[..., rows.slice, columns.slice] = codes[-1].y_hat
        clock.lap("decoding")
        q = _rate(header.quality, model.network)
        pixels = synthesize(
            model.network, y_hat, header, q, lambda done: job.report("Reconstructing", 0.6 + 0.4 * done), place
        )
        clock.lap("synthesis")
        picture = Picture(pixels, alpha, file.icc, file.exif, file.xmp)
        stream_bytes = sum(tile.stream_bytes for tile in file.tiles)
        job.report("Done", 1.0)
        return Decoded(picture, header, _bit_maps(header, codes), stream_bytes, clock.times)


def _quality(recipe: Recipe, network: HPCM) -> int:
    """The quality that the file records: 0 to 100, or FIXED_RATE."""
    lambdas = network.config.rate_lambdas
    if not lambdas:
        return FIXED_RATE
    if recipe.lmbda is not None:
        return lambda_to_quality(recipe.lmbda, lambdas)
    return DEFAULT_QUALITY if recipe.quality is None else recipe.quality


def _rate(quality: int, network: HPCM) -> float:
    """The rate position q of a recorded quality. Raises CorruptFile where the model has no such quality."""
    lambdas = network.config.rate_lambdas
    if bool(lambdas) != (quality != FIXED_RATE):
        raise CorruptFile("The file is damaged: its quality does not fit its model.")
    return quality_to_q(quality, lambdas) if lambdas else 0.0


def _header(picture: Picture, model: LoadedModel, quality: int) -> Header:
    header = Header(
        width=picture.width,
        height=picture.height,
        bit_depth=picture.bit_depth,
        channels=picture.channels,
        has_alpha=picture.alpha is not None,
        model_name=model.name,
        model_hash=model.identity,
        profile=EXACT_PROFILE,
        threads=0,
        quality=quality,
        tile_rows=1,
        tile_cols=1,
    )
    return replace(header, tile_rows=len(split(header.latent_height)), tile_cols=len(split(header.latent_width)))


def _check_model(header: Header, model: LoadedModel) -> None:
    if header.model_hash != model.identity:
        raise MissingModel(
            "The file was made with other weights of {model_name} ({wanted}) than are installed ({found}). {how}",
            model_name=header.model_name,
            wanted=header.model_hash.hex(),
            found=model.identity.hex(),
            how=how_to_get(header.model_name),
        )


def _check_memory(header: Header, network: HPCM, limits: Limits) -> None:
    """Refuse a picture whose pixels and latents do not fit the limit. Raises LimitExceeded."""
    pixels = header.padded_width * header.padded_height
    latents = pixels // LATENT_STRIDE**2 * network.config.latent_channels
    needed = 2 * pixels * header.channels * header.bit_depth // 8 + 2 * 4 * latents + _WORKING_MEMORY
    if needed > limits.memory:
        raise LimitExceeded(
            "The picture needs about {needed:.1f} GiB of memory; the limit is {limit:.1f} GiB.",
            needed=needed / 2**30,
            limit=limits.memory / 2**30,
        )


def _container(picture: Picture, recipe: Recipe, header: Header, codes: Sequence[TileCode]) -> Container:
    return Container(
        header,
        tuple(code.tile for code in codes),
        icc=picture.icc,
        exif=picture.exif if recipe.keep_metadata else None,
        xmp=picture.xmp if recipe.keep_metadata else None,
        alpha=None if picture.alpha is None else encode_alpha(picture.alpha),
        preview=encode_preview(picture) if recipe.embed_preview else None,
    )


def _write(file: Container, picture: Picture) -> bytes:
    """The file's bytes; one that is large enough gets a preview without being asked."""
    data = container.write(file)
    if file.preview is None and (preview := cheap_preview(picture, len(data))) is not None:
        return container.write(replace(file, preview=preview))
    return data


def _bit_maps(header: Header, codes: Sequence[TileCode]) -> BitMaps:
    """Join the tiles' maps and cut off the padding; what the padding cost is booked on the picture's last row and
    column.
    """
    joined = np.zeros((codes[0].bits.shape[0], header.latent_height, header.latent_width), np.float32)
    for code, (rows, columns) in zip(codes, tiles(header.latent_height, header.latent_width), strict=True):
        joined[:, rows.slice, columns.slice] = code.bits
    height, width = -(-header.height // LATENT_STRIDE), -(-header.width // LATENT_STRIDE)
    joined[:, height - 1] += joined[:, height:].sum(axis=1)
    joined[:, :, width - 1] += joined[:, :, width:].sum(axis=2)
    labels = ("z", *(str(step.number) for step in STEPS))
    return BitMaps(joined[:, :height, :width].copy(), labels, LATENT_STRIDE)


class _Clock:
    """Seconds of each stage, by name."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End the running stage."""
        now = time.perf_counter()
        self.times[stage] = now - self._last
        self._last = now
