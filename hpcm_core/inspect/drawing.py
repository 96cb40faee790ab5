"""A figure as a value: maps to be shown, drawn as PNG, or kept as numbers."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from hpcm_core.errors import Phrase

_MARGIN, _TITLE, _BAR, _TEXT = 12, 26, 10, 15
_BACK, _INK = (255, 255, 255), (32, 32, 32)


@dataclass(frozen=True, eq=False)
class Panel:
    """One map: RGB of its cells, the pixels a side that a cell is drawn with, and a scale with words for its ends."""

    title: Phrase
    cells: npt.NDArray[np.uint8]
    side: int
    low: Phrase
    high: Phrase
    table: npt.NDArray[np.uint8]
    note: Phrase | None = None


@dataclass(frozen=True, eq=False)
class Figure:
    """Panels side by side, and what they were drawn of, as arrays by name. `meta` is what JSON can carry."""

    panels: tuple[Panel, ...]
    arrays: Mapping[str, npt.NDArray[Any]]
    meta: Mapping[str, Any]

    def png(self) -> bytes:
        """The picture that `image` draws."""
        data = io.BytesIO()
        Image.fromarray(self.image()).save(data, "PNG")
        return data.getvalue()

    def npz(self) -> bytes:
        """The arrays, compressed, with `meta` as JSON text."""
        data = io.BytesIO()
        arrays: dict[str, Any] = {**self.arrays, "meta": np.array(json.dumps(self.meta))}
        np.savez_compressed(data, **arrays)
        return data.getvalue()

    def image(self) -> npt.NDArray[np.uint8]:
        """H x W x 3."""
        drawn = [_drawn(panel) for panel in self.panels]
        columns = max(1, math.ceil(math.sqrt(len(drawn))))
        rows = [drawn[i : i + columns] for i in range(0, len(drawn), columns)]
        width = max(sum(one.width for one in row) for row in rows)
        sheet = Image.new("RGB", (width, sum(max(one.height for one in row) for row in rows)), _BACK)
        top = 0
        for row in rows:
            left = 0
            for one in row:
                sheet.paste(one, (left, top))
                left += one.width
            top += max(one.height for one in row)
        return np.asarray(sheet)


def _drawn(panel: Panel) -> Image.Image:
    height, width, _ = panel.cells.shape
    drawn = Image.fromarray(panel.cells).resize((width * panel.side, height * panel.side), Image.Resampling.NEAREST)
    title, small = ImageFont.load_default(15), ImageFont.load_default(11)
    note = panel.note or ""
    words = [(str(panel.title), title), (f"{panel.low}    {panel.high}", small), (str(note), small)]
    wide = max(drawn.width, *(math.ceil(font.getlength(text)) for text, font in words))
    below = _BAR + _TEXT + (_TEXT if note else 0)
    whole = Image.new("RGB", (wide + 2 * _MARGIN, drawn.height + _TITLE + below + 2 * _MARGIN), _BACK)
    pen = ImageDraw.Draw(whole)
    pen.text((_MARGIN, _MARGIN), panel.title, _INK, title)
    whole.paste(drawn, (_MARGIN, _MARGIN + _TITLE))
    top = _MARGIN + _TITLE + drawn.height + 4
    bar = Image.fromarray(panel.table[np.newaxis]).resize((wide, _BAR), Image.Resampling.NEAREST)
    whole.paste(bar, (_MARGIN, top))
    pen.text((_MARGIN, top + _BAR + 1), panel.low, _INK, small)
    pen.text((_MARGIN + wide, top + _BAR + 1), panel.high, _INK, small, anchor="ra")
    if note:
        pen.text((_MARGIN, top + _BAR + 1 + _TEXT), note, _INK, small)
    return whole
