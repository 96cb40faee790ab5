"""Jobs as values: what crosses the pipe, and what the window's process must not meet."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import pytest

from app.worker import model_tasks, tasks
from app.worker.protocol import Job
from app.worker.shared_memory import pack, unpack
from hpcm_core.batch import Rules
from hpcm_core.errors import Cancelled
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.results import BitMaps
from tests.paths import ROOT

PICTURE = Picture(np.zeros((8, 9, 3), np.uint8))
JOBS = (
    tasks.EncodeJob(PICTURE, Recipe()),
    tasks.DecodeJob(b"data"),
    tasks.GlimpseJob(b"data", 1024),
    tasks.CheckJob(b"data", PICTURE),
    tasks.ExportJob(PICTURE, tasks.Export(".png")),
    tasks.NaturalJob(b"data"),
    tasks.AdviceJob(PICTURE, 7, 30.0),
    tasks.MeasureJob(PICTURE, PICTURE, 7, np.s_[1:3, 2:5]),
    tasks.BatchJob(Path("a.png"), Path("a.hpcm"), Recipe(), Rules()),
    tasks.CurveJob(PICTURE, tasks.CurvePoint(None, "jpeg", 30)),
    tasks.DuelJob(PICTURE, b"data", PICTURE, "psnr", 1.0, None),
    tasks.StepJob(b"data", 3, None),
    tasks.LatentsJob(b"data", 3, 4),
    tasks.FigureJob(b"data", tasks.Looked("erf", place=(3, 4))),
    model_tasks.ImportJob(Path("a.pth"), "base", "mse", 0.013),
    model_tasks.GetJob("base-mse-0.013", ""),
    model_tasks.SpeedJob(),
)


MODULES = (tasks.__name__, model_tasks.__name__)


def test_every_job_is_here():
    assert {type(job) for job in JOBS} == {kind for kind in Job.__subclasses__() if kind.__module__ in MODULES}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: type(job).__name__)
def test_a_job_says_what_it_gives_travels_and_cannot_be_changed(job):
    (base,) = type(job).__orig_bases__
    assert typing.get_args(base) != ()
    assert typing.get_type_hints(type(job).run)["return"] == typing.get_args(base)[0]
    assert type(pickle.loads(pickle.dumps(job))) is type(job)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(job, next((field.name for field in dataclasses.fields(job)), "any"), None)


def test_measuring_is_given_up_in_its_middle():
    noise = Picture(np.random.default_rng(1).integers(0, 256, (400, 200, 3), np.uint8))
    asked = []
    with pytest.raises(Cancelled):
        tasks.MeasureJob(noise, noise, 7).run(lambda *_: None, lambda: asked.append(1) or len(asked) > 2)
    assert len(asked) == 3, "strips of 64 rows, and no more once it is told"


def test_pixels_are_copied_by_what_lets_other_threads_run(monkeypatch):
    copied = []
    copy = np.copyto

    def noted(to, of):
        copied.append(of.nbytes)
        copy(to, of)

    monkeypatch.setattr("app.worker.shared_memory.np.copyto", noted)
    parcel, block = pack(PICTURE, "hpcm-test-copied")
    try:
        assert PICTURE.pixels.nbytes in copied
        assert sum(copied) == sum(piece.size for piece in parcel.pieces)
    finally:
        block.close()
        block.unlink()


def test_the_window_of_models_opens_without_what_talks_with_the_web():
    script = (
        "import sys, app.getting.dialog\n"
        "assert not {'ssl', 'http.client', 'urllib.request', 'hpcm_core.models.getting'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_asking_for_a_job_meets_neither_torch_nor_qt():
    script = "import sys, app.worker.tasks; assert not {'torch', 'PySide6', 'hpcm_core.codec'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_bit_maps_cross_with_their_labels_and_cell():
    parcel, block = pack(BitMaps(np.ones((2, 3, 4), np.float32), ("z", "edges"), 8), "hpcm-test-maps")
    try:
        maps = unpack(parcel)
    finally:
        block.close()
        block.unlink()
    assert (maps.labels, maps.cell, maps.total.sum()) == (("z", "edges"), 8, 24.0)
