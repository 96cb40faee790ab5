"""Which profiles are a common colour space and no more: seen by littlecms, and against profiles of other makers."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from hpcm_core.format.header import COLOUR_SPACES
from hpcm_core.picture import colour, spaces
from hpcm_core.picture.spaces import SPACES, profile_of, space_of

D50_WHITE, D65_WHITE = (0.9642, 1.0, 0.8249), (0.9505, 1.0, 1.0891)
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
"""Colorants as the profile "sRGB IEC61966-2.1" of 1998 has them."""
P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
"""As in the profile "Adobe RGB (1998)"."""
PROPHOTO = ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249))


def fixed(*values):
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def xyz(values):
    return b"XYZ " + bytes(4) + fixed(*values)


def table(light, count=1024):
    values = np.round(light(np.linspace(0, 1, count)) * 65535).astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">I", count) + values.tobytes()


def gamma(exponent):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(exponent * 256))


def srgb_light(v):
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def made(colorants, curve, white=D65_WHITE, space=b"RGB ", kind=b"mntr", **more):
    """A profile of version 2 as other programs write it; more: tags."""
    parts = {b"desc": b"desc" + bytes(4) + struct.pack(">I", 4) + b"foo" + bytes(79), b"wtpt": xyz(white)}
    if space == b"GRAY":
        parts[b"kTRC"] = curve
    else:
        parts |= {name: xyz(one) for name, one in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)}
        parts |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    parts |= {name.encode(): data for name, data in more.items()}
    entries, body = b"", b""
    for name, data in parts.items():
        entries += struct.pack(">4sII", name, 132 + 12 * len(parts) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = 132 + len(entries) + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"test", 0x02100000, kind, space, b"XYZ ") + bytes(12) + b"acsp"
    return head.ljust(68, b"\0") + fixed(*D50_WHITE) + bytes(48) + struct.pack(">I", len(parts)) + entries + body


def shown(icc, grey=False):
    """All colours of a lattice, and all greys, as littlecms shows them in sRGB of 8 bits."""
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    lattice = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 1, 3)
    image = Image.fromarray(np.arange(256, dtype=np.uint8)[:, None] if grey else lattice)
    profiles = ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB")
    return np.asarray(ImageCms.profileToProfile(image, *profiles, outputMode="RGB")).astype(int)


@pytest.mark.parametrize(
    ("icc", "name"),
    [
        (made(SRGB, table(srgb_light)), "sRGB"),
        (made(SRGB, table(srgb_light), D50_WHITE), "sRGB"),
        (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), "sRGB"),
        (made(P3, table(srgb_light, 4096)), "Display P3"),
        (made(ADOBE, gamma(563 / 256)), "Adobe RGB (1998)"),
        (made(SRGB, gamma(1)), "linear sRGB"),
        (made(SRGB, b"curv" + bytes(8)), "linear sRGB"),
        (colour.from_codes(9, 1), "BT.2020"),
        (colour.from_codes(9, 14), "BT.2020"),
        (colour.from_codes(9, 16), "BT.2020 PQ"),
        (colour.from_codes(9, 18), "BT.2020 HLG"),
        (colour.from_codes(12, 16), "Display P3 PQ"),
    ],
)
def test_profiles_of_common_spaces_are_known_and_look_the_same(icc, name):
    number = space_of(icc, 3)
    assert SPACES[number].name == name
    ours = profile_of(number, 3)
    assert np.abs(shown(icc) - shown(ours)).max() <= 1
    if "cicp" not in repr(colour.tags(icc)):
        assert len(ours) < 600
    description = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(ours))).strip()
    assert description == name


@pytest.mark.parametrize("number", SPACES)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_own_profile_of_a_space_means_it(number, channels):
    icc = profile_of(number, channels)
    again = space_of(icc, channels)
    assert again == number or channels == 1
    assert np.array_equal(shown(icc, channels == 1), shown(profile_of(again, channels), channels == 1))
    if channels == 3:
        assert colour.is_hdr(icc) == SPACES[number].is_hdr == SPACES[number].name.endswith(("PQ", "HLG"))


def test_numbers_of_the_header():
    assert set(COLOUR_SPACES) == {spaces.FROM_PROFILE, *SPACES}
    assert profile_of(0, 3) is None
    assert space_of(None, 3) == 0


SRGB_TABLE = table(srgb_light)


@pytest.mark.parametrize(
    "icc",
    [
        made(SRGB, gamma(2.2)),
        made(ADOBE, gamma(1.8)),
        made(PROPHOTO, gamma(1.8), D50_WHITE),
        made(SRGB, SRGB_TABLE, (0.9, 1.0, 0.7)),
        made(SRGB, SRGB_TABLE, A2B0=b"mft2" + bytes(100)),
        made(SRGB, SRGB_TABLE, gamt=b"mft2" + bytes(100)),
        made(SRGB, SRGB_TABLE, cicp=b"cicp" + bytes(4) + bytes((9, 16, 0, 1))),
        made(SRGB, SRGB_TABLE, cicp=b"cicp" + bytes(4) + bytes((1, 13, 0, 0))),
        made(SRGB, SRGB_TABLE, bTRC=gamma(1.8)),
        made(SRGB, SRGB_TABLE, chad=b"sf32" + bytes(4) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)),
        made(SRGB, SRGB_TABLE, chad=b"sf32" + bytes(4) + fixed(*[0] * 9)),
        made(SRGB, SRGB_TABLE, kind=b"prtr"),
        made((*SRGB[:2], (0.1431, 0.0606, 0.70)), SRGB_TABLE),
        made(SRGB, SRGB_TABLE)[:-400],
        made(SRGB, b"para" + bytes(4) + struct.pack(">HH", 9, 0) + fixed(1)),
        colour.from_gamma(1 / 1.8, None),
        b"no profile",
        b"",
    ],
    ids=range(18),
)
def test_profiles_that_say_more_or_something_else_are_none_of_them(icc):
    assert space_of(icc, 3) == 0


def test_grey():
    number = space_of(made((), SRGB_TABLE, space=b"GRAY"), 1)
    assert SPACES[number].name == "sRGB"
    assert np.abs(shown(made((), SRGB_TABLE, space=b"GRAY"), True) - shown(profile_of(number, 1), True)).max() <= 1
    assert space_of(made((), gamma(563 / 256), space=b"GRAY"), 1) == 3
    assert space_of(made((), gamma(1.8), space=b"GRAY"), 1) == 0
    assert space_of(made(SRGB, SRGB_TABLE), 1) == space_of(made((), SRGB_TABLE, space=b"GRAY"), 3) == 0


PARAMETERS = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


@pytest.mark.parametrize(
    ("number", "parameters", "expected"),
    [
        (0, (2.0,), lambda x: x**2),
        (1, (2.0, 2.0, -0.5), lambda x: np.where(x >= 0.25, (2 * x - 0.5) ** 2, 0)),
        (2, (2.0, 2.0, -0.5, 0.1), lambda x: np.where(x >= 0.25, (2 * x - 0.5) ** 2 + 0.1, 0.1)),
        (3, PARAMETERS, srgb_light),
        (4, (*PARAMETERS, 0.02, 0.01), lambda x: srgb_light(x) + np.where(x >= 0.04045, 0.02, 0.01)),
    ],
)
def test_parametric_curves_are_those_of_the_icc_specification(number, parameters, expected):
    data = b"para" + bytes(4) + struct.pack(">HH", number, 0) + fixed(*parameters)
    x = np.linspace(0, 1, 101)
    assert np.allclose(spaces._curve_of(data)(x), expected(x), atol=2e-4)
