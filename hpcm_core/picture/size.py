"""Sizes of smaller pictures. No numpy: thumbnails that need none are there sooner."""

from __future__ import annotations


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """The largest size of the same shape, in pixels, that is no larger than it was and has no side above `side`."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
