"""Getting published checkpoints: from their authors, from a mirror or from a file, checked before they are installed.

What was got first is remembered by its SHA-256, and whatever is got later under the same name has to be the same.
Importing this module imports no torch.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from hpcm_core.download.connection import is_address
from hpcm_core.download.pages import is_of_a_file
from hpcm_core.download.transfer import NotThere, Part, begun, discard, said_weights, taking
from hpcm_core.errors import DownloadError, ModelError, Phrase
from hpcm_core.files import atomic_write, one_at_a_time, reading, writing
from hpcm_core.limits import MIB
from hpcm_core.models.catalogue import ModelInfo, installed_path, models_folder, obstacle
from hpcm_core.models.checkpoint import MAX_CHECKPOINT, convert_checkpoint, install, sha256_in, sha256_of
from hpcm_core.models.published import Published, published
from hpcm_core.models.said import Guess, guess, is_checkpoint, said_inside
from hpcm_core.progress import Cancel, Job, Progress

_NAMES = (".safetensors", ".pth.tar", ".pth")
"""What a mirror may have added to a model's name, in the order in which they are asked for."""
_DOWNLOADED = 0.9
"""Fraction of the job that is done when the file is there."""


def get(
    name: str,
    source: str = "",
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    accept_changed: bool = False,
) -> ModelInfo:
    """Install a published checkpoint, which takes the network only where the source is on it.

    source: an address or path of the file, or of a folder that has it; the authors' own where it is empty.
    accept_changed: take it though it is another than was got first, and remember it from now on.

    A download that is cancelled or breaks off is continued by the next call. Raises HpcmError: DownloadError,
    ModelError or Cancelled among others.
    """
    wanted = published().get(name)
    if wanted is None:
        raise ModelError("{name} is none of the published checkpoints.", name=name)
    if (fault := obstacle(name)) is not None:
        raise fault
    job = Job(progress, cancel)
    place = source.strip() or wanted.page
    if not is_address(place):
        file = _in(Path(place).expanduser(), wanted)
        return _install(file, wanted, _checked(file, wanted, job), accept_changed, job)
    remembered()  # A damaged list is better told of before a download than after.
    tidy(name)
    path = part_of(name)
    with taking(path) as part:
        _download(place, part, wanted, job.part(0, _DOWNLOADED))
        rest = job.part(_DOWNLOADED, 1)
        try:
            weights = _checked(path, wanted, rest)
            _compare(path, wanted, sha256_of(weights), accept_changed)
        except ChangedCheckpoint:
            raise  # The file stays: whoever trusts it needs not load it again.
        except ModelError as error:
            part.discard()
            raise ModelError("What came from {place} is no good: {reason}", place=place, reason=error.phrase) from None
        part.say_weights(sha256_of(weights))
        info = _install(path, wanted, weights, accept_changed, rest)
        part.discard()
    return info


def tidy(name: str) -> None:
    """Remove a download whose weights are installed, as it stays where a process was killed in between."""
    path, installed = part_of(name), installed_path(name)
    if not installed.is_file():
        return
    with suppress(OSError, DownloadError), one_at_a_time(models_folder()):
        said = said_weights(path)
        if said and said == sha256_in(installed):
            with taking(path) as part:
                part.discard()


def part_of(name: str) -> Path:
    """Where a download is kept until it is whole and checked."""
    return models_folder() / "downloads" / f"{name}.part"


def give_up(name: str) -> None:
    """Throw away what has come of a download that was not finished. Raises OSError."""
    discard(part_of(name))


def begun_fraction(name: str) -> float:
    """How much of a download is there from an earlier try, 0 to 1, as far as is known."""
    return min(begun(part_of(name)) / published()[name].size, 1.0)


def is_one_file(source: str) -> bool:
    """Whether a source can have no more than one checkpoint."""
    if is_address(source):
        return is_of_a_file(source) or is_checkpoint(source)
    return bool(source) and not Path(source).expanduser().is_dir()


class ChangedCheckpoint(ModelError):
    """A checkpoint that is not the one which was got first under its name."""


def _download(place: str, part: Part, wanted: Published, job: Job) -> None:
    most = min(MAX_CHECKPOINT, 4 * wanted.size + 64 * MIB)
    if is_one_file(place):
        part.download(place, job, wanted.size, most)
        return
    for ending in _NAMES:
        with suppress(NotThere):
            part.download(f"{place.rstrip('/')}/{wanted.name}{ending}", job, wanted.size, most)
            return
    part.discard()
    names = ", ".join(wanted.name + ending for ending in _NAMES)
    raise NotThere("{place} has none of these files: {names}.", place=place, names=names)


def _in(path: Path, wanted: Published) -> Path:
    """The file that is named, or that of a folder which is the wanted one by its name or head."""
    if not path.is_dir():
        return path
    exact = [path / (wanted.name + ending) for ending in _NAMES]
    with reading(path, ModelError):
        files = sorted(file for file in path.iterdir() if is_checkpoint(file.name) and file.is_file())
    key = wanted.variant, wanted.lmbda
    # The lambdas of the two metrics are so far apart that one says the metric too.
    fitting = [
        file for file in files for said in [guess(file)]
        if (said.variant, said.lmbda) == key and said.metric in (None, wanted.metric)
    ]  # fmt: skip
    found = next((file for file in (*exact, *fitting) if file.is_file()), None)
    if found is None:
        raise ModelError(
            "{folder} has no checkpoint of {model}; a file of it could be called {example}.",
            folder=path,
            model=wanted.name,
            example=exact[0].name,
        )
    return found


def _checked(path: Path, wanted: Published, job: Job) -> bytes:
    """A file's weights as a safetensors file, if they are those of what is wanted. Raises ModelError."""
    job.report(Phrase("Checking the checkpoint"), 0.0)
    asked = Guess(wanted.variant, wanted.metric, wanted.lmbda)
    if not said_inside(path).fits(asked):
        raise ModelError("{file} says that it is of another model than {model}.", file=path.name, model=wanted.name)
    return convert_checkpoint(path, wanted.variant, wanted.metric, wanted.lmbda)[1]


def _compare(path: Path, wanted: Published, now: str, accept_changed: bool) -> None:
    """Raises ModelError where a file's weights, of which `now` is the SHA-256, are not those that are known."""
    known = remembered()
    before = known.get(wanted.name)
    if other := next((other for other, sha in known.items() if sha == now and other != wanted.name), None):
        raise ModelError(
            "{file} has the weights of {other}, not of {model}.", file=path.name, other=other, model=wanted.name
        )
    if before not in (None, now) and not accept_changed:
        raise ChangedCheckpoint(
            "{model} is not what it was when it was first got: its SHA-256 was {before} and is {now} now. Whoever "
            "trusts it adds --accept-changed to hpcm models get.",
            model=wanted.name,
            now=now,
            before=before,
        )


def _install(path: Path, wanted: Published, weights: bytes, accept_changed: bool, job: Job) -> ModelInfo:
    """Remember a file's weights and install them, in this order: a process that is killed in between leaves none that
    are compared with nothing ever after. Raises ModelError.
    """
    job.report(Phrase("Installing"), 0.9)
    with writing(models_folder(), ModelError):
        models_folder().mkdir(parents=True, exist_ok=True)
    now = sha256_of(weights)
    with writing(_memory(), ModelError), one_at_a_time(models_folder()):
        _compare(path, wanted, now, accept_changed)  # once more: another process may have got one meanwhile
        known = remembered()
        if known.get(wanted.name) != now:
            atomic_write(_memory(), json.dumps({**known, wanted.name: now}, indent=1).encode())
    return install(wanted.name, weights)


def remembered() -> dict[str, str]:
    """The SHA-256 (hex) of the tensors of each model that was got, by its name. Raises ModelError where the list of
    them cannot be read: nothing could be compared then.
    """
    path = _memory()
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text("utf-8"))
        return {str(name): str(value) for name, value in content.items()}
    except (OSError, ValueError, AttributeError):
        raise ModelError("{path}, the list of checksums, is damaged.", path=path) from None


def _memory() -> Path:
    return models_folder() / "checksums.json"
