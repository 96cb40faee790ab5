"""`hpcm train`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from hpcm_core import pytorch
from hpcm_core.cli.output import checked, say
from hpcm_core.cli.places import PLACE
from hpcm_core.errors import InvalidRecipe, Phrase
from hpcm_core.models.registry import METRICS, variants
from hpcm_core.training import config as configs
from hpcm_core.training.config import TrainingConfig

if TYPE_CHECKING:
    from hpcm_core.training.loop import Run

_ENVIRONMENT = ("pictures", "output", "validation", "initial", "compile", "log_every", "save_every", "validate_every")
Command = Callable[..., Any]

_CROPS = click.IntRange(1, 1 << 16)


def _option(flag: str, text: str, **more: Any) -> Callable[[Command], Command]:
    """An option for a field of TrainingConfig, with its default."""
    name = flag.lstrip("-").replace("-", "_")
    return click.option(flag, name, default=getattr(TrainingConfig, name), show_default=True, help=text, **more)


@click.command()
@click.argument("pictures", type=PLACE)
@click.option("-o", "--output", type=PLACE, required=True, help="Folder for checkpoint, log, samples and weights.")
@click.option("--validation", type=PLACE, help="Folder of pictures for R-D on the way.")
@click.option("--resume", is_flag=True, help="Continue the training in the output folder, with a new budget if given.")
@click.option("--init", "initial", type=PLACE, help="Begin with these weights; missing rows of rates are added.")
@click.option("--paper", is_flag=True, help="The paper's recipe for one lambda: 2 M steps, batch 32, rate in steps.")
@click.option(
    "--variant",
    default="lite",
    show_default=True,
    help=f"{', '.join(variants())} or one of hpcm models list --all.",
)
@click.option("--metric", type=click.Choice(METRICS), default="mse", show_default=True)
@click.option(
    "--lambda", "lambdas", type=float, multiple=True, help="One for a fixed-rate variant; rows of rates for lite."
)
@_option("--steps", "Budget in steps.")
@_option("--minutes", "Budget in minutes.")
@_option("--crop", "Side of a crop in pixels.")
@_option("--batch", "Crops a step, over all processes together.", type=_CROPS)
@_option("--late-crop", "Side of a crop in the last part of the run; 0 for no change.")
@_option("--late-batch", "Crops a step in the last part.", type=_CROPS)
@_option("--late-from", "Where the last part begins, 0 to 1.")
@_option("--zoom", "Largest reduction of what a crop shows; 1 for none.")
@_option("--recolour", "Part of the crops in other colours and tones, 0 to 1.")
@_option("--grain", "Part of the crops with grain, 0 to 1.")
@_option("--half-colour", "Part of the crops with colours of half their side, as 4:2:0 leaves them, 0 to 1.")
@_option("--optimizer", "soap takes fewer steps, adamw is the papers'.", type=click.Choice(list(configs.OPTIMIZERS)))
@_option("--learning-rate", "At its highest.")
@_option("--schedule", "How it falls.", type=click.Choice(configs.SCHEDULES))
@_option("--warmup", "Steps over which it rises.")
@_option("--hold", "Part of a cosine run at the full rate.")
@_option("--tail", "Part of a cosine run at the lowest rate.")
@_option("--floor", "Lowest rate of a cosine run as a part of the highest.")
@_option("--weight-decay", "Part of every weight that is lost a step, times the learning rate.")
@_option("--clip", "Largest norm of the gradient.")
@_option("--ema", "Decay a step of the averaged weights.")
@_option("--balance", "Weight lambda^-balance for each sample of a variable-rate model.")
@_option("--skew", "Distribution of log lambda: 1 is even, below favours high rates.")
@_option("--ms-ssim-part", "MSE: part of the distortion that is MS-SSIM of luma instead, 0 to 1.")
@_option("--chroma", "MSE: weight of the squared errors of Cb and Cr beside the rest, such as 0.2.")
@_option("--part", "What is trained; the rest stays as it is.", type=click.Choice(configs.PARTS))
@_option("--perceptual", "The perceptual stage, with --init: MSE, MS-SSIM and features of a network.", is_flag=True)
@_option("--natural", "The natural look, with --init and --part synthesis: texture as strong as it was.", is_flag=True)
@_option("--highest", "Variable rate: highest lambda that is trained; 0 for all.")
@_option("--precision", "Of convolutions.", type=click.Choice(configs.PRECISIONS))
@_option("--start", "Principal components of the pictures, or random.", type=click.Choice(configs.STARTS))
@_option("--seed", "Of everything random.", type=click.IntRange(0, (1 << 63) - 1))
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:1, … or auto.")
@click.option(
    "--compile",
    type=click.Choice(configs.COMPILE_MODES),
    default="off",
    show_default=True,
    help="graph: a step as one CUDA graph, seconds at the start. Others, torch.compile: minutes. Faster steps after.",
)
@click.option("--log-every", type=click.IntRange(1), default=100, show_default=True, help="Steps.")
@click.option("--save-every", type=click.IntRange(1), default=1000, show_default=True, help="Steps.")
@click.option("--validate-every", type=click.IntRange(0), default=0, show_default=True, help="Steps; 0: at the end.")
@click.pass_context
def train(context: click.Context, /, resume: bool, paper: bool, device: str, **options: Any) -> None:
    """Train a model on the pictures in a folder (and the folders below it).

    Under torchrun every process takes its part of the batch.
    """
    environment = {name: options.pop(name) for name in _ENVIRONMENT}
    given = {
        name: value
        for name, value in options.items()
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE
    }
    if resume and (paper or environment["initial"] is not None):
        raise click.UsageError("--resume goes on as the run began; --paper and --init are for new runs.")
    config = None if resume else checked(lambda: _new_config(given, paper))
    checked(lambda: pytorch.check(Phrase("Training")))

    import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch
    from hpcm_core.training.checkpoint import load
    from hpcm_core.training.distributed import end_process, join
    from hpcm_core.training.loop import Run, Trainer

    with join(device) as world:
        run = Run(**environment, report=_print if world.leads else None)
        if config is None:
            saved = TrainingConfig.from_json(load(run.output / "checkpoint.pt", world.device)["config"])
            config = checked(lambda: saved.resumed(**given))
        Trainer(config, run, world, resume).train()
        if world.leads:
            say(_where(run))
    end_process(world)


def _new_config(given: dict[str, Any], paper: bool) -> TrainingConfig:
    if not paper:
        return TrainingConfig(**given)
    lambdas = given.get("lambdas", ())
    if len(lambdas) != 1:
        raise InvalidRecipe("The paper's recipe is for one --lambda.")
    from dataclasses import replace

    return replace(configs.paper(given.get("variant", "base"), lambdas[0], given.get("metric", "mse")), **given)


def _print(row: dict[str, Any]) -> None:
    if "validation" in row:
        for point in row["validation"]:
            if point["psnr"] is None:
                say(f"step {row['step']}: {point['bpp']:.4f} bpp, {point['loss']:.4f} bits per sample")
                continue
            say(
                f"step {row['step']}: lambda {point['lmbda']:g}: {point['bpp']:.4f} bpp, {point['psnr']:.2f} dB, "
                f"loss {point['loss']:.4f}"
            )
        return
    psnr = f"{row['psnr']:.2f} dB, " if "psnr" in row else ""
    say(
        f"step {row['step']}, {row['seconds']:.0f} s: loss {row['loss']:.4f}, {row['bpp']:.4f} bpp, "
        f"{psnr}gradient {row['gradient']:.3g}, learning rate {row['rate']:.3g}"
    )


def _where(run: Run) -> str:
    return f"Weights, card, log and checkpoint are in {run.output}"
