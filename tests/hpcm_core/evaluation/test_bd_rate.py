"""BD-rate: by hand, by its own laws, and beside another implementation."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.evaluation.bd_rate import bd_rate, interpolated, shared
from hpcm_core.resources import resource

ANCHORS = json.loads(resource("rd/measured_kodak.json").read_text())["bpp_psnr_msssim_db"]


REFERENCE = [(0.1, 28.0), (0.25, 31.2), (0.5, 33.9), (1.0, 37.0)]


def test_bd_rate_of_a_scaled_curve_is_the_scale():
    for factor in (0.5, 1.0, 1.3):
        scaled = [(factor * rate, quality) for rate, quality in REFERENCE]
        assert bd_rate(REFERENCE, scaled) == pytest.approx(100 * (factor - 1), abs=1e-9)


def test_bd_rate_of_two_curves():
    """The figure is that of SciPy's PchipInterpolator on the same points."""
    better = [(0.08, 28.5), (0.2, 31.0), (0.45, 34.1), (0.9, 36.8)]
    assert bd_rate(REFERENCE, better) == pytest.approx(-15.845554672033547, abs=1e-9)
    assert bd_rate(REFERENCE[::-1], better[::-1]) == pytest.approx(-15.845554672033547, abs=1e-9)


def test_bd_rate_of_straight_lines_by_hand():
    """log(rate) is 0..1 over 30..40 dB against 0.5..1.0: their difference averages 0.25."""
    rising = [(math.exp(t), 30 + 10 * t) for t in (0, 0.3, 0.7, 1)]
    flatter = [(math.exp(0.5 + 0.5 * t), 30 + 10 * t) for t in (0, 0.2, 1)]
    assert bd_rate(rising, flatter) == pytest.approx(100 * (math.exp(0.25) - 1), rel=1e-12)
    assert bd_rate(rising[::3], flatter[::2]) == pytest.approx(100 * (math.exp(0.25) - 1), rel=1e-12)


def test_bd_rate_does_not_swing_below_the_first_point():
    """By hand: a slow start and a steep end; the three-point slope at the start would fall, so it is 0."""
    slow = [(1.0, 30.0), (math.e, 40.0), (math.exp(10), 41.0)]
    slope_at_40 = 33 / (12 / 0.1 + 21 / 9)
    area = 10 * (0 + 1) / 2 - 100 / 12 * slope_at_40
    assert bd_rate([(1.0, 30.0), (1.0, 40.0)], slow) == pytest.approx(100 * math.expm1(area / 10), rel=1e-9)


curves = st.lists(
    st.tuples(st.floats(0.01, 10), st.integers(25, 45)), min_size=2, max_size=8, unique_by=lambda point: point[1]
)


@given(curves, curves)
def test_bd_rate_is_antisymmetric_and_bounded_by_the_points(a, b):
    if max(min(q for _, q in c) for c in (a, b)) >= min(max(q for _, q in c) for c in (a, b)):
        with pytest.raises(ValueError, match="no range"):
            bd_rate(a, b)
        return
    there, back = 1 + bd_rate(a, b) / 100, 1 + bd_rate(b, a) / 100
    assert there * back == pytest.approx(1, rel=1e-9)
    rates = [[r for r, _ in curve] for curve in (a, b)]
    assert min(rates[1]) / max(rates[0]) * (1 - 1e-9) <= there <= max(rates[1]) / min(rates[0]) * (1 + 1e-9)


@pytest.mark.parametrize(
    "curve",
    [
        [(1.0, 30.0)],
        [(0.0, 30.0), (1.0, 31.0)],
        [(1.0, 30.0), (2.0, 30.0)],
        [(1.0, 30.0), (2.0, math.inf)],
        [(1.0, 50.0), (2.0, 60.0)],
    ],
)
def test_curves_that_have_no_bd_rate(curve):
    with pytest.raises(ValueError, match=r"curve"):
        bd_rate(REFERENCE, curve)


def pairs(codec, quality):
    return [(bpp, values[quality]) for bpp, *values in ANCHORS[codec]]


@pytest.mark.parametrize(
    ("codec", "quality", "wanted"),
    [
        ("webp", 0, -34.555033088648976),
        ("avif-iq", 0, -49.233755801500635),
        ("jxl", 0, -25.35688742955471),
        ("avif-iq", 1, -47.82953745217048),
    ],
)
def test_bd_rate_beside_the_bjontegaard_package(codec, quality, wanted):
    """Against JPEG; values from bjontegaard 1.3.0, bd_rate(method="pchip")."""
    assert bd_rate(pairs("jpeg", quality), pairs(codec, quality)) == pytest.approx(wanted, abs=1e-9)


def test_what_curves_share():
    narrow, wide = [(1.0, 30.0), (2.0, 32.0)], [(1.0, 31.5), (2.0, 35.0), (3.0, 40.0)]
    assert shared(narrow, wide) == shared(wide, narrow) == pytest.approx(0.25)
    assert shared(narrow, [(1.0, 10.0), (2.0, 50.0)]) == 1
    assert shared(narrow, [(1.0, 33.0), (2.0, 50.0)]) == 0
    with pytest.raises(ValueError, match="curve"):
        shared(narrow, narrow[:1])


def test_the_line_between_points_is_what_the_bd_rate_counts():
    line = interpolated(REFERENCE, 301)
    assert len(line) == 301
    for point in REFERENCE:
        assert min(abs(rate - point[0]) + abs(quality - point[1]) for rate, quality in line) < 0.03
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(line))
    better = [(0.08, 28.5), (0.2, 31.0), (0.45, 34.1), (0.9, 36.8)]
    low, high, steps = 28.5, 36.8, 20000
    logs = []
    for curve in (REFERENCE, better):
        rates, qualities = zip(*interpolated(curve, steps), strict=True)
        logs.append(np.interp(np.linspace(low, high, steps), qualities, np.log(rates)))
    assert 100 * math.expm1(float(np.mean(logs[1] - logs[0]))) == pytest.approx(bd_rate(REFERENCE, better), abs=1e-3)


def test_importing_it_is_light():
    code = (
        "import sys, hpcm_core.evaluation.bd_rate; sys.exit(bool({'torch', 'PIL', 'hpcm_core.codec'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
