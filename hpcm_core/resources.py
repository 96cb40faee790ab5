"""Where the bundled files are: weights, tables, catalogue, samples, icons."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


def resource(name: str) -> Path:
    """Path of a bundled file, `name` relative to resources/ with forward slashes."""
    return RESOURCES / name
