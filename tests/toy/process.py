"""The codec process of a program that knows the toy."""

from __future__ import annotations

from app.worker import child
from hpcm_core.models import registry


def main(*arguments: object) -> None:
    from tests.toy.family import TOY

    registry.register(TOY)
    child.main(*arguments)
