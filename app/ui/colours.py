"""The colours of the window, light and dark. `theme` puts them to use, `style` writes them into the style sheet."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor


@dataclass(frozen=True)
class Theme:
    """One set of colours. canvas is a neutral grey, so that it does not tint the judgement of pictures."""

    name: str
    window: QColor
    surface: QColor
    raised: QColor
    border: QColor
    text: QColor
    muted: QColor
    accent: QColor
    on_accent: QColor
    selected: QColor
    warning: QColor
    danger: QColor
    success: QColor
    canvas: QColor


def _theme(name: str, **colours: str) -> Theme:
    return Theme(name, **{key: QColor(value) for key, value in colours.items()})


LIGHT = _theme(
    "light",
    window="#f4f5f7",
    surface="#ffffff",
    raised="#eceef1",
    border="#d6d9df",
    text="#1a1d23",
    muted="#59616d",
    accent="#1f62d0",
    on_accent="#ffffff",
    selected="#dce8fb",
    warning="#8a5300",
    danger="#b3261e",
    success="#1a6e3a",
    canvas="#d9dadc",
)

DARK = _theme(
    "dark",
    window="#1b1d21",
    surface="#23262b",
    raised="#2e3238",
    border="#3b4048",
    text="#e9ebee",
    muted="#a0a7b2",
    accent="#7aa9ff",
    on_accent="#0d1626",
    selected="#2b3d5c",
    warning="#f0b35b",
    danger="#ff8a80",
    success="#7fd49b",
    canvas="#131416",
)
