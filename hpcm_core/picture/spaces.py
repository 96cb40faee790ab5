"""Common colour spaces by number, as the header of a .hpcm file has them, and the ICC profiles that say no more.

A profile is one of them if it is nothing but a matrix and curves and gives the same colours: names and hashes say
little, since every maker of software has a profile of his own for sRGB.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.picture import colour
from hpcm_core.picture.colour import D50, D65, Floats, Primaries

FROM_PROFILE = 0
"""Colours are as the ICC profile says; sRGB where there is none."""
SRGB = 1


@dataclass(frozen=True)
class Space:
    """codes: primaries and transfer by ITU-T H.273, for a cicp tag; None where that has no word for it.

    also: other codes of the same transfer. gamma: the exponent to light where H.273 has no code.
    """

    name: str
    primaries: Primaries
    codes: tuple[int, int] | None = None
    also: tuple[int, ...] = ()
    gamma: float = 1.0

    @property
    def is_hdr(self) -> bool:
        return self.codes is not None and self.codes[1] in (colour.PQ, colour.HLG)


_P3, _BT2020 = colour.PRIMARIES[12], colour.PRIMARIES[9]
SPACES = {
    SRGB: Space("sRGB", colour.SRGB_PRIMARIES, (1, colour.SRGB)),
    2: Space("Display P3", _P3, (12, colour.SRGB)),
    3: Space("Adobe RGB (1998)", Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), gamma=563 / 256),
    4: Space("BT.2020", _BT2020, (9, 14), also=(1, 6, 15)),
    5: Space("linear sRGB", colour.SRGB_PRIMARIES, (1, 8)),
    6: Space("BT.2020 PQ", _BT2020, (9, colour.PQ)),
    7: Space("BT.2020 HLG", _BT2020, (9, colour.HLG)),
    8: Space("Display P3 PQ", _P3, (12, colour.PQ)),
    9: Space("Display P3 HLG", _P3, (12, colour.HLG)),
}
"""By the number in the header. A grey picture has the curve only, of the first with that curve."""

_GREY = (1, 3, 4, 5, 6, 7)
_SAYS_NO_MORE = frozenset(
    b"desc cprt wtpt bkpt chad rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC dmnd dmdd dscm vued view lumi meas tech chrm cicp "
    b"calt targ mmod ndin vcgt".split()
)
"""Names, dates, notes on how a screen was measured, and what is compared here. Any other tag is a reason to keep it."""
_SAME_COLOUR = 0.25
"""CIE 1976 colour difference between what two profiles mean by the same samples; from about 1 on it can be seen."""
_SAME_WHITE = 0.004


def space_of(icc: bytes | None, channels: int) -> int:
    """The number of the space that a profile means, for pictures of 1 or 3 channels; 0 where it is none or no profile.

    profile_of that number shows every picture as the profile did.
    """
    if icc is None or not colour.fits(icc, channels) or not _is_plain(icc):
        return FROM_PROFILE
    told = colour.tag(icc, b"cicp")
    try:
        with np.errstate(all="ignore"):
            meant = _lab_of(icc, channels)
    except (ValueError, struct.error):
        return FROM_PROFILE
    for number in SPACES if channels == 3 else _GREY:
        if channels == 3 and not _agrees(SPACES[number], told):
            continue
        if np.abs(meant - _lab_of_space(number, channels)).max() <= _SAME_COLOUR:
            return number
    return FROM_PROFILE


def is_same(a: bytes | None, b: bytes | None, channels: int) -> bool:
    """Whether two profiles of pictures of 1 or 3 channels mean the same colours, as far as is known; None is sRGB."""
    if a == b:
        return True
    first, second = (SRGB if icc is None else space_of(icc, channels) for icc in (a, b))
    return first == second != FROM_PROFILE


def hdr_of(icc: bytes | None, channels: int) -> str | None:
    """The transfer of high dynamic range that a profile says, "PQ" or "HLG"; None for colours of ordinary range."""
    if icc is None or not colour.fits(icc, channels):
        return None
    told = colour.tag(icc, b"cicp") or b""
    transfer = told[9] if len(told) >= 12 else 0
    if channels == 1:  # For which ICC has no cicp tag: the curve is that of toning down.
        codes = SPACES[space].codes if (space := space_of(icc, 1)) else None
        transfer = codes[1] if codes is not None else 0
    return {colour.PQ: "PQ", colour.HLG: "HLG"}.get(transfer)


@lru_cache(maxsize=32)
def profile_of(number: int, channels: int) -> bytes | None:
    """The profile that a decoder gives a picture of a space, 400 to 2700 bytes; None for 0."""
    space = SPACES.get(number)
    if space is None:
        return None
    curve: Sequence[float] | Floats = (space.gamma,)
    if space.codes is not None:
        curve = colour.curve_of(space.codes[1])
    return colour.profile(space.primaries, curve, space.codes, channels == 1, space.name)


def fitting(icc: bytes | None, channels: int) -> bytes | None:
    """What a profile says, for pictures of 1 or 3 channels: itself, or the one that gives a grey picture's samples the
    same greys as RGB, or the other way round. None where there is none.
    """
    if icc is None or colour.fits(icc, channels):
        return icc
    if channels == 1:
        return colour.grey_of(icc)
    return profile_of(space_of(icc, 1), 3) or colour.rgb_of(icc)


def linear_srgb(samples: npt.NDArray[Any], number: int) -> npt.NDArray[np.float32]:
    """Linear light of sRGB's primaries, 1 for white and beyond 0 and 1 outside sRGB: H x W x C of uint8 or uint16 in
    a space.
    """
    channels = samples.shape[2]
    icc = profile_of(number, channels)
    assert icc is not None
    levels = np.linspace(0, 1, np.iinfo(samples.dtype).max + 1)
    table = _curve_of(colour.tag(icc, b"kTRC" if channels == 1 else b"rTRC"))(levels).astype(np.float32)
    if channels == 1:
        return np.asarray(table[samples])
    own, srgb = (colour.matrices(SPACES[one].primaries)[0] for one in (number, SRGB))
    return np.asarray(table[samples] @ np.linalg.solve(srgb, own).T.astype(np.float32))


def _agrees(space: Space, cicp: bytes | None) -> bool:
    if cicp is None:
        return not space.is_hdr
    if space.codes is None or len(cicp) < 12:
        return False
    primaries, transfer = space.codes
    return cicp[8] == primaries and cicp[9] in (transfer, *space.also) and cicp[10:12] == b"\0\1"


def _is_plain(icc: bytes) -> bool:
    """Whether a profile is for screens, with tags that are known, and with a white point that is its colours' own."""
    if len(icc) < 132 or icc[12:16] != b"mntr" or icc[20:24] != b"XYZ ":
        return False
    names = colour.tags(icc)
    if names is None or not _SAYS_NO_MORE.issuperset(names):
        return False
    white, adaptation = _numbers(colour.tag(icc, b"wtpt"), b"XYZ ", 3), _numbers(colour.tag(icc, b"chad"), b"sf32", 9)
    d65 = colour.xyz_of(D65)
    if adaptation is not None:
        try:
            return _near(np.linalg.solve(adaptation.reshape(3, 3), D50), d65)
        except np.linalg.LinAlgError:
            return False
    # Version 2 has the screen's own white there, which many programs adapt as well.
    return white is not None and (_near(white, D50) or _near(white, d65))


def _near(white: npt.ArrayLike, other: npt.ArrayLike) -> bool:
    return bool(np.abs(np.subtract(white, other)).max() < _SAME_WHITE)


def _samples() -> Floats:
    """What two spaces are compared by, N x 3: ramps of grey and of each channel, and a lattice of colours."""
    steps = np.linspace(0, 1, 256)
    ramps = [np.outer(steps, direction) for direction in ((1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1))]
    lattice = np.stack(np.meshgrid(*[np.linspace(0, 1, 9)] * 3), axis=-1).reshape(-1, 3)
    return np.concatenate((*ramps, lattice))


_SAMPLES = _samples()


@lru_cache(maxsize=32)
def _lab_of_space(number: int, channels: int) -> Floats:
    icc = profile_of(number, channels)
    assert icc is not None
    return _lab_of(icc, channels)


def _lab_of(icc: bytes, channels: int) -> Floats:
    """CIE L*a*b* that a profile means by _SAMPLES; of grey, by their red channel. Raises ValueError, struct.error."""
    if channels == 1:
        light = _curve_of(colour.tag(icc, b"kTRC"))(_SAMPLES[:, 0])
        xyz = np.outer(light, D50)
    else:
        light = np.stack(
            [_curve_of(colour.tag(icc, name))(_SAMPLES[:, i]) for i, name in enumerate((b"rTRC", b"gTRC", b"bTRC"))], 1
        )
        colorants = [_numbers(colour.tag(icc, name), b"XYZ ", 3) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        if any(one is None for one in colorants):
            raise ValueError("no matrix")
        xyz = light @ np.array(colorants)
    relative = xyz / D50
    # Without the limit, nonsense in a hostile file overflows.
    relative = np.clip(np.nan_to_num(relative), -100, 100)
    root = np.where(relative > 216 / 24389, np.cbrt(relative), (24389 / 27 * relative + 16) / 116)
    x, y, z = root.T
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), 1)


def _numbers(data: bytes | None, kind: bytes, count: int) -> Floats | None:
    """The fixed-point numbers of a tag of this type; None where it is another or none."""
    if data is None or data[:4] != kind or len(data) < 8 + 4 * count:
        return None
    return np.frombuffer(data, ">i4", count, 8) / 65536


def _curve_of(data: bytes | None) -> Callable[[Floats], Floats]:
    """A curve tag as a function to light. Raises ValueError where there is none, struct.error where it is cut short."""
    kind = (data or b"")[:4]
    if data is None or kind not in (b"curv", b"para"):
        raise ValueError("no curve")
    if kind == b"curv":
        (count,) = struct.unpack_from(">I", data, 8)
        if count == 0:
            return lambda x: x
        if count == 1:
            (exponent,) = struct.unpack_from(">H", data, 12)
            return lambda x: x ** (exponent / 256)
        table = np.frombuffer(data, ">u2", count, 12) / 65535
        return lambda x: np.interp(x, np.linspace(0, 1, count), table)
    (number,) = struct.unpack_from(">H", data, 8)
    counts = (1, 3, 4, 5, 7)
    if number >= len(counts):
        raise ValueError("a curve of an unknown type")
    given = [float(value) / 65536 for value in np.frombuffer(data, ">i4", counts[number], 12)]
    g, a, b, c, d, e, f = given + [1.0, 0.0, 0.0, -np.inf, 0.0, 0.0][len(given) - 1 :]
    if number in (1, 2):  # From -b / a on, and c added on both sides of that.
        d, e, f, c = (-b / a if a else np.inf), c if number == 2 else 0.0, c if number == 2 else 0.0, 0.0
    return lambda x: np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
