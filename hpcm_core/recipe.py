"""Recipe: everything a user chooses about an encoding. The window, batch and the command line share its JSON form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcm_core.errors import HpcmError, InvalidRecipe, Phrase
from hpcm_core.limits import MIB
from hpcm_core.look import FAITHFUL, NATURAL, parse
from hpcm_core.models.rates import check_quality, lambda_to_q
from hpcm_core.models.registry import METRICS, config_of, efforts_of, lossless_coder, rates_of, variants

if TYPE_CHECKING:
    from hpcm_core.format.gain import QualityMap

VERSION = 1
DEFAULT_QUALITY = 40
LOSSLESS = "lossless"
"""The model of whoever wants every pixel kept, whatever codes it."""
MAX_LAMBDA = 1000.0
TARGETS = ("target_bytes", "target_bpp", "target_psnr")
MAX_TARGET = 200.0
"""Of bits per pixel and of dB: far beyond what any picture has."""
_MODEL = re.compile(r"[a-z0-9][a-z0-9.-]{0,31}")
_MAX_FILE = MIB


@dataclass(frozen=True)
class Recipe:
    """A valid choice of model and options; raises InvalidRecipe otherwise.

    Exactly one of quality (0 to 100, variable-rate models only), lmbda and the targets is set; a variable-rate model
    given none takes quality 40. With dataclasses.replace, set the one that is left to None.
    """

    model: str = "lite"
    quality: int | None = None
    lmbda: float | None = None
    metric: str = "mse"
    keep_metadata: bool = True
    """Store EXIF, XMP, IPTC, texts and resolution in the file. What says the colours always is."""
    embed_preview: bool = False
    """Store a small preview picture in the file."""
    target_bytes: int | None = None
    """The best rate whose whole file has at most so many bytes."""
    target_bpp: float | None = None
    """The best rate whose whole file has at most so many bits per pixel."""
    target_psnr: float | None = None
    """The smallest rate whose reconstruction reaches so many dB."""
    quality_map: QualityMap | None = None
    """Where one picture is coded better or worse than the rest. It is no part of the JSON form, which serves any
    picture; one without a single offset is none.
    """
    effort: int | None = None
    """How much time encoding may take, for models that can be told (registry.efforts_of); None: their own choice."""
    look: int = FAITHFUL
    """The look that the file wishes whoever shows it (hpcm_core.look). What it measures is the faithful picture."""

    @property
    def for_any_picture(self) -> Recipe:
        """The same without what belongs to one picture."""
        return self if self.quality_map is None else replace(self, quality_map=None)

    @property
    def efforts(self) -> range:
        """What can be chosen as the effort; empty where there is one way to encode."""
        return efforts_of(self.model)

    @property
    def is_patient(self) -> bool:
        """Whether encoding takes minutes: with more effort than a model's own, which is none."""
        return bool(self.effort) and self.efforts[:1] == range(1)

    @property
    def has_target(self) -> bool:
        """Whether the rate has to be searched for."""
        return any(getattr(self, name) is not None for name in TARGETS)

    def __post_init__(self) -> None:
        if not isinstance(self.model, str) or not _MODEL.fullmatch(self.model):
            raise InvalidRecipe(
                "The recipe's model must be a name of at most 32 lower-case letters, digits, dots and hyphens."
            )
        if self.metric not in METRICS:
            raise InvalidRecipe("The recipe's metric must be one of {names}.", names=", ".join(METRICS))
        for name in ("keep_metadata", "embed_preview"):
            if not isinstance(getattr(self, name), bool):
                raise InvalidRecipe("The recipe's {name} must be true or false.", name=name)
        if self.quality_map is not None:
            self._check_map(self.quality_map)
        if type(self.look) is not int or not FAITHFUL <= self.look <= NATURAL:
            raise InvalidRecipe("The recipe's look must be faithful, natural or a number from 0 to 1.")
        self._check_rate()
        self._check_effort()

    def _check_map(self, drawn: QualityMap) -> None:
        from hpcm_core.format.gain import MOST  # brings NumPy along, which a recipe needs for nothing else

        if drawn.is_plain:
            object.__setattr__(self, "quality_map", None)
        elif max(map(abs, memoryview(drawn.values).cast("b"))) > MOST:
            raise InvalidRecipe("A block's quality can be at most {most} above or below the rest.", most=MOST)

    def _check_rate(self) -> None:
        rates = rates_of(self.model)
        given = [name for name in ("quality", "lmbda", *TARGETS) if getattr(self, name) is not None]
        if len(given) > 1:
            raise InvalidRecipe("A recipe takes one of quality, lambda and target, not several.")
        if config_of(self.model) is None and given not in (["lmbda"], *([name] for name in TARGETS)):
            raise InvalidRecipe(
                "There is no model called {model!r}; there are {names}.", model=self.model, names=", ".join(variants())
            )
        if rates == "none":
            if given and lossless_coder(self.model) is not None:
                raise InvalidRecipe(
                    "The model {model} keeps every pixel as it is and takes no quality, lambda or target.",
                    model=self.model,
                )
            if given:
                raise InvalidRecipe("The model {model} has one way to code a picture and no rate.", model=self.model)
        elif self.has_target:
            self._check_target(given[0])
        elif self.quality is not None:
            if rates != "variable":
                raise InvalidRecipe("The model {model} is chosen by its lambda and takes no quality.", model=self.model)
            check_quality(self.quality)
        elif self.lmbda is not None:
            if not _is_real(self.lmbda) or not 0 < self.lmbda <= MAX_LAMBDA:
                raise InvalidRecipe(
                    "The recipe's lambda must be a number above 0 and at most {most:g}.", most=MAX_LAMBDA
                )
            object.__setattr__(self, "lmbda", float(self.lmbda))
            if rates == "variable":
                config: Any = config_of(self.model)
                lambda_to_q(self.lmbda, config.rate_lambdas)
        elif rates == "variable":
            object.__setattr__(self, "quality", DEFAULT_QUALITY)
        else:
            raise InvalidRecipe("The model {model} needs a lambda.", model=self.model)

    def _check_target(self, name: str) -> None:
        value = getattr(self, name)
        if name == "target_bytes":
            if type(value) is not int or not 0 < value < 1 << 32:
                raise InvalidRecipe("The target size must be a whole number of bytes above 0.")
        elif not _is_real(value) or not 0 < value <= MAX_TARGET:
            unit = "dB" if name == "target_psnr" else Phrase("bits per pixel")
            raise InvalidRecipe(
                "The target must be a number of {unit} above 0 and at most {most:g}.",
                unit=unit,
                most=MAX_TARGET,
            )
        else:
            object.__setattr__(self, name, float(value))

    def _check_effort(self) -> None:
        efforts = self.efforts
        if self.effort is None:
            return
        if not efforts:
            raise InvalidRecipe("The model {model} has one way to encode and no effort.", model=self.model)
        if type(self.effort) is not int or self.effort not in efforts:
            raise InvalidRecipe(
                "The effort must be a whole number from {least} to {most}.", least=efforts[0], most=efforts[-1]
            )

    def to_json(self) -> str:
        """One line of JSON; `from_json` gives an equal recipe back, but for the quality map."""
        rates = {"quality": self.quality, "lambda": self.lmbda, **{name: getattr(self, name) for name in TARGETS}}
        return json.dumps(
            {
                "version": VERSION,
                "model": self.model,
                **{name: value for name, value in rates.items() if value is not None},
                **({} if self.effort is None else {"effort": self.effort}),
                **({} if self.look == FAITHFUL else {"look": self.look / NATURAL}),
                "metric": self.metric,
                "keep_metadata": self.keep_metadata,
                "embed_preview": self.embed_preview,
            }
        )

    @classmethod
    def from_file(cls, path: Path) -> Recipe:
        """Read a file with what `to_json` wrote. Raises InvalidRecipe, and OSError where it cannot be read."""
        with path.open("rb") as file:
            text = file.read(_MAX_FILE + 1)  # A device has no size, and may have no end.
        if len(text) > _MAX_FILE:
            raise InvalidRecipe("{path} is too large for a recipe.", path=path.name)
        return cls.from_json(text)

    @classmethod
    def from_json(cls, text: str | bytes) -> Recipe:
        """Read what `to_json` wrote. All keys but the version may be missing. Raises InvalidRecipe."""
        try:
            values = json.loads(text, object_pairs_hook=_unique)
        except InvalidRecipe:
            raise
        except (ValueError, RecursionError):
            raise InvalidRecipe("The recipe is not valid JSON.") from None
        if not isinstance(values, dict):
            raise InvalidRecipe("The recipe is not a JSON object.")
        version = values.pop("version", None)
        if type(version) is not int or version != VERSION:
            raise InvalidRecipe(
                "The recipe's version is not {version}, the one that this program reads.", version=VERSION
            )
        known = ("model", "quality", "lambda", *TARGETS, "effort", "look", "metric", "keep_metadata", "embed_preview")
        if unknown := sorted(set(values) - set(known)):
            raise InvalidRecipe("The recipe has unknown keys: {names}.", names=", ".join(map(repr, unknown)))
        if None in values.values():
            raise InvalidRecipe("The recipe has a key without a value.")
        if "lambda" in values:
            values["lmbda"] = values.pop("lambda")
        if "look" in values:
            values["look"] = _look(values["look"])
        return cls(**values)


def _look(value: Any) -> int:
    if not _is_real(value) and not isinstance(value, str):
        raise InvalidRecipe("The recipe's look must be faithful, natural or a number from 0 to 1.")
    try:
        return parse(str(value))
    except HpcmError as error:
        raise InvalidRecipe(error.phrase) from None


def _is_real(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise InvalidRecipe("The recipe has a key twice.")
    return values
