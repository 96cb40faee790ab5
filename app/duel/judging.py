"""The card of the blind test: which round it is, and the judgements as buttons."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from app.duel.blind import BlindTest, Pick
from app.ui.translation import tr
from app.ui.widgets import muted_label, push_button


class JudgingCard(QFrame):
    """Stands below the pictures of a round."""

    picked = Signal(str)
    """A Pick."""
    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(8)
        self._round = QLabel()
        row.addWidget(self._round)
        row.addWidget(muted_label(tr("Which is closer to the original? Hold Space to see it.")))
        row.addStretch()
        picks: dict[Pick, str] = {
            "left": tr("A is better (1)"),
            "same": tr("No difference (0)"),
            "right": tr("B is better (2)"),
        }
        for pick, text in picks.items():
            row.addWidget(push_button(text, text, partial(self.picked.emit, pick)))
        row.addSpacing(16)
        row.addWidget(push_button(tr("End (Esc)"), tr("End the blind test now"), self.ended.emit))

    def show_round(self, blind: BlindTest) -> None:
        """Say which of the rounds is to be judged."""
        words = tr("Round {number} of {count}")
        self._round.setText(words.format(number=len(blind.picks) + 1, count=len(blind.rounds)))
