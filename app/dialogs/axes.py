"""Axes of pyqtgraph as this program writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QColor

from app.ui import theme
from app.ui.translation import in_form


def settle(plot: Any) -> None:
    """Once, when a PlotWidget is made: numbers as they are, in the form of the window's language."""
    for side in ("bottom", "left"):
        axis = plot.getAxis(side)
        # Some versions scale an axis by 1000 ("milli") though it has no unit; ours stays as it is labelled.
        axis.updateAutoSIPrefix = lambda: None
        axis.tickStrings = _in_form(axis.tickStrings)


def dress(plot: Any, legend: Any, bottom: str, left: str) -> None:
    """In the colours of the theme, with what the axes are."""
    colours = theme.current()
    plot.setBackground(colours.surface)
    plot.showGrid(x=True, y=True, alpha=0.15)
    for side, text in (("bottom", bottom), ("left", left)):
        axis = plot.getAxis(side)
        axis.setPen(colours.border)
        axis.setTextPen(colours.muted)
        axis.setLabel(text, color=colours.text.name())
    legend.setLabelTextColor(colours.text)
    legend.setBrush(QColor(colours.surface))
    legend.setPen(colours.border)


def _in_form(strings: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """What an axis writes at its ticks, in the form of the window's language."""
    return lambda *values: [in_form(text) for text in strings(*values)]
