"""What the commands over many pictures share: where they run, what is remembered of it, and one bar for all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core import __version__, storage
from hpcm_core.cli.bar import Bar, show
from hpcm_core.cli.output import Row, checked
from hpcm_core.cli.places import PLACE, SUFFIX
from hpcm_core.cli.support import Rows
from hpcm_core.errors import HpcmError
from hpcm_core.files import PICTURE_SUFFIXES
from hpcm_core.jobs.choosing import choose
from hpcm_core.jobs.manifest import Manifest, Stamp
from hpcm_core.jobs.pool import Failed, Work, run

if TYPE_CHECKING:
    from hpcm_core.jobs.pool import I, Pool, R
    from hpcm_core.recipe import Recipe


@dataclass(frozen=True)
class Many:
    """What the options say."""

    on: str | None = None
    workers: int | None = None
    threads: int | None = None
    manifest_file: Path | None = None

    def reach(self, place: Path) -> Path:
        """A place as other machines have to call it: they share its folder, but not this process's working folder."""
        return place.absolute() if self.on is not None and storage.is_local(place) else place

    def pool(self, work: Work[I, R], items: int, bar: Bar) -> Pool[I, R]:
        """Raises HpcmError."""
        workers = self.workers
        if self.on is None and workers is None and _has_cuda(items):
            workers = 1
        return choose(work, items, bar.within, self.on, workers, self.threads)

    @property
    def goes_on(self) -> bool:
        """Whether there is a manifest already; whether of this run, `manifest` says."""
        path = self.manifest_file
        return path is not None and path.is_file() and path.stat().st_size > 0

    def manifest(self, command: str, **settings: Any) -> AbstractContextManager[Manifest | None]:
        """settings: what results depend on. Anything that is wrong is a usage error."""
        if self.manifest_file is None:
            return nullcontext()
        path = self.manifest_file
        if path.suffix.lower() in (SUFFIX, *PICTURE_SUFFIXES):
            raise click.UsageError(f"{path} is not the name of a manifest; let it end on .jsonl.")
        found: Manifest = checked(lambda: Manifest(path, {"version": __version__, "command": command, **settings}))
        return found


def many_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command over many pictures; it gets them as `many`."""

    @functools.wraps(command)
    def with_many(
        *args: Any, on: str | None, jobs: int | None, threads: int | None, manifest: Path | None, **options: Any
    ) -> Any:
        return command(*args, many=Many(on, jobs, threads, manifest), **options)

    made: Callable[..., Any] = with_many
    for option in reversed(
        (
            click.option("--on", metavar="ADDRESS", help="A Ray cluster: auto, ray://HOST:10001 or HOST:6379."),
            click.option("--jobs", type=click.IntRange(1), help="Workers.  [default: as many as pay]"),
            click.option(
                "--threads", type=click.IntRange(1), help="Threads of each.  [default: its share of the cores]"
            ),
            click.option(
                "--manifest", type=PLACE, help="Remember here what is done; the same command goes on with it."
            ),
        )
    ):
        made = option(made)
    return made


def for_all(
    sources: Sequence[Path],
    items: Sequence[I],
    work: Work[I, Row],
    many: Many,
    command: str,
    settings: dict[str, Any],
    is_there: Callable[[I, Row], bool] = lambda item, row: True,
) -> Rows:
    """The work on every source, wherever `many` says; items: what it gets of each. An error becomes a row. Rows are in
    the order of the sources, and of a run that was stopped those that had ended. is_there: whether what an item's work
    left beside its row, in an earlier run, is still what it would leave; otherwise it is done again.
    """
    found: dict[int, Row] = {}
    rows = Rows()
    with many.manifest(command, **settings) as manifest, show(len(sources)) as bar:
        places: list[int] = []
        stamps: list[Stamp | None] = []
        for place, source in enumerate(sources):
            try:
                stamp = None if manifest is None else storage.stamp(source)
            except HpcmError as error:
                found[place] = _failed(Failed(type(error).__name__, str(error)))
                continue
            then = manifest.known(str(source), stamp) if manifest is not None and stamp is not None else None
            if then is not None and is_there(items[place], then):
                found[place] = then
            else:
                places.append(place)
                stamps.append(stamp)
        bar.already(len(found))
        try:
            with many.pool(work, len(places), bar) as pool:
                for ended in run(pool, [items[place] for place in places]):
                    place, stamp, outcome = places[ended.number], stamps[ended.number], ended.outcome
                    if isinstance(outcome, Failed):
                        found[place] = _failed(outcome)
                    else:
                        found[place] = outcome
                        if manifest is not None and stamp is not None:
                            manifest.add(str(sources[place]), stamp, outcome)
                    bar.ended()
        except KeyboardInterrupt:
            rows.interrupted = True
        except HpcmError as error:
            rows.stopped = error
    rows += [{"input": str(sources[place]), **found[place]} for place in sorted(found)]
    return rows


def settings_of(recipe: Recipe, *others: Recipe) -> dict[str, Any]:
    """A recipe in a manifest's settings, and which weights the names of its model and those of the others stand for:
    what is done is not done any more when there are new ones.
    """
    from hpcm_core.models.catalogue import find, name_for
    from hpcm_core.models.said import identity_said
    from hpcm_core.rate_search import candidates

    weights: dict[str, str] = {}
    for one in (recipe, *others):
        with suppress(HpcmError):  # which each picture tells
            for rate in candidates(one) if one.has_target else [one]:
                name = name_for(rate.model, rate.metric, rate.lmbda)
                weights[name] = identity_said(find(name))
    return {"recipe": asdict(recipe), "weights": weights}


def _failed(failure: Failed) -> Row:
    return {"error": failure.kind, "message": str(failure.message)}


def _has_cuda(items: int) -> bool:
    """Whether there is a graphics card, which several processes would only share. Asked where there are many items: it
    takes torch to know.
    """
    from importlib.metadata import PackageNotFoundError, version

    from hpcm_core.jobs.choosing import most_workers

    try:
        if most_workers(items) == 1 or version("torch").endswith("+cpu"):
            return False
    except PackageNotFoundError:
        return False
    from hpcm_core.transform.devices import choose as device

    return device().type == "cuda"
