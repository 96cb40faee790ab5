"""A family that only the tests know, in the window: opened, shown step by step, and offered among the models."""

from __future__ import annotations

import numpy as np
import pytest

from app.worker import child
from app.worker.codec_worker import CodecWorker
from hpcm_core import codec
from hpcm_core.models import registry
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, open_and_encode
from tests.toy import process
from tests.toy.family import install_toy


@pytest.fixture
def toy_worker(qapp, monkeypatch, tmp_path):
    """A worker whose codec process knows the toy too."""
    install_toy(monkeypatch, tmp_path)
    monkeypatch.setattr(child, "main", process.main)
    worker = CodecWorker()
    worker.start()
    yield worker
    worker.stop()


def test_a_file_of_another_family_shows_its_own_maps(toy_worker, make_window, sample, tmp_path, qtbot):
    encoded = codec.encode(sample, Recipe("toy", lmbda=0.01))
    path = tmp_path / "a.hpcm"
    path.write_bytes(encoded.data)
    window = make_window(worker=toy_worker)
    window.session.open(path)
    qtbot.waitUntil(lambda: window.session.outcome is not None, timeout=LONG)
    outcome = window.session.outcome
    assert np.array_equal(outcome.shown.picture.pixels, encoded.reconstruction.pixels)
    assert (outcome.bits.labels, outcome.bits.cell) == (("even", "odd"), 8)
    names = [window.steps.model.index(row).data().split(":")[0] for row in range(window.steps.model.rowCount())]
    assert names == ["All steps", "even", "odd"]
    assert window.steps.sum.text() == f"{encoded.stream_bytes:,} B = payload"
    window.steps.list.setCurrentIndex(window.steps.model.index(2))
    assert window.steps.step == 1
    window.canvas.grab()  # paints the map of cells of 8 pixels


def test_it_can_be_chosen_and_encodes(toy_worker, make_window, picture_file, qtbot):
    window = make_window(Recipe("toy", lmbda=0.01), worker=toy_worker)
    qtbot.waitUntil(lambda: "toy" in window.recipe_panel.variants, timeout=LONG)
    window.load_models()
    open_and_encode(window, picture_file, qtbot)
    assert window.session.outcome.header.model_name == "toy-mse-0.01"


def test_the_programs_own_registry_does_not_know_it():
    assert "toy" not in registry.variants()
