"""A step as a graph of CUDA; without one, tests of the loop have it."""

from __future__ import annotations

import pytest
import torch

from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.distributed import World
from hpcm_core.training.loop import Run, Trainer
from tests.hpcm_core.training.tiny import TINY, save_pictures


@pytest.fixture
def pictures(monkeypatch, tmp_path):
    monkeypatch.setitem(CONFIGS, "lite", TINY)
    return save_pictures(tmp_path / "pictures", count=3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_graph_computes_what_single_kernels_do(pictures, tmp_path):
    def losses(mode, stream):
        rows = []
        config = TrainingConfig(
            steps=12, batch=2, late_crop=256, late_batch=3, late_from=0.5, precision="float32", optimizer="adamw"
        )
        run = Run(pictures, tmp_path / mode, compile=mode, log_every=1, report=rows.append)
        trainer = Trainer(config, run, World(0, 1, torch.device("cuda")))
        torch.cuda.synchronize()
        with torch.cuda.stream(stream):
            trainer.train()
        return [row["loss"] for row in rows if "loss" in row]

    eager, graph = losses("off", torch.cuda.Stream()), losses("graph", torch.cuda.Stream())
    assert len(graph) == 12
    assert graph == pytest.approx(eager, rel=0.01)
    assert graph[0] == pytest.approx(eager[0], rel=1e-4)
    assert len(set(graph)) == 12
