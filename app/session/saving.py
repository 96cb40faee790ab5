"""Writing results to files, with or without what the picture says about itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.session.background import Background
from app.session.document import Outcome, Shown
from app.ui.notices import Notice, notice_of
from hpcm_core.errors import HpcmError, Phrase, listed
from hpcm_core.files import atomic_write
from hpcm_core.format.metadata import without_metadata
from hpcm_core.format.wish import wishing
from hpcm_core.picture.metadata import bare, without_place
from hpcm_core.picture.picture import Picture

ALL, PLACE = Phrase("metadata"), Phrase("the place")


@dataclass(frozen=True)
class Keep:
    """What goes into files of what a picture says about itself. place: where it was taken, a part of the metadata."""

    metadata: bool = True
    place: bool = True

    def file(self, outcome: Outcome, look: int) -> bytes:
        """The .hpcm file of a result, which wishes a look. Raises HpcmError."""
        if outcome.header is None:
            return outcome.data
        data = outcome.data if look == outcome.wished else wishing(outcome.data, look)
        return data if self.metadata and self.place else without_metadata(data, place_only=self.metadata)

    def picture(self, picture: Picture) -> Picture:
        """A picture as it is exported."""
        if not self.metadata:
            return bare(picture)
        return picture if self.place else without_place(picture)

    def left_out(self, picture: Picture) -> tuple[Phrase, ...]:
        """What of a picture is not kept."""
        kept = self.picture(picture)
        parts = ("exif", "xmp", "iptc", "texts", "resolution")
        if all(getattr(kept, name) == getattr(picture, name) for name in parts):
            return ()
        return (PLACE,) if self.metadata else (ALL,)


class Saver(QObject):
    """Writes in the background, whole files or none; never over the original."""

    saved = Signal()  # a result is in a .hpcm file now
    noticed = Signal(object)  # Notice

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self.keep = Keep()
        self._saved: dict[int, tuple[Path, int]] = {}
        """Where the files in memory were saved last, and with which look as their wish, by their hashes. One that was
        written over is in no file any more.
        """

    def has_saved(self, outcome: Outcome, look: int) -> bool:
        """Whether the file of a result was saved last as one that wishes this look."""
        return self._saved.get(hash(outcome.data), (None, None))[1] == look

    def file_of(self, outcome: Outcome) -> Path | None:
        """Where the file of a result was saved last."""
        return self._saved.get(hash(outcome.data), (None, None))[0]

    def save(self, outcome: Outcome, path: Path, original: Shown | None, look: int) -> None:
        """Write the .hpcm file, which wishes a look."""
        keep = self.keep

        def work() -> tuple[Phrase, ...]:
            atomic_write(path, keep.file(outcome, look))
            return keep.left_out(outcome.shown.picture)

        def written() -> None:
            self._saved = {key: kept for key, kept in self._saved.items() if kept[0] != path}
            self._saved[hash(outcome.data)] = path, look
            self.saved.emit()

        self._write(path, work, _source(original), written)

    def write(
        self,
        data: bytes | memoryview | Callable[[], bytes],
        path: Path,
        source: Path | None,
        left_out: tuple[Phrase, ...] = (),
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Write what was made of a result, such as its curves, or what makes it in the background. left_out: what the
        file lacks; then: called when it is written.
        """

        def work() -> tuple[Phrase, ...]:
            atomic_write(path, data() if callable(data) else data)
            return left_out

        self._write(path, work, source, then)

    def _write(
        self,
        path: Path,
        work: Callable[[], tuple[Phrase, ...]],
        source: Path | None,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """work: writes the file and returns what had to be left out; then: called when it is written."""

        def checked() -> tuple[Phrase, ...]:
            # Here and not before: a drive that does not answer must not have the window wait.
            if (fault := overwriting(path, source)) is not None:
                raise fault
            return work()

        def done(left_out: tuple[Phrase, ...]) -> None:
            then()
            text = Phrase("Saved {name}", name=path.name)
            if left_out:
                text = Phrase("Saved {name}, without {things}", name=path.name, things=listed(left_out))
            self.noticed.emit(Notice(text, is_error=False))

        def failed(error: Exception, details: str) -> None:
            self.noticed.emit(notice_of(error, details, Phrase("{name} could not be written", name=path.name)))

        self._background.run(checked, done, failed, must_finish=True)


def overwriting(path: Path, source: Path | None) -> HpcmError | None:
    """Why nothing can be written there: it is the file of the original."""
    # Not Path.exists, which raises for a name that is too long and for a folder that cannot be looked into.
    if source is not None and os.path.exists(path) and os.path.exists(source) and path.samefile(source):
        return HpcmError("The original is never overwritten; please choose another name.")
    return None


def _source(original: Shown | None) -> Path | None:
    """The file of the original, which nothing is written over."""
    return original.path if original is not None else None
