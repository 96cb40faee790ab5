"""What the window tells its user outside the document: a sentence, and details for a report."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.files import reason_of

log = logging.getLogger("hpcm.notices")


@dataclass(frozen=True)
class Notice:
    """Something to tell the user: a phrase, or a text of the window. details are for a report."""

    message: str
    details: str = ""
    is_error: bool = True


def notice_of(error: Exception, details: str, what: str) -> Notice:
    """A notice of an error that was caught. what: a sentence on what could not be done, without its full stop."""
    if isinstance(error, HpcmError):
        return Notice(error.phrase, details)
    if isinstance(error, OSError):
        return Notice(Phrase("{what}: {reason}.", what=what, reason=reason_of(error)), details)
    if isinstance(error, MemoryError):
        return Notice(Phrase("{what}. There was not enough memory.", what=what), details)
    log.error(details)
    return Notice(Phrase("{what}: {reason}.", what=what, reason=type(error).__name__), details)
