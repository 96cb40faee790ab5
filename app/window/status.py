"""What the status bar says about the pixel under the pointer."""

from __future__ import annotations

import numpy as np

from app.canvas import colormap
from app.canvas.renderer import Look, cells_of
from app.canvas.scene import View
from app.session.document import Outcome, Shown
from app.ui.translation import tr
from app.ui.words import step_name


def describe(
    pixel: tuple[int, int] | None, original: Shown | None, outcome: Outcome | None, view: View, look: Look
) -> str:
    """Position, samples of both pictures and their difference, and the bits spent there; empty off the picture."""
    if pixel is None:
        return ""
    x, y = pixel
    parts = [f"x {x}  y {y}"]
    first = original.picture.pixels[y, x] if original is not None else None
    second = outcome.shown.picture.pixels[y, x] if outcome is not None else None
    if first is not None:
        parts.append(tr("Original") + f" {_samples(first)}")
    if second is not None:
        parts.append(tr("Reconstruction") + f" {_samples(second)}")
    if first is not None and second is not None and first.shape == second.shape:
        change = second.astype(np.int64) - first.astype(np.int64)
        parts.append("Δ " + " ".join(f"{int(value):+d}" if value else "0" for value in change))
    if outcome is not None and outcome.bits is not None and view is View.BITS:
        cells = cells_of(
            outcome.bits.steps[:, y // 16 : y // 16 + 1, x // 16 : x // 16 + 1], look.step, look.cumulative
        )
        bits = float(cells[0, 0])
        name = step_name(look.step, look.cumulative)
        rate, count = f"{bits / colormap.CELL_PIXELS:.3f}", f"{bits:.1f}"
        parts.append(tr("{rate} bpp here ({bits} bit in 16 × 16, {name})").format(rate=rate, bits=count, name=name))
    return "     ".join(parts)


def _samples(values: np.ndarray) -> str:
    return " ".join(str(int(value)) for value in values)
