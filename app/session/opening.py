"""From files to what the window shows: a picture, a .hpcm file, two files to compare."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from app.session.background import Background
from app.session.comparison import SizesDiffer, pair_of, pair_with, read_both, read_either
from app.session.document import Outcome, Place, Shown, outcome_of_decoding, shown_of
from app.session.loading import Loading
from app.ui.notices import notice_of
from app.worker.protocol import Job
from app.worker.tasks import DecodeJob, GlimpseJob
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.format import container
from hpcm_core.format.preview_reading import read_preview
from hpcm_core.models.registry import edition_of, variant_of
from hpcm_core.picture.picture import Picture
from hpcm_core.results import Decoded

R = TypeVar("R")

PREVIEW_SIDE = 1024
"""Longest side of a preview that is shown while its file is decoded."""
GLIMPSE_PIXELS = 3_000_000
"""From so many on a picture takes long to decode: a first look comes before, where its file has no preview."""
SLOWER = 8
"""Times as long as Lite's integers models of torch take for a picture, at least."""


class Submit(Protocol):
    """Has a job done that the user waits for, then calls with its result. about: the name of its file."""

    def __call__(self, job: Job[R], then: Callable[[R], None], about: str) -> object: ...


def is_large(data: bytes) -> bool:
    """Whether the picture in a .hpcm file takes long to decode; not where the file cannot be read."""
    try:
        header = container.read(data).header
    except HpcmError:
        return False
    edition = edition_of(variant_of(header.model_name) or header.model_name, header.model_hash)
    slow = edition is not None and edition.family.needs_torch
    return header.width * header.height * (SLOWER if slow else 1) >= GLIMPSE_PIXELS


def preview_of(data: bytes) -> bytes | None:
    """A PNG file of the preview in a .hpcm file; None where it has none, or none that can be read: decoding will tell
    what is wrong.
    """
    try:
        file = container.read(data)
        if file.preview is None:
            return None
        out = io.BytesIO()
        read_preview(file, PREVIEW_SIDE).save(out, "PNG")
        return out.getvalue()
    except HpcmError:
        return None


class Opener(QObject):
    """Opens one thing at a time; the newest wish ends the one before. What is open stays until the new one is there."""

    picture_opened = Signal(object)  # Shown
    file_opened = Signal(object)  # Outcome
    pair_opened = Signal(object, object)  # Shown, Outcome
    original_found = Signal(object, object)  # Shown, and the Outcome that is open with its difference
    busy_changed = Signal()
    glimpsed = Signal(bytes, str)  # a PNG file: a first look at what is being decoded, and its file's name
    progress = Signal(object, float)  # Phrase
    noticed = Signal(object)  # Notice

    def __init__(self, background: Background, place: Place, submit: Submit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self._submit = submit
        self._loading = Loading(background, self)
        self._loading.busy_changed.connect(self.busy_changed)

    @property
    def busy(self) -> bool:
        return self._loading.busy

    def cancel(self) -> None:
        """Open nothing."""
        self._loading.begin()

    def open(self, path: Path, frame: int = 0) -> None:
        """Open a picture or a .hpcm file, told apart by content. frame: which of several pictures in it."""
        turn, failed = self._loading.begin(), self._failed(path.name)

        def read() -> tuple[Shown | bytes, bytes | None, bool]:
            found = read_either(path, self._place, frame)
            if isinstance(found, Shown):
                return found, None, False
            preview = preview_of(found)
            return found, preview, preview is None and is_large(found)

        def done(read: tuple[Shown | bytes, bytes | None, bool]) -> None:
            result, preview, large = read
            if isinstance(result, Shown):
                self.picture_opened.emit(result)
            elif large:
                self._submit(GlimpseJob(result, PREVIEW_SIDE), lambda made: decode(result, made), path.name)
            else:
                decode(result, preview)

        def decode(data: bytes, preview: bytes | None) -> None:
            self._submit(DecodeJob(data), lambda decoded: prepare(decoded, data), path.name)
            if preview is not None:
                self.glimpsed.emit(preview, path.name)

        def prepare(decoded: Decoded, data: bytes) -> None:
            self._loading.run(turn, lambda: outcome_of_decoding(decoded, data, path), self.file_opened.emit, failed)

        self.progress.emit(Phrase("Opening {name}", name=path.name), 0.0)
        self._loading.run(turn, read, done, failed)

    def open_picture(self, picture: Picture) -> None:
        """Open a picture that is no file, such as one that was pasted."""
        turn, failed = self._loading.begin(), self._failed(Phrase("The picture"))
        self._loading.run(turn, lambda: shown_of(self._place(picture), None), self.picture_opened.emit, failed)

    def compare(self, first: Path, second: Path, differ: Callable[[str], None] | None = None) -> None:
        """Open two files as original and result. differ: called where their sizes differ."""
        turn = self._loading.begin()

        def failed(error: Exception, details: str) -> None:
            if isinstance(error, SizesDiffer) and differ is not None:
                differ(str(error))
            else:
                what = Phrase("{first} and {second} could not be compared", first=first.name, second=second.name)
                self.noticed.emit(notice_of(error, details, what))

        def read(parts: tuple[Shown | bytes, Shown | bytes]) -> None:
            swap = isinstance(parts[0], bytes) and isinstance(parts[1], Shown)  # A .hpcm file is the result.
            paths = (second, first) if swap else (first, second)
            decode([*parts][:: -1 if swap else 1], paths)

        def decode(parts: list[Any], paths: tuple[Path, Path]) -> None:
            for index, part in enumerate(parts):
                if isinstance(part, bytes):

                    def decoded(result: Decoded, index: int = index, data: bytes = part) -> None:
                        parts[index] = (data, result)
                        decode(parts, paths)

                    self._submit(DecodeJob(part), decoded, paths[index].name)
                    return
            self._loading.run(turn, lambda: pair_of(parts[0], parts[1], paths), show, failed)

        def show(pair: tuple[Shown, Outcome]) -> None:
            self.pair_opened.emit(*pair)

        self.progress.emit(Phrase("Opening {name}", name=first.name), 0.0)
        self._loading.run(turn, lambda: read_both((first, second), self._place), read, failed)

    def find_original(self, outcome: Outcome, path: Path) -> None:
        """Open the picture that an opened .hpcm file was made from."""

        def show(pair: tuple[Shown, Outcome]) -> None:
            self.original_found.emit(*pair)

        self.progress.emit(Phrase("Opening {name}", name=path.name), 0.0)
        turn = self._loading.begin()
        self._loading.run(turn, lambda: pair_with(outcome, path, self._place), show, self._failed(path.name))

    def _failed(self, name: str) -> Callable[[Exception, str], None]:
        def failed(error: Exception, details: str) -> None:
            self.noticed.emit(notice_of(error, details, Phrase("{name} could not be opened", name=name)))

        return failed
