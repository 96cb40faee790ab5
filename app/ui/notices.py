"""What the window tells its user outside the document: a sentence, and details for a report."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.files import reason_of

log = logging.getLogger("hpcm.notices")


@dataclass(frozen=True)
class Notice:
    """Something to tell the user: a phrase, or a text of the window.

    details are for a report, of what nobody expected; what is wrong with a file, a disk or a choice is said in the
    message, and has none. address: what the message is about, to be copied.
    """

    message: str
    details: str = ""
    is_error: bool = True
    address: str = ""


def named(message: Phrase, name: str) -> Phrase:
    """A message with the name of the file that it is about, where it does not say it itself; "" is no name."""
    return message if not name or name in message else Phrase("{name}: {reason}", name=name, reason=message)


def notice_of(error: Exception, details: str, what: str) -> Notice:
    """A notice of an error that was caught. what: a sentence on what could not be done, without its full stop; the name
    in it is put before a message that does not say which file it is about.
    """
    if isinstance(error, HpcmError):
        name = what.values.get("name", "") if isinstance(what, Phrase) else ""
        return Notice(named(error.phrase, "" if isinstance(name, Phrase) else str(name)))
    if isinstance(error, OSError):
        return Notice(Phrase("{what}: {reason}.", what=what, reason=reason_of(error)))
    if isinstance(error, MemoryError):
        return Notice(Phrase("{what}. There was not enough memory.", what=what))
    log.error(details)
    return Notice(Phrase("{what}: {reason}.", what=what, reason=type(error).__name__), details)
