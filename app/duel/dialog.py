"""The window of the duel: contestants to look at, their figures, and the blind test."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from random import SystemRandom

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.canvas.difference import Style
from app.canvas.renderer import BUDGET, Renderer
from app.canvas.scene import Scene
from app.desktop.settings import Settings, blind_file
from app.dialogs import file_dialogs
from app.duel.arena import MOST, Arena, Layout, Sight
from app.duel.blind import BlindTest, Pick, append
from app.duel.candidates import MOST_ENTRANTS, CandidatesBox, rivals_of
from app.duel.judging import JudgingCard
from app.duel.runner import DuelRunner, Result
from app.duel.table import FiguresTable
from app.session.session import Session
from app.ui.fields import Choice
from app.ui.notices import Notice, notice_of
from app.ui.translation import said, tr
from app.ui.widgets import Check, ElidedLabel, muted_label, open_at, progress_bar, push_button, row_of
from hpcm_core.errors import Phrase
from hpcm_core.evaluation import contestants
from hpcm_core.evaluation.contestants import miss_in_words
from hpcm_core.models.catalogue import ModelInfo

MAX_GAIN = 64
SIDES = ("A", "B")
"""Names of the two pictures of a blind round: all that is said of them."""


class DuelDialog(QDialog):
    """A window beside the main one. Closing stops what runs; a result stays until there is another document."""

    def __init__(
        self,
        session: Session,
        settings: Settings,
        tell: Callable[[Notice], None],
        models: Callable[[], Sequence[ModelInfo]],
        parent: QWidget | None = None,
    ) -> None:
        """models: those that there are now."""
        super().__init__(parent)
        self._models = models
        self._session, self._settings, self._tell = session, settings, tell
        self.runner = DuelRunner(session, self)
        self.runner.progressed.connect(self._progressed)
        self.runner.finished.connect(self._show_result)
        self.runner.stopped.connect(self._stopped)
        self.runner.noticed.connect(tell)
        self.shown: Result | None = None
        self.blind: BlindTest | None = None
        self._in_sight: list[int] = []
        self._alone = 0
        self.setWindowTitle(tr("Duel"))
        self.setSizeGripEnabled(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._build_head())
        self.arena = Arena()
        column.addWidget(self.arena, 1)
        self.table = FiguresTable()
        self.table.checked.connect(self._rows_checked)
        column.addWidget(self.table)
        self.note = muted_label(wrap=True)
        column.addWidget(self.note)
        self.judging = JudgingCard()
        self.judging.picked.connect(self.pick)
        self.judging.ended.connect(self.end_blind)
        column.addWidget(self.judging)
        column.addLayout(self._build_foot())
        self._build_keys()
        session.document_changed.connect(self._show_state)
        session.opened.connect(self._clear)
        self._show_state()
        open_at(self, 1240, 860)

    # Building.

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        measures = {"bytes": tr("At equal bytes"), "psnr": tr("At equal PSNR"), "ms-ssim": tr("At equal MS-SSIM")}
        self.at = Choice.of(tr("What shall be equal"), measures)
        self.go = push_button(tr("Start"), tr("Start or stop the duel"), self._go)
        self.go.setProperty("primary", True)
        self.go.ensurePolished()
        for text in (tr("Stop"), tr("Start")):  # Room for both, so that nothing moves when one takes the other's place.
            self.go.setText(text)
            self.go.setMinimumWidth(max(self.go.minimumWidth(), self.go.sizeHint().width()))
        layouts = {
            Layout.PANES.value: tr("Side by side (P)"),
            Layout.CROSS.value: tr("Cross wipe (W)"),
            Layout.ONE.value: tr("One at a time (1 to 9)"),
        }
        self.layouts = Choice.of(tr("How the pictures are laid out"), layouts)
        self.layouts.currentIndexChanged.connect(lambda _: self._show_sights())
        self.difference = Check(tr("Difference"))
        self.difference.setToolTip(tr("Differences from the original (D); [ and ] change the gain"))
        self.difference.toggled.connect(lambda _: self._show_difference())
        self.gain = 8
        self.test = push_button(tr("Blind test"), tr("Judge the pictures without their names"), self.start_blind)
        self.test.setToolTip(tr("Names hidden, order shuffled: pick the better of two by key (B)"))
        self.candidates = CandidatesBox(self)
        self.who = push_button(tr("Candidates…"), tr("Choose who takes part"), self._offer)
        self.who.setToolTip(tr("Who takes part in the next duel (C)"))
        row.addWidget(self.at)
        row.addWidget(self.who)
        row.addWidget(self.go)
        row.addStretch()
        row.addWidget(self.layouts)
        row.addWidget(self.difference)
        row.addWidget(self.test)
        return row

    def _build_foot(self) -> QHBoxLayout:
        self.stage = ElidedLabel()
        self.bar = progress_bar(tr("Progress of the duel"))
        self.bar.setFixedWidth(240)
        self.save = push_button(tr("Save table…"), tr("Save the figures as CSV"), self._ask_save)
        return row_of(self.stage, self.bar, self.save, wide=self.stage)

    def _build_keys(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "P": lambda: self._choose_layout(Layout.PANES),
            "W": lambda: self._choose_layout(Layout.CROSS),
            "D": self.difference.click,
            "]": lambda: self._change_gain(2.0),
            "[": lambda: self._change_gain(0.5),
            "F": self.arena.fit,
            "Ctrl+0": self.arena.one_to_one,
            "B": self.test.click,
            "X": self._start,
            "C": self.who.click,
            **{str(number): partial(self._digit, number) for number in range(MOST_ENTRANTS + 1)},
        }
        for key, call in keys.items():
            QShortcut(QKeySequence(key), self, call)

    # The duel.

    def begin(self) -> None:
        """Start a duel of the result on show, unless there is one of it already, or one is under way."""
        outcome = self._session.outcome
        known = self.shown is not None and outcome is not None and self.shown.outcome.data is outcome.data
        if not known and not self.runner.running:
            self._start()

    def _go(self) -> None:
        if self.runner.running:
            self.runner.stop()
        else:
            self._start()

    def _start(self) -> None:
        original = self._session.original
        if self.runner.running or self.blind is not None or original is None:
            return
        self.runner.start(self.at.currentData(), self.candidates.chosen)
        self.arena.setFocus()
        if self.shown is None:
            self.arena.show_sights([Sight(Scene(original.pyramid, original.pyramid), tr("Original"))], Layout.ONE)
        self._show_state()

    def _offer(self) -> None:
        self.candidates.offer(rivals_of(self._session, self._models()), self.who)

    def _progressed(self, stage: str, fraction: float) -> None:
        self.stage.setText(said(stage))
        self.bar.setValue(round(1000 * fraction))

    def _stopped(self) -> None:
        self._show_state()
        self.stage.setText(tr("The duel was stopped."))

    def _show_result(self, result: Result) -> None:
        self.shown = result
        found = result.found
        self._in_sight = list(range(min(MOST, len(found.contestants))))
        self._alone = 0
        self.table.show_contestants(found.contestants, found.at, self._in_sight)
        notes = [miss for one in found.contestants if (miss := miss_in_words(one, found.at)) is not None]
        self.note.setText(" ".join(said(note) for note in (*notes, *found.left_out)))
        self._show_state()
        self._show_sights()

    def _clear(self) -> None:
        """Let go of a result and its memory."""
        self.end_blind()
        self.candidates.forget()
        self.shown = None
        self.table.show_contestants((), "bytes", ())
        self.note.clear()
        self.arena.renderer = Renderer()
        self.arena.show_sights((), Layout.PANES)
        self._show_state()

    def _show_state(self) -> None:
        running, blind, result = self.runner.running, self.blind is not None, self.shown
        self.go.setText(tr("Stop") if running else tr("Start"))
        self.go.setEnabled(running or (self.runner.can_start and not blind))
        self.at.setEnabled(not running and not blind)
        self.who.setEnabled(self.runner.can_start and not running and not blind)
        self.bar.setVisible(running)
        self.difference.setEnabled(result is not None and not blind)
        self.layouts.setEnabled(result is not None)
        self.test.setEnabled(result is not None and not blind and not running)
        self.save.setEnabled(result is not None and not blind)
        # What a name could be read from is not there while nobody may know it.
        self.table.setVisible(not blind)
        self.note.setVisible(not blind and bool(self.note.text()))
        self.judging.setVisible(blind)
        if not running:
            what = "" if blind or result is None else f"{result.picture_name} · {result.outcome.description}"
            self.stage.setText(what)

    # Looking.

    @property
    def layout_(self) -> Layout:
        """How the pictures are laid out."""
        return Layout(self.layouts.currentData())

    def _choose_layout(self, layout: Layout) -> None:
        self.layouts.setCurrentIndex(self.layouts.findData(layout.value))

    def _rows_checked(self, rows: Sequence[int]) -> None:
        if not rows or len(rows) > MOST:
            self.table.check(self._in_sight)
            self.stage.setText(tr("One to four pictures can be seen at a time."))
            return
        self._in_sight = list(rows)
        if self.layout_ is Layout.ONE:
            self._choose_layout(Layout.PANES)
        self._show_sights()

    def _digit(self, number: int) -> None:
        """In a blind test the judgement, else the contestant of that number alone."""
        picks: dict[int, Pick] = {0: "same", 1: "left", 2: "right"}
        if self.blind is not None:
            if number in picks:
                self.pick(picks[number])
        elif self.shown is not None and 1 <= number <= len(self.shown.sides):
            self._alone = number - 1
            self._choose_layout(Layout.ONE)
            self._show_sights()

    def _show_sights(self) -> None:
        result = self.shown
        if result is None:
            return
        if self.blind is not None:
            pair = self.blind.current
            if pair is not None:
                scenes = [result.sides[place].scene for place in (pair.left, pair.right)]
                # One at a time would need a key to change over, and the two that there are say which is better.
                layout = Layout.PANES if self.layout_ is Layout.ONE else self.layout_
                self.arena.show_sights([Sight(*both) for both in zip(scenes, SIDES, strict=True)], layout)
            return
        rows = [self._alone] if self.layout_ is Layout.ONE else self._in_sight
        self.arena.show_sights([Sight(result.sides[row].scene, result.sides[row].name) for row in rows], self.layout_)

    def _show_difference(self) -> None:
        on = self.difference.isChecked() and self.blind is None
        self.arena.show_difference(Style(gain=self.gain) if on else None)

    def _change_gain(self, factor: float) -> None:
        self.gain = min(max(int(self.gain * factor), 1), MAX_GAIN)
        self._show_difference()

    # The blind test.

    def start_blind(self) -> None:
        """Hide all names, shuffle, and ask for the first pair."""
        if self.shown is None or self.runner.running or self.blind is not None:
            return
        if self.layout_ is Layout.ONE:
            self._choose_layout(Layout.PANES)
        self.blind = BlindTest(len(self.shown.sides), SystemRandom())
        self._show_difference()
        self._next_round()

    def pick(self, better: Pick) -> None:
        """Judge the pair on show."""
        if self.blind is not None:
            self.blind.pick(better)
            self._next_round()

    def _next_round(self) -> None:
        blind = self.blind
        assert blind is not None
        if blind.current is None:
            self.end_blind()
            return
        # Tiles that are there already would come sooner than others: all are made anew, and all before any is seen.
        self.arena.renderer = Renderer()
        self.arena.renderer.budget = math.inf
        self.judging.show_round(blind)
        self._show_state()
        self._show_sights()
        self.arena.setFocus()

    def end_blind(self) -> None:
        """Show the names again, and what the judgements add up to; keep them."""
        blind, result = self.blind, self.shown
        if blind is None or result is None:
            return
        self.blind = None
        self.arena.renderer.budget = BUDGET
        self._show_difference()
        self._show_state()
        self._show_sights()
        if blind.picks:
            self.table.show_scores(blind.scores())
            self._keep(blind, result)

    def _keep(self, blind: BlindTest, result: Result) -> None:
        path = blind_file()
        names = [(one.title, len(one.data)) for one in result.found.contestants]
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        try:
            append(path, blind.rows(now, result.picture_name, result.found.at, names))
        except OSError as error:
            self._tell(notice_of(error, repr(error), Phrase("{name} could not be written", name=path.name)))
        else:
            self.stage.setText(tr("The judgements are kept in {path}").format(path=path))

    # The table as a file.

    def _ask_save(self) -> None:
        result = self.shown  # Another duel may end while the dialog asks.
        if result is not None:
            stem = Path(f"{Path(result.picture_name).stem}-duel")
            file_dialogs.ask_for_target(
                self, self._settings, file_dialogs.SAVE_REPORT, stem, lambda path: self.save_table(path, result)
            )

    def save_table(self, path: Path, result: Result) -> None:
        """Write the figures as `hpcm duel --csv` does."""
        text = contestants.to_csv(contestants.rows(result.picture_name, result.found))
        if file_dialogs.write(path, text.encode(), self._tell):
            self.stage.setText(tr("Saved {name}").format(name=path.name))

    # Qt's.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.arena.set_peeking(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.arena.set_peeking(False)
        super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.arena.set_peeking(False)  # Another window will see the key let go.

    def reject(self) -> None:
        """Esc: first the blind test ends, then what runs, then the window closes."""
        if self.blind is not None:
            self.end_blind()
        elif self.runner.running:
            self.runner.stop()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.end_blind()  # What was judged is kept, also where the program ends.
        self.runner.stop()
        event.accept()
