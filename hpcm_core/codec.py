"""The one road: a picture becomes a .hpcm file and comes back. Window, command line, batch and tests all take it.

Nothing here imports torch: a model's family does if it needs it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hpcm_core import metrics
from hpcm_core.advice import better_choice
from hpcm_core.errors import CorruptFile, LimitExceeded, Phrase, UnsupportedVersion
from hpcm_core.format import container
from hpcm_core.format.alpha import decode_alpha, encode_alpha
from hpcm_core.format.container import Container
from hpcm_core.format.header import EXACT_PROFILE, Header
from hpcm_core.format.notes import pack_resolution, pack_texts, parse_resolution, parse_texts
from hpcm_core.format.preview import cheap_preview, encode_preview
from hpcm_core.limits import DEFAULT_LIMITS, Limits
from hpcm_core.models.catalogue import name_for
from hpcm_core.models.family import Model
from hpcm_core.models.loading import load
from hpcm_core.models.rates import recorded_quality, recorded_rate
from hpcm_core.models.registry import editions, variant_of
from hpcm_core.picture.metadata import bare
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.spaces import profile_of, space_of
from hpcm_core.progress import Cancel, Job, Progress
from hpcm_core.rate_search import encode_to_target
from hpcm_core.recipe import DEFAULT_QUALITY, Recipe
from hpcm_core.results import Coded, Decoded, Encoded
from hpcm_core.transform import devices
from hpcm_core.transform.tiling import grid, least_padding


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
    transforms run, as devices.named takes it.

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
    job, place = Job(progress, cancel), devices.named(device)
    job.report(Phrase("Loading the model"), 0.0)
    model = load(name_for(recipe.model, recipe.metric, recipe.lmbda))
    job.lap("model")
    quality = recorded_quality(recipe.quality, recipe.lmbda, model.config, DEFAULT_QUALITY)
    header = _header(picture, model, quality)
    _check_memory(header, model, limits)
    q = recorded_rate(quality, model.config)
    coded = model.family.encode(model, picture, header, q, job.part(0.0, 0.75), place)
    data = _write(_container(picture, recipe, header, coded), picture)
    if not reconstruct:
        return Encoded(data, header, coded.bits, coded.stream_bytes, times=job.times)

    # What the file decodes to: colours are always said, since pictures depend on it.
    icc = _profile(header, picture.icc)
    reconstruction = replace(picture, pixels=coded.pixels(job.part(0.75, 0.95)), icc=icc)
    if not recipe.keep_metadata:
        reconstruction = bare(reconstruction)
    job.report(Phrase("Measuring"), 0.95)
    measured = metrics.compare(picture, reconstruction, len(data))
    job.lap("metrics")
    advice = better_choice(picture, len(data), measured.psnr)
    job.lap("advice")
    job.report(Phrase("Done"), 1.0)
    return Encoded(data, header, coded.bits, coded.stream_bytes, reconstruction, measured, job.times, advice)


def decode(
    data: bytes | bytearray | memoryview,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    limits: Limits = DEFAULT_LIMITS,
    device: str | None = None,
) -> Decoded:
    """The picture in a .hpcm file, or one HpcmError; never noise. device: as for encode."""
    job, place = Job(progress, cancel), devices.named(device)
    file = container.read(data, limits)
    header = file.header
    _check_profile(header)
    job.report(Phrase("Loading the model"), 0.0)
    model = load(header.model_name, header.model_hash)
    job.lap("model")
    if header.profile != model.config.profile:
        raise CorruptFile("The file is damaged: its arithmetic profile does not fit its model.")
    _check_tiles(header, model)
    _check_memory(header, model, limits)
    alpha = None
    if file.alpha is not None:
        alpha = decode_alpha(file.alpha, header.width, header.height, header.bit_depth)
    q = recorded_rate(header.quality, model.config)
    coded = model.family.decode(model, header, file.tiles, q, job.part(0.05, 0.6), place)
    icc = _profile(header, file.icc)
    texts, resolution = parse_texts(file.texts), parse_resolution(file.resolution)
    pixels = coded.pixels(job.part(0.6, 1.0))
    picture = Picture(pixels, alpha, icc, file.exif, file.xmp, file.iptc, texts, resolution)
    job.report(Phrase("Done"), 1.0)
    return Decoded(picture, header, coded.bits, coded.stream_bytes, job.times)


def _header(picture: Picture, model: Model, quality: int) -> Header:
    padding = least_padding(picture.width, picture.height, model.config)
    cut = grid(picture.width, picture.height, model.config, padding)
    return Header(
        width=picture.width,
        height=picture.height,
        bit_depth=picture.bit_depth,
        channels=picture.channels,
        has_alpha=picture.alpha is not None,
        model_name=model.name,
        model_hash=model.identity,
        profile=model.config.profile,
        threads=0,
        quality=quality,
        tile_rows=len(cut.rows),
        tile_cols=len(cut.columns),
        colour_space=space_of(picture.icc, picture.channels),
        padding=padding,
    )


def _profile(header: Header, icc: bytes | None) -> bytes | None:
    """The ICC profile of what a file decodes to: its space's, or else the one in it."""
    return profile_of(header.colour_space, header.channels) or icc


def _check_profile(header: Header) -> None:
    """Refuse a file whose integers are those of no weights of its model, before these are looked for."""
    variant = variant_of(header.model_name)
    known = [EXACT_PROFILE] if variant is None else [edition.config.profile for edition in editions(variant)]
    if header.profile not in known:
        raise UnsupportedVersion(
            "The file was coded with arithmetic profile {profile}; this version reads files of profile {known} only.",
            profile=header.profile,
            known=", ".join(map(str, sorted(set(known)))),
        )


def _check_tiles(header: Header, model: Model) -> None:
    if header.padding >= len(model.config.units):
        raise CorruptFile("The file is damaged: its padding rule does not fit its model.")
    cut = grid(header.width, header.height, model.config, header.padding)
    if (len(cut.rows), len(cut.columns)) != (header.tile_rows, header.tile_cols):
        raise CorruptFile("The file is damaged: its tiles do not fit its size.")


def _check_memory(header: Header, model: Model, limits: Limits) -> None:
    """Refuse a picture whose pixels and latents do not fit the limit. Raises LimitExceeded."""
    needed = model.family.memory(model.config, header)
    if needed > limits.memory:
        raise LimitExceeded(
            "The picture needs about {needed:.1f} GiB of memory; the limit is {limit:.1f} GiB.",
            needed=needed / 2**30,
            limit=limits.memory / 2**30,
        )


def _container(picture: Picture, recipe: Recipe, header: Header, coded: Coded) -> Container:
    if not recipe.keep_metadata:
        picture = bare(picture)
    return Container(
        header,
        coded.tiles,
        icc=None if header.colour_space else picture.icc,
        exif=picture.exif,
        xmp=picture.xmp,
        iptc=picture.iptc,
        texts=pack_texts(picture.texts),
        resolution=pack_resolution(picture.resolution),
        alpha=None if picture.alpha is None else encode_alpha(picture.alpha),
        preview=encode_preview(picture) if recipe.embed_preview else None,
    )


def _write(file: Container, picture: Picture) -> bytes:
    """The file's bytes; one that is large enough gets a preview without being asked."""
    data = container.write(file)
    if file.preview is None and (preview := cheap_preview(picture, len(data))) is not None:
        return container.write(replace(file, preview=preview))
    return data
