"""A server for each test, and tries that follow each other at once."""

from __future__ import annotations

import pytest

from hpcm_core.download import pages, transfer
from tests.hpcm_core.download.server import serving


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(transfer, "PAUSES", (0.0, 0.0, 0.0))
    with serving() as found:
        monkeypatch.setattr(pages, "DRIVE", found.address)
        yield found
