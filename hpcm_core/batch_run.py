"""Running a batch: what is done with one picture, and many through a pool of workers."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from hpcm_core import codec, storage
from hpcm_core.advice import of_jpeg
from hpcm_core.batch import Row, Rules, gain_percent, output_path, reason_to_skip
from hpcm_core.errors import CorruptFile, HpcmError, NotHpcm, Phrase, listed
from hpcm_core.files import tidy
from hpcm_core.format import container
from hpcm_core.jobs.manifest import Manifest, Stamp
from hpcm_core.jobs.pool import Failed, Pool, run
from hpcm_core.picture.metadata import without_place
from hpcm_core.progress import Cancel, Progress
from hpcm_core.recipe import Recipe
from hpcm_core.results import encode_seconds


@dataclass(frozen=True)
class Item:
    """A picture of a batch. stamp: with a manifest, the source's; then: its row there, from an earlier run; again: a
    worker was lost with it, so the output may be there by that.
    """

    source: Path
    target: Path
    stamp: Stamp | None = None
    then: dict[str, Any] | None = None
    again: bool = False


@dataclass(frozen=True)
class Encoding:
    """The work of a batch (jobs.pool.Work)."""

    recipe: Recipe
    rules: Rules
    keep_place: bool = True

    def __call__(self, item: Item, report: Progress) -> Row:
        keeps = self.rules.skip_existing
        if item.stamp is not None and keeps and not item.again and storage.exists(item.target):
            return _found(item)
        row = Row(str(item.source), str(item.target))
        rules = replace(self.rules, skip_existing=keeps and not item.again)
        data = encode_row(
            item.source, item.target, self.recipe, rules, row, progress=report, keep_place=self.keep_place
        )
        if data is None:
            return row
        if keeps and item.again and storage.exists(item.target) and storage.read(item.target) != data:
            return replace(row, state="skipped", reason=Phrase("the output exists"))
        storage.write(item.target, data)
        return replace(row, state="done", sha256=sha256(data).hexdigest())


Opened: TypeAlias = Callable[[Encoding, int], Pool[Item, Row]]
"""Makes the pool for so many items."""


def run_batch(
    sources: Sequence[tuple[Path, Path | None]],
    recipe: Recipe,
    template: str,
    rules: Rules,
    pool: Opened,
    manifest: Manifest | None = None,
    *,
    keep_place: bool = True,
) -> Iterator[tuple[int, Row]]:
    """Encode each source into its folder (beside itself without one) and yield its place and row as it ends; a failure
    costs only its own row. keep_place: as in `encode_row`. Raises HpcmError where the pool or the manifest fails.
    """
    items: list[Item] = []
    places: list[int] = []
    taken: set[str] = set()
    for place, (source, folder) in enumerate(sources):
        row = Row(str(source), state="failed")
        try:
            target = output_path(source, folder, template, recipe)
            row.output = str(target)
            # However its folder is spelled.
            real = os.path.normcase(os.path.realpath(target)) if storage.is_local(target) else str(target)
            if real in taken:
                raise HpcmError("another picture of this batch has the same output name")
            taken.add(real)
            stamp = None if manifest is None else storage.stamp(source)
        except HpcmError as error:
            row.reason = error.phrase
            yield place, row
            continue
        then = manifest.known(str(source), stamp) if manifest is not None and stamp is not None else None
        if then is not None and then.get("state") == "skipped":
            yield place, replace(_row(then), output=row.output)
            continue
        places.append(place)
        items.append(Item(source, target, stamp, then))
    if not items:
        return
    in_hand: dict[int, Item] = {}

    def handed_out() -> Iterator[Item]:
        for number, item in enumerate(items):
            in_hand[number] = item
            yield item

    with ExitStack() as at_end:
        at_end.callback(_tidy, in_hand)
        opened = at_end.enter_context(pool(Encoding(recipe, rules, keep_place), len(items)))
        for ended in run(opened, handed_out(), lambda item: replace(item, again=True)):
            del in_hand[ended.number]
            item, outcome = ended.item, ended.outcome
            if isinstance(outcome, Failed):
                outcome = Row(str(item.source), str(item.target), "failed", outcome.message)
            # Not what was found: it is in the manifest already, or has no figures.
            new = outcome.state == "done" or (item.then is None and outcome.bytes is not None)
            fault = None
            if manifest is not None and item.stamp is not None and new:
                try:
                    manifest.add(outcome.source, item.stamp, asdict(outcome))
                except HpcmError as error:
                    fault = error
            yield places[ended.number], outcome
            if fault is not None:
                raise fault


def _tidy(in_hand: dict[int, Item]) -> None:
    """Workers that are ended in the moment in which they make a file, or had to be killed, leave it half-written."""
    for item in in_hand.values():
        if storage.is_local(item.target):
            tidy(item.target)


def _found(item: Item) -> Row:
    """The row of an output that is there, if it is whole: by the hash in the manifest, or by its own checksums. Raises
    HpcmError: what is there may be somebody's, and stays.
    """
    if item.then is not None:
        if storage.sha256(item.target) != item.then.get("sha256"):
            raise HpcmError("the output is not what was written into it; remove it to have it made again")
        row = replace(_row(item.then), output=str(item.target))
        return replace(row, state="skipped", reason=Phrase("written before"))
    data = storage.read(item.target)
    try:
        container.read(data)
    except (CorruptFile, NotHpcm):
        raise HpcmError("the output exists and is damaged; remove it to have it made again") from None
    digest = sha256(data).hexdigest()
    return Row(str(item.source), str(item.target), "skipped", Phrase("the output exists"), sha256=digest)


def _row(written: dict[str, Any]) -> Row:
    return Row(**{column.name: written[column.name] for column in fields(Row) if column.name in written})


def encode_row(
    source: Path,
    target: Path,
    recipe: Recipe,
    rules: Rules,
    row: Row,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    keep_place: bool = True,
) -> bytes | None:
    """Encode one picture and fill its row. Returns the file to write, None where a rule skips it. keep_place: with
    where the picture was taken, if the recipe keeps metadata. Raises HpcmError.
    """
    exists = storage.exists(target)
    if rules.skip_existing and storage.is_taken(target):
        row.state, row.reason = "skipped", Phrase("the output exists")
        return None
    picture = storage.open_picture(source)
    if not keep_place:
        picture = without_place(picture)
    with storage.read_errors(source):
        if exists and target.samefile(source):
            raise HpcmError("the output would overwrite its own source")
        row.source_bytes = source.stat().st_size
    encoded = codec.encode(picture, recipe, progress=progress, cancel=cancel)
    row.bytes = len(encoded.data)
    row.left_out = listed(picture.left_out) if picture.left_out else ""
    row.advice = of_jpeg(picture, encoded.header) or ""
    row.gain_percent = gain_percent(row.source_bytes, row.bytes)
    row.encode_seconds = encode_seconds(encoded.times)
    if encoded.metrics is not None:
        row.bpp, row.psnr = encoded.metrics.bpp, encoded.metrics.psnr
        row.ms_ssim, row.ms_ssim_db = encoded.metrics.ms_ssim, encoded.metrics.ms_ssim_db
        row.equal = math.isinf(encoded.metrics.psnr)
    if (reason := reason_to_skip(rules, row.source_bytes, row.bytes)) is not None:
        row.state, row.reason = "skipped", reason
        return None
    return encoded.data
