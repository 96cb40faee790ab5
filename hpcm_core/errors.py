"""What this project says to a user, errors above all: English text that a face may say in its own language.

A message is one plain sentence. The command line shows it as it stands, in English; the window translates its template
and puts the values in.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Number
from typing import Any

_SHOWN = 100
"""Characters."""


class Phrase(str):
    """Words for a user: English text that was made of a template, as str.format takes it, and values.

    Templates are literals: `python installers/translations.py` collects them from the source. A value may be a phrase,
    which whoever translates this one translates too; beside phrases, values are text and numbers.
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Phrase:
        values = {name: value if isinstance(value, (str, Number)) else str(value) for name, value in values.items()}
        self = super().__new__(cls, template.format(**values))
        self.template, self.values = template, values
        return self

    def __repr__(self) -> str:
        return f"Phrase({self.template!r}, {self.values!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _phrase, (self.template, self.values)

    def with_value(self, old: str, new: str) -> Phrase:
        """The same phrase with `new` for every value that is `old`."""
        values = {
            name: value.with_value(old, new) if isinstance(value, Phrase) else new if value == old else value
            for name, value in self.values.items()
        }
        return Phrase(self.template, **values)


def listed(phrases: Sequence[Phrase]) -> Phrase:
    """One phrase of several, at least one: a list."""
    whole = phrases[0]
    for phrase in phrases[1:]:
        whole = Phrase("{first}; {second}", first=whole, second=phrase)
    return whole


def shown(text: str) -> str:
    """Text from anybody's file as it may stand in a sentence: of one line and not long."""
    return "".join(character if character.isprintable() else "?" for character in text[:_SHOWN])


def _phrase(template: str, values: dict[str, object]) -> Phrase:
    return Phrase(template, **values)


class HpcmError(Exception):
    """Base of all errors that are the input's or the surroundings' fault, not the program's."""

    def __init__(self, template: str | Phrase, /, **values: object) -> None:
        """template: as Phrase takes it, with its values; or a phrase that is ready."""
        self.phrase = template if isinstance(template, Phrase) else Phrase(template, **values)
        super().__init__(str(self.phrase))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.phrase,)


def without_remarks() -> None:
    """Keep what Pillow warns of from the user of this process, who is told what is wrong in sentences."""
    warnings.filterwarnings("ignore", module=r"PIL\.")


def sentence(error: BaseException) -> str:
    """What went wrong, for a user."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        return "There is not enough memory."
    return str(error)


class NotHpcm(HpcmError):
    """The data does not begin with the .hpcm signature."""


class UnsupportedVersion(HpcmError):
    """A valid file of a format version or arithmetic profile that this program does not know."""


class CorruptFile(HpcmError):
    """A .hpcm file that is damaged: a checksum, a length or a code stream is wrong."""


class MissingModel(HpcmError):
    """The model that a file or a recipe asks for is not installed; the message says where to get it."""


class LimitExceeded(HpcmError):
    """The input asks for more pixels, bytes or chunks than the limits allow."""


class ArithmeticMismatch(HpcmError):
    """This machine computed other probabilities than the encoder did, so the latents cannot be recovered."""


class PictureError(HpcmError):
    """A picture that cannot be read or written."""


class InvalidRecipe(HpcmError):
    """A recipe whose values are out of range or contradict each other."""


class ModelError(HpcmError):
    """A checkpoint that is damaged, unsafe or not of the variant it is said to be, or one that this installation cannot
    compute with.
    """


class DownloadError(HpcmError):
    """A file that cannot be had from where it is said to be."""


class DeviceError(HpcmError):
    """A device that is not there, or whose memory is too small for the job."""


class Cancelled(HpcmError):
    """The caller asked for the job to stop."""
