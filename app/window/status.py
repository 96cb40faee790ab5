"""What the status bar says about the pixel under the pointer."""

from __future__ import annotations

import numpy as np

from app.canvas import colormap
from app.canvas.frame import Frame
from app.canvas.renderer import cells_of
from app.canvas.scene import View
from app.session.document import Outcome, Shown
from app.ui.translation import number, tr
from app.ui.words import map_name


def describe(frame: Frame, original: Shown | None, outcome: Outcome | None) -> str:
    """Position, samples of both pictures on show, their difference, and the bits spent there; empty off the picture."""
    if frame.hovered_pixel is None:
        return ""
    x, y = frame.hovered_pixel
    parts = [f"x {x}  y {y}"]
    first = original.picture.pixels[y, x] if original is not None else None
    samples = frame.scene.samples_on_show
    second = samples[y, x] if samples is not None else None
    if first is not None:
        parts.append(tr("Original") + f" {_samples(first)}")
    if second is not None:
        parts.append((frame.scene.look or tr("Reconstruction")) + f" {_samples(second)}")
    if first is not None and second is not None and first.shape == second.shape:
        change = second.astype(np.int64) - first.astype(np.int64)
        parts.append("Δ " + " ".join(number(int(value), "+d") if value else "0" for value in change))
    look = frame.look
    if outcome is not None and outcome.bits is not None and look.view is View.BITS:
        maps, side = outcome.bits, outcome.bits.cell
        row, column = y // side, x // side
        cumulative = look.cumulative and not maps.colours
        cells = cells_of(maps.steps[:, row : row + 1, column : column + 1], look.step, cumulative)
        words = tr("{rate} bpp here ({bits} bit in {side} × {side}, {name})")
        parts.append(
            words.format(
                rate=number(float(colormap.bits_per_pixel(cells, side)[0, 0]), ".3f"),
                bits=number(float(cells[0, 0]), ".1f"),
                side=side,
                name=map_name(maps.labels, look.step, cumulative),
            )
        )
    return "     ".join(parts)


def _samples(values: np.ndarray) -> str:
    return " ".join(str(int(value)) for value in values)
