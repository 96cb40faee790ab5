"""All weights that this program has ever brought along, so that no file of an earlier version is orphaned.

Weights that are bundled no more are still in the program's history: a clone of its repository has them by the name that
git gives their content. docs/longevity.md says what a new release adds here. Importing this module imports no torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from hpcm_core.resources import resource


@dataclass(frozen=True)
class Released:
    """Weights of a model. until: the day (ISO 8601) after which others came in their place; None for today's."""

    identity: bytes
    model: str
    profile: int
    until: str | None
    sha256: str
    """Of the safetensors file, hex."""
    blob: str
    """What git calls the file's content, hex."""

    @property
    def file(self) -> str:
        """What the file is called beside newer weights."""
        return f"{self.model}@{self.identity.hex()}.safetensors"

    @property
    def recovery(self) -> str:
        """The command that brings the file, in a clone of the program's repository."""
        return f"git cat-file blob {self.blob} > {self.file}"


@cache
def released() -> tuple[Released, ...]:
    """Of all models, the oldest first."""
    listed = json.loads(resource("released.json").read_text("utf-8"))["weights"]
    return tuple(Released(**{**entry, "identity": bytes.fromhex(entry["identity"])}) for entry in listed)


def released_as(model: str, identity: bytes) -> Released | None:
    """The weights of that identity, if the program has ever brought them along."""
    return next((one for one in released() if (one.model, one.identity) == (model, identity)), None)
