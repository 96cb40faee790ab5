"""Entropy models and schedules compared: `make ablations PICTURES=folder VALIDATION=folder`.

Trains each variant from the linear start for the same number of steps on the same crops, with several seeds, codes the
validation pictures as real .hpcm files at the same lambdas, and writes the table of docs/ablations.md. What is trained
and measured already is not done again, so a run that was interrupted goes on; with another budget it begins anew.

--transforms takes g_a, g_s and gains from weights that have been trained, leaves them as they are and trains what codes
their latents, by bits alone: what is compared is then all that is learned, and a step takes a third of the time.

On a GPU with --together all trainings of a seed go side by side, a step of each in turn (--compile graph makes the most
of it), and what they have come to is estimated there, by the bits that the networks expect: exact arithmetic is not
for GPUs. --minutes then finds the number of steps with which all seeds end in time. Coding time is measured by
--time, afterwards and on any machine, with what the trainings begin with.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from hpcm_core.errors import HpcmError
from hpcm_core.evaluation.bd_rate import bd_rate
from hpcm_core.files import picture_files
from hpcm_core.models.macs import cost
from hpcm_core.training.config import COMPILE_MODES, OPTIMIZERS
from hpcm_core.training.data import Crops, read_whole
from hpcm_core.training.quantization import read_network
from tests.bench.ablation_runs import LOSS_AT, Budget, Job, Pace, coded, curve, estimate, start, train

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
_STEPS = 20_000
BEGIN, BEGIN_SHARED, END = "<!-- table -->", "<!-- table of shared transforms -->", "<!-- end of the table -->"


def measure(job: Job, budget: Budget, files: Sequence[Path], estimated: bool) -> None:
    """Write what a training has come to beside it."""
    if estimated:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        network = read_network(job.weights, job.variant).to(device)
        found: dict[str, Any] = {"points": estimate(network, job.config(budget), read_whole(files))}
    else:
        found = coded(job.variant, job.weights, files)
    found["curve"] = curve(job.folder)
    job.measured.write_text(json.dumps(found, indent=1) + "\n")


def times(jobs: Sequence[Job], budget: Budget, pictures: Path, files: Sequence[Path], path: Path) -> dict[str, float]:
    """Seconds of the entropy model for a megapixel by variant, kept in a file: of weights as trainings begin with, so
    that none have to be kept.
    """
    known: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    crops: Crops | None = None
    for job in jobs:
        if job.variant in known:
            continue
        config = job.config(budget)
        crops = crops or Crops(pictures, config.crop, config.seed, torch.device("cpu"))
        weights = start(job, config, crops)
        known[job.variant] = coded(job.variant, weights, files, (LOSS_AT,))["seconds"]
        weights.unlink()
        path.write_text(json.dumps(known, indent=1) + "\n")
    return known


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
        timed = [run["seconds"] for run in runs if "seconds" in run]
        seconds = _spread(timed, ".2f") if timed else "-"
        lines.append(
            f"| `{variant}` | {VARIANTS.get(variant, '')} | {_spread(losses, '.4f')} | "
            f"{'0' if runs is reference else _spread(rates, '+.2f') + ' %'} | {counted.total:.1f} | "
            f"{counted.parameters / 1e6:.1f} | {seconds} |"
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
    started = time.monotonic()
    options = _parser().parse_args(arguments)
    if options.minutes and (options.steps or not options.together):
        raise SystemExit("--minutes goes with --together, and without --steps.")
    steps = options.steps or (0 if options.minutes else _STEPS)
    budget = Budget(steps, options.batch, options.seeds, options.minutes, options.optimizer)
    files = picture_files(options.validation)
    whole = options.whole if options.transforms else options.variants
    shared = options.variants if options.transforms else []
    pace = Pace(budget, options.output / f"steps-{budget.name}.json", started)

    def job(variant: str, seed: int, transforms: Path | None) -> Job:
        kind = "shared-" if transforms else ""
        return Job(variant, seed, options.output / f"{kind}{budget.name}" / f"{variant}-{seed}", transforms)

    # Seed by seed, so that what there is after some hours compares everything.
    for seed in range(budget.seeds):
        if seed >= pace.seeds:
            break
        jobs = [job(variant, seed, options.transforms) for variant in shared]
        jobs += [job(variant, seed, None) for variant in whole]
        jobs = [one for one in jobs if not one.measured.exists()]
        for group in [jobs] if options.together and jobs else [[one] for one in jobs]:
            since = time.monotonic()
            if not options.only_table and not train(group, budget, options.pictures, pace, options.compile):
                print("Interrupted; the same command goes on.")
                return 1
            for one in group:
                if one.weights.exists():
                    measure(one, budget, files, options.estimated or options.together)
            names = ", ".join(one.variant for one in group)
            print(f"{names}, seed {seed}: {time.monotonic() - since:.0f} s", flush=True)
    for variants, transforms, mark in ((shared, options.transforms, BEGIN_SHARED), (whole, None, BEGIN)):
        results = _results([[job(v, seed, transforms) for seed in range(budget.seeds)] for v in variants])
        if not results:
            continue
        if options.time:
            first = [job(variant, 0, transforms) for variant in variants]
            found = times(first, budget, options.pictures, files, options.output / "times.json")
            results = {v: [{"seconds": found[v], **run} for run in runs] for v, runs in results.items()}
        of = f"g_a, g_s and gains of {transforms.stem}, left as they are; " if transforms else ""
        done = Budget(pace.steps, budget.batch, min(map(len, results.values())), 0, budget.optimizer)
        text = table(results, done, len(files), of)
        print(text)
        if options.document is not None:
            put_into(options.document, text, mark)
    return 0


def _results(jobs: Sequence[Sequence[Job]]) -> dict[str, list[dict[str, Any]]]:
    """What is measured of each variant, of the seeds that all have."""
    seeds = [i for i in range(len(jobs[0])) if all(of[i].measured.exists() for of in jobs)] if jobs else []
    return {of[0].variant: [json.loads(of[i].measured.read_text()) for i in seeds] for of in jobs} if seeds else {}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("pictures", type=Path, help="folder of training pictures")
    add("--validation", type=Path, required=True, help="folder of pictures to measure on")
    add("--output", type=Path, default=Path("build/ablations"))
    add("--document", type=Path, help="file whose tables are replaced")
    add("--variants", nargs="+", default=list(VARIANTS))
    add("--transforms", type=Path, help="weights whose g_a, g_s and gains all variants take")
    add("--whole", nargs="+", default=[], help="with --transforms: variants that are trained whole beside, for a table")
    add("--steps", type=int, default=0, help=f"{_STEPS:,} if not given")
    add("--minutes", type=float, default=0.0, help="of all trainings; instead of --steps")
    add("--batch", type=int, default=8)
    add("--seeds", type=int, default=3)
    add("--optimizer", choices=OPTIMIZERS, default="soap")
    add("--together", action="store_true", help="all trainings of a seed side by side")
    add("--compile", choices=COMPILE_MODES, default="off")
    add("--estimated", action="store_true", help="no files: bits as the networks expect them")
    add("--time", action="store_true", help="measure coding time where results have none")
    add("--only-table", action="store_true", help="train nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
