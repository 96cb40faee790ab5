"""Layouts are tested in two fonts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.ui import theme

STRETCH = 115
"""Percent. DejaVu Sans, which many Linux systems have, is about 5 % wider than the bundled font."""


@pytest.fixture(params=["bundled", "wide"])
def letters(request: pytest.FixtureRequest, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The bundled font; then a wider one, for what a text of another language or a font that replaces the bundled one
    would need. It is the bundled one stretched, so that it is there on every machine. Ask for this before the window.
    """
    if request.param == "wide":
        base = theme.base_font

        def stretched():
            font = base()
            font.setStretch(STRETCH)
            return font

        monkeypatch.setattr(theme, "base_font", stretched)
    theme.apply("light")
    yield request.param
    monkeypatch.undo()
    theme.apply("light")
