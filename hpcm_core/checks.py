"""What a file, a recipe and a picture have to fit before a picture is encoded or decoded, and memory is taken for it.

Nothing here imports torch.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hpcm_core import pytorch
from hpcm_core.errors import CorruptFile, HpcmError, InvalidRecipe, LimitExceeded, Phrase, UnsupportedVersion
from hpcm_core.format.header import Header, check_limits
from hpcm_core.limits import Limits
from hpcm_core.models.catalogue import obstacle
from hpcm_core.models.registry import Edition, editions, variant_of, variants
from hpcm_core.transform.tiling import grid

if TYPE_CHECKING:
    from hpcm_core.format.gain import QualityMap
    from hpcm_core.picture.picture import Picture


def check_profile(header: Header) -> None:
    """Refuse a file whose integers are those of no weights of its model, or of none that this installation can compute
    with, before these are looked for.
    """
    variant = variant_of(header.model_name)
    families = {edition.config.profile: edition.family for edition in reversed(editions(variant or ""))}
    known = set(families) or {edition.config.profile for name in variants() for edition in editions(name)}
    if header.profile not in known and variant is None:
        raise UnsupportedVersion(
            "The file was coded with arithmetic profile {profile}; this version reads files of profile {known} only.",
            profile=header.profile,
            known=", ".join(map(str, sorted(known))),
        )
    if header.profile not in known:
        raise UnsupportedVersion(
            "The file was coded by {model} in arithmetic profile {profile}; of this model this version reads files of "
            "profile {known} only.",
            model=variant,
            profile=header.profile,
            known=", ".join(map(str, sorted(known))),
        )
    if header.profile in families and families[header.profile].needs_torch and obstacle(header.model_name) is None:
        # The name stands for weights in integers today, and for these in files of before.
        pytorch.check(Phrase("This file's edition of the model {name}", name=header.model_name))


def check_tiles(header: Header, config: Any) -> None:
    """Refuse a file whose tiles or padding are not those of its model. Raises CorruptFile."""
    if header.padding >= len(config.units):
        raise CorruptFile("The file is damaged: its padding rule does not fit its model.")
    cut = grid(header.width, header.height, config, header.padding)
    if (len(cut.rows), len(cut.columns)) != (header.tile_rows, header.tile_cols):
        raise CorruptFile("The file is damaged: its tiles do not fit its size.")


def known_labels(header: Header, labels: tuple[str, ...], steps: int | None) -> int | None:
    """Of how many labels the symbols are decoded; None for all."""
    if steps is None:
        return None
    if not labels:
        raise HpcmError("{model} has no coding steps; its pictures are decoded whole.", model=header.model_name)
    first = int(labels[0] == "z")
    if not 0 <= steps <= len(labels) - first:
        raise HpcmError(
            "{model} has {count} coding steps; the number of steps is 0 to {count}.",
            model=header.model_name,
            count=len(labels) - first,
        )
    return None if first + steps == len(labels) else first + steps


def check_map(quality_map: QualityMap | None, picture: Picture, edition: Edition) -> None:
    """Refuse a map of another picture's size, or for a model without local rates. Raises InvalidRecipe."""
    if quality_map is None:
        return
    if edition.family.lossless_coder is not None:
        raise InvalidRecipe(
            "The model {model} keeps every pixel as it is; no part of a picture can be kept better.",
            model=edition.config.name,
        )
    if not edition.family.local_rates:
        raise InvalidRecipe(
            "The model {model} has one quality for the whole picture; a part of it cannot be kept better.",
            model=edition.config.name,
        )
    if not quality_map.fits(picture.width, picture.height):
        raise InvalidRecipe("The map of qualities belongs to a picture of another size.")


def check_memory(header: Header, edition: Edition, limits: Limits) -> None:
    """Refuse what does not fit the limits: pixels, sides and tiles, and the memory for weights, pixels and latents
    together, before any of it is taken. Raises LimitExceeded.
    """
    check_limits(header, limits)
    needed = 0
    with suppress(ModuleNotFoundError):  # said by whoever loads the model
        needed = edition.family.memory(edition.config, header)
    if needed > limits.memory:
        raise LimitExceeded(
            "The picture needs about {needed:.1f} GiB of memory; the limit is {limit:.1f} GiB.",
            needed=needed / 2**30,
            limit=limits.memory / 2**30,
        )
