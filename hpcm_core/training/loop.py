"""The training loop.

Nothing in a step waits for the device: pictures, weights and sums of what is logged stay there until a log line is due.
"""

from __future__ import annotations

import copy
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from hpcm_core.errors import HpcmError, InvalidRecipe, ModelError
from hpcm_core.files import atomic_write, picture_files, reason_of
from hpcm_core.training import checkpoint, progress
from hpcm_core.training.augment import vary
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.data import Crops, read_whole
from hpcm_core.training.distributed import World
from hpcm_core.training.export import export
from hpcm_core.training.graph import Recorded
from hpcm_core.training.log import Log
from hpcm_core.training.loss import RateDistortion, Rates, Terms, draw_rates
from hpcm_core.training.natural import Judge, NaturalLoss
from hpcm_core.training.parts import release
from hpcm_core.training.perceptual import PerceptualDistortion
from hpcm_core.training.seeds import seeded
from hpcm_core.training.soap import Soap
from hpcm_core.training.start import START_CROPS, linear_start, load_initial
from hpcm_core.training.validation import save_sample, validate
from hpcm_core.transform.relaxed import Noise

_AGREE_EVERY = 10
"""Steps between two looks at the clock where processes must agree on the time."""
_LEAST_ZOOM = 2.0
"""By which a model without loss sees pictures reduced that were kept with loss: traces of a codec are no picture."""
_SUMS = ("loss", "bpp", "bpp_z", "psnr", "distortion", "gradient")
_SUMS_OF_BITS = ("loss", "bpp", "gradient")
"""What is left of them without loss."""


@dataclass(frozen=True)
class Run:
    """Where a training reads and writes and how it is computed: all that its configuration leaves open.

    Writes to `output`: checkpoint.pt, log.jsonl, progress.svg, config.json, samples/, and the averaged weights with
    their card.
    """

    pictures: Path
    output: Path
    validation: Path | None = None
    initial: Path | None = None
    compile: str = "off"
    log_every: int = 100
    save_every: int = 1000
    validate_every: int = 0
    """Steps; 0 validates at the end only."""
    report: Callable[[dict[str, Any]], None] | None = None
    """Told every log line."""


class Trainer:
    """One training in one process of its world."""

    def __init__(
        self, config: TrainingConfig, run: Run, world: World, resume: bool = False, crops: Crops | None = None
    ) -> None:
        """crops: the run's, where they are there already. Raises HpcmError where it cannot begin."""
        self.config, self.run, self.world = config, run, world
        for _, batch in (config.crops_at(0), config.crops_at(1)):
            if batch % world.size:
                raise InvalidRecipe(
                    "A batch of {batch} cannot be shared among {count} processes.", batch=batch, count=world.size
                )
        if run.compile == "graph" and (world.size > 1 or config.natural):
            raise InvalidRecipe("A step is recorded as a graph in a single process only, and never the natural look's.")
        self.step = self.samples = 0
        self.seconds = 0.0
        self._stop = False
        self._rows: Log | None = None
        self.checkpoint_path = run.output / "checkpoint.pt"
        self._found = checkpoint.stamp(self.checkpoint_path)
        saved = checkpoint.load(self.checkpoint_path, world.device) if resume else None
        if saved is None and world.leads and self.checkpoint_path.exists():
            raise HpcmError("{folder} already holds a training; --resume continues it.", folder=run.output)
        least = _LEAST_ZOOM if config.lossless else 1.0
        largest = max(config.crop, config.late_crop)
        self.crops = crops or Crops(run.pictures, largest, config.seed, world.device, least)
        self.validation = read_whole(picture_files(run.validation)) if run.validation and world.leads else []

        self.network = self._begin() if saved is None else config.family.build(config.network)
        self.network.to(world.device).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        moving = release(self.network, config.part, gains=not config.natural)
        self.parameters: list[Tensor] = [self.network.get_parameter(name) for name in moving]
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.averages: list[Tensor] = [self.average.get_parameter(name) for name in moving]
        self.optimizer = self._optimizer()
        self.judge = Judge().to(world.device) if config.natural else None
        self.judge_optimizer = self.judge.optimizer() if self.judge else None
        if world.leads:
            weights = sum(p.nbytes for p in self.parameters)
            state = self.optimizer.nbytes if isinstance(self.optimizer, Soap) else 2 * weights
            checkpoint.check_room(run.output, 2 * weights + state)
        if saved is not None:
            self._restore(saved)
        self.loss = self._loss()
        self.recorded = Recorded(self.loss, self.parameters) if run.compile == "graph" else None
        self._logged = _SUMS_OF_BITS if config.lossless else _SUMS
        self._sums = torch.zeros(len(self._logged), device=world.device)
        self._summed = 0

    def _begin(self) -> nn.Module:
        """The network at its start, on every process alike."""
        torch.manual_seed(self.config.seed)
        network = self.config.family.build(self.config.network)
        if self.run.initial is not None:
            load_initial(self.run.initial, network, self.config.lambdas)
        elif self.config.start == "linear":
            linear_start(network, self.crops.batch(0, START_CROPS, self.config.crop).cpu(), self.config)
        return network

    def _optimizer(self) -> torch.optim.AdamW | Soap:
        config = self.config
        first, second = config.betas
        if config.optimizer == "soap":
            products = torch.bfloat16 if config.precision == "bfloat16" else torch.float32
            return Soap(self.parameters, config.learning_rate, (first, second), config.weight_decay, products=products)
        return torch.optim.AdamW(
            self.parameters,
            lr=config.learning_rate,
            betas=(first, second),
            weight_decay=config.weight_decay,
            fused=self.world.device.type in ("cpu", "cuda"),
        )

    def _restore(self, saved: checkpoint.Checkpoint) -> None:
        try:
            self.network.load_state_dict(saved["network"])
            self.average.load_state_dict(saved["average"])
            self.optimizer.load_state_dict(saved["optimizer"])
            if self.judge and self.judge_optimizer:
                self.judge.load_state_dict(saved["judge"]["network"])
                self.judge_optimizer.load_state_dict(saved["judge"]["optimizer"])
        except (KeyError, RuntimeError, ValueError):
            raise ModelError("{path} is a checkpoint of another configuration.", path=self.checkpoint_path) from None
        self.step, self.samples, self.seconds = saved["step"], saved["samples"], saved["seconds"]

    def _loss(self) -> Callable[[Tensor, Rates, Noise], Terms]:
        config = self.config
        module: nn.Module
        if self.judge:
            module = NaturalLoss(config.family, self.network, self.judge, config.precision).to(self.world.device)
        else:
            module = RateDistortion(
                config.family,
                self.network,
                config.metric,
                config.precision,
                config.ms_ssim_part,
                config.chroma,
                PerceptualDistortion().to(self.world.device) if config.perceptual else None,
            )
        if self.world.size > 1:
            devices = [self.world.device] if self.world.device.type == "cuda" else None
            module = DistributedDataParallel(module, devices, gradient_as_bucket_view=True)
        if self.run.compile not in ("off", "graph"):
            # Sizes change once in a run at most; what is compiled for each is faster than what serves all.
            for side in {config.crop, config.late_crop or config.crop}:
                config.family.prepare(config.network, side, self.world.device)
            return torch.compile(module, mode=self.run.compile, dynamic=False)
        return module

    def train(self) -> None:
        """Train to the end of the budget, or until interrupted; either way a checkpoint and the weights are written.

        Raises HpcmError where the loss is no longer finite or a file cannot be written, and where another process
        trains in the folder or has done so since this training was made.
        """
        with stop_on_signals(self.stop):
            for _ in self.steps():
                pass

    def steps(self) -> Iterator[None]:
        """`train`, one step at a time and deaf to signals, for several trainings side by side."""
        with self._alone() as self._rows:
            if checkpoint.stamp(self.checkpoint_path) != self._found:
                raise HpcmError(
                    "Another training has written into {folder} meanwhile; --resume continues it.",
                    folder=self.run.output,
                )
            yield from self._steps()

    @contextmanager
    def _alone(self) -> Iterator[Log | None]:
        """The log, in the process that writes it."""
        if not self.world.leads:
            yield None
            return
        with self._writing():
            rows = Log(self.run.output, self.step)
        with rows:
            yield rows

    def _steps(self) -> Iterator[None]:
        started = time.monotonic() - self.seconds
        # What is float32 has to be: MS-SSIM takes squares of means from means of squares, and under TF32 their
        # difference is rounding. Gradients of Lite were a thousand times too long so.
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        # The natural look compares another part of the crop in each step: every size would be tried anew.
        torch.backends.cudnn.benchmark = not self.config.natural
        while True:
            if self.world.size == 1 or self.step % _AGREE_EVERY == 0:
                self.seconds, stop = self.world.agree((time.monotonic() - started, self._stop))
            progress = self._progress()
            if progress >= 1 or stop:
                break
            self._train_step(progress)
            if self.step % self.run.log_every == 0:
                self._log(progress)
            if self.step % self.run.save_every == 0:
                self._save()
            if self.run.validate_every and self.step % self.run.validate_every == 0:
                self._validate()
            yield
        self._log(progress)
        self._save()
        self._validate()

    def _progress(self) -> float:
        """Part of the budget that is used up."""
        config = self.config
        return max(
            self.step / config.steps if config.steps else 0.0,
            self.seconds / (60 * config.minutes) if config.minutes else 0.0,
        )

    def _train_step(self, progress: float) -> None:
        x, rates, noise = self._draw(progress)
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate_at(progress, self.step)
        if self.recorded is not None:
            terms = self.recorded.backward(x, rates, noise)
        else:
            terms = self.loss(x, rates, noise)
            self.optimizer.zero_grad()
            if self.judge_optimizer:
                self.judge_optimizer.zero_grad()
            terms.loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.parameters, self.config.clip)
        self.optimizer.step()
        if self.judge_optimizer:
            self.judge_optimizer.step()
        self.step += 1
        self._update_average()

        values = {
            "loss": terms.loss.detach(),
            "bpp": terms.bpp.mean(),
            "bpp_z": terms.bpp_z.mean(),
            "psnr": -10 * torch.log10(terms.mse).mean(),
            "distortion": terms.distortion.mean(),
            "gradient": norm.detach(),
        }
        self._sums += torch.stack([values[name] for name in self._logged])
        self._summed += 1

    def _draw(self, progress: float) -> tuple[Tensor, Rates, Noise]:
        """This process's part of what the joint batch is made of: crops, rates and noise."""
        config, device, first = self.config, self.world.device, self.samples
        side, batch = config.crops_at(progress)
        part = self.world.part(batch)
        x = self.crops.batch(first, batch, side, part, config.zoom)
        if config.recolour or config.grain or config.half_colour:
            for crop, number in zip(x, range(first, first + batch)[part], strict=True):
                crop.copy_(vary(crop, config.recolour, config.grain, config.seed, number, config.half_colour))
        rates = draw_rates(config, batch, seeded("cpu", config.seed, "rates", first))
        noise = config.family.draw_noise(config.network, batch, side, seeded(device, config.seed, "noise", first))
        self.samples += batch
        return x, Rates(*(v[part].to(device, non_blocking=True) for v in rates)), Noise(*(v[part] for v in noise))

    @torch.no_grad()
    def _update_average(self) -> None:
        """Exponential moving average of the weights, young at first so that the start is soon forgotten."""
        decay = min(self.config.ema, self.step / (self.step + 10))
        torch._foreach_lerp_(self.averages, self.parameters, 1 - decay)

    def _log(self, progress: float) -> None:
        if not self._summed:
            return
        means = self.world.mean(self._sums / self._summed).tolist()
        self._sums.zero_()
        self._summed = 0
        row = {"step": self.step, "samples": self.samples, "seconds": round(self.seconds, 1)}
        row |= {
            "rate": self.config.learning_rate_at(progress, self.step - 1),
            **dict(zip(self._logged, means, strict=True)),
        }
        if not all(map(torch.isfinite, torch.tensor(means))):
            raise HpcmError(
                "The loss is no longer finite after step {step}. The last checkpoint is from before; start from "
                "its weights with a lower learning rate.",
                step=self.step,
            )
        self._write(row)

    def _validate(self) -> None:
        """Measure and export the averaged weights. The other processes meanwhile wait at their next exchange."""
        if not self.world.leads:
            return
        points = validate(self.average, self.validation, self.config) if self.validation else []
        if points:
            self._write({"step": self.step, "validation": [point._asdict() for point in points]})
            path = self.run.output / "samples" / f"{self.step:07d}.png"
            with self._writing():
                if not self.config.lossless:  # what would be shown are two equal pictures
                    save_sample(self.average, self.validation[0], self.config, path)
                atomic_write(self.run.output / "progress.svg", progress.draw([self.run.output / "log.jsonl"]).encode())
        notes = {
            "Pictures": f"{self.crops.count}",
            "Steps": f"{self.step:,} ({self.samples:,} crops)",
            "Hours": f"{self.seconds / 3600:.2f}, {self.world.size} x {_device_name(self.world.device)}",
        }
        export(self.run.output, self.average, self.config, notes, points)

    def _write(self, row: dict[str, Any]) -> None:
        if self._rows is None:
            return
        with self._writing():
            self._rows.write(row)
        if self.run.report is not None:
            self.run.report(row)

    def _save(self) -> None:
        if not self.world.leads:
            return
        state = checkpoint.Checkpoint(
            config=self.config.to_json(),
            step=self.step,
            samples=self.samples,
            seconds=self.seconds,
            network=self.network.state_dict(),
            average=self.average.state_dict(),
            optimizer=self.optimizer.state_dict(),
        )
        if self.judge and self.judge_optimizer:
            state["judge"] = {"network": self.judge.state_dict(), "optimizer": self.judge_optimizer.state_dict()}
        checkpoint.save(self.checkpoint_path, state)
        with self._writing():
            atomic_write(self.run.output / "config.json", self.config.to_json().encode())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise HpcmError(
                "The training's files in {folder} cannot be written: {reason}.",
                folder=self.run.output,
                reason=reason_of(error),
            ) from None

    def stop(self) -> None:
        """End after the step that is under way, as at the end of the budget."""
        self._stop = True


@contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first interrupt or termination end the run in good order; a second interrupt ends it at once."""

    def handle(number: int, _frame: object) -> None:
        signal.signal(number, before[number])
        stop()

    try:
        before: dict[int, Any] = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread, which alone receives signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
