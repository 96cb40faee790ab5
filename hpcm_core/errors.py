"""Every error that this project raises for a user, as one tree.

A message is one plain sentence: it is shown as it stands by the command line and by the window.
"""

from __future__ import annotations


class HpcmError(Exception):
    """Base of all errors that are the input's or the surroundings' fault, not the program's."""


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
