"""The window that looks into the file on show."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.canvas.canvas import Canvas
from app.desktop.settings import Settings
from app.dialogs import file_dialogs
from app.inspect.looker import Looker
from app.inspect.table import LatentsTable
from app.inspect.views import Cells, FigureView
from app.session.session import Session
from app.ui.fields import Choice, WholeNumberBox
from app.ui.notices import Notice
from app.ui.translation import number, said, tr
from app.ui.widgets import ElidedLabel, muted_label, open_at, progress_bar, push_button, row_of
from app.ui.words import format_bits, map_name, pretty_model, step_name
from app.worker.tasks import Looked
from hpcm_core.errors import Phrase
from hpcm_core.inspect.drawing import Figure
from hpcm_core.inspect.palette import coloured
from hpcm_core.inspect.spot import Spot, to_csv

LATENTS, FIGURES = "latents", ("bits", "attention", "erf", "channel")


class InspectDialog(QDialog):
    """A window beside the main one: while it is open, a click on the picture chooses the place."""

    def __init__(
        self,
        session: Session,
        canvas: Canvas,
        settings: Settings,
        tell: Callable[[Notice], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._canvas, self._settings, self._tell = session, canvas, settings, tell
        self.looker = Looker(session, self)
        self.looker.found.connect(self._show_spot)
        self.looker.drawn.connect(self._show_figures)
        self.looker.progressed.connect(self._progressed)
        self.looker.changed.connect(self._show_state)
        self.spot: Spot | None = None
        self.figures: tuple[Figure, ...] = ()
        self._place: tuple[int, int] | None = None
        self._of: bytes | None = None
        self._labels: tuple[str, ...] = ()
        self.setWindowTitle(tr("Look into the file"))
        self.setSizeGripEnabled(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._build_head())
        self.pages = QStackedWidget()
        self.pages.addWidget(self._build_latents())
        self.figure = FigureView()
        self.pages.addWidget(self.figure)
        column.addWidget(self.pages, 1)
        column.addLayout(self._build_foot())
        canvas.clicked.connect(self._clicked)
        session.document_changed.connect(self._document_changed)
        self._document_changed()
        self._show_kind()
        open_at(self, 1120, 760)

    # Building.

    def _build_head(self) -> QHBoxLayout:
        kinds = {
            LATENTS: tr("Latents at a place"),
            "bits": tr("Bits"),
            "attention": tr("Attention"),
            "erf": tr("Receptive fields"),
            "channel": tr("One channel"),
        }
        self.kind = Choice.of(tr("What is looked at"), kinds)
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        self.first = Choice.of(tr("First step"), {})
        self.last = Choice.of(tr("Last step"), {})
        self.to = muted_label(tr("to"))
        self.step = Choice.of(tr("Step"), {})
        self.head = Choice.of(tr("Head of attention"), {})
        self.head.currentIndexChanged.connect(lambda _: self._show_figure())
        self.channel = WholeNumberBox()
        self.channel.setAccessibleName(tr("Channel"))
        self.channel.setRange(0, 9999)
        self.go = push_button(tr("Draw"), tr("Draw the figure or stop"), self._go)
        self.go.setProperty("primary", True)
        row = row_of(self.kind, self.first, self.to, self.last, self.step, self.channel, self.head)
        row.addStretch()
        row.addWidget(self.go)
        return row

    def _build_latents(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        left, right = QVBoxLayout(), QVBoxLayout()
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setFixedHeight(2 * self.summary.fontMetrics().lineSpacing() + 2)
        self.table = LatentsTable()
        self.table.chosen.connect(self._row_chosen)
        left.addWidget(self.summary)
        left.addWidget(self.table, 1)
        self.around_title = QLabel()
        self.around_title.setWordWrap(True)
        self.around = Cells(tr("Latents that had informed the step"), QSize(240, 240))
        self.around_note = muted_label(wrap=True)
        self.over = push_button(
            tr("This channel over the picture"), tr("Show the chosen channel over the picture"), self._show_channel
        )
        self.around.setFixedSize(240, 240)
        self.around_note.setFixedSize(240, 6 * self.around_note.fontMetrics().lineSpacing())
        self.around_note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        for part in (self.around_title, self.around, self.around_note):
            right.addWidget(part)
        right.addStretch()
        right.addWidget(self.over)
        row.addLayout(left, 1)
        row.addLayout(right)
        return page

    def _build_foot(self) -> QHBoxLayout:
        self.stage = ElidedLabel()
        self.bar = progress_bar(tr("Progress of looking"))
        self.bar.setFixedWidth(240)
        self.save = push_button(tr("Save…"), tr("Save what is shown"), self._ask_save)
        return row_of(self.stage, self.bar, self.save, wide=self.stage)

    # What is asked.

    def begin(self, kind: str = LATENTS, place: tuple[int, int] | None = None) -> None:
        """Look at one kind of things; place: a pixel whose latents are shown, without one the last or the middle."""
        self.kind.setCurrentIndex(self.kind.findData(kind))
        if kind == LATENTS:
            self._look(place or self._place or self._middle())

    def _middle(self) -> tuple[int, int]:
        width, height = self._canvas.scene.size
        return width // 2, height // 2

    def _clicked(self, x: int, y: int) -> None:
        if self.isVisible():
            if self.kind.currentData() != "erf":  # which is drawn of a place, so the click is for it
                self.kind.setCurrentIndex(0)
            self._look((x, y))

    def _look(self, place: tuple[int, int]) -> None:
        if self.looker.data is None:
            return
        self._place = place
        self.looker.look(*place)
        self._show_state()

    def _go(self) -> None:
        if self.looker.busy:
            self.looker.stop()
            return
        kind = self.kind.currentData()
        step = self.step.currentData() or None
        first, last = sorted((self.first.currentIndex(), self.last.currentIndex()))
        self.looker.draw(Looked(kind, first, last, step, self._place, self.channel.value()))

    def _show_channel(self) -> None:
        """The channel of the chosen row, over the picture."""
        spot, index = self.spot, self.table.currentIndex().row()
        if spot is not None and 0 <= index < len(spot.latents):
            self.channel.setValue(int(spot.latents.channels[index]))
            self.kind.setCurrentIndex(self.kind.findData("channel"))
            if self.looker.busy:
                self.looker.stop()
            self._go()

    # What is shown.

    def _document_changed(self) -> None:
        outcome, data = self._session.outcome, self.looker.data
        if data is self._of and data is not None:
            return
        self._of = data
        self.looker.forget()
        self.spot, self.figures = None, ()
        self._canvas.set_mark(None)
        labels = outcome.bits.labels if outcome is not None and outcome.bits is not None and outcome.has_steps else ()
        if labels != self._labels:
            self._labels = labels
            self._fill_steps()
        width, height = self._canvas.scene.size
        if self._place is not None and not (self._place[0] < width and self._place[1] < height):
            self._place = None
        self._show_spot(None)
        self._show_figures(())
        if self.isVisible() and self._place is not None and self.kind.currentData() == LATENTS:
            self._look(self._place)

    def _fill_steps(self) -> None:
        names = [step_name(label) for label in self._labels]
        for box in (self.first, self.last):
            box.clear()
            for place, name in enumerate(names):
                box.addItem(name, place)
        self.last.setCurrentIndex(len(names) - 1)

    def _show_kind(self) -> None:
        kind = self.kind.currentData()
        if self.looker.busy and self.looker.drawing not in (None, kind):
            self.looker.stop()  # It would come under the name of this kind.
        self.pages.setCurrentIndex(int(kind != LATENTS))
        for fields, kinds in (
            ((self.first, self.last, self.to), ("bits",)),
            ((self.step,), ("attention", "erf")),
            ((self.channel,), ("channel",)),
            ((self.head,), ("attention",)),
            ((self.go,), FIGURES),
        ):
            for field in fields:
                field.setVisible(kind in kinds)
        self.step.clear()
        self.step.addItem(tr("All steps") if kind == "erf" else tr("First step on all latents"), "")
        for label in self._labels:
            if label.isdecimal() and label != "1":
                self.step.addItem(step_name(label), label)
        self._show_figures(())

    def _show_spot(self, spot: Spot | None) -> None:
        self.spot = spot
        self.table.show_spot(spot)
        self.over.setEnabled(spot is not None)
        if spot is None:
            self.summary.setText(self._what_to_do())
            self._row_chosen(-1)
        else:
            self._canvas.set_mark(QRect(spot.x, spot.y, spot.stride, spot.stride))
            self.summary.setText(_summary(spot))
        self._show_state()

    def _what_to_do(self) -> str:
        outcome = self._session.outcome
        if outcome is None or outcome.header is None or outcome.has_steps:
            return tr("Click on the picture in the main window.")
        return said(Phrase("What {model} codes cannot be looked into.", model=pretty_model(outcome.header.model_name)))

    def _row_chosen(self, index: int) -> None:
        spot = self.spot
        if spot is None or index < 0:
            self.around.show_cells(None)
            self.around_title.clear()
            self.around_note.clear()
            return
        column, at = self.table.latents.row(index)
        place, channel = int(column.steps[at]), int(column.channels[at])
        self.over.setEnabled(column is spot.latents)
        name = map_name(spot.labels, place)
        if column is spot.z:
            self.around.show_cells(None)
            self.around_title.setText(
                tr("{step} is coded before any latent.").format(step=step_name(spot.labels[place]))
            )
            self.around_note.setText(
                tr("It is shared by {count} positions.").format(count=spot.z_share) if spot.z_share > 1 else ""
            )
            return
        around, of_channel = spot.known(place), spot.known(place, channel)
        middle = len(around) // 2
        self.around_title.setText(tr("What had informed {step}").format(step=name))
        # The channel's own values stand out; of the others the part that was known.
        self.around.show_cells(coloured(np.maximum(0.95 * of_channel, 0.6 * around)), (middle, middle))
        words = tr(
            "Of {positions} positions that its network sees, {known} % of all channels were known. "
            "Bright: where channel {channel} was."
        )
        nothing = tr("No latent was known yet: only the hyperprior.")
        seen = around[around > 0]
        known = number(100 * float(seen.mean()), ".0f") if len(seen) else ""
        text = words.format(positions=number(len(seen)), known=known, channel=channel)
        self.around_note.setText(text if len(seen) else nothing)

    def _show_figures(self, figures: tuple[Figure, ...]) -> None:
        self.figures = figures
        self.head.blockSignals(True)
        self.head.clear()
        if len(figures) > 1:
            self.head.addItem(tr("All heads"))
            for head in range(len(figures) - 1):
                self.head.addItem(tr("Head {number}").format(number=head))
        self.head.setEnabled(len(figures) > 1)
        self.head.blockSignals(False)
        self._show_figure()

    def _show_figure(self) -> None:
        self.figure.show_figure(self.shown_figure)
        self._show_state()

    @property
    def shown_figure(self) -> Figure | None:
        """The figure on show, of the chosen head where there are several."""
        if not self.figures:
            return None
        return self.figures[max(0, self.head.currentIndex()) if len(self.figures) > 1 else 0]

    def _progressed(self, stage: str, fraction: float) -> None:
        self.stage.setText(said(stage))
        self.bar.setValue(round(1000 * fraction))

    def _show_state(self) -> None:
        busy = self.looker.busy
        self.bar.setVisible(busy)
        self.go.setText(tr("Stop") if busy else tr("Draw"))
        self.go.setEnabled(self.looker.data is not None)
        latents = self.kind.currentData() == LATENTS
        self.save.setText(tr("Save CSV…") if latents else tr("Save figure…"))
        self.save.setEnabled(self.spot is not None if latents else self.shown_figure is not None)
        if not busy:
            outcome = self._session.outcome
            self.stage.setText(outcome.description if outcome is not None and self.looker.data is not None else "")

    # Saving.

    def _ask_save(self) -> None:
        kind = self.kind.currentData()
        question = file_dialogs.SAVE_LATENTS if kind == LATENTS else file_dialogs.SAVE_FIGURE
        stem = self._session.path.stem if self._session.path is not None else "picture"
        save = partial(self._save, kind, self.spot, self.shown_figure)  # Others may come while the dialog asks.
        file_dialogs.ask_for_target(self, self._settings, question, Path(f"{stem}-{kind}"), save)

    def save_to(self, path: Path) -> None:
        """Write the latents as CSV, or the figure as PNG or NPZ by the name's ending: in the background, since drawing
        one of a large picture takes a while.
        """
        self._save(self.kind.currentData(), self.spot, self.shown_figure, path)

    def _save(self, kind: str, spot: Spot | None, figure: Figure | None, path: Path) -> None:
        ending = path.suffix.lower()
        if kind == LATENTS:
            if spot is not None:
                self._write(path, lambda: to_csv(spot).encode())
        elif figure is not None and ending in (".png", ".npz"):
            self._write(path, figure.png if ending == ".png" else figure.npz)
        elif figure is not None:
            self._tell(Notice(tr("Figures can be saved as PNG or NPZ.")))

    def _write(self, path: Path, made: Callable[[], bytes]) -> None:
        def saved() -> None:
            self.stage.setText(tr("Saved {name}").format(name=path.name))

        self._session.saver.write(made, path, self._session.path, then=saved)

    # Qt's.

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.spot is not None:
            self._canvas.set_mark(QRect(self.spot.x, self.spot.y, self.spot.stride, self.spot.stride))

    def reject(self) -> None:
        """Esc: first what runs ends, then the window closes."""
        if self.looker.busy:
            self.looker.stop()
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.looker.stop()
        self._canvas.set_mark(None)
        event.accept()


def _summary(spot: Spot) -> str:
    count = int(np.count_nonzero(spot.latents.symbols))
    text = tr("Pixels {x0} to {x1}, {y0} to {y1}: {bits}; {count} of {total} symbols are not 0.").format(
        x0=spot.x,
        x1=spot.x + spot.stride - 1,
        y0=spot.y,
        y1=spot.y + spot.stride - 1,
        bits=format_bits(spot.bits),
        count=count,
        total=len(spot.latents),
    )
    expected, paid = float(spot.latents.expected.sum()), float(spot.latents.bits.sum())
    words = tr("The latents were expected to cost {expected} and cost {paid}.")
    return f"{text} {words.format(expected=format_bits(expected), paid=format_bits(paid))}"
