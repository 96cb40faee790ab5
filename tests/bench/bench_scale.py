"""Pictures a second with one and two workers: processes of this machine, and a Ray cluster of one and two nodes.

Run it as `make bench-scale`. Each worker computes on one thread. Rounds alternate between the pools, and the table has
the median of each: of the time from the first result on ("steady", what a long run has), and of the time that passes
until the first result ("start", what every run pays). Also how large files are, and what the run's own process needs
for each picture, which is what 10^6 pictures are planned with in docs/cluster.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from hpcm_core.batch import Row, Rules
from hpcm_core.batch_run import Encoding, Item, run_batch
from hpcm_core.jobs.cluster import Cluster
from hpcm_core.jobs.local import Local
from hpcm_core.jobs.pool import Pool
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource as resource_path

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")


def pictures(folder: Path, count: int, width: int, height: int) -> list[Path]:
    """Cuts of a bundled sample laid beside itself, each another one."""
    pixels = np.tile(Picture.open(resource_path("samples/astronaut.png")).pixels, (2, 2, 1))
    files = []
    for number in range(count):
        top, left = 7 * number % (pixels.shape[0] - height + 1), 13 * number % (pixels.shape[1] - width + 1)
        files.append(folder / f"{number:05}.png")
        Picture(pixels[top : top + height, left : left + width].copy()).save(files[-1])
    return files


def timed(files: list[Path], out: Path, pool: Callable[[Encoding], Pool[Item, Row]]) -> tuple[float, float, int]:
    """Seconds to the first result, pictures a second from there on, and bytes of all files."""
    start = time.perf_counter()
    first, size, count = 0.0, 0, 0
    for _, row in run_batch([(file, out) for file in files], Recipe(), "{stem}.hpcm", RULES, lambda w, _: pool(w)):
        if row.state != "done":
            raise SystemExit(f"{row.source}: {row.reason}")
        first = first or time.perf_counter() - start
        size += row.bytes or 0
        count += 1
    return first, (count - 1) / (time.perf_counter() - start - first), size


def of_row() -> float:
    """Bytes that a picture's row takes in the memory of the process that runs the batch."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = [
        Row(f"s3://bucket/folder/{i:08}.jpg", f"s3://bucket/out/{i:08}.hpcm", "done", "", i, i, i / 7, i / 9, i / 11)
        for i in range(200_000)
    ]
    return 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / len(rows)


RULES = Rules(skip_existing=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, nargs=2, default=(768, 512), metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--ray", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    ways: dict[str, Callable[[Encoding], Pool[Item, Row]]] = {
        f"processes, {count}": lambda work, count=count: Local(work, count, 1)  # type: ignore[misc]
        for count in (1, 2)
    }
    machines = None
    if options.ray:
        from ray.cluster_utils import Cluster as Machines

        head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 << 20}
        machines = Machines(initialize_head=True, head_node_args={**head, "_system_config": {"worker_niceness": 0}})
        machines.add_node(num_cpus=1, object_store_memory=80 << 20)
        address = machines.address
        ways |= {
            f"Ray, {count}": lambda work, count=count: Cluster(work, address, most=count)  # type: ignore[misc]
            for count in (1, 2)
        }
    found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        files = pictures(Path(folder), options.pictures, *options.size)
        source = sum(file.stat().st_size for file in files) / len(files)
        for _ in range(options.rounds):
            for name, pool in ways.items():
                found[name].append(timed(files, Path(folder) / "out", pool))
    if machines is not None:
        machines.shutdown()
    size = f"{options.size[0]} x {options.size[1]}, {source / 1e3:.0f} kB as PNG"
    print(f"{options.pictures} pictures of {size}, model lite")
    print("| workers | start s | pictures/s | against 1 process |")
    print("| --- | ---: | ---: | ---: |")
    one = median(speed for _, speed, _ in found["processes, 1"])
    for name, rounds in found.items():
        first, speed = median(start for start, _, _ in rounds), median(speed for _, speed, _ in rounds)
        print(f"| {name} | {first:.1f} | {speed:.2f} | {speed / one:.2f} |")
    print(f"a .hpcm file: {found['processes, 1'][0][2] / options.pictures / 1e3:.1f} kB")
    print(f"a picture's row in the running process: {of_row() / 1e3:.2f} kB")


if __name__ == "__main__":
    main()
