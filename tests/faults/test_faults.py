"""A few faults of each kind on every run of the tests; `make faults` has them at every call that writes."""

from __future__ import annotations

import pytest

from tests.faults import layer, run
from tests.faults.operation import CARELESS
from tests.faults.operations import OPERATIONS

pytestmark = [pytest.mark.trust, pytest.mark.skipif(bool(layer.obstacle()), reason=layer.obstacle() or "it is here")]
EACH = {"encode": 2, "batch": 1, "import": 1, "download": 1, "settings": 1, "judgements": 1}


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    return layer.build(tmp_path_factory.mktemp("layer"))


@pytest.mark.parametrize("name", EACH)
def test_nothing_is_lost_and_nothing_half_written(name, shim, tmp_path):
    with run.trial(name, shim, tmp_path / name.replace(" ", "-")) as trial:
        for fault in run.spread(trial.faults(), EACH[name]):
            trial.attempt(fault)


def test_a_training_goes_on_as_if_nothing_had_been(shim, tmp_path):
    """Killed in the middle of the last checkpoint, and where the disk is full for it."""
    with run.trial("training", shim, tmp_path / "training") as trial:
        last = [call for call in trial.calls if "checkpoint.pt." in call.path and "torn" in call.kinds][-1]
        for kind in ("torn", "full"):
            trial.attempt(layer.Fault(kind, last.number))


def test_all_that_is_tried_has_a_place_here_or_takes_long():
    assert EACH.keys() <= OPERATIONS.keys()
    assert OPERATIONS.keys() - EACH.keys() == {"decode", "looks", "batch-of-processes", "download-of-two", "training"}


@pytest.mark.parametrize("kind", ["kill", "torn", "full", "failing", "pause"])
def test_what_is_written_in_place_is_found(kind, shim, tmp_path):
    with run.trial(CARELESS, shim, tmp_path / "careless") as trial:
        last = [fault for fault in trial.faults() if fault.kind == kind][-1]
        with pytest.raises(AssertionError, match=rf"{kind} {last.at} "):
            trial.attempt(last)
