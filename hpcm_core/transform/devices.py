"""Where the transforms run: on the processor or on a graphics card.

Only the analysis and synthesis transforms, which no decoding depends on bit by bit, leave the processor. The entropy
model stays with its exact engine, so a file reads the same wherever it was made; its samples may differ by a rounding
between devices.

Importing this module imports no torch, and neither does naming the processor or leaving the choice open.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

import os
import re
import sys
from typing import TYPE_CHECKING

from hpcm_core import pytorch
from hpcm_core.errors import DeviceError, Phrase

if TYPE_CHECKING:
    import torch

ENVIRONMENT = "HPCM_DEVICE"
"""Environment variable that names a device for all who name none."""
AUTOMATIC = "auto"
_NAME = re.compile(r"auto|(cpu|cuda)(:\d{1,3})?")


def named(name: str | None = None) -> str:
    """The device of that name (auto, cpu, cuda, cuda:1, …), else of the environment's choice, else auto: a name that
    `choose` takes. Raises DeviceError where there is no such device.
    """
    name = (name or os.environ.get(ENVIRONMENT) or AUTOMATIC).strip().lower()
    if not _NAME.fullmatch(name):
        raise DeviceError("There is no device called {name!r}; choose auto, cpu or cuda.", name=name)
    if name.startswith("cuda"):
        _check_cuda(name)
    return name


def choose(name: str | None = None) -> torch.device:
    """The device that `named` names; auto is CUDA where there is a device, the processor otherwise. Raises DeviceError.

    A process that was forked from one that used CUDA cannot use it: auto is the processor there.
    """
    import torch

    name = named(name)
    if name != AUTOMATIC:
        return torch.device(name)
    return torch.device("cuda" if not torch.cuda._is_in_bad_fork() and torch.cuda.is_available() else "cpu")


def describe(name: str | None = None) -> str:
    """The named device in words. Where the choice is open and nobody has needed torch, it is the processor. Raises
    DeviceError.
    """
    name = named(name)
    if name.startswith("cpu") or (name == AUTOMATIC and "torch" not in sys.modules):
        return "CPU"
    import torch

    device = choose(name)
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


def _check_cuda(name: str) -> None:
    """Raises DeviceError where there is no such CUDA device, or this process cannot use it."""
    try:
        import torch
    except ModuleNotFoundError:
        raise DeviceError(
            "There is no CUDA device to compute on here, choose auto or cpu. {why}",
            why=pytorch.absent(Phrase("Computing on one")).phrase,
        ) from None
    if torch.cuda._is_in_bad_fork():
        raise DeviceError(
            "This process was forked from one that used CUDA and cannot use it; start processes with the spawn method."
        )
    if not torch.cuda.is_available():
        if not torch.version.cuda:
            raise DeviceError(
                "There is no CUDA device to compute on here: this PyTorch is built without CUDA; choose auto or cpu."
            )
        raise DeviceError("There is no CUDA device to compute on here; choose auto or cpu.")
    if int(name.partition(":")[2] or 0) >= torch.cuda.device_count():
        raise DeviceError(
            "There are {count} CUDA devices here, counted from 0; choose cuda.", count=torch.cuda.device_count()
        )
