"""Where a new file goes: its name and its folder, remembered, and asked about where something is there already."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.desktop.settings import Settings
from app.dialogs import file_dialogs
from app.session.saving import overwriting
from app.ui.translation import tr
from app.ui.widgets import ElidedLabel, push_button, row_of
from hpcm_core.errors import Phrase
from hpcm_core.files import name_fault
from hpcm_core.picture.formats import Format, format_of


class Target:
    """A field for the name, which ends as its format asks, and a row for the folder."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        self._settings, self._parent = settings, parent
        self._folder = Path(settings.export_folder)
        self.name = QLineEdit(parent)
        self.name.setAccessibleName(tr("Name of the file"))
        self._label = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self.choose = push_button(tr("Choose…"), tr("Choose the folder"), self._ask_folder)
        self.folder = row_of(self._label, self.choose, wide=self._label)
        self._show_folder()

    @property
    def format(self) -> Format | None:
        """The format whose ending the name has; None where it has none of those that are known."""
        return format_of(Path(self.name.text().strip()).suffix)

    @property
    def stem(self) -> str:
        """The name without the ending of a format."""
        name = self.name.text().strip()
        return name if self.format is None else Path(name).stem

    def propose(self, stem: str, kind: Format) -> None:
        """Call the file so; what is typed replaces that and not its ending."""
        self.name.setText(stem + kind.suffix)
        self.name.setSelection(0, len(stem))

    def follow(self, kind: Format) -> None:
        """Another format was chosen: the name ends as that one's do."""
        if self.format not in (None, kind):
            self.propose(self.stem, kind)

    def path(self, kind: Format) -> Path:
        """The file to be written, which has the ending of its format."""
        return self._folder / self._whole(kind)

    def fault(self, kind: Format, source: Path | None, like: str) -> Phrase | None:
        """Why no file can be written so. source: one that is never overwritten. like: as name_fault takes it."""
        name = self._whole(kind)
        if (fault := name_fault(name if self.stem else "", like=like)) is not None:
            return Phrase("{name}, {fault}, cannot be written.", name=name, fault=fault)
        error = overwriting(self.path(kind), source)
        return None if error is None else error.phrase

    def _whole(self, kind: Format) -> str:
        name = self.name.text().strip()
        return name if self.format == kind else name + kind.suffix

    def confirm(self, kind: Format, title: str) -> bool:
        """Whether the file may be written: there is none yet, or the user means to replace it."""
        return file_dialogs.may_replace(self._parent, self.path(kind), title)

    def remember(self) -> None:
        """Begin in this folder next time."""
        self._settings.export_folder = str(self._folder)

    def _ask_folder(self) -> None:
        def use(folder: Path) -> None:
            self._folder = folder
            self._show_folder()

        title = tr("Folder of the exported picture")
        file_dialogs.ask_for_folder(self._parent, self._settings, title, use, self._folder)

    def _show_folder(self) -> None:
        self._label.setText(file_dialogs.with_home(self._folder))
