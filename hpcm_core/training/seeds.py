"""Random numbers that follow from the seed and from what they are for: there is no state of generators to save."""

from __future__ import annotations

import hashlib

import torch


def seeded(device: torch.device | str, *key: int | str) -> torch.Generator:
    """A random generator whose numbers depend on the key alone."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=7).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "little"))
