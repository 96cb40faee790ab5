"""Files of the learned coder without loss, whatever JPEG XL would make of a picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hpcm_core.models.lossless.integer_family import LearnedLosslessFamily


@contextmanager
def alone() -> Iterator[None]:
    """Here the network codes what it is asked for, and no rival's file is taken for being smaller."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LearnedLosslessFamily, "rival", lambda *given: None)
        yield
