"""Where the transforms run: on the processor or on a graphics card.

Only the analysis and synthesis transforms, which no decoding depends on bit by bit, leave the processor. The entropy
model stays with its exact engine, so a file reads the same wherever it was made; its samples may differ by a rounding
between devices.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, Protocol, cast

import torch
from torch import Tensor

from hpcm_core.errors import DeviceError
from hpcm_core.transform.tiling import Cut

ENVIRONMENT = "HPCM_DEVICE"
"""Environment variable that names a device for all who name none."""
AUTOMATIC = "auto"


class CodecConfig(Cut, Protocol):
    """What the transforms' work needs of a configuration."""

    @property
    def latent_channels(self) -> int: ...

    @property
    def window(self) -> int:
        """Latents a side that the transforms work on at once."""
        ...

    @property
    def halo(self) -> int:
        """Latents by which a window must overlap its neighbours to give what the whole picture gives."""
        ...


class Codec(Protocol):
    """A network with analysis and synthesis transforms, made from its configuration alone."""

    TRANSFORMS: ClassVar[tuple[str, ...]]
    """Beginnings of the names of the parameters that analysis and synthesis use."""
    config: Any

    def analysis(self, x: Tensor, q: float | Tensor = 0.0) -> Tensor:
        """Pixels Bx3xHxW in [0, 1] to latents BxMxH/stride x W/stride, at rate q."""
        ...

    def synthesis(self, y_hat: Tensor, q: float | Tensor = 0.0) -> Tensor:
        """The inverse, not clamped."""
        ...


def choose(name: str | None = None) -> torch.device:
    """The device of that name (auto, cpu, cuda, cuda:1, …), else of the environment's choice, else auto: CUDA where
    there is a device, the processor otherwise. Raises DeviceError where there is no such device.

    A process that was forked from one that used CUDA cannot use it: auto is the processor there.
    """
    name = (name or os.environ.get(ENVIRONMENT) or AUTOMATIC).strip().lower()
    forked = torch.cuda._is_in_bad_fork()
    if name == AUTOMATIC:
        return torch.device("cuda" if not forked and torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda"):
        raise DeviceError("There is no device called {name!r}; choose auto, cpu or cuda.", name=name)
    if device.type == "cuda" and forked:
        raise DeviceError(
            "This process was forked from one that used CUDA and cannot use it; start processes with the spawn method."
        )
    if device.type == "cuda" and not torch.cuda.is_available():
        if not torch.version.cuda:
            raise DeviceError(
                "There is no CUDA device to compute on here: this PyTorch is built without CUDA; choose auto or cpu."
            )
        raise DeviceError("There is no CUDA device to compute on here; choose auto or cpu.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            "There are {count} CUDA devices here, counted from 0; choose cuda.", count=torch.cuda.device_count()
        )
    return device


def describe(device: torch.device) -> str:
    """A device's name for a user."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


def transforms_on(network: Codec, device: torch.device) -> Codec:
    """The network with its analysis and synthesis on a device; on the processor the network itself.

    The parts that neither uses have no memory there. The last two made are kept.
    """
    return network if device == torch.device("cpu") else _moved(cast(Any, network), device)


@lru_cache(maxsize=2)
def _moved(network: Any, device: torch.device) -> Codec:
    with torch.device("meta"):
        moved = type(network)(network.config)
    parts = {n: tensor.to(device) for n, tensor in network.state_dict().items() if n.startswith(network.TRANSFORMS)}
    moved.load_state_dict(parts, strict=False, assign=True)
    made: Codec = moved.eval().requires_grad_(False)
    return made


@contextmanager
def computing_on(device: torch.device) -> Iterator[None]:
    """Held while transforms run: the same result every time, in full precision. Raises DeviceError where the device
    runs out of memory.
    """
    if device.type == "cpu":
        yield
        return
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    except torch.cuda.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise DeviceError(
            "The graphics card has not enough memory for this picture; close what else uses it, or choose the "
            "processor (device cpu)."
        ) from error
