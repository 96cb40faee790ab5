"""Looks: how a picture is made of a file's latents, and pictures between two looks.

A look is a whole number from FAITHFUL (0) to NATURAL (256). At FAITHFUL a picture is what the model's synthesis g_s
gives, at NATURAL what a second g_s gives that was trained for the eye, of the same latents; between them the two
pictures are mixed, sample by sample. Mixtures of the picture with the least error and of one that looks right are as
good as any other way between the two ends (Yan, Wen and Liu, "Optimally Controllable Perceptual Lossy Compression",
arXiv:2206.10082), where mixtures of weights are only hoped to be; and a slider then needs two pictures alone.

Imports neither torch nor, before pictures are mixed, NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcm_core.errors import HpcmError
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.format.look import FAITHFUL, NATURAL
from hpcm_core.models.catalogue import find_look

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["FAITHFUL", "NATURAL", "NONE", "WHOLE", "has_look", "mix", "parse", "reach", "said"]

WHOLE, NONE = 50, 75
"""Qualities: up to the first the natural picture is all that the second g_s gives, from the second on the faithful one:
nothing is missing there that could be invented, and looks are trained for low rates.
"""

_NAMES = {"faithful": FAITHFUL, "natural": NATURAL}
_ROWS = 64
"""Rows that are mixed at a time, so that no second picture of wider numbers takes memory."""


def parse(text: str) -> int:
    """A look as a user says it: faithful, natural, or a number from 0 to 1 between them. Raises HpcmError."""
    if (named := _NAMES.get(text.strip().lower())) is not None:
        return named
    try:
        part = float(text)
    except ValueError:
        part = -1.0
    if not 0 <= part <= 1:
        raise HpcmError("A look is faithful, natural, or a number from 0 (faithful) to 1 (natural).")
    return round(part * NATURAL)


def said(look: int) -> str:
    """What `parse` takes: faithful, natural, or the number between with all its digits."""
    names = {value: name for name, value in _NAMES.items()}
    return names.get(look) or f"{look / NATURAL:.8g}"


def has_look(model: str, identity: bytes | None = None) -> bool:
    """Whether the named model's files have a natural look here: those of its weights of that identity, as a header
    names them, without one those of its newest. Whether the look's weights are sound is for whoever loads them to say.
    """
    return find_look(model, identity) is not None


def reach(quality: int) -> int:
    """How far the natural picture of a file goes from the faithful one to what the second g_s gives, 0 to NATURAL.
    quality: the header's, 0 to 100, or FIXED_RATE.
    """
    if quality == FIXED_RATE:
        return NATURAL
    return min(max(NATURAL * (NONE - quality) // (NONE - WHOLE), FAITHFUL), NATURAL)


def mix(
    faithful: npt.NDArray[Any], natural: npt.NDArray[Any], look: int, out: npt.NDArray[Any] | None = None
) -> npt.NDArray[Any]:
    """The picture at a look, of those at its two ends: (f (256 - look) + n look + 128) >> 8 of every sample, in
    integers, so the same everywhere.

    faithful, natural: H x W x C, uint8 or uint16, alike. out: where to put it, which may be either of them. At the ends
    it is the one picture or the other, to the last bit.
    """
    import numpy as np

    if faithful.shape != natural.shape or faithful.dtype != natural.dtype:
        raise ValueError("The two pictures are not alike.")
    if not FAITHFUL <= look <= NATURAL:
        raise ValueError(f"There is no look {look}.")
    # 255 * 256 + 128 fits 16 bits, and what 8-bit samples need no more than that is twice as fast.
    wide: Any = np.uint16 if faithful.dtype == np.uint8 else np.uint32
    out = np.empty_like(faithful) if out is None else out
    for top in range(0, len(faithful), _ROWS):
        rows = slice(top, top + _ROWS)
        sums = faithful[rows].astype(wide)
        sums *= wide(NATURAL - look)
        other = natural[rows].astype(wide)
        other *= wide(look)
        sums += other
        sums += wide(NATURAL // 2)
        sums >>= wide(8)
        out[rows] = sums
    return out
