"""What the window tells its user outside the document: a sentence, and details for a report."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hpcm_core.errors import HpcmError

log = logging.getLogger("hpcm.notices")


@dataclass(frozen=True)
class Notice:
    """Something to tell the user. details are for a report."""

    message: str
    details: str = ""
    is_error: bool = True


def notice_of(error: Exception, details: str, what: str) -> Notice:
    """A notice of an error that was caught. what: a sentence on what could not be done."""
    if isinstance(error, HpcmError):
        return Notice(str(error), details)
    if isinstance(error, OSError):
        return Notice(f"{what[:-1]}: {error.strerror or error}.", details)
    if isinstance(error, MemoryError):
        return Notice(f"{what} There was not enough memory.", details)
    log.error(details)
    return Notice(f"{what} ({type(error).__name__})", details)
