"""Controls of the brush, floating over the canvas while it is in the hand."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton

from app.canvas.brush import KIND_NAMES, SIZES, Brush, Kind
from app.canvas.folding import Folding, row
from app.ui.fields import Choice, Slider
from app.ui.translation import tr


class BrushPage(Folding):
    """What the brush does, how large it is, and buttons for all that is not painted and for all that is."""

    changed = Signal(object)  # Brush
    rest_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        brush = Brush()
        self.kind = Choice()
        self.kind.setAccessibleName(tr("What the brush does"))
        self.kind.setToolTip(tr("Keep better, code cheaply, or erase (N)"))
        self.kind.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for kind in Kind:
            self.kind.addItem(tr(KIND_NAMES[kind]), kind)
        self.size_ = Slider(tr("Size of the brush"))
        self.size_.setRange(0, len(SIZES) - 1)
        self.size_.setValue(SIZES.index(brush.size))
        self.size_.setFixedWidth(120)
        self.size_.setToolTip(tr("Size of the brush in picture pixels (, and .)"))
        self._shown = QLabel()
        self._shown.setFixedWidth(self._shown.fontMetrics().horizontalAdvance("8888 px"))
        self.rest = QPushButton(tr("Rest cheaply"))
        self.rest.setToolTip(tr("Paint everything that is not painted to be coded cheaply"))
        self.rest.clicked.connect(self.rest_wanted)
        self.clear = QPushButton(tr("Erase all"))
        self.clear.setToolTip(tr("Take away everything that is painted"))
        self.clear.clicked.connect(self.clear_wanted)
        for button in (self.rest, self.clear):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        size = QLabel(tr("Size"))
        self.take(row(self.kind, size, self.size_, self._shown), row(self.rest, self.clear))
        for change in (self.kind.currentIndexChanged, self.size_.valueChanged):
            change.connect(lambda _: self._changed())
        self._show()

    @property
    def brush(self) -> Brush:
        """The brush that is chosen."""
        return Brush(self.kind.currentData(), SIZES[self.size_.value()])

    def next_kind(self) -> None:
        """Keep, cheap, erase, and again."""
        self.kind.setCurrentIndex((self.kind.currentIndex() + 1) % self.kind.count())

    def change_size(self, by: int) -> None:
        """The next size, or the one before for -1."""
        self.size_.setValue(self.size_.value() + by)

    def _changed(self) -> None:
        self._show()
        self.changed.emit(self.brush)

    def _show(self) -> None:
        self._shown.setText(f"{self.brush.size} px")
