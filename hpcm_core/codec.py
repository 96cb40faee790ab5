"""The one road: a picture becomes a .hpcm file and comes back. Window, command line, batch and tests all take it.

Nothing here imports torch: a model's family does if it needs it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hpcm_core import checks, metrics
from hpcm_core.errors import (
    CorruptFile,
    HpcmError,
    InvalidRecipe,
    LimitExceeded,
    MissingModel,
    ModelError,
    Phrase,
)
from hpcm_core.format import container
from hpcm_core.format.alpha import decode_alpha, encode_alpha
from hpcm_core.format.container import Container
from hpcm_core.format.gain import QualityMap, pack_gain, parse_gain
from hpcm_core.format.header import Header
from hpcm_core.format.look import pack_look, parse_look
from hpcm_core.format.notes import pack_resolution, pack_texts, parse_resolution, parse_texts
from hpcm_core.format.preview import cheap_preview, encode_preview
from hpcm_core.limits import DEFAULT_LIMITS, Limits
from hpcm_core.look import FAITHFUL, NATURAL, has_look, mix, reach
from hpcm_core.models.catalogue import name_for
from hpcm_core.models.family import Model
from hpcm_core.models.loading import load, with_look
from hpcm_core.models.rates import recorded_quality, recorded_rate
from hpcm_core.models.registry import Edition, edition_of, variant_of
from hpcm_core.picture.metadata import bare, upright
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.spaces import profile_of, space_of
from hpcm_core.progress import Cancel, Job, Progress
from hpcm_core.rate_search import encode_to_target
from hpcm_core.recipe import DEFAULT_QUALITY, Recipe
from hpcm_core.results import Coded, Decoded, Encoded
from hpcm_core.transform import devices
from hpcm_core.transform.tiling import grid, least_padding

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LARGE = 1 << 30
"""Bytes of weights from which a user is told what a model takes."""


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
    picture = upright(picture)
    job, place = Job(progress, cancel), devices.named(device)
    name = name_for(recipe.model, recipe.metric, recipe.lmbda)
    edition = edition_of(variant_of(name) or name)
    assert edition is not None, "name_for() has found it"
    quality = recorded_quality(recipe.quality, recipe.lmbda, edition.config, DEFAULT_QUALITY)
    checks.check_memory(header_of(picture, name, b"", edition.config, quality), edition, limits)
    checks.check_map(recipe.quality_map, picture, edition)
    job.report(_loading(edition), 0.0)
    model = load(name)
    if recipe.effort is not None:
        model = model.family.at_effort(model, recipe.effort)
    job.lap("model")
    if recipe.look != FAITHFUL and not has_look(model.name, model.identity):
        raise InvalidRecipe("The model {model} has no natural look here.", model=model.name)
    header = header_of(picture, model.name, model.identity, model.config, quality)
    q = recorded_rate(quality, model.config)
    rival = model.family.rival(model.config)
    share = 0.75 if rival is None else 0.6
    coded = model.family.encode(model, picture, header, q, job.part(0.0, share), place, recipe.quality_map)
    if rival is not None:
        with suppress(LimitExceeded, ModelError):  # it may be absent, or need more memory
            found = _by(rival, picture, limits, job.part(share, 0.75), place)
            header, coded = min((header, coded), found, key=lambda one: sum(map(len, one[1].tiles)))
    data = _write(_container(picture, recipe, header, coded), picture, limits)
    if not reconstruct:
        return Encoded(data, header, coded.bits, coded.stream_bytes, times=job.times)

    # What the file decodes to: colours are always said, since pictures depend on it.
    icc = _profile(header, picture.icc)
    reconstruction = replace(picture, pixels=coded.pixels(job.part(0.75, 0.95)), icc=icc)
    if not recipe.keep_metadata:
        reconstruction = bare(reconstruction)
    job.report(Phrase("Measuring"), 0.95)
    measured = metrics.compare(picture, reconstruction, len(data), check=job.check)
    job.lap("metrics")
    job.report(Phrase("Done"), 1.0)
    return Encoded(data, header, coded.bits, coded.stream_bytes, reconstruction, measured, job.times)


def decode(
    data: bytes | bytearray | memoryview,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    limits: Limits = DEFAULT_LIMITS,
    device: str | None = None,
    steps: int | None = None,
    look: int | None = None,
    ends: bool = False,
) -> Decoded:
    """The picture in a .hpcm file, or one HpcmError; never noise. device: as for encode.

    steps: progressive decoding. Only so many coding steps are decoded (0: the hyperprior alone); latents that are not
    known yet stand at the means that the model predicts for them, and the bit maps are empty there. With all steps it
    is the picture.

    look: how the picture is made (hpcm_core.look); None for the way that the file wishes, or faithfully where its model
    has no weights for that. Of some steps there is only the faithful picture. Raises MissingModel or ModelError where
    another look is asked for than there are weights for. ends: for who shows every look of a file that wishes one, its
    faithful picture and, of the same latents, the natural one (Decoded.natural) where there are weights.
    """
    job, place = Job(progress, cancel), devices.named(device)
    file, model = opened(data, job, limits)
    header = file.header
    wished = parse_look(file.look)
    if ends:
        look = FAITHFUL
    model, shown, without = _looking(model, wished, look, steps)
    if ends and wished != FAITHFUL and reach(header.quality) != FAITHFUL:
        with suppress(MissingModel, ModelError):
            model = with_look(model)
    known = checks.known_labels(header, model.config.labels, steps)
    quality_map, alpha = _quality_map(file, model), None
    if file.alpha is not None:
        alpha = decode_alpha(file.alpha, header.width, header.height, header.bit_depth)
    q = recorded_rate(header.quality, model.config)
    texts, resolution = parse_texts(file.texts), parse_resolution(file.resolution)
    coded = model.family.decode(model, header, file.tiles, q, job.part(0.05, 0.6), place, known, quality_map)
    icc = _profile(header, file.icc)
    both = ends and coded.natural is not None
    pixels = _pixels(coded, shown, header.quality, job.part(0.6, 0.8 if both else 1.0))
    picture = upright(Picture(pixels, alpha, icc, file.exif, file.xmp, file.iptc, texts, resolution))
    natural = None
    if both:
        natural = replace(picture, pixels=_whole(coded, pixels, header.quality, job.part(0.8, 1.0)))
    job.report(Phrase("Done"), 1.0)
    made = (picture, header, coded.bits, coded.stream_bytes, job.times, quality_map)
    return Decoded(*made, shown, wished, without, natural)


def _by(name: str, picture: Picture, limits: Limits, job: Job, place: str) -> tuple[Header, Coded]:
    """What another model without loss makes of a picture. Raises HpcmError."""
    edition = edition_of(name)
    assert edition is not None, "a family knows its rivals"
    quality = recorded_quality(None, None, edition.config, DEFAULT_QUALITY)
    checks.check_memory(header_of(picture, name, b"", edition.config, quality), edition, limits)
    model = load(name)
    header = header_of(picture, name, model.identity, model.config, quality)
    return header, model.family.encode(model, picture, header, recorded_rate(quality, model.config), job, place)


def _looking(model: Model, wished: int, look: int | None, steps: int | None) -> tuple[Model, int, Phrase | None]:
    """The model with the weights that a look needs, the look, and why it is not the one that the file wishes."""
    if look is not None and not FAITHFUL <= look <= NATURAL:
        raise ValueError(f"There is no look {look}.")
    if steps is not None:
        if look:
            raise HpcmError("Of some of the coding steps there is only the faithful look.")
        return model, FAITHFUL, None
    if look is not None:
        return (with_look(model) if look else model), look, None
    if wished == FAITHFUL:
        return model, FAITHFUL, None
    try:
        return with_look(model), wished, None
    except (MissingModel, ModelError) as error:
        return model, FAITHFUL, error.phrase


def _pixels(coded: Coded, look: int, quality: int, job: Job) -> npt.NDArray[np.generic]:
    """The samples of a look; only those of its ends that it needs are computed."""
    part = reach(quality)
    if look == FAITHFUL or part == FAITHFUL:
        return coded.pixels(job)
    if look == part == NATURAL:
        return _whole(coded, None, quality, job)
    faithful = coded.pixels(job.part(0, 0.5))
    return mix(faithful, _whole(coded, faithful, quality, job.part(0.5, 1)), look, out=faithful)


def _whole(coded: Coded, faithful: npt.NDArray[np.generic] | None, quality: int, job: Job) -> npt.NDArray[np.generic]:
    """The natural look at its whole. faithful: its other end, where the file's quality lets it reach only a part."""
    assert coded.natural is not None, "the model has the weights"
    natural, part = coded.natural(job), reach(quality)
    return natural if part == NATURAL or faithful is None else mix(faithful, natural, part, out=natural)


def decode_half(
    data: bytes | bytearray | memoryview,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    limits: Limits = DEFAULT_LIMITS,
    device: str | None = None,
) -> Picture | None:
    """A first look at the picture in a .hpcm file, long before the whole is decoded: half its width and height, colour
    alone, from the coding steps that are coarse. It is rough, and no decoder has to give the same. None where the
    file's model has none. Parameters as for decode. Raises HpcmError.
    """
    job, place = Job(progress, cancel), devices.named(device)
    file, model = opened(data, job, limits)
    header, quality_map = file.header, _quality_map(file, model)
    q = recorded_rate(header.quality, model.config)
    pixels = model.family.decode_half(model, header, file.tiles, q, job.part(0.05, 1), place, quality_map)
    return None if pixels is None else Picture(pixels, icc=_profile(header, file.icc))


def opened(data: bytes | bytearray | memoryview, job: Job, limits: Limits = DEFAULT_LIMITS) -> tuple[Container, Model]:
    """A file whose parts fit each other, and the model that decodes it. Raises HpcmError."""
    file = container.read(data, limits)
    header = file.header
    checks.check_profile(header)
    edition = edition_of(variant_of(header.model_name) or header.model_name, header.model_hash)
    if edition is not None and header.padding < len(edition.config.units):
        checks.check_memory(header, edition, limits)
    job.report(_loading(edition), 0.0)
    model = load(header.model_name, header.model_hash)
    job.lap("model")
    if header.profile != model.config.profile:
        raise CorruptFile("The file is damaged: its arithmetic profile does not fit its model.")
    checks.check_tiles(header, model.config)
    return file, model


def header_of(picture: Picture, name: str, identity: bytes, config: Any, quality: int) -> Header:
    """What a file says of a picture that a model codes. quality: as recorded_quality gives it."""
    padding = least_padding(picture.width, picture.height, config)
    cut = grid(picture.width, picture.height, config, padding)
    return Header(
        width=picture.width,
        height=picture.height,
        bit_depth=picture.bit_depth,
        channels=picture.channels,
        has_alpha=picture.alpha is not None,
        model_name=name,
        model_hash=identity,
        profile=config.profile,
        threads=0,
        quality=quality,
        tile_rows=len(cut.rows),
        tile_cols=len(cut.columns),
        colour_space=space_of(picture.icc, picture.channels),
        padding=padding,
    )


def _quality_map(file: Container, model: Model) -> QualityMap | None:
    """What a file says of better and worse parts. Raises CorruptFile."""
    if file.gain is None:
        return None
    if not model.family.local_rates:
        raise CorruptFile("The file is damaged: its model has one quality for the whole picture.")
    return parse_gain(file.gain, file.header.width, file.header.height)


def _profile(header: Header, icc: bytes | None) -> bytes | None:
    """The ICC profile of what a file decodes to: its space's, or else the one in it."""
    return profile_of(header.colour_space, header.channels) or icc


def _loading(edition: Edition | None) -> Phrase:
    """The stage before a model's first picture; of a large one, what it takes."""
    needed = 0
    with suppress(ModuleNotFoundError):  # said by whoever loads it
        needed = 0 if edition is None else edition.family.weights(edition.config)
    if needed < _LARGE:
        return Phrase("Loading the model")
    return Phrase(
        "Loading {needed:.1f} GiB of weights, about a minute; every picture takes much longer than with other models",
        needed=needed / 2**30,
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
        gain=None if recipe.quality_map is None else pack_gain(recipe.quality_map),
        look=None if recipe.look == FAITHFUL else pack_look(recipe.look),
    )


def _write(file: Container, picture: Picture, limits: Limits) -> bytes:
    """The file's bytes; one that is large enough gets a preview without being asked."""
    data = container.write(file, limits)
    if file.preview is None and (preview := cheap_preview(picture, len(data))) is not None:
        return container.write(replace(file, preview=preview), limits)
    return data
