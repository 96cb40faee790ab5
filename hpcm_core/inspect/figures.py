"""Figures of what a file holds: bits, attention, receptive fields, one channel of the latents."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hpcm_core.errors import Phrase
from hpcm_core.inspect.drawing import Figure, Panel
from hpcm_core.inspect.latents import Channel
from hpcm_core.inspect.maps import SHARES, Attention, Fields, shares, sides
from hpcm_core.inspect.palette import DIVERGING, RISING, coloured
from hpcm_core.models.family import Field
from hpcm_core.results import BitMaps

_LONGEST = 2048
"""Pixels that a map's longer side is enlarged to at most."""
_FIELD_CELL = 10
"""Pixels a latent in figures of receptive fields."""
_DARK = np.repeat(np.linspace(255, 0, 256).astype(np.uint8)[:, np.newaxis], 3, axis=1)
_NOTHING = Phrase("0")


def of_bits(bits: BitMaps, first: int, last: int) -> Figure:
    """What was spent under the labels of places first to last: up to the map's own maximum."""
    total = bits.steps[first : last + 1].sum(axis=0)
    most, count = float(total.max()), float(total.sum()) / 8
    names = bits.labels[first], bits.labels[last]
    panel = Panel(
        Phrase("Bits of {first}: {count:,.0f} bytes", first=names[0], count=count)
        if first == last
        else Phrase("Bits of {first} to {last}: {count:,.0f} bytes", first=names[0], last=names[1], count=count),
        coloured(total / most if most > 0 else total),
        _side(total.shape, bits.cell),
        _NOTHING,
        Phrase("{most:.1f} bits a position", most=most),
        RISING,
    )
    meta = {"labels": list(bits.labels), "first": names[0], "last": names[1], "cell": bits.cell}
    return Figure((panel,), {"bits": total, "steps": bits.steps}, {"figure": "bits", **meta})


def of_attention(found: Attention, stride: int, size: tuple[int, int], head: int | None = None) -> Figure:
    """Attention of one head, or of their mean. stride: pixels a latent; size: of the picture, width and height. Shown
    relative to equal weights, from a half to four times as much, logarithmically.
    """
    weights = found.mean if head is None else found.weights[head]
    cell = stride * found.size
    width, height = (-(-side // cell) for side in size)
    shown = np.log2(np.maximum(weights[:height, :width] * found.window**2, 1e-9))
    correlation = float(found.correlation[-1 if head is None else head])
    panel = Panel(
        Phrase("Attention at step {step}, mean of {count} heads", step=found.label, count=len(found.weights))
        if head is None
        else Phrase("Attention at step {step}, head {head}", step=found.label, head=head),
        coloured((shown + 1) / 3),
        _side(shown.shape, cell),
        Phrase("half of equal weights"),
        Phrase("four times"),
        RISING,
        None
        if math.isnan(correlation)
        else Phrase("rank correlation with the bits spent before: {value:.3f}", value=correlation),
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
            Phrase("Channel {number}: values", number=channel.number),
            coloured(planes.values / largest / 2 + 0.5, DIVERGING),
            side,
            Phrase("{value:.1f}", value=-largest),
            Phrase("{value:.1f}", value=largest),
            DIVERGING,
        ),
        Panel(
            Phrase("Cost: {count:,.0f} bytes", count=float(planes.bits.sum()) / 8),
            coloured(planes.bits / most),
            side,
            _NOTHING,
            Phrase("{most:.1f} bits", most=most),
            RISING,
        ),
        Panel(
            Phrase("Table"),
            coloured(planes.tables / last),
            side,
            Phrase("0 (narrow)"),
            Phrase("{last} (wide)", last=last),
            RISING,
        ),
    )
    meta = {"figure": "channel", "channel": channel.number, "labels": list(channel.labels)}
    return Figure(panels, vars(planes), meta)


def _field_panel(label: str, field: Field, stride: int) -> Panel:
    drawn = np.log10(1 + 1e4 * shares(field).astype(np.float64))
    most, middle = drawn.max() or 1.0, len(drawn) // 2
    # What a window of 32 latents has room for: the rest is known to be zero or was not looked at.
    reach = min(middle, 16 // field.size)
    inner = slice(middle - reach, middle + reach + 1)
    half, _, nearly = (side * stride for side in sides(field))
    return Panel(
        Phrase("Step {step}: effective receptive field", step=label),
        coloured(drawn[inner, inner] / most, _DARK),
        _FIELD_CELL * field.size,
        _NOTHING,
        Phrase("strongest"),
        _DARK,
        Phrase(
            "50 % in {half}, 99 % in {nearly}, bound {bound} pixels",
            half=half,
            nearly=nearly,
            bound=field.bound * field.size * stride,
        ),
    )


def _side(shape: Sequence[int], cell: int) -> int:
    return max(1, min(cell, _LONGEST // max(shape)))
