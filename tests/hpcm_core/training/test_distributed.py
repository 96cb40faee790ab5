"""Which device each process of a training takes."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from hpcm_core.errors import DeviceError
from hpcm_core.training import distributed
from tests.paths import ROOT


def test_every_process_of_a_machine_takes_its_own_device(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert distributed._device("auto", 1) == torch.device("cuda", 1)
    assert distributed._device("cuda", 0) == torch.device("cuda", 0)
    assert distributed._device("cuda:0", 1) == torch.device("cuda", 0)
    assert distributed._device("cpu", 1) == torch.device("cpu")
    with pytest.raises(DeviceError, match="2 CUDA devices"):
        distributed._device("auto", 2)


@pytest.mark.parametrize(("name", "why"), [("gpu", "no device called 'gpu'"), ("cuda", "no CUDA device")])
def test_a_device_that_is_not_there_is_one_sentence(monkeypatch, name, why):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match=why), distributed.join(name):
        pass


@pytest.mark.parametrize(("size", "status"), [(2, 0), (1, 7)], ids=["of two", "alone"])
def test_a_process_of_several_ends_without_pythons_shutdown(size, status):
    script = (
        "import atexit, os, torch; from hpcm_core.training.distributed import World, end_process\n"
        "atexit.register(os._exit, 7); print('done', end='')\n"
        f"end_process(World(1, {size}, torch.device('cpu')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout if size > 1 else "done") == (status, "done")
