"""Which codecs there are: families and their variants, by name. Nothing outside models/ names a family.

Importing this module imports no torch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.models.charm.family import CHARM_FAMILY
from hpcm_core.models.family import Family, Rates
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hpcm.integer_family import INTEGER_FAMILY
from hpcm_core.models.jpegxl.family import JPEG_XL_FAMILY
from hpcm_core.models.lossless.family import LOSSLESS_FAMILY
from hpcm_core.models.lossless.integer_family import LEARNED_LOSSLESS_FAMILY
from hpcm_core.models.quadtree.family import QUADTREE_FAMILY
from hpcm_core.models.trainable import TrainableFamily

METRIC_NAMES = {"mse": "MSE", "ms-ssim": "MS-SSIM"}
"""What a model may be trained for, as a user reads it."""
METRICS = tuple(METRIC_NAMES)


class Edition(NamedTuple):
    """What computes with weights of a variant. identity: of the only weights that it is for; None for today's."""

    family: Family
    config: Any
    identity: bytes | None = None


_FAMILIES: list[Family] = [
    INTEGER_FAMILY,
    HPCM_FAMILY,
    CHARM_FAMILY,
    QUADTREE_FAMILY,
    JPEG_XL_FAMILY,
    LEARNED_LOSSLESS_FAMILY,
    LOSSLESS_FAMILY,
]


def register(family: Family) -> None:
    """Make a family known, for as long as the process lives. Raises ValueError where a variant's name is taken."""
    if taken := set(family.configs) & set(variants()):
        raise ValueError(f"There is a variant called {min(taken)} already.")
    _FAMILIES.append(family)


def families() -> list[Family]:
    """All families, the program's own first."""
    return list(_FAMILIES)


def variants() -> dict[str, Any]:
    """The configurations (family.Config) of the listed variants by name; `config_of` knows more."""
    found: dict[str, Any] = {}
    for family in _FAMILIES:
        for name, config in family.configs.items():
            found.setdefault(name, config)
    return found


def derived() -> list[str]:
    """Names of variants that are not listed and worth knowing."""
    return [name for family in _FAMILIES for name in family.derived]


def editions(variant: str) -> list[Edition]:
    """What the name of a variant stands for: today's configurations, that of new files first (the same structure may
    be computed in several arithmetics), then those of earlier weights.
    """
    today = ((family, family.config_of(variant)) for family in _FAMILIES)
    found = [Edition(family, config) for family, config in today if config is not None]
    for family in _FAMILIES:
        before = family.earlier.items()
        found += [Edition(family, config, bytes.fromhex(key)) for key, config in before if config.name == variant]
    return found


def edition_of(variant: str, identity: bytes | None = None) -> Edition | None:
    """The family and configuration of a variant's weights of that identity; without one, or with one that is not known
    as an earlier one, those of today. None for a variant that is unknown.
    """
    known = editions(variant)
    named = (edition for edition in known if identity is not None and edition.identity == identity)
    return next(named, known[0] if known else None)


def config_of(variant: str, identity: bytes | None = None) -> Any | None:
    """The configuration of a variant, listed or not, as `edition_of` finds it; None for one that is unknown."""
    edition = edition_of(variant, identity)
    return None if edition is None else edition.config


def family_of(variant: str) -> Family:
    """The family that a variant belongs to today. Raises KeyError."""
    edition = edition_of(variant)
    if edition is None:
        raise KeyError(variant)
    return edition.family


def is_trainable(variant: str) -> bool:
    """Whether there is such a variant, and a training can make its weights."""
    return any(isinstance(edition.family, TrainableFamily) for edition in editions(variant))


def trainable(variant: str) -> tuple[TrainableFamily, Any]:
    """The family of a variant that a training can make the weights of, and its configuration there. Raises KeyError for
    any other.
    """
    for family, config, _ in editions(variant):
        if isinstance(family, TrainableFamily):
            return family, config
    raise KeyError(variant)


def rates_of(variant: str) -> Rates:
    """How the rate of a variant is chosen. One that is unknown here counts as trained for one rate."""
    config = config_of(variant)
    rates: Rates = "fixed" if config is None else config.rates
    return rates


def efforts_of(variant: str) -> range:
    """How much time an encoder of a variant may be told to spend; empty where there is one way, or no such variant."""
    edition = edition_of(variant)
    return range(0) if edition is None else edition.family.efforts


def usual_effort(variant: str) -> int:
    """The effort of an encoder that nobody tells any."""
    edition = edition_of(variant)
    return 0 if edition is None else edition.family.usual_effort


def effort_obstacle(variant: str, width: int, height: int, painted: bool = False) -> Phrase | None:
    """Why a picture can only be encoded with a model's usual effort; None where there are others."""
    edition = edition_of(variant)
    if edition is None:
        return None
    try:
        edition.family.check_effort(edition.config, width, height, painted)
    except HpcmError as error:
        return error.phrase
    return None


def lossless_coder(model_name: str, profile: int | None = None) -> str | None:
    """What codes a model's pictures without loss, as a user knows it; None where there is loss, or the model is
    unknown. profile: of a file that names the model; without one, what new files are made with.
    """
    known = editions(variant_of(model_name) or model_name)
    found = (one.family.lossless_coder for one in known if profile in (None, one.config.profile))
    return next(found, None)


def remark_of(variant: str) -> Phrase | None:
    """What a user should know before choosing a variant; None of most."""
    edition = edition_of(variant)
    return None if edition is None else edition.family.remark


def map_labels(variant: str) -> tuple[str, ...]:
    """The labels of the bit maps (results.BitMaps) that a variant's files give; none for a variant that is unknown."""
    config = config_of(variant)
    return () if config is None else config.labels


def variant_of(model_name: str) -> str | None:
    """The variant that a model's name begins with, "base" of "base-mse-0.013"; None where there is none."""
    ends = [len(model_name), *(i for i in reversed(range(len(model_name))) if model_name[i] == "-")]
    return next((model_name[:end] for end in ends if config_of(model_name[:end]) is not None), None)
