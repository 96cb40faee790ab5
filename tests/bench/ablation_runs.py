"""What `make ablations` trains and measures: one variant, or all of a seed side by side on a GPU."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import hpcm_core.runtime  # noqa: F401
from hpcm_core import codec
from hpcm_core.errors import HpcmError
from hpcm_core.models.checkpoint import read_tensors
from hpcm_core.models.family import Model
from hpcm_core.models.rates import lambda_to_q
from hpcm_core.models.registry import trainable
from hpcm_core.models.weights import IDENTITY_BYTES, identity, read_weights, strict_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.training.checkpoint import load
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.data import Crops
from hpcm_core.training.distributed import World
from hpcm_core.training.loop import Run, Trainer, stop_on_signals
from hpcm_core.training.loss import RateDistortion, Rates, fixed_rates
from hpcm_core.training.start import START_CROPS, latent_start, linear_start

LAMBDAS = (0.0035, 0.0067, 0.013, 0.025, 0.0483)
"""Of the paper, without its lowest, which is at an end of Lite's range."""
LOSS_AT = 0.013
_LINES = 20
"""Of a training's log."""
_AT_ONCE = 6
"""Pictures of a batch that is measured."""
_LONGEST_RUN = 10**6
"""Steps of a training whose number is yet to be found."""
_UNEVEN, _PACED = 5, 10.0
"""Rounds that say nothing of the pace, and seconds of rounds that do."""
_TRIED = 4
"""Kernels that cuDNN tries for a convolution: there are hundreds of convolutions, and runs may be short."""
_AFTER = 12.0
"""Seconds that a seed may take from its last step to its figures."""
_WHOLE, _FEW = 50, 400
"""What a number of steps is a multiple of, and of how many there may be one seed less instead of fewer, down to two."""


@dataclass(frozen=True)
class Budget:
    """What every variant gets. steps: 0 for as many as fit into `minutes` of all trainings together."""

    steps: int
    batch: int
    seeds: int
    minutes: float = 0.0
    optimizer: str = "soap"

    def __str__(self) -> str:
        by = "" if self.optimizer == "soap" else f" by {self.optimizer.replace('adamw', 'AdamW')}"
        return f"{self.steps:,} steps of {self.batch} crops of 256 x 256{by}, {self.seeds} seeds"

    @property
    def name(self) -> str:
        """Of the folder of what was trained so."""
        by = "" if self.optimizer == "soap" else f"-{self.optimizer}"
        return f"{self.steps or f'{self.minutes:g}min'}-{self.batch}{by}"


@dataclass(frozen=True)
class Job:
    """One training: of what codes the latents of given transforms, or, without, of everything."""

    variant: str
    seed: int
    folder: Path
    transforms: Path | None = None

    @property
    def measured(self) -> Path:
        return self.folder / "measured.json"

    @property
    def weights(self) -> Path:
        return self.folder / f"{self.variant}.safetensors"

    def config(self, budget: Budget) -> TrainingConfig:
        return TrainingConfig(
            variant=self.variant,
            steps=budget.steps or _LONGEST_RUN,
            batch=budget.batch,
            seed=self.seed,
            part="entropy" if self.transforms else "all",
            optimizer=budget.optimizer,
        )


class Pace:
    """The number of steps, the same for all, with which all seeds end in time; fewer seeds where that would be few. It
    is written down for who goes on.
    """

    def __init__(self, budget: Budget, path: Path, started: float) -> None:
        self._budget, self._path, self._started = budget, path, started
        self.steps, self.seeds = budget.steps, budget.seeds
        if not self.steps and path.exists():
            found = json.loads(path.read_text())
            self.steps, self.seeds = int(found["steps"]), int(found["seeds"])

    def choose(self, done: int, a_round: float, before: float) -> None:
        """done: rounds so far, of a_round seconds each in the end. before: seconds that a seed takes to begin."""
        left = 60 * self._budget.minutes - (time.monotonic() - self._started) + done * a_round + before
        for seeds in range(self._budget.seeds, min(2, self._budget.seeds) - 1, -1):
            steps = int((left / seeds - before - _AFTER) / a_round) // _WHOLE * _WHOLE
            if steps >= _FEW:
                break
        self.steps, self.seeds = max(steps, _WHOLE, done + 1), seeds
        self._path.parent.mkdir(parents=True, exist_ok=True)
        found = {"steps": self.steps, "seeds": self.seeds, "seconds a round": a_round, "seconds before": before}
        self._path.write_text(json.dumps(found) + "\n")


def train(jobs: Sequence[Job], budget: Budget, pictures: Path, pace: Pace, compiled: str = "off") -> bool:
    """Train jobs of one seed to their end, side by side where there are several; False where that was interrupted."""
    world = World(0, 1, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    config = jobs[0].config(budget)
    began = time.monotonic()
    crops: Crops | None = None
    trainers = []
    for job in jobs:
        there = job.folder / "checkpoint.pt"
        if pace.steps and there.exists() and load(there, torch.device("cpu"))["step"] >= pace.steps:
            continue
        crops = crops or Crops(pictures, config.crop, config.seed, world.device)
        initial = None if there.exists() else start(job, job.config(budget), crops)
        lines = max(1, pace.steps // _LINES or _WHOLE)
        run = Run(pictures, job.folder, initial=initial, compile=compiled, log_every=lines)
        trainers.append(Trainer(job.config(budget), run, world, there.exists(), crops))
        if initial:
            initial.unlink()
    if pace.steps:
        _limit(trainers, pace.steps)

    def stop() -> None:
        for trainer in trainers:
            trainer.stop()

    with stop_on_signals(stop):
        _side_by_side(trainers, None if pace.steps else pace, began)
    return all(trainer.step >= trainer.config.steps for trainer in trainers)


def _side_by_side(trainers: Sequence[Trainer], pace: Pace | None, began: float) -> None:
    """A step of each in turn, on a GPU in streams of their own, where small kernels of several run at once."""
    on_gpu = torch.cuda.is_available()
    torch.backends.cudnn.benchmark_limit = _TRIED
    wait = torch.cuda.synchronize if on_gpu else (lambda: None)
    wait()  # what the trainings begin with was made in another stream
    streams: list[Any] = [torch.cuda.stream(torch.cuda.Stream()) if on_gpu else nullcontext() for _ in trainers]
    runs: list[Iterator[None]] = [trainer.steps() for trainer in trainers]
    running = list(range(len(runs)))
    rounds, since, before = 0, 0.0, 0.0
    while running:
        for i in list(running):
            with streams[i]:
                if next(runs[i], running) is running:
                    running.remove(i)
        rounds += 1
        if pace is None:
            continue
        if rounds == _UNEVEN:
            wait()
            since = time.monotonic()
            before = since - began
        elif rounds > _UNEVEN and time.monotonic() - since > _PACED:
            wait()
            pace.choose(rounds, (time.monotonic() - since) / (rounds - _UNEVEN), before)
            _limit(trainers, pace.steps)
            pace = None
    wait()


def _limit(trainers: Sequence[Trainer], steps: int) -> None:
    for trainer in trainers:
        trainer.config = trainer.config.resumed(steps=steps)


def start(job: Job, config: TrainingConfig, crops: Crops) -> Path:
    """Weights to begin with: a linear start, or the job's transforms and one for their latents. Raises HpcmError where
    the variant's transforms are of other shapes.
    """
    torch.manual_seed(config.seed)
    network: Any = config.family.build(config.network)
    if job.transforms is not None:
        given = read_tensors(job.transforms)
        state = network.state_dict()
        for name in (name for name in state if name.startswith(network.TRANSFORMS)):
            if name not in given or given[name].shape != tuple(state[name].shape):
                raise HpcmError(
                    "The transforms of {variant} are not those of {path}.", variant=job.variant, path=job.transforms
                )
            state[name] = torch.from_numpy(given[name]).to(state[name].dtype)
        network.load_state_dict(state)
    network.to(crops.device)
    begin = latent_start if job.transforms else linear_start
    begin(network, crops.batch(0, START_CROPS, config.crop), config)
    job.folder.mkdir(parents=True, exist_ok=True)
    path = job.folder / "start.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, path)
    return path


@torch.inference_mode()
def estimate(network: nn.Module, config: TrainingConfig, pictures: Sequence[Tensor]) -> list[dict[str, float]]:
    """The points of `coded` by the bits that the network itself expects, with real rounding and in float32; no files
    are made. Pictures: 1x3xHxW in [0, 1] of one size.
    """
    device = next(network.parameters()).device
    module = RateDistortion(config.family, network)
    points = []
    for lmbda in LAMBDAS:
        rows = []
        for first in range(0, len(pictures), _AT_ONCE):
            x = torch.cat(list(pictures[first : first + _AT_ONCE])).to(device)
            rates = fixed_rates(config, lambda_to_q(lmbda, config.lambdas), len(x))
            terms = module(x, Rates(*(value.to(device) for value in rates)))
            rows += list(zip(terms.bpp.tolist(), terms.mse.tolist(), strict=True))
        points.append(_point(lmbda, [(bpp, -10 * math.log10(mse), lmbda * 255**2 * mse + bpp) for bpp, mse in rows]))
    return points


def coded(variant: str, weights: Path, files: Sequence[Path], lambdas: Sequence[float] | None = None) -> dict[str, Any]:
    """Means over the pictures by lambda: bits per pixel of whole files, PSNR, loss; and seconds of the entropy model's
    part of encoding and of decoding for a megapixel.
    """
    model = _model(variant, weights)
    points, seconds, pixels = [], 0.0, 0
    # The bundled weights of a name are left where they are: these here are no installed ones.
    with patch.object(codec, "load", lambda *_: model):
        for lmbda in lambdas or LAMBDAS:
            rows = []
            for path in files:
                picture = Picture.open(path)
                encoded = codec.encode(picture, Recipe(variant, lmbda=lmbda))
                measured = encoded.metrics
                assert measured is not None
                assert measured.bpp is not None
                rows.append((measured.bpp, measured.psnr, lmbda * 255**2 * 10 ** (-measured.psnr / 10) + measured.bpp))
                if lmbda == LOSS_AT:
                    decoded = codec.decode(encoded.data)
                    seconds += encoded.times["coding"] + decoded.times["decoding"]
                    pixels += picture.width * picture.height
            points.append(_point(lmbda, rows))
    return {"points": points, "seconds": seconds / 2 / pixels * 1e6}


def _point(lmbda: float, rows: Sequence[tuple[float, float, float]]) -> dict[str, float]:
    bpp, psnr, loss = (statistics.fmean(column) for column in zip(*rows, strict=True))
    return {"lambda": lmbda, "bpp": bpp, "psnr": psnr, "loss": loss}


def _model(variant: str, path: Path) -> Model:
    family, config = trainable(variant)
    weights = strict_weights(read_weights(path), family.shapes(config), variant, path)
    hashed = identity(weights, family.arithmetic(config))[:IDENTITY_BYTES]
    return Model(variant, family, config, family.restore(config, weights), hashed)


def curve(folder: Path) -> list[dict[str, float]]:
    """What a training's log has of its losses."""
    rows = (json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines())
    return [{"step": row["step"], "loss": row["loss"], "bpp": row["bpp"]} for row in rows if "loss" in row]
