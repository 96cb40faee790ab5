"""The list of published checkpoints is complete, and what it says of sizes and work is what the networks have."""

from __future__ import annotations

import json

import pytest

from hpcm_core.models.macs import cost
from hpcm_core.models.published import published
from hpcm_core.resources import resource


def test_every_checkpoint_is_listed_once():
    entries = json.loads(resource("checkpoints.json").read_text("utf-8"))["checkpoints"]
    found = list(published().values())
    assert len(found) == len(entries) == 25
    assert {one.page.rpartition("/")[2] for one in found} == {entry["google_drive_id"] for entry in entries}
    keys = [(one.variant, one.metric) for one in found]
    assert [key for at, key in enumerate(keys) if key != keys[at - 1]] == [
        ("base", "mse"), ("base", "ms-ssim"), ("large", "mse"), ("large", "ms-ssim"), ("1b", "mse"),
    ]  # fmt: skip
    assert all(one.licence == "MIT" for one in found)
    assert [one.name for one in found if one.expected is None] == ["1b-mse-0.0483"]


@pytest.mark.parametrize("variant", ["base", "large", "1b"])
def test_size_and_work_are_the_networks(variant):
    counted = cost(variant)
    for one in published().values():
        if one.variant == variant:
            assert one.parameters == counted.parameters
            assert one.size == 4 * counted.parameters
            assert one.kmac == pytest.approx(counted.total, abs=0.01)
