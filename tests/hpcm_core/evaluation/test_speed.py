"""What other models would take on this machine, from one that was measured."""

from __future__ import annotations

import pytest

from hpcm_core.errors import Cancelled
from hpcm_core.evaluation import speed
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.models.published import published
from tests.hpcm_core.models.test_catalogue import TINY


def test_measured_for_one_counted_for_others(monkeypatch):
    monkeypatch.setitem(CONFIGS, "base", TINY)
    seen = []
    found = speed.measure(progress=lambda stage, done: seen.append(done))
    assert 0.01 < found.seconds < 1000
    assert seen == sorted(seen)
    by_name = published()
    base, large = by_name["base-mse-0.013"], by_name["large-mse-0.013"]
    assert found.of(base.kmac) == pytest.approx(found.seconds)
    assert found.of(large.kmac) == pytest.approx(found.seconds * 1261.32 / 918.56)


def test_it_can_be_stopped():
    with pytest.raises(Cancelled):
        speed.measure(cancel=lambda: True)
