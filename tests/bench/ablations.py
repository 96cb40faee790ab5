"""Entropy models and schedules compared: `make ablations PICTURES=folder VALIDATION=folder`.

Trains each variant from the linear start for the same number of steps on the same crops, with several seeds, codes the
validation pictures as real .hpcm files at the same lambdas, and writes the table of docs/ablations.md. What is trained
and measured already is not done again, so a run that was interrupted goes on; with another budget it begins anew.

--transforms takes g_a, g_s and gains from weights that have been trained, leaves them as they are and trains what codes
their latents, by bits alone: what is compared is then all that is learned, and a step takes a third of the time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from safetensors.torch import save_file

import hpcm_core.runtime  # noqa: F401
from hpcm_core import codec
from hpcm_core.errors import HpcmError
from hpcm_core.evaluation.bd_rate import bd_rate
from hpcm_core.files import picture_files
from hpcm_core.models.checkpoint import read_tensors
from hpcm_core.models.family import Model
from hpcm_core.models.macs import cost
from hpcm_core.models.registry import trainable
from hpcm_core.models.weights import IDENTITY_BYTES, identity, read_weights, strict_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.training.checkpoint import load
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.data import Crops
from hpcm_core.training.distributed import World
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.training.start import START_CROPS, latent_start

VARIANTS = {
    "lite-attention": "Base's shape at Lite's size",
    "lite-attention-2-3-3": "(2, 3, 3)",
    "lite-no-fusion": "no fusion",
    "lite-2-3-6": "ψ",
    "lite-charm": "CHARM\\*",
    "lite-dcvc-dc": "DCVC-DC intra\\*",
    "quad-prior-4-8": "Quad-Prior",
}
"""All of variable rate. The first is what the others are compared with."""
LAMBDAS = (0.0035, 0.0067, 0.013, 0.025, 0.0483)
"""Of the paper, without its lowest, which is at an end of Lite's range."""
LOSS_AT = 0.013
BEGIN, BEGIN_SHARED, END = "<!-- table -->", "<!-- table of shared transforms -->", "<!-- end of the table -->"


@dataclass(frozen=True)
class Budget:
    """What every variant gets."""

    steps: int
    batch: int
    seeds: int

    def __str__(self) -> str:
        return f"{self.steps:,} steps of {self.batch} crops of 256 x 256, {self.seeds} seeds"


def train(
    variant: str, seed: int, budget: Budget, pictures: Path, folder: Path, transforms: Path | None = None
) -> Path | None:
    """The weights of a variant, trained to their end if they are not there; None where that was interrupted."""
    part = "entropy" if transforms else "all"
    config = TrainingConfig(variant=variant, steps=budget.steps, batch=budget.batch, seed=seed, part=part)
    world = World(0, 1, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    there = folder / "checkpoint.pt"
    step = load(there, torch.device("cpu"))["step"] if there.exists() else 0
    if step < budget.steps:
        initial = _start(config, transforms, pictures, folder) if transforms and not there.exists() else None
        run = Run(pictures, folder, initial=initial, log_every=max(1, budget.steps // 20))
        trainer = Trainer(config, run, world, there.exists())
        trainer.train()
        step = trainer.step
    return folder / f"{variant}.safetensors" if step >= budget.steps else None


def _start(config: TrainingConfig, transforms: Path, pictures: Path, folder: Path) -> Path:
    """Weights to begin with: the transforms of others, and a linear start for their latents. Raises HpcmError where
    the variant's transforms are of other shapes.
    """
    torch.manual_seed(config.seed)
    network: Any = config.family.build(config.network)
    given = read_tensors(transforms)
    state = network.state_dict()
    for name in (name for name in state if name.startswith(network.TRANSFORMS)):
        if name not in given or given[name].shape != tuple(state[name].shape):
            raise HpcmError(
                "The transforms of {variant} are not those of {path}.", variant=config.variant, path=transforms
            )
        state[name] = torch.from_numpy(given[name]).to(state[name].dtype)
    network.load_state_dict(state)
    crops = Crops(pictures, config.crop, config.seed, torch.device("cpu")).batch(0, START_CROPS, config.crop)
    latent_start(network, crops, config)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: tensor.contiguous() for name, tensor in network.state_dict().items()}, folder / "start.safetensors"
    )
    return folder / "start.safetensors"


def measure(variant: str, weights: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Means over the pictures by lambda: bits per pixel of whole files, PSNR, loss; and seconds of the entropy model's
    part of encoding and of decoding for a megapixel.
    """
    model = _model(variant, weights)
    rows, seconds, pixels = [], 0.0, 0
    # The bundled weights of a name are left where they are: these here are no installed ones.
    with patch.object(codec, "load", lambda *_: model):
        for lmbda in LAMBDAS:
            points = []
            for path in files:
                picture = Picture.open(path)
                encoded = codec.encode(picture, Recipe(variant, lmbda=lmbda))
                measured = encoded.metrics
                assert measured is not None
                assert measured.bpp is not None
                points.append(
                    (measured.bpp, measured.psnr, lmbda * 255**2 * 10 ** (-measured.psnr / 10) + measured.bpp)
                )
                if lmbda == LOSS_AT:
                    decoded = codec.decode(encoded.data)
                    seconds += encoded.times["coding"] + decoded.times["decoding"]
                    pixels += picture.width * picture.height
            bpp, psnr, loss = (statistics.fmean(column) for column in zip(*points, strict=True))
            rows.append({"lambda": lmbda, "bpp": bpp, "psnr": psnr, "loss": loss})
    return {"points": rows, "seconds": seconds / 2 / pixels * 1e6}


def _model(variant: str, path: Path) -> Model:
    family, config = trainable(variant)
    weights = strict_weights(read_weights(path), family.shapes(config), variant, path)
    hashed = identity(weights, family.arithmetic(config))[:IDENTITY_BYTES]
    return Model(variant, family, config, family.restore(config, weights), hashed)


def table(results: dict[str, list[dict[str, Any]]], budget: Budget, pictures: int, of: str = "") -> str:
    """Markdown: a row a variant, each figure with its spread over the seeds. of: what stands before the budget."""
    reference = next(iter(results.values()))
    lines = [
        f"{of}{budget}; {pictures} validation pictures. ± is the standard deviation over the seeds.",
        "",
        f"| variant | | loss at λ {LOSS_AT:g} | BD-rate | kMAC a pixel | M parameters | s a megapixel |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for variant, runs in results.items():
        losses = [next(p["loss"] for p in run["points"] if p["lambda"] == LOSS_AT) for run in runs]
        rates = [bd_rate(_curve(a), _curve(b)) for a, b in zip(reference, runs, strict=True)]
        counted = cost(variant)
        lines.append(
            f"| `{variant}` | {VARIANTS.get(variant, '')} | {_spread(losses, '.4f')} | "
            f"{'0' if runs is reference else _spread(rates, '+.2f') + ' %'} | {counted.total:.1f} | "
            f"{counted.parameters / 1e6:.1f} | {_spread([run['seconds'] for run in runs], '.2f')} |"
        )
    return "\n".join(lines)


def _curve(run: dict[str, Any]) -> list[tuple[float, float]]:
    return [(point["bpp"], point["psnr"]) for point in run["points"]]


def _spread(values: Sequence[float], form: str) -> str:
    mean = format(statistics.fmean(values), form)
    return mean if len(values) < 2 else f"{mean} ± {format(statistics.stdev(values), form.lstrip('+'))}"


def put_into(document: Path, text: str, begin: str = BEGIN) -> None:
    """Replace what stands in a document between a mark and the end that follows it."""
    before, _, rest = document.read_text("utf-8").partition(begin)
    _, mark, after = rest.partition(END)
    if not mark:
        raise HpcmError("There are no marks for the table in {path}.", path=document)
    document.write_text(f"{before}{begin}\n\n{text}\n\n{END}{after}", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of training pictures")
    parser.add_argument("--validation", type=Path, required=True, help="folder of pictures to measure on")
    parser.add_argument("--output", type=Path, default=Path("build/ablations"))
    parser.add_argument("--document", type=Path, help="file whose table is replaced")
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS))
    parser.add_argument("--transforms", type=Path, help="weights whose g_a, g_s and gains all variants take")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args(arguments)
    budget = Budget(options.steps, options.batch, options.seeds)
    files = picture_files(options.validation)
    results: dict[str, list[dict[str, Any]]] = {variant: [] for variant in options.variants}
    # Seed by seed, so that what there is after some hours compares everything.
    for seed in range(budget.seeds):
        for variant in options.variants:
            kind = "shared-" if options.transforms else ""
            folder = options.output / f"{kind}{budget.steps}-{budget.batch}" / f"{variant}-{seed}"
            started = time.monotonic()
            weights = train(variant, seed, budget, options.pictures, folder, options.transforms)
            if weights is None:
                print("Interrupted; the same command goes on.")
                return 1
            measured = folder / "measured.json"
            if not measured.exists():
                measured.write_text(json.dumps(measure(variant, weights, files), indent=1) + "\n")
            results[variant].append(json.loads(measured.read_text()))
            print(f"{variant}, seed {seed}: {time.monotonic() - started:.0f} s", flush=True)
    shared = f"g_a, g_s and gains of {options.transforms.stem}, left as they are; " if options.transforms else ""
    text = table(results, budget, len(files), shared)
    print(text)
    if options.document is not None:
        put_into(options.document, text, BEGIN_SHARED if shared else BEGIN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
