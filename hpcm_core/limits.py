"""What a reader accepts before it takes memory. One object; a caller may pass its own."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Upper bounds for input that comes from strangers.

    Skipped symbols cost nearly no bits, so the length of a file says nothing about the work it asks for: only these
    bounds do.
    """

    pixels: int = 1 << 28
    side: int = 1 << 16
    icc: int = 4 * MIB
    metadata: int = 16 * MIB
    chunks: int = 1 << 16
    memory: int = 16 << 30
    """Bytes that decoding may need at most, by the codec's own estimate."""


DEFAULT_LIMITS = Limits()
THUMBNAIL_LIMITS = Limits(pixels=1 << 22, side=1 << 13, memory=4 << 30)
"""For .hpcm files without a preview that are decoded for a thumbnail: about four megapixels."""


def free_memory() -> int | None:
    """Bytes of memory that this machine could give without swapping; None where it does not say."""
    if sys.platform == "win32":
        return _free_on_windows()
    if sys.platform == "linux":
        try:
            with open("/proc/meminfo", encoding="ascii") as file:
                lines = dict(line.split(":", 1) for line in file)
            return int(lines["MemAvailable"].split()[0]) << 10
        except (OSError, ValueError, KeyError):
            return None
    return None


def _free_on_windows() -> int | None:
    class Status(ctypes.Structure):
        """MEMORYSTATUSEX."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "pages", "free_pages", "space", "room", "more")),
        )

    status = Status(ctypes.sizeof(Status))
    found = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined,unused-ignore]
    return int(status.free) if found else None
