"""Every error that this project raises for a user, as one tree.

A message is one plain sentence. The command line shows it as it stands, in English; the window translates its template
and puts the values in.
"""

from __future__ import annotations

from typing import Any


class Phrase:
    """Words for a user: a template as str.format takes it, and the values that stand in it.

    str() is the English text. A value may be a phrase itself, which whoever translates this one translates too.
    """

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def __repr__(self) -> str:
        return f"Phrase({self.template!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrase) and (self.template, self.values) == (other.template, other.values)

    __hash__ = None  # type: ignore[assignment]


class HpcmError(Exception):
    """Base of all errors that are the input's or the surroundings' fault, not the program's."""

    def __init__(self, template: str | Phrase, /, **values: object) -> None:
        """template: as Phrase takes it, with its values; or a phrase that is ready."""
        self.phrase = template if isinstance(template, Phrase) else Phrase(template, **values)
        super().__init__(str(self.phrase))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.phrase,)


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
    """A checkpoint that is damaged, unsafe or not of the variant it is said to be."""


class DeviceError(HpcmError):
    """A device that is not there, or whose memory is too small for the job."""


class Cancelled(HpcmError):
    """The caller asked for the job to stop."""
