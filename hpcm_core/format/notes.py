"""Texts and resolution as the chunks of a .hpcm file hold them. docs/format.md says how."""

from __future__ import annotations

import struct

from hpcm_core.errors import CorruptFile, LimitExceeded
from hpcm_core.picture.parts import MOST_TEXTS
from hpcm_core.picture.samples import Resolution

_PHYSICAL = struct.Struct("<IIB")
_SCALE = 1000
_HIGHEST = 0xFFFFFFFF


def pack_texts(texts: tuple[tuple[str, str], ...]) -> bytes | None:
    """Keywords and texts, each ended by a zero; None where there are none. Raises LimitExceeded for more than are
    read.
    """
    if len(texts) > MOST_TEXTS:
        raise LimitExceeded("The picture carries more metadata than the limit allows.")
    words = [word.replace("\0", "").encode("utf-8", "replace") for pair in texts for word in pair]
    return b"".join(word + b"\0" for word in words) or None


def parse_texts(data: bytes | None) -> tuple[tuple[str, str], ...]:
    """The inverse of pack_texts. Raises CorruptFile."""
    if data is None:
        return ()
    # Counted first: each word is an object.
    if not data.endswith(b"\0") or (count := data.count(b"\0")) % 2 or count > 2 * MOST_TEXTS:
        raise CorruptFile("The file is damaged: its texts cannot be read.")
    try:
        words = data[:-1].decode("utf-8").split("\0")
    except UnicodeDecodeError:
        raise CorruptFile("The file is damaged: its texts cannot be read.") from None
    return tuple(zip(words[::2], words[1::2], strict=True))


def pack_resolution(resolution: Resolution | None) -> bytes | None:
    """Thousandths of samples per inch along x and y, or of a ratio; None where there is none."""
    if resolution is None:
        return None
    x, y = (min(max(1, round(value * _SCALE)), _HIGHEST) for value in resolution[:2])
    return _PHYSICAL.pack(x, y, resolution.absolute)


def parse_resolution(data: bytes | None) -> Resolution | None:
    """The inverse of pack_resolution. Raises CorruptFile."""
    if data is None:
        return None
    x, y, unit = _PHYSICAL.unpack(data) if len(data) == _PHYSICAL.size else (0, 0, 0)
    if not x or not y or unit > 1:
        raise CorruptFile("The file is damaged: its resolution makes no sense.")
    return Resolution(x / _SCALE, y / _SCALE, bool(unit))
