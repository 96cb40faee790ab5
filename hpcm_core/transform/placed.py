"""A network of analysis and synthesis on its device."""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, Protocol, cast

import torch
from torch import Tensor

from hpcm_core.errors import DeviceError


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
