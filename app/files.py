"""File dialogs: which files are offered, where they begin, what a new file is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.settings import Settings

PICTURES = "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.gif *.avif"
SAMPLE = "samples/astronaut.png"
"""The photograph that comes with the program, in the bundled resources."""


@dataclass(frozen=True)
class Question:
    """A dialog's title and filters; for new files also what is added to the name, and the extension."""

    title: str
    filters: str
    suffix: str = ""
    addition: str = ""


OPEN = Question(
    "Open a picture or a .hpcm file",
    f"Pictures and .hpcm files (*.hpcm {PICTURES});;HPCM files (*.hpcm);;All files (*)",
)
ORIGINAL = Question("Choose the original picture", f"Pictures ({PICTURES});;All files (*)")
FIRST = Question("Choose the first file, the original", OPEN.filters)
SECOND = Question("Choose the second file, to compare with the first", OPEN.filters)
CHECKPOINT_SUFFIXES = (".safetensors", ".pth", ".pth.tar", ".pt")
CHECKPOINT = Question(
    "Choose a checkpoint", f"Checkpoints ({' '.join('*' + suffix for suffix in CHECKPOINT_SUFFIXES)});;All files (*)"
)
SAVE = Question("Save the compressed file", "HPCM files (*.hpcm)", ".hpcm")
EXPORT = Question(
    "Export the reconstruction",
    "PNG (*.png);;TIFF (*.tif);;WebP (*.webp);;JPEG (*.jpg);;AVIF (*.avif);;BMP (*.bmp)",
    ".png",
    "-hpcm",
)


def ask_for_file(parent: QWidget, settings: Settings, question: Question, use: Callable[[Path], None]) -> None:
    """Let the user choose a file, and use it."""
    name, _ = QFileDialog.getOpenFileName(parent, question.title, settings.last_folder, question.filters)
    if name:
        settings.last_folder = str(Path(name).parent)
        use(Path(name))


def ask_for_folder(parent: QWidget, settings: Settings, title: str, use: Callable[[Path], None]) -> None:
    """Let the user choose a folder, and use it."""
    name = QFileDialog.getExistingDirectory(parent, title, settings.last_folder)
    if name:
        settings.last_folder = name
        use(Path(name))


def ask_for_target(
    parent: QWidget, settings: Settings, question: Question, opened: Path | None, use: Callable[[Path], None]
) -> None:
    """Let the user name a new file, and use it. opened: the file whose name the proposal is made from."""
    stem = opened.stem if opened is not None else "picture"
    proposal = Path(settings.last_folder) / f"{stem}{question.addition}{question.suffix}"
    name, chosen = QFileDialog.getSaveFileName(parent, question.title, str(proposal), question.filters)
    if name:
        target = with_suffix(Path(name), chosen, question.suffix)
        settings.last_folder = str(target.parent)
        use(target)


def with_suffix(path: Path, chosen_filter: str, default: str) -> Path:
    """The path with the extension of the chosen filter, if it was named without one."""
    if path.suffix:
        return path
    _, star, extension = chosen_filter.partition("(*")
    return path.with_name(path.name + (extension.rstrip(")").split()[0] if star and extension != ")" else default))


def is_checkpoint(path: Path) -> bool:
    """Whether a file's name is that of a checkpoint."""
    return path.name.lower().endswith(CHECKPOINT_SUFFIXES)
