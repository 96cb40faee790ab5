"""`hpcm models`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core import pytorch
from hpcm_core.cli.getting import get, list_published
from hpcm_core.cli.output import Row, checked, print_json, say
from hpcm_core.cli.places import PLACE
from hpcm_core.cli.support import AS_JSON, number
from hpcm_core.errors import Phrase
from hpcm_core.models.registry import config_of, derived, is_trainable, variants

if TYPE_CHECKING:
    from hpcm_core.models.catalogue import ModelInfo
    from hpcm_core.training.quantization import LookCost, Quantized


_LOOK_METADATA = ("variant", "look", "model_hash", "quantized_from")
"""What the file of a look says of itself."""


@click.group()
def models() -> None:
    """List models, get published checkpoints or import those of others."""


models.add_command(get)
models.add_command(list_published)


@models.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Every variant that can be trained, with what it costs.")
@click.option(
    "--earlier", is_flag=True, help="Weights that the program brought along before, for files made with them."
)
@AS_JSON
def list_command(everything: bool, earlier: bool, as_json: bool) -> None:
    """Show the models this program knows, and which are installed."""
    from hpcm_core.models.catalogue import list_models, obstacle

    if everything:
        checked(lambda: pytorch.check(Phrase("Counting what a variant costs")))
    infos = list_models()
    if as_json:
        more = {"earlier": _earlier_rows()} if earlier else {}
        costs = {"variants": list(_cost_rows())} if everything else {}
        print_json({"models": [_model_row(info) for info in infos], **more, **costs})
        return
    for info in infos:
        say(f"{info.name:24} {info.state:10} {info.source if info.state == 'missing' else info.path or info.source}")
    if any(obstacle(info.name) for info in infos):
        free = ", ".join(info.name for info in infos if obstacle(info.name) is None)
        say(str(pytorch.absent(Phrase("Each of them but {names}", names=free))))
    for row in _earlier_rows() if earlier else ():
        say(f"{row['name']:24} {row['state']:10} {row['path'] or row['recovery']}")
    for row in _cost_rows() if everything else ():
        total = row["kmac_per_pixel"]["total"]
        say(f"{row['variant']:24} {total:10.2f} kMAC a pixel {row['parameters'] / 1e6:10.2f} M parameters")


@models.command(name="import")
@click.argument("file", type=PLACE)
@click.option("--variant", required=True, help="base, large, base-psi, 1b or one of hpcm models list --all.")
@click.option("--metric", default="mse", show_default=True, help="mse or ms-ssim.")
@click.option("--lambda", "lmbda", type=float, help="The lambda it was trained for, where it is one.")
@AS_JSON
def import_command(file: Path, variant: str, metric: str, lmbda: float | None, as_json: bool) -> None:
    """Import a checkpoint of the authors (.pth.tar) or a safetensors file.

    Only tensors are read; no code in the file is ever run. Of a model that comes with the program the weights are for
    files that were made with them; new files are made with those of the program.
    """
    from hpcm_core.models.checkpoint import import_checkpoint

    info = checked(lambda: import_checkpoint(file, variant, metric, lmbda))
    note = (
        f"New files of {info.name} are made with the weights that come with the program; these are for reading others."
    )
    row = _model_row(info) | ({"note": note} if info.state == "bundled" else {})
    if as_json:
        print_json(row)
        return
    say(f"Imported {info.name} to {info.path}")
    if "note" in row:
        say(note)


@models.command()
@click.argument("variant")
@AS_JSON
def macs(variant: str, as_json: bool) -> None:
    """Count parameters and multiply-accumulates a pixel of a variant, by part of its network.

    The rule is the HPCM paper's: convolutions and products of attention, a picture of 768 x 512. "unread" is the fusion
    after the last step, which the paper counts and this program does not compute.
    """
    if config_of(variant) is None:
        raise click.UsageError(f"There is no variant called {variant!r}; hpcm models list --all shows them.")
    if not is_trainable(variant):
        raise click.UsageError(f"What {variant} costs is not counted: no training makes its weights.")
    checked(lambda: pytorch.check(Phrase("Counting what a variant costs")))
    row = _cost_row(variant)
    if as_json:
        print_json(row)
        return
    for part, value in row["kmac_per_pixel"].items():
        say(f"{part:10} {value:10.2f} kMAC a pixel")
    say(f"parameters {row['parameters'] / 1e6:10.2f} M")


@models.command()
@click.argument("file", type=PLACE)
@click.option(
    "--variant", default="lite", show_default=True, help="lite, or one of lite's or lossless in hpcm models list --all."
)
@click.option("--pictures", type=PLACE, multiple=True, required=True, help="Folder to see ranges on; several in turn.")
@click.option(
    "--crops", type=click.IntRange(1, 1 << 20), default=400, show_default=True, help="How many crops of them."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--check", type=PLACE, help="Folder of other pictures: say what integers cost on them.")
@click.option("--look", is_flag=True, help="FILE's g_s is a natural look of the installed weights: make its integers.")
@click.option("--fact", "facts", multiple=True, help="NAME=VALUE to keep in a look's file; several.")
@click.option("-o", "--output", type=PLACE, required=True, help="The safetensors file to write.")
@AS_JSON
def quantize(
    file: Path,
    variant: str,
    pictures: tuple[Path, ...],
    crops: int,
    seed: int,
    check: Path | None,
    look: bool,
    facts: tuple[str, ...],
    output: Path,
    as_json: bool,
) -> None:
    """Make integers of trained float weights: pixels that are the same everywhere, and several times the speed.

    Ranges of features are seen on crops of pictures, best those it was trained with. Import the result to use it.

    With --look, FILE is a whole network of which g_s was trained on for the eye, and everything else is what the
    installed weights were quantized from. The result goes beside these weights, as VARIANT.natural.safetensors.
    """
    if facts and not look:
        raise click.UsageError("--fact goes with --look.")
    said = _facts(facts)
    if not is_trainable(variant):
        raise click.UsageError(f"There is no variant called {variant!r}; hpcm models list --all shows them.")
    checked(lambda: pytorch.check(Phrase("Making integers of weights")))
    from safetensors.numpy import save

    from hpcm_core.files import atomic_write, picture_files, writing
    from hpcm_core.training.quantization import cost_of, quantize_model

    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
    checked_on = [] if check is None else checked(lambda: picture_files(check))
    if look:
        _quantize_look(file, variant, pictures, crops, seed, checked_on, said, output, as_json)
        return
    made = checked(lambda: quantize_model(file, variant, pictures, crops, seed))
    name = made.after.identity.hex()
    metadata = {"variant": variant, "metric": "mse", "quantized_from": made.before.identity.hex(), "identity": name}

    def write() -> None:
        with writing(output):
            atomic_write(output, save(made.weights, metadata))

    checked(write)
    if made.after.config.rates == "none":
        _say_lossless(made, checked_on, output, as_json)
        return
    costs = list(checked(lambda: list(cost_of(made, checked_on, range(0, 101, 20))))) if checked_on else []
    if as_json:
        print_json({"path": str(output), "identity": name, "costs": [cost._asdict() for cost in costs]})
        return
    say(f"Wrote {output}, identity {name}")
    for cost in costs:
        percent = 100 * (cost.bytes_after / cost.bytes_before - 1)
        say(
            f"quality {cost.quality:3}  {cost.bytes_before:9} -> {cost.bytes_after:9} bytes ({percent:+.3f} %)"
            f"  {cost.psnr_before:.3f} -> {cost.psnr_after:.3f} dB"
        )


def _say_lossless(made: Quantized, pictures: list[Path], output: Path, as_json: bool) -> None:
    """What was made of a model without loss, and what it costs on the pictures."""
    from hpcm_core.training.quantization import lossless_cost_of

    cost = checked(lambda: lossless_cost_of(made, pictures)) if pictures else None
    name = made.after.identity.hex()
    if as_json:
        print_json({"path": str(output), "identity": name, "cost": cost and cost._asdict()})
        return
    say(f"Wrote {output}, identity {name}")
    if cost:
        percent = 100 * (cost.bytes_after / cost.bytes_before - 1)
        say(f"{cost.bytes_before} -> {cost.bytes_after} bytes ({percent:+.3f} %)")


def _facts(given: tuple[str, ...]) -> dict[str, str]:
    facts = dict(fact.partition("=")[::2] for fact in given)
    if not all("=" in fact for fact in given) or set(facts) & {"", *_LOOK_METADATA} or len(facts) < len(given):
        raise click.UsageError("--fact takes NAME=VALUE, each name once and none that the file has anyway.")
    return facts


def _quantize_look(
    file: Path,
    variant: str,
    pictures: tuple[Path, ...],
    crops: int,
    seed: int,
    checked_on: list[Path],
    facts: dict[str, str],
    output: Path,
    as_json: bool,
) -> None:
    from safetensors.numpy import save

    from hpcm_core.files import atomic_write, writing
    from hpcm_core.training.quantization import cost_of_look, quantize_look

    made = checked(lambda: quantize_look(file, variant, pictures, crops, seed))
    name = made.model.identity.hex()
    metadata = dict(zip(_LOOK_METADATA, (variant, "natural", name, made.before.hex()), strict=True))

    def write() -> None:
        with writing(output):
            atomic_write(output, save(made.weights, facts | metadata))

    checked(write)
    costs = list(checked(lambda: list(cost_of_look(made, checked_on, (0, 20, 40, 80))))) if checked_on else []
    if as_json:
        print_json({"path": str(output), "model_hash": name, "costs": [_numbers(cost) for cost in costs]})
        return
    say(f"Wrote {output}, the natural look of {variant}'s weights {name}")
    for cost in costs:
        say(
            f"quality {cost.quality:3}  integers against floats {cost.quantized:.2f} dB; against the pictures: "
            f"faithful {cost.faithful:.3f}, natural {cost.before:.3f} -> {cost.after:.3f} dB"
        )


@models.command()
@click.argument("file", type=PLACE)
@click.option("--variant", default="lite-2-3-6", show_default=True, help="What the file holds.")
@click.option("--to", "smaller", default="lite", show_default=True, help="The smaller variant.")
@click.option("--pictures", type=PLACE, multiple=True, required=True, help="Folder to fit on; several in turn.")
@click.option(
    "--crops", type=click.IntRange(1, 1 << 20), default=100, show_default=True, help="How many crops of them."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-o", "--output", type=PLACE, required=True, help="The safetensors file to write.")
def prune(
    file: Path, variant: str, smaller: str, pictures: tuple[Path, ...], crops: int, seed: int, output: Path
) -> None:
    """Begin a smaller model from a trained one: fewer steps, fewer hidden channels, the rest fitted to do the same.

    It takes memory for the features of all crops, 25 MB each. Train the result: hpcm train --init.
    """
    for name in (variant, smaller):
        if not is_trainable(name):
            raise click.UsageError(f"There is no variant called {name!r}; hpcm models list --all shows them.")
    from safetensors.torch import save

    from hpcm_core.files import atomic_write, writing
    from hpcm_core.training.export import stored
    from hpcm_core.training.pruning import prune_model

    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
    network = checked(lambda: prune_model(file, variant, smaller, pictures, crops, seed))

    def write() -> None:
        with writing(output):
            atomic_write(output, save(stored(network), {"variant": smaller, "metric": "mse"}))

    checked(write)
    say(f"Wrote {output}")


def _numbers(cost: LookCost) -> Row:
    return {name: number(value) for name, value in cost._asdict().items()}


def _earlier_rows() -> list[Row]:
    """Weights that newer ones of their name came after, and where they are or how to bring them back."""
    from hpcm_core.models.catalogue import bundled_path, installed_path, with_identity
    from hpcm_core.models.released import released

    rows = []
    for weights in released():
        if weights.until is None:
            continue
        places = {"bundled": bundled_path(weights.model), "installed": installed_path(weights.model)}
        found = {state: with_identity(place, weights.identity) for state, place in places.items() if place}
        state, path = next(((state, path) for state, path in found.items() if path.is_file()), ("missing", None))
        rows.append(
            {
                "name": f"{weights.model}@{weights.identity.hex()}",
                "profile": weights.profile,
                "until": weights.until,
                "state": state,
                "path": None if path is None else str(path),
                "recovery": weights.recovery,
            }
        )
    return rows


def _cost_rows() -> Iterator[Row]:
    """What each variant that can be trained costs, listed ones first."""
    return (_cost_row(name) for name in (*variants(), *derived()) if is_trainable(name))


def _cost_row(variant: str) -> Row:
    """One variant: its parameters and kMAC a pixel by part, with their total."""
    from hpcm_core.models.macs import cost

    counted = cost(variant)
    parts = {part: round(value, 4) for part, value in counted.kmacs.items()}
    return {
        "variant": variant,
        "parameters": counted.parameters,
        "kmac_per_pixel": {**parts, "total": round(counted.total, 4)},
    }


def _model_row(info: ModelInfo) -> Row:
    return {
        "name": info.name,
        "variant": info.variant,
        "metric": info.metric,
        "lambda": info.lmbda,
        "state": info.state,
        "path": None if info.path is None else str(info.path),
        "source": info.source,
    }
