"""Figures as PNG, with a title and a scale, and their numbers as NPZ."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from hpcm_core.inspect.latents import Channel
from hpcm_core.inspect.maps import SHARES, Attention, Fields, shares, sides
from hpcm_core.inspect.palette import DIVERGING, RISING, coloured
from hpcm_core.models.family import Field
from hpcm_core.results import BitMaps

_LONGEST = 2048
"""Pixels that a map's longer side is enlarged to at most."""
_MARGIN, _TITLE, _BAR, _TEXT = 12, 26, 10, 15
_BACK, _INK = (255, 255, 255), (32, 32, 32)
_FIELD_CELL = 10
"""Pixels a latent in figures of receptive fields."""


@dataclass(frozen=True, eq=False)
class Panel:
    """One map: RGB of its cells, how many pixels a cell is drawn, and the scale below it with words for its ends."""

    title: str
    cells: npt.NDArray[np.uint8]
    side: int
    low: str
    high: str
    table: npt.NDArray[np.uint8]
    note: str = ""


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


def of_bits(bits: BitMaps, first: int, last: int) -> Figure:
    """What was spent under the labels of places first to last: up to the map's own maximum."""
    total = bits.steps[first : last + 1].sum(axis=0)
    most = float(total.max())
    names = bits.labels[first : last + 1]
    what = f"step {names[0]}" if first == last else f"{_step(names[0])} to {names[-1]}"
    panel = Panel(
        f"Bits of {what.replace('step z', 'z')}: {total.sum() / 8:.0f} bytes",
        coloured(total / most if most > 0 else total),
        _side(total.shape, bits.cell),
        "0",
        f"{most:.1f} bits a latent position",
        RISING,
    )
    meta = {"labels": list(bits.labels), "first": bits.labels[first], "last": bits.labels[last], "cell": bits.cell}
    return Figure((panel,), {"bits": total, "steps": bits.steps}, {"figure": "bits", **meta})


def of_attention(found: Attention, stride: int, size: tuple[int, int], head: int | None = None) -> Figure:
    """Attention of one head, or of their mean. stride: pixels a latent; size: of the picture, width and height. Shown
    relative to equal weights, from a half to four times as much, logarithmically.
    """
    weights = found.mean if head is None else found.weights[head]
    relative = weights * found.window**2
    cell = stride * found.size
    width, height = (-(-side // cell) for side in size)
    shown = np.log2(np.maximum(relative[:height, :width], 1e-9))
    correlation = float(found.correlation[-1 if head is None else head])
    who = f"mean of {len(found.weights)} heads" if head is None else f"head {head}"
    panel = Panel(
        f"Attention at step {found.label}, {who}",
        coloured((shown + 1) / 3),
        _side(shown.shape, cell),
        "1/2 of equal weights",
        "4 times",
        RISING,
        f"rank correlation with bits spent before, within windows: {correlation:.3f}",
    )
    meta = {
        "figure": "attention",
        "step": found.label,
        "window": found.window,
        "cell": cell,
        "rank_correlation": [None if math.isnan(value) else float(value) for value in found.correlation],
    }
    return Figure((panel,), {"weights": found.weights, "mean": found.mean}, meta)


def of_fields(found: Fields, stride: int) -> Figure:
    """A panel a step: log10(1 + 10^4 E) of the parts E of a field, dark where it is strong, as in the paper."""
    panels = tuple(_field_panel(label, field, stride) for label, field in found.fields.items())
    arrays = {f"step_{label}": shares(field) for label, field in found.fields.items()}
    steps = {
        label: {
            "cell_latents": field.size,
            "bound_latents": field.bound * field.size,
            "sides_latents": dict(zip(map(str, SHARES), sides(field), strict=True)),
        }
        for label, field in found.fields.items()
    }
    places = [{"rows": list(rows), "columns": list(columns)} for rows, columns in found.places]
    return Figure(panels, arrays, {"figure": "erf", "stride": stride, "steps": steps, "places": places})


def of_channel(channel: Channel, stride: int) -> Figure:
    """One channel over the picture: its values, what they cost, and how wide the model thought they would be."""
    planes = channel.planes
    side = _side(planes.bits.shape, stride)
    largest = float(np.abs(planes.values).max()) or 1.0
    most, last = float(planes.bits.max()) or 1.0, 59
    panels = (
        Panel(
            f"Channel {channel.number}: value",
            coloured(planes.values / largest / 2 + 0.5, DIVERGING),
            *(side, f"-{largest:.1f}", f"{largest:.1f}", DIVERGING),
        ),
        Panel("Cost", coloured(planes.bits / most), side, "0", f"{most:.1f} bits", RISING),
        Panel("Table", coloured(planes.tables / last), side, "0 (narrow)", f"{last} (wide)", RISING),
    )
    return Figure(panels, vars(planes), {"figure": "channel", "channel": channel.number, "labels": channel.labels})


def _field_panel(label: str, field: Field, stride: int) -> Panel:
    drawn = np.log10(1 + 1e4 * shares(field).astype(np.float64))
    most = drawn.max() or 1.0
    middle = len(drawn) // 2
    # What a window of 32 latents has room for: the rest is known to be zero or was not looked at.
    reach = min(middle, 16 // field.size)
    inner = slice(middle - reach, middle + reach + 1)
    grey = 255 - np.rint(255 * drawn[inner, inner] / most).astype(np.uint8)
    half, _, nearly = sides(field)
    cells = np.repeat(grey[..., np.newaxis], 3, axis=2)
    table = np.repeat(np.linspace(255, 0, 256).astype(np.uint8)[:, np.newaxis], 3, axis=1)
    note = f"50 % in {half * stride}, 99 % in {nearly * stride}, bound {field.bound * field.size * stride} pixels"
    return Panel(
        f"Step {label}: effective receptive field", cells, _FIELD_CELL * field.size, "0", "strongest", table, note
    )


def _step(label: str) -> str:
    return label if label == "z" else f"steps {label}"


def _side(shape: Sequence[int], cell: int) -> int:
    return max(1, min(cell, _LONGEST // max(shape)))


def _drawn(panel: Panel) -> Image.Image:
    height, width, _ = panel.cells.shape
    drawn = Image.fromarray(panel.cells).resize((width * panel.side, height * panel.side), Image.Resampling.NEAREST)
    title, small = ImageFont.load_default(15), ImageFont.load_default(11)
    words = [(panel.title, title), (f"{panel.low}    {panel.high}", small), (panel.note, small)]
    wide = max(drawn.width, *(math.ceil(font.getlength(text)) for text, font in words))
    below = _BAR + _TEXT + (_TEXT if panel.note else 0)
    whole = Image.new("RGB", (wide + 2 * _MARGIN, drawn.height + _TITLE + below + 2 * _MARGIN), _BACK)
    pen = ImageDraw.Draw(whole)
    pen.text((_MARGIN, _MARGIN), panel.title, _INK, title)
    whole.paste(drawn, (_MARGIN, _MARGIN + _TITLE))
    top = _MARGIN + _TITLE + drawn.height + 4
    bar = Image.fromarray(panel.table[np.newaxis]).resize((wide, _BAR), Image.Resampling.NEAREST)
    whole.paste(bar, (_MARGIN, top))
    pen.text((_MARGIN, top + _BAR + 1), panel.low, _INK, small)
    pen.text((_MARGIN + wide, top + _BAR + 1), panel.high, _INK, small, anchor="ra")
    if panel.note:
        pen.text((_MARGIN, top + _BAR + 1 + _TEXT), panel.note, _INK, small)
    return whole
