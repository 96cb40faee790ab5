"""Which device each process of a training takes."""

from __future__ import annotations

import pytest
import torch

from hpcm_core.errors import DeviceError
from hpcm_core.training import distributed


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
