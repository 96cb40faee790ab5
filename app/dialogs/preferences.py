"""The settings dialog: how the codec runs, how the window looks, where files are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.desktop.report import open_folder
from app.desktop.settings import Settings, config_dir, log_dir
from app.dialogs import file_dialogs
from app.ui import translation
from app.ui.fields import Choice, WholeNumberBox, pad_text
from app.ui.translation import QT_TR_NOOP, tr
from app.ui.widgets import Card, Check, ElidedLabel, muted_label

ENGINE_NAMES = {"": QT_TR_NOOP("Automatic"), "fast": QT_TR_NOOP("Fast"), "reference": QT_TR_NOOP("Reference (slow)")}
DEVICE_NAMES = {
    "": QT_TR_NOOP("Automatic"),
    "cpu": QT_TR_NOOP("Processor only"),
    "cuda": QT_TR_NOOP("Graphics card (CUDA)"),
}
PRIORITY_NAMES = {"": QT_TR_NOOP("Normal"), "low": QT_TR_NOOP("Low, for working beside it")}
THEME_NAMES = {"system": QT_TR_NOOP("As the desktop"), "light": QT_TR_NOOP("Light"), "dark": QT_TR_NOOP("Dark")}
MAX_THREADS = 64


class Preferences(QDialog):
    """Every change counts at once."""

    codec_changed = Signal()
    theme_chosen = Signal(str)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setMinimumWidth(520)
        self._settings = settings
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._build_codec())
        column.addWidget(self._build_look())
        column.addWidget(self._build_folders())
        column.addStretch()

    def _build_codec(self) -> Card:
        card, grid = _card(tr("Codec"))
        self.device = Choice.of(tr("Device of the codec"), _translated(DEVICE_NAMES), self._settings.device)
        self.engine = Choice.of(tr("Engine of exact arithmetic"), _translated(ENGINE_NAMES), self._settings.engine)
        self.priority = Choice.of(tr("Priority of the codec"), _translated(PRIORITY_NAMES), self._settings.priority)
        self.priority.setToolTip(tr("Low leaves the processor to other programs while the codec works"))
        self.threads = WholeNumberBox()
        pad_text(self.threads)
        self.threads.setAccessibleName(tr("Threads of the codec; 0 is automatic"))
        self.threads.setRange(0, MAX_THREADS)
        self.threads.setSpecialValueText(tr("Automatic"))
        self.threads.setValue(self._settings.threads)
        for number, (text, widget) in enumerate(
            (
                (tr("Device"), self.device),
                (tr("Threads"), self.threads),
                (tr("Priority"), self.priority),
                (tr("Engine"), self.engine),
            )
        ):
            grid.addWidget(QLabel(text), number, 0)
            grid.addWidget(widget, number, 1)
        note = muted_label(tr("The codec starts again with these; what it works on is given up."), wrap=True)
        grid.addWidget(note, 4, 0, 1, 2)
        self.device.activated.connect(lambda _: self._codec_chosen())
        self.engine.activated.connect(lambda _: self._codec_chosen())
        self.priority.activated.connect(lambda _: self._codec_chosen())
        self.threads.valueChanged.connect(lambda _: self._codec_chosen())
        return card

    def _build_look(self) -> Card:
        card, grid = _card(tr("Window"))
        self.theme = Choice.of(tr("Colours of the window"), _translated(THEME_NAMES), self._settings.theme)
        self.theme.activated.connect(lambda _: self.theme_chosen.emit(self.theme.currentData()))
        grid.addWidget(QLabel(tr("Colours")), 0, 0)
        grid.addWidget(self.theme, 0, 1)
        names = {"": tr("As the system"), **{code: translation.name_of(code) for code in translation.available()}}
        self.language = Choice.of(tr("Language of the window"), names, self._settings.language)
        self.language.activated.connect(lambda _: self._language_chosen())
        self.later = muted_label(tr("The language changes with the next start."), wrap=True)
        self.later.hide()
        grid.addWidget(QLabel(tr("Language")), 1, 0)
        grid.addWidget(self.language, 1, 1)
        grid.addWidget(self.later, 2, 1)
        self.ask = Check(tr("Ask before work is lost"))
        self.ask.setChecked(self._settings.ask_before_quit)
        self.ask.toggled.connect(lambda on: setattr(self._settings, "ask_before_quit", on))
        grid.addWidget(self.ask, 3, 0, 1, 2)
        return card

    def _language_chosen(self) -> None:
        self._settings.language = self.language.currentData()
        self.later.show()

    def _build_folders(self) -> Card:
        from hpcm_core.models.catalogue import models_folder

        card, grid = _card(tr("Folders"))
        folders = ((tr("Models"), models_folder()), (tr("Settings"), config_dir()), (tr("Log files"), log_dir()))
        for number, (text, folder) in enumerate(folders):
            grid.addWidget(QLabel(text), number, 0)
            path = ElidedLabel(Qt.TextElideMode.ElideMiddle)
            path.setText(file_dialogs.with_home(folder))
            grid.addWidget(path, number, 1)
            button = QPushButton(tr("Open"))
            button.setAccessibleName(tr("Open the folder: {name}").format(name=text))
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, folder=folder: self._open(folder))
            grid.addWidget(button, number, 2)
        return card

    def _open(self, folder: Path) -> None:
        if not folder.is_dir():
            folder = next(parent for parent in folder.parents if parent.is_dir())
        open_folder(folder)

    def _codec_chosen(self) -> None:
        self._settings.device = self.device.currentData()
        self._settings.engine = self.engine.currentData()
        self._settings.threads = self.threads.value()
        self._settings.priority = self.priority.currentData()
        self.codec_changed.emit()


def _translated(names: Mapping[str, str]) -> dict[str, str]:
    return {key: tr(name) for key, name in names.items()}


def _card(title: str) -> tuple[Card, QGridLayout]:
    card, grid = Card(title), QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, 80)
    card.body.addLayout(grid)
    return card, grid
