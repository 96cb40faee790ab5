"""Processes that fork: each child codes as its parent did, and none waits for threads that it has not."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys

import pytest
import torch

from hpcm_core.errors import DeviceError
from hpcm_core.transform import devices

_THERE_AND_BACK = """
import multiprocessing, os
import numpy as np
import hpcm_core

picture = hpcm_core.Picture(np.arange(64 * 80 * 3, dtype=np.uint8).reshape(64, 80, 3))

def job(quality):
    data = hpcm_core.encode(picture, hpcm_core.Recipe(quality=quality)).data
    hpcm_core.decode(data)
    return data

if BEFORE:
    wanted = [job(quality) for quality in (30, 60)]
with multiprocessing.get_context("fork").Pool(2) as pool:
    found = pool.map(job, (30, 60))
if not BEFORE:
    wanted = [job(quality) for quality in (30, 60)]
assert found == wanted
print("done")
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="Windows has no fork")
@pytest.mark.parametrize("before", [True, False], ids=["after a job", "before any"])
def test_a_forked_process_codes(before):
    """The parent has threads of torch and of the coder, however many processors there are."""
    program, environment = _THERE_AND_BACK.replace("BEFORE", str(before)), {**os.environ, "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "done\n", done.stderr


def test_a_forked_process_leaves_the_graphics_card_alone(monkeypatch):
    """CUDA cannot be used again after a fork: torch says so with an error of its own, in the middle of the work."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert devices.choose().type == "cuda"
    monkeypatch.setattr(torch.cuda, "_is_in_bad_fork", lambda: True)
    assert devices.choose().type == "cpu"
    with pytest.raises(DeviceError, match="spawn"):
        devices.choose("cuda")


@pytest.mark.parametrize("entry", ["hpcm_core.cli.main", "app.main"])
def test_threads_that_wait_do_not_spin(entry):
    """Said before NumPy is loaded, which starts the threads."""
    code = f"""
import os, sys
import {entry}
assert "numpy" not in sys.modules
print(os.environ["OMP_WAIT_POLICY"], os.environ["OPENBLAS_THREAD_TIMEOUT"])
"""
    environment = {key: os.environ[key] for key in os.environ if not key.startswith(("OMP_", "OPENBLAS_"))}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "PASSIVE 4\n"
