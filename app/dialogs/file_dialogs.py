"""File dialogs: which files are offered, where they begin, what a new file is called."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.desktop.settings import Settings
from app.ui.notices import Notice, notice_of
from app.ui.translation import QT_TR_NOOP, tr
from hpcm_core.errors import Phrase
from hpcm_core.files import PICTURE_SUFFIXES, atomic_write
from hpcm_core.models.said import CHECKPOINT_SUFFIXES

PICTURES = " ".join("*" + suffix for suffix in PICTURE_SUFFIXES)
SAMPLE = "samples/astronaut.png"
"""The photograph that comes with the program, in the bundled resources."""


_ALL = (QT_TR_NOOP("All files"), "*")
_PICTURES = (QT_TR_NOOP("Pictures"), PICTURES)
_HPCM = (QT_TR_NOOP("HPCM files"), "*.hpcm")


@dataclass(frozen=True)
class Question:
    """A dialog's title and kinds of files (a name and its patterns); for new files also what is added to the name, and
    the extension.
    """

    title: str
    kinds: tuple[tuple[str, str], ...]
    suffix: str = ""
    addition: str = ""

    @property
    def filters(self) -> str:
        """The kinds as Qt's file dialog wants them."""
        return ";;".join(f"{tr(name)} ({patterns})" for name, patterns in self.kinds)


OPEN = Question(
    QT_TR_NOOP("Open a picture or a .hpcm file"),
    ((QT_TR_NOOP("Pictures and .hpcm files"), f"*.hpcm {PICTURES}"), _HPCM, _ALL),
)
ORIGINAL = Question(QT_TR_NOOP("Choose the original picture"), (_PICTURES, _ALL))
FIRST = Question(QT_TR_NOOP("Choose the first file, the original"), OPEN.kinds)
SECOND = Question(QT_TR_NOOP("Choose the second file, to compare with the first"), OPEN.kinds)
ADD = Question(QT_TR_NOOP("Add pictures"), (_PICTURES, _ALL))
CHECKPOINT = Question(
    QT_TR_NOOP("Choose a checkpoint"),
    ((QT_TR_NOOP("Checkpoints"), " ".join("*" + suffix for suffix in CHECKPOINT_SUFFIXES)), _ALL),
)
SAVE = Question(QT_TR_NOOP("Save the compressed file"), (_HPCM,), ".hpcm")
LOAD_RECIPE = Question(QT_TR_NOOP("Load a recipe"), ((QT_TR_NOOP("Recipes"), "*.json"),))
SAVE_RECIPE = Question(QT_TR_NOOP("Save the recipe"), LOAD_RECIPE.kinds, ".json")
SAVE_CHART = Question(
    QT_TR_NOOP("Save the curves"), (("PNG", "*.png"), ("SVG", "*.svg"), ("CSV", "*.csv")), ".png", "-curves"
)
SAVE_ERRORS = Question(QT_TR_NOOP("Save the histogram"), (("PNG", "*.png"), ("CSV", "*.csv")), ".png", "-errors")
SAVE_LATENTS = Question(QT_TR_NOOP("Save the latents"), (("CSV", "*.csv"),), ".csv")
SAVE_FIGURE = Question(QT_TR_NOOP("Save the figure"), (("PNG", "*.png"), ("NumPy", "*.npz")), ".png")
SAVE_REPORT = Question(QT_TR_NOOP("Save the report"), (("CSV", "*.csv"),), ".csv")


def ask_for_file(parent: QWidget, settings: Settings, question: Question, use: Callable[[Path], None]) -> None:
    """Let the user choose a file, and use it."""
    name, _ = QFileDialog.getOpenFileName(parent, tr(question.title), settings.last_folder, question.filters)
    if name:
        settings.last_folder = str(Path(name).parent)
        use(Path(name))


def ask_for_files(parent: QWidget, settings: Settings, question: Question, use: Callable[[list[Path]], None]) -> None:
    """Let the user choose files, and use them."""
    names, _ = QFileDialog.getOpenFileNames(parent, tr(question.title), settings.last_folder, question.filters)
    if names:
        settings.last_folder = str(Path(names[0]).parent)
        use([Path(name) for name in names])


def ask_for_folder(
    parent: QWidget, settings: Settings, title: str, use: Callable[[Path], None], first: Path | None = None
) -> None:
    """Let the user choose a folder, and use it. first: where to begin, else in the last one."""
    name = QFileDialog.getExistingDirectory(parent, title, str(first or settings.last_folder))
    if name:
        settings.last_folder = name
        use(Path(name))


def ask_for_target(
    parent: QWidget, settings: Settings, question: Question, opened: Path | None, use: Callable[[Path], None]
) -> bool:
    """Let the user name a new file, and use it. opened: the file whose name the proposal is made from. Returns whether
    there is one.
    """
    stem = opened.stem if opened is not None else "picture"
    proposal = Path(settings.last_folder) / f"{stem}{question.addition}{question.suffix}"
    name, chosen = QFileDialog.getSaveFileName(parent, tr(question.title), str(proposal), question.filters)
    if not name:
        return False
    target = with_suffix(Path(name), chosen, question)
    if target != Path(name) and not may_replace(parent, target, tr(question.title)):
        return False  # The dialog has asked about the name as it was typed.
    settings.last_folder = str(target.parent)
    use(target)
    return True


def may_replace(parent: QWidget, path: Path, title: str) -> bool:
    """Whether a file may be written there: there is none yet, or the user means to replace it."""
    if not os.path.exists(path):
        return True
    question = tr("{name} exists in this folder. Replace it?").format(name=path.name)
    buttons = QMessageBox.StandardButton
    return QMessageBox.question(parent, title, question, buttons.Yes | buttons.No, buttons.No) == buttons.Yes


def with_suffix(path: Path, chosen_filter: str, question: Question) -> Path:
    """The path with an extension of the question: that of the chosen filter, unless it was named with another one. A
    name may have dots of its own.
    """
    endings = [pattern.removeprefix("*") for _, pattern in question.kinds]
    ending = next((one for one in endings if f"(*{one})" in chosen_filter), question.suffix)
    given = path.suffix.lower()
    if given == question.suffix != ending:
        return path.with_suffix(ending)  # What was proposed; another kind of file was chosen then.
    return path if given in endings else path.with_name(path.name + ending)


def with_home(folder: Path) -> str:
    """A path with the home folder as ~."""
    text = str(folder)
    home = os.path.expanduser("~")
    return "~" + text[len(home) :] if text.startswith(home + os.sep) else text


def write(path: Path, data: bytes, tell: Callable[[Notice], None]) -> bool:
    """Write a small file that was asked for; whether that went well. Why it did not is told."""
    try:
        atomic_write(path, data)
    except OSError as error:
        tell(notice_of(error, repr(error), Phrase("{name} could not be written", name=path.name)))
        return False
    return True
