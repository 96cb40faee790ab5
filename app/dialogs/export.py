"""Exporting the picture on show: format, quality, size and name, and how large the file becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop.settings import Settings
from app.dialogs.target import Target
from app.session.asking import Asker
from app.session.session import Session
from app.ui import theme
from app.ui.fields import Choice, Slider, WholeNumberBox, pad_text
from app.ui.translation import number, said, tr
from app.ui.widgets import Check, muted_label, progress_bar, push_button, row_of, set_role
from app.ui.words import format_bytes
from app.worker.codec_worker import Failure
from app.worker.tasks import Export, Exported, ExportJob
from hpcm_core.errors import Phrase, listed
from hpcm_core.look import FAITHFUL
from hpcm_core.picture.formats import Format, format_of
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.size import AS_IT_IS, Size
from hpcm_core.picture.writing import WRITABLE

PATIENCE_MS = 300
"""After which a file is made to see how large it is: whoever drags a slider is not done."""
LONGEST, PERCENT = 2048, 50
"""Sizes that are proposed."""


@dataclass(frozen=True, eq=False)
class Exportable:
    """A picture that can be exported. words: which it is; natural, look: as ExportJob takes them; stem: of its name."""

    words: str
    picture: Picture
    stem: str
    natural: Picture | None = None
    look: int = FAITHFUL


class ExportDialog(QDialog):
    """Every change has the file made anew in the codec process, so its size is no estimate. Emits what is to be written
    when it is accepted; it writes nothing itself.
    """

    wanted = Signal(object, object, object)  # Exportable, path, Exported

    def __init__(
        self,
        session: Session,
        settings: Settings,
        pictures: Sequence[Exportable],
        shown: int,
        names: dict[str, str],
        metadata: Sequence[Check],
        parent: QWidget | None = None,
    ) -> None:
        """pictures: to choose from; shown: the place of the one on show; names: what pictures were called last, by what
        was proposed; metadata: what chooses what of it goes into files.
        """
        super().__init__(parent)
        self.setWindowTitle(tr("Export the picture"))
        self.setMinimumWidth(540)
        self._pictures, self._session, self._settings, self._names = pictures, session, settings, names
        self._source = session.original.path if session.original is not None else None
        self._asker = asker = Asker(session, self)
        self.exported: Exported | None = None
        self._fault = False  # what is asked for cannot be made
        self._waits = False  # the file is to be written as soon as it is made
        self._filling = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE_MS)
        self._timer.timeout.connect(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        self._build_picture(shown)
        self._build_format()
        self._build_size()
        checks = QHBoxLayout()
        checks.setSpacing(16)
        for check in metadata:
            checks.addWidget(check)
            check.toggled.connect(lambda _: self._change())
        checks.addStretch()
        self._add_row(tr("Metadata"), checks)
        self.target = Target(settings, self)
        self.target.name.editingFinished.connect(self._name_typed)
        self._add_row(tr("Name"), self.target.name)
        self._add_row(tr("Folder"), self.target.folder)
        column.addLayout(self._build_foot())
        asker.progressed.connect(self._show_progress)
        asker.changed.connect(self._asker_changed)
        self._filling = False
        self.target.name.setFocus()
        self._picture_chosen()
        self._format_chosen()

    # Building.

    def _add_row(self, text: str, content: QWidget | QHBoxLayout) -> QLabel:
        label, row = QLabel(text), self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        if isinstance(content, QWidget):
            self._grid.addWidget(content, row, 1)
        else:
            self._grid.addLayout(content, row, 1)
        return label

    def _build_picture(self, shown: int) -> None:
        self.picture = Choice.of(tr("Which picture"), {str(i): one.words for i, one in enumerate(self._pictures)})
        self.picture.setCurrentIndex(shown)
        self.picture.activated.connect(lambda _: self._picture_chosen())
        label = self._add_row(tr("Picture"), self.picture)
        for part in (label, self.picture):
            part.setVisible(len(self._pictures) > 1)

    def _build_format(self) -> None:
        self.format = Choice.of(tr("Format of the file"), {one.suffix: one.name for one in WRITABLE})
        self.format.setCurrentIndex(max(0, self.format.findData(self._settings.export_suffix)))
        self.format.activated.connect(lambda _: self._format_chosen())
        self._add_row(tr("Format"), self.format)
        self.slider, self.spin = Slider(tr("Quality")), WholeNumberBox()
        for control in (self.slider, self.spin):
            control.setRange(0, 100)
        self.slider.setPageStep(10)
        self.spin.setFixedWidth(56)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.spin.setAccessibleName(tr("Quality as a number"))
        self.slider.valueChanged.connect(self.spin.setValue)
        self.spin.valueChanged.connect(self.slider.setValue)
        self.spin.valueChanged.connect(lambda _: self._change())
        self.lossless = Check(tr("Lossless"))
        self.lossless.setToolTip(tr("Keep every sample; the file is several times as large"))
        self.lossless.toggled.connect(lambda _: self._lossless_changed())
        page = QWidget()
        row = row_of(self.slider, self.spin, self.lossless, wide=self.slider)
        row.setContentsMargins(0, 0, 0, 0)
        page.setLayout(row)
        self._quality = QStackedWidget()
        self._quality.addWidget(page)
        self._quality.addWidget(muted_label(tr("Every sample is kept.")))
        self._add_row(tr("Quality"), self._quality)

    def _build_size(self) -> None:
        entries = {"": tr("As it is"), "longest": tr("Longest side"), "percent": tr("Percent")}
        size = self._settings.export_size
        current = "longest" if size.longest is not None else "percent" if size.percent is not None else ""
        self.size_mode = Choice.of(tr("Size of the picture"), entries, current)
        self.size_mode.activated.connect(lambda _: self._size_chosen())
        self.longest, self.percent = WholeNumberBox(), WholeNumberBox()
        self.longest.setRange(1, 65535)
        self.longest.setValue(size.longest or LONGEST)
        self.longest.setSuffix(" px")
        self.longest.setAccessibleName(tr("Longest side in pixels"))
        self.longest.setToolTip(tr("A picture is never made larger."))
        self.percent.setRange(1, 100)
        self.percent.setValue(round(size.percent or PERCENT))
        self.percent.setSuffix(" %")
        self.percent.setAccessibleName(tr("Percent of width and height"))
        self.pixels = muted_label()
        self.pixels.setAccessibleName(tr("Width and height in pixels"))
        for box in (self.longest, self.percent):
            pad_text(box)
            box.setFixedWidth(96)
            box.valueChanged.connect(lambda _: self._change())
        row = row_of(self.size_mode, self.longest, self.percent, self.pixels)
        row.addStretch(1)
        self._add_row(tr("Size"), row)

    def _build_foot(self) -> QVBoxLayout:
        foot = QVBoxLayout()
        foot.setSpacing(6)
        self.file_size = QLabel()
        self.file_size.setFont(theme.figure_font())
        self.file_size.setAccessibleName(tr("Size of the file"))
        self.note = muted_label(wrap=True)
        self.note.setAccessibleName(tr("What the file lacks, or why there is none"))
        self.note.setMinimumHeight(
            2 * self.note.fontMetrics().lineSpacing()
        )  # Nothing jumps when there is more to say.
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.bar = progress_bar(tr("Progress"))
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.button = QPushButton(tr("Export"))
        self.button.setProperty("primary", True)
        self.button.setDefault(True)
        self.button.clicked.connect(self._export)
        cancel = push_button(tr("Cancel"), tr("Cancel"), self.reject)
        for part in (self.file_size, self.bar, self.note):
            foot.addWidget(part)
        buttons = row_of(cancel, self.button)
        buttons.insertStretch(0, 1)
        foot.addLayout(buttons)
        return foot

    # What is chosen.

    @property
    def kind(self) -> Format:
        found = format_of(str(self.format.currentData()))
        assert found is not None
        return found

    @property
    def chosen(self) -> Exportable:
        return self._pictures[self.picture.currentIndex()]

    @property
    def size_chosen(self) -> Size:
        mode = self.size_mode.currentData()
        if mode == "longest":
            return Size(longest=self.longest.value())
        return Size(percent=self.percent.value()) if mode == "percent" else AS_IT_IS

    @property
    def quality(self) -> int | None:
        """None: without loss."""
        keeps_all = self.kind.quality is None or (self.kind.lossless and self.lossless.isChecked())
        return None if keeps_all else self.spin.value()

    def _picture_chosen(self) -> None:
        stem = self.chosen.stem
        self.target.propose(self._names.get(stem, stem), self.kind)
        self._change()

    def _format_chosen(self) -> None:
        """Another format: the quality that it had last, and its ending in the name."""
        kind = self.kind
        before, self._filling = self._filling, True
        self._quality.setCurrentIndex(int(kind.quality is None))
        if kind.quality is not None:
            last = self._settings.export_quality(kind.suffix, kind.quality)
            self.lossless.setVisible(kind.lossless)
            self.lossless.setChecked(kind.lossless and last is None)
            self.spin.setValue(kind.quality if last is None else last)
        self._filling = before
        self.target.follow(kind)
        self._lossless_changed()
        self._size_chosen()

    def _lossless_changed(self) -> None:
        on = self.kind.quality is not None and not (self.kind.lossless and self.lossless.isChecked())
        for control in (self.slider, self.spin):
            control.setEnabled(on)
        self._change()

    def _size_chosen(self) -> None:
        mode = self.size_mode.currentData()
        self.longest.setVisible(mode == "longest")
        self.percent.setVisible(mode == "percent")
        self._change()

    def _name_typed(self) -> None:
        """A name with the ending of another format chooses that."""
        kind = self.target.format
        if kind is not None and kind in WRITABLE and kind != self.kind:
            self.format.setCurrentIndex(self.format.findData(kind.suffix))
            self._format_chosen()

    # The file.

    def _change(self) -> None:
        """What was made is not what is wanted any more."""
        if self._filling:
            return
        self.exported, self._fault, self._waits = None, False, False
        width, height = self.size_chosen.of(self.chosen.picture.width, self.chosen.picture.height)
        self.pixels.setText(f"{width} × {height}")
        self._asker.stop()
        self._show_note("")
        self._show_state()
        self._timer.start()

    def _ask(self) -> None:
        one, how = self.chosen, Export(self.kind.suffix, self.quality, self.size_chosen)
        picture = self._session.saver.keep.picture(one.picture)
        self._asker.ask(ExportJob(picture, how, one.natural, one.look), self._made, self._failed)

    def _made(self, exported: Exported) -> None:
        self.exported = exported
        things = (*self._session.saver.keep.left_out(self.chosen.picture), *exported.left_out)
        self._show_note(tr("Without {things}.").format(things=said(listed(things))) if things else "")
        if self._waits:
            self._write(exported)

    def _failed(self, failure: Failure) -> None:
        self._fault, self._waits = True, False
        self._show_note(said(failure.message), "danger")

    def _asker_changed(self) -> None:
        if not self._asker.busy and self.exported is None and not self._fault and self.isVisible():
            self._timer.start()  # Something else took its place; it waits until that is done.
        self._show_state()

    def _show_progress(self, stage: Phrase, fraction: float) -> None:
        self.file_size.setText(f"{said(stage)}…")
        self.bar.setValue(round(1000 * fraction))

    def _show_state(self) -> None:
        exported = self.exported
        if exported is not None:
            bits = number(8 * exported.data.nbytes / (exported.width * exported.height), ".2f")
            self.file_size.setText(f"{format_bytes(exported.data.nbytes)} · {bits} bpp")
            self.file_size.setToolTip(tr("{count} bytes").format(count=number(exported.data.nbytes)))
        elif self._fault:
            self.file_size.setText("–")
        self.bar.setVisible(exported is None and not self._fault)
        self.button.setEnabled(not self._fault and not self._waits)

    def _show_note(self, text: str, role: str = "muted") -> None:
        self.note.setText(text)
        set_role(self.note, role)

    # The end.

    def _export(self) -> None:
        """Write the file, now or as soon as it is made; one that exists only if that is meant."""
        self._name_typed()
        kind = self.kind
        if (fault := self.target.fault(kind, self._source, self.chosen.stem)) is not None:
            self._show_note(said(fault), "danger")
        elif self.target.confirm(kind, self.windowTitle()):
            self._waits = True
            self._show_state()
            if self.exported is not None:
                self._write(self.exported)

    def _write(self, exported: Exported) -> None:
        kind, settings = self.kind, self._settings
        self.target.remember()
        self._names[self.chosen.stem] = self.target.stem
        settings.export_suffix, settings.export_size = kind.suffix, self.size_chosen
        if kind.quality is not None:
            settings.set_export_quality(kind.suffix, self.quality)
        self.wanted.emit(self.chosen, self.target.path(kind), exported)
        self.accept()

    def done(self, result: int) -> None:
        """Closed: nothing is made any more."""
        self._timer.stop()
        self._fault = True
        self._asker.stop()
        super().done(result)
