"""One training by several processes, started by torchrun; or by one, started by anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist

from hpcm_core.transform.devices import choose


@dataclass(frozen=True)
class World:
    """The processes of a training as one of them sees it."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """This process writes the files."""
        return self.rank == 0

    def part(self, count: int) -> slice:
        """This process's share of a joint batch."""
        share = count // self.size
        return slice(self.rank * share, (self.rank + 1) * share)

    def agree(self, values: Sequence[float]) -> list[float]:
        """The first process's values, on every process."""
        if self.size == 1:
            return list(values)
        shared = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return shared.tolist()

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Mean over the processes."""
        if self.size > 1:
            dist.all_reduce(values)
        return values / self.size


@contextmanager
def join(device: str) -> Iterator[World]:
    """The world that torchrun's environment describes; left at the end, by all processes together unless one fails.

    device: as `devices.choose` takes it. Raises DeviceError where it is not there.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    rank, local = int(os.environ.get("RANK", "0")), int(os.environ.get("LOCAL_RANK", "0"))
    here = _device(device, local)
    if here.type == "cuda":
        torch.cuda.set_device(here)
    if size > 1:
        dist.init_process_group("nccl" if here.type == "cuda" else "gloo")
    try:
        yield World(rank, size, here)
        if size > 1:
            # Whoever ends first closes the connections of the others. The first process exports meanwhile, for no
            # longer than a validation lets them wait. After an error nobody waits: the others find it closed.
            dist.barrier(device_ids=[here.index] if here.type == "cuda" else None)
    finally:
        if size > 1:
            dist.destroy_process_group()


def end_process(world: World) -> None:
    """End a process of a joint training at once, when all is done and written; alone, nothing happens.

    DistributedDataParallel keeps gloo's threads beyond the group's end. One that drops the tensor of a last exchange
    while Python shuts down waits for the interpreter, is ended by it, and takes the process with it by SIGABRT. So
    Python does not shut down.
    """
    if world.size > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _device(name: str, local: int) -> torch.device:
    """Of several CUDA devices each process of a machine takes its own, unless one is named for all."""
    device = choose(name)
    return choose(f"cuda:{local}") if device.type == "cuda" and device.index is None else device
