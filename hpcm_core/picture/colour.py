"""Colours told in numbers (primaries, white, transfer; the code points of ITU-T H.273), told as an ICC profile instead.

A profile with one matrix and one curve for each channel says everything but high dynamic range: of that (PQ and HLG),
the curves show what a screen of ordinary range can, toned down, and a `cicp` tag says the rest to programs that know.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

D50 = (0.9642, 1.0, 0.8249)
"""XYZ of ICC's connection space's white."""
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D65 = (0.3127, 0.3290)
_C = (0.310, 0.316)


@dataclass(frozen=True)
class Primaries:
    """Chromaticities x, y."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float] = D65


SRGB_PRIMARIES = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
PRIMARIES = {
    1: SRGB_PRIMARIES,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    10: Primaries((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1 / 3, 1 / 3)),
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
SRGB, PQ, HLG = 13, 16, 18
_BT709 = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_PARAMETRIC: dict[int, tuple[float, ...]] = {
    **dict.fromkeys((1, 6, 11, 12, 14, 15), _BT709),
    4: (2.2,),
    5: (2.8,),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4.0, 0.0912),
    8: (1.0,),
    SRGB: (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    17: (2.6,),
}
"""Curves to linear light: an exponent, or g, a, b, c, d of Y = (aX + b)^g from d on and cX below."""
_CURVE_LENGTH = 1024
_MOST_TAGS = 100
_WHITE_NITS = 203.0
"""What ITU-R BT.2408 has paper be in high dynamic range."""
_PEAK_NITS = 1000.0
_KNEE = 0.5


def from_codes(primaries: int, transfer: int, grey: bool = False) -> bytes | None:
    """The profile of H.273's codes; None for sRGB, and where they say nothing that is known. Grey has no primaries."""
    known = primaries in PRIMARIES or transfer in _PARAMETRIC or transfer in (PQ, HLG)
    transfer = transfer if transfer in _PARAMETRIC or transfer in (PQ, HLG) else SRGB
    primaries = 1 if grey or primaries not in PRIMARIES else primaries
    if not known or (primaries, transfer) == (1, SRGB):
        return None
    return profile(PRIMARIES[primaries], curve_of(transfer), (primaries, transfer), grey)


def curve_of(transfer: int) -> Sequence[float] | Floats:
    """The curve of one of H.273's codes, as `profile` takes it: of PQ and HLG, toned down."""
    return toned_down(transfer) if transfer in (PQ, HLG) else _PARAMETRIC[transfer]


def of_transfer(primaries: Primaries, transfer: int, grey: bool = False) -> bytes | None:
    """The profile of primaries that have no code, with a transfer that has."""
    if transfer in (PQ, HLG):
        return profile(primaries, toned_down(transfer), (2, transfer), grey)
    return profile(primaries, _PARAMETRIC.get(transfer, _PARAMETRIC[SRGB]), None, grey)


def from_gamma(gamma: float | None, primaries: Primaries | None, grey: bool = False) -> bytes | None:
    """The profile of PNG's gAMA (the exponent of encoding, 0.45455) and cHRM; None for sRGB, or nearly that.

    0.45455 beside the primaries of sRGB is what programs write that mean sRGB.
    """
    if grey or primaries is None or _near(primaries, SRGB_PRIMARIES):
        primaries = SRGB_PRIMARIES
        if gamma is None or abs(gamma * 2.2 - 1) < 0.05:
            return None
    return profile(primaries, _PARAMETRIC[SRGB] if gamma is None else (1 / gamma,), None, grey)


def is_hdr(icc: bytes | None) -> bool:
    """Whether a profile says that its colours have high dynamic range."""
    cicp = tag(icc, b"cicp") if icc is not None else None
    return cicp is not None and len(cicp) >= 12 and cicp[9] in (PQ, HLG)


def fits(icc: bytes, channels: int) -> bool:
    """Whether a profile is for pictures of so many channels, 1 or 3."""
    return icc[16:20] == (b"GRAY" if channels == 1 else b"RGB ")


def grey_of(icc: bytes) -> bytes | None:
    """The profile for grey whose curve is that of a profile for RGB; None where that has none."""
    curve = tag(icc, b"rTRC")
    if curve is None or curve[:4] not in (b"curv", b"para"):
        return None
    return _assemble(b"GRAY", [(b"kTRC", curve)], "The curve of a profile for RGB")


def rgb_of(icc: bytes) -> bytes | None:
    """The profile for RGB in which equal samples are the greys of a profile for grey; None where that has no curve."""
    curve = tag(icc, b"kTRC")
    if curve is None or curve[:4] not in (b"curv", b"para"):
        return None
    return _assemble(b"RGB ", _for_rgb(*matrices(SRGB_PRIMARIES), curve), "The curve of a profile for grey")


def is_srgb(icc: bytes) -> bool:
    """Whether a profile is one of sRGB that a decoder made of codes and no one chose."""
    codes, curve = tag(icc, b"cicp"), tag(icc, b"kTRC")
    if curve is not None and curve[:10] == b"para\0\0\0\0\0\3" and len(curve) >= 32:
        found = np.array(struct.unpack_from(">5i", curve, 12)) / 65536
        return bool(np.abs(found - _PARAMETRIC[SRGB]).max() < 1e-4)
    return codes is not None and codes[8:10] == bytes((1, SRGB))


def tag(icc: bytes, name: bytes) -> bytes | None:
    """What a profile has under this name, with its type; None where it has nothing or is damaged."""
    offset, length = (tags(icc) or {}).get(name, (0, 0))
    return icc[offset : offset + length] or None


def tags(icc: bytes) -> dict[bytes, tuple[int, int]] | None:
    """Offsets and lengths of all that a profile has, by name; None where its table is damaged or
    longer than any in use.
    """
    try:
        (count,) = struct.unpack_from(">I", icc, 128)
        if count > _MOST_TAGS:
            return None
        entries = [struct.unpack_from(">4sII", icc, 132 + 12 * index) for index in range(count)]
    except struct.error:
        return None
    return {name: (offset, length) for name, offset, length in reversed(entries)}


def profile(
    primaries: Primaries,
    curve: Sequence[float] | Floats,
    codes: tuple[int, int] | None = None,
    grey: bool = False,
    name: str = "From the picture's own numbers",
) -> bytes | None:
    """An ICC profile, version 4, of that name.

    curve: 1 or 5 parameters (see _PARAMETRIC), or an array of light at equal steps. codes: primaries and transfer for a
    cicp tag. None where no three colours come of the primaries.
    """
    try:
        colorants, adaptation = matrices(primaries)
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return None
    if not np.isfinite(colorants).all() or np.abs(colorants).max() > 100 or not np.isfinite(adaptation).all():
        return None
    parts = []
    if grey:
        parts += [(b"kTRC", _curve(curve))]
    else:
        parts += _for_rgb(colorants, adaptation, _curve(curve))
        if codes is not None:
            parts += [(b"cicp", b"cicp\0\0\0\0" + bytes((*codes, 0, 1)))]
    return _assemble(b"GRAY" if grey else b"RGB ", parts, name)


def _for_rgb(colorants: Floats, adaptation: Floats, curve: bytes) -> list[tuple[bytes, bytes]]:
    """The tags of `matrices`, and a curve's tag for each of the colours."""
    parts = [(b"chad", b"sf32\0\0\0\0" + _fixed(*adaptation.ravel()))]
    parts += [(kind, _xyz(colorants[:, i])) for i, kind in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))]
    return parts + [(kind, curve) for kind in (b"rTRC", b"gTRC", b"bTRC")]


def matrices(primaries: Primaries) -> tuple[Floats, Floats]:
    """From linear RGB to XYZ of D50 (colorants in columns), and from XYZ of the own white to that, by Bradford."""
    columns = np.array([xyz_of(p) for p in (primaries.red, primaries.green, primaries.blue)]).T
    white = xyz_of(primaries.white)
    own = columns * np.linalg.solve(columns, white)
    cones = (_BRADFORD @ np.array(D50)) / (_BRADFORD @ white)
    adaptation = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD
    return adaptation @ own, adaptation


def light(transfer: int, values: Floats) -> Floats:
    """Nits that PQ or HLG (on a screen of 1000) means by values of 0 to 1, for each channel by itself."""
    if transfer == PQ:
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = values ** (1 / m2)
        return np.asarray(10000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1))
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
    return np.asarray(_PEAK_NITS * np.minimum(scene, 1) ** 1.2)


def toned_down(transfer: int) -> Floats:
    """Light, 0 to 1, for an ordinary screen: as it is up to half of paper's white, then ever less up to 1000 nits."""
    nits = light(transfer, np.linspace(0, 1, _CURVE_LENGTH))
    shoulder = (np.minimum(nits, _PEAK_NITS) / _WHITE_NITS - _KNEE) / (1 - _KNEE)
    end = (_PEAK_NITS / _WHITE_NITS - _KNEE) / (1 - _KNEE)
    compressed = _KNEE + (1 - _KNEE) * shoulder * (1 + shoulder / end**2) / (1 + np.maximum(shoulder, 0))
    return np.asarray(np.where(shoulder > 0, compressed, nits / _WHITE_NITS))


def _near(a: Primaries, b: Primaries) -> bool:
    flat = [np.array((p.red, p.green, p.blue, p.white)) for p in (a, b)]
    return bool(np.abs(flat[0] - flat[1]).max() < 0.002)


def xyz_of(chromaticity: tuple[float, float]) -> Floats:
    """X, Y, Z of a chromaticity at luminance 1."""
    x, y = chromaticity
    if y == 0:  # XYZ itself: its red and blue have no luminance.
        return np.array([x, 0.0, 1 - x])
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(float(value) * 65536) for value in values))


def _xyz(values: Floats | Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*values)


def _curve(curve: Sequence[float] | Floats) -> bytes:
    if len(curve) <= 5:
        kind = 0 if len(curve) == 1 else 3
        return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + _fixed(*curve)
    values = np.round(np.asarray(curve) * 65535).astype(">u2")
    return b"curv\0\0\0\0" + struct.pack(">I", len(values)) + values.tobytes()


def _text(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(data), 28) + data


def _assemble(space: bytes, parts: list[tuple[bytes, bytes]], name: str) -> bytes:
    parts = [(b"desc", _text(name)), (b"cprt", _text("No copyright")), *parts]
    parts.insert(2, (b"wtpt", _xyz(D50)))
    table, body, seen = b"", b"", dict[bytes, int]()
    start = 128 + 4 + 12 * len(parts)
    for kind, data in parts:
        if data not in seen:
            body += bytes(-len(body) % 4)
            seen[data] = start + len(body)
            body += data
        table += struct.pack(">4sII", kind, seen[data], len(data))
    body += bytes(-len(body) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s4sI4s4s8sI12s4s16s28s",
        start + len(body), b"", 0x04400000, b"mntr", space, b"XYZ ", struct.pack(">6H", 2024, 1, 1, 0, 0, 0), b"acsp",
        b"", 0, b"", b"", b"", 1, _fixed(*D50), b"", b"", b"",
    )  # fmt: skip
    return head + struct.pack(">I", len(parts)) + table + body
