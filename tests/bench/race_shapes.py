"""Shapes of Lite's context networks raced on the latents of one trained model (docs/measurements.md).

    python -m tests.bench.race_shapes WEIGHTS PICTURES VALIDATION --minutes 15

WEIGHTS are a `lite-2-3-6`'s. Its g_a is run once over crops of the pictures; what it gives is kept and served to every
shape, at rates drawn anew in each step, and each learns to code it by bits alone for the same processor time, on one
thread. Shapes with the same blocks begin pruned, the narrow one has new context networks.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hpcm_core.files import picture_files
from hpcm_core.models.hpcm.config import LITE_2_3_6, Context, HPCMConfig
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.prune import prune
from hpcm_core.models.hpcm.schedule import S_2_3_3, Schedule, Stage, patterns
from hpcm_core.models.hyperprior.network import gain
from hpcm_core.training.augment import vary
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.data import Crops, read_whole
from hpcm_core.training.loss import draw_rates
from hpcm_core.training.quantization import read_network
from hpcm_core.training.seeds import seeded
from hpcm_core.training.soap import Soap
from hpcm_core.transform.relaxed import draw_noise, forward

S_2_3_2 = Schedule("2-3-2", (*S_2_3_3.stages[:2], Stage(3, 1, patterns(together=3))))
SHAPES = {
    "L2": replace(LITE_2_3_6, schedule=S_2_3_3, context_hidden=384),
    "A2": replace(LITE_2_3_6, schedule=S_2_3_2, context_hidden=576),
    "B'": replace(LITE_2_3_6, schedule=S_2_3_3, context_channels=256, nets=(Context(1, 1), Context(1, 1))),
}
"""Design figures, kMAC a pixel of the context: 21.0, 20.0 and 14.0."""
SIDE, BATCH, FITTED, ROWS = 256, 8, 96, (0, 2, 4, 6, 9)
CONFIG = TrainingConfig(
    steps=1, batch=BATCH, learning_rate=5e-4, warmup=60, hold=0.35, tail=0.1, skew=1.3, precision="bfloat16"
)
"""As stage 9 of Lite."""


class OfLatents(HPCM):
    """Takes what g_a gave in the place of pictures."""

    def analysis(self, x: Tensor, q: float | Tensor = 0.0) -> Tensor:
        return x.float() * gain(self.rate_gain_enc, q)

    def synthesis(self, y_hat: Tensor, q: float | Tensor = 0.0) -> Tensor:
        return y_hat


def shape_of(whole: HPCM, config: HPCMConfig, crops: Crops) -> OfLatents:
    """A race's start: pruned where the width is the same, else with all that fits and the rest random."""
    network = OfLatents(config)
    if config.context_channels == whole.config.context_channels:
        rates = torch.rand(FITTED, generator=seeded("cpu", 5, "rates", 0)) * (len(config.rate_lambdas) - 1)
        seen = ((crops.batch(i, 1, SIDE), rates[i : i + 1]) for i in range(FITTED))
        network.load_state_dict(prune(whole, config, seen).state_dict())
        return network
    torch.manual_seed(0)
    state = OfLatents(config).state_dict()
    state |= {n: v for n, v in whole.state_dict().items() if n in state and state[n].shape == v.shape}
    network.load_state_dict(state)
    return network


@torch.no_grad()
def latents(network: HPCM, x: Tensor) -> Tensor:
    """What g_a gives before gains."""
    with torch.autocast("cpu", torch.bfloat16):
        return network.g_a(x - network.config.input_shift).half()


def cached(network: HPCM, crops: Crops, count: int) -> Tensor:
    parts = []
    for first in range(0, count, BATCH):
        x = crops.batch(first, BATCH, SIDE, zoom=2.0)
        for i, crop in enumerate(x):
            crop.copy_(vary(crop, 0.25, 0.15, 9, first + i))
        parts.append(latents(network, x))
    return torch.cat(parts)


@torch.no_grad()
def bits(network: HPCM, pictures: list[Tensor]) -> list[float]:
    """Bits per pixel with real rounding at each of ROWS, means over pictures of 768x512 given as latents."""
    means = []
    for row in ROWS:
        found = []
        for y in pictures:
            _, bits_y, bits_z = forward(network, y, torch.tensor([float(row)]), None)
            found.append(float(bits_y + bits_z) / (y.shape[2] * y.shape[3] * 256))
        means.append(sum(found) / len(found))
    return means


def race(network: OfLatents, y: Tensor, minutes: float) -> Iterator[tuple[int, float, OfLatents]]:
    """Step, minutes and averaged weights now and then, and at the end."""
    moving = [p for n, p in network.named_parameters() if not n.startswith(network.TRANSFORMS)]
    average = OfLatents(network.config)
    average.load_state_dict(network.state_dict())
    names = [n for n, _ in network.named_parameters() if not n.startswith(network.TRANSFORMS)]
    averages = [average.get_parameter(n) for n in names]
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    for parameter in moving:
        parameter.requires_grad_(True)
    optimizer = Soap(moving, CONFIG.learning_rate, (0.95, 0.95), 0.0, products=torch.bfloat16)
    started = time.process_time()
    step, told = 0, 0.0
    while True:
        spent = (time.process_time() - started) / 60
        if spent >= minutes or spent >= told + 5:
            told = spent
            yield step, spent, average
            if spent >= minutes:
                return
        for group in optimizer.param_groups:
            group["lr"] = CONFIG.learning_rate_at(spent / minutes, step)
        chosen = torch.randint(len(y), (BATCH,), generator=seeded("cpu", 3, "crops", step))
        rates = draw_rates(CONFIG, BATCH, seeded("cpu", 3, "rates", step))
        noise = draw_noise(network.config, BATCH, SIDE, seeded("cpu", 3, "noise", step))
        with torch.autocast("cpu", torch.bfloat16):
            _, bits_y, bits_z = forward(network, y[chosen].float(), rates.q, noise)
        loss = (rates.weight * (bits_y + bits_z)).mean() / SIDE**2
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(moving, CONFIG.clip)
        optimizer.step()
        step += 1
        with torch.no_grad():
            torch._foreach_lerp_(averages, moving, 1 - min(0.998, step / (step + 10)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("validation", type=Path)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--crops", type=int, default=3000)
    options = parser.parse_args()
    torch.set_num_threads(1)
    whole: Any = read_network(options.weights, "lite-2-3-6")
    crops = Crops(options.pictures, SIDE, 9, torch.device("cpu"))
    y = cached(whole, crops, options.crops)
    seen = [latents(whole, x).float() for x in read_whole(picture_files(options.validation))]
    print(json.dumps({"shape": "lite-2-3-6", "bpp": bits(_of(whole), seen)}), flush=True)
    for name, config in SHAPES.items():
        network = shape_of(whole, config, crops)
        for step, minutes, average in race(network, y, options.minutes):
            line = {"shape": name, "step": step, "minutes": round(minutes, 1), "bpp": bits(average, seen)}
            print(json.dumps(line), flush=True)


def _of(whole: HPCM) -> OfLatents:
    network = OfLatents(whole.config)
    network.load_state_dict(whole.state_dict())
    return network


if __name__ == "__main__":
    main()
