"""Running a batch in this process, one picture after the other."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from hpcm_core import codec
from hpcm_core.batch import Row, Rules, gain_percent, output_path, reason_to_skip
from hpcm_core.errors import Cancelled, HpcmError, Phrase, listed
from hpcm_core.files import atomic_write, reading, writing
from hpcm_core.picture.metadata import without_place
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Cancel, Progress
from hpcm_core.recipe import Recipe

_log = logging.getLogger(__name__)


def run_batch(
    sources: Iterable[tuple[Path, Path | None]],
    recipe: Recipe,
    template: str,
    rules: Rules,
    cancel: Cancel | None = None,
) -> Iterator[Row]:
    """Encode each source into its folder (beside itself without one) and yield its row as it ends; a failure costs only
    its own row. Raises Cancelled.
    """
    taken: set[str] = set()
    for source, folder in sources:
        row = Row(str(source))
        try:
            target = output_path(source, folder, template, recipe)
            row.output = str(target)
            # However its folder is spelled.
            real = os.path.normcase(os.path.realpath(target))
            if real in taken:
                raise HpcmError("another picture of this batch has the same output name")
            taken.add(real)
            data = encode_row(source, target, recipe, rules, row, cancel=cancel)
            if data is not None:
                with writing(target):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    atomic_write(target, data)
                row.state = "done"
        except Cancelled:
            raise
        except HpcmError as error:
            row.state, row.reason = "failed", error.phrase
        except Exception as error:  # A fault of the program's own: the other pictures are not to suffer from it.
            _log.debug("A picture failed.", exc_info=True)
            row.state, row.reason = "failed", f"unexpected {type(error).__name__}: {error}"
        yield row


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
    with reading(target):
        exists = target.exists()
    if rules.skip_existing and exists:
        row.state, row.reason = "skipped", Phrase("the output exists")
        return None
    picture = Picture.open(source) if keep_place else without_place(Picture.open(source))
    with reading(source):
        if exists and target.samefile(source):
            raise HpcmError("the output would overwrite its own source")
        row.source_bytes = source.stat().st_size
    encoded = codec.encode(picture, recipe, progress=progress, cancel=cancel)
    row.bytes = len(encoded.data)
    row.left_out = listed(picture.left_out) if picture.left_out else ""
    row.gain_percent = gain_percent(row.source_bytes, row.bytes)
    row.encode_seconds = sum(encoded.times.values())
    if encoded.metrics is not None:
        row.bpp, row.psnr = encoded.metrics.bpp, encoded.metrics.psnr
        row.ms_ssim, row.ms_ssim_db = encoded.metrics.ms_ssim, encoded.metrics.ms_ssim_db
    if (reason := reason_to_skip(rules, row.source_bytes, row.bytes)) is not None:
        row.state, row.reason = "skipped", reason
        return None
    return encoded.data
