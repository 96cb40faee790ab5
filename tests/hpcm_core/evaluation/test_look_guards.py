"""The figures that say what a look must not do, on pictures that do it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench import look_guards


@pytest.fixture
def plain():
    """A smooth slope."""
    return np.add.outer(np.linspace(40, 120, 256), np.linspace(0, 60, 256))


def noise(seed, strength):
    return strength * np.random.default_rng(seed).standard_normal((256, 256))


def test_weave(plain):
    pattern = np.tile(noise(1, 3.0)[:8, :8], (32, 32))
    assert look_guards.weave(plain + noise(2, 8.0), plain) < 0.2
    assert look_guards.weave(plain + pattern + noise(2, 8.0), plain) == pytest.approx(pattern.std(ddof=1), rel=0.1)


def test_cast():
    original = np.full((96, 100, 3), 120, np.uint8)
    made = original + np.array([3, 0, 0], np.uint8)
    assert look_guards.cast(made, original) == pytest.approx(1.0)
    swinging = original.copy()
    swinging[::2] += 2
    swinging[1::2] -= 2
    assert look_guards.cast(swinging, original) == 0


def test_false_texture(plain):
    faithful = plain + noise(3, 0.5)
    made = faithful.copy()
    made[:128] += noise(4, 6.0)[:128]
    assert look_guards.false_texture(faithful, faithful, plain) == 0
    assert look_guards.false_texture(made, faithful, plain) == pytest.approx(0.5, abs=0.05)
    assert look_guards.false_texture(made, faithful, plain + noise(5, 6.0)) == 0, "where texture was, it is no fault"


def test_letters():
    drawn = look_guards.page().astype(int)
    off = lambda by: np.clip(drawn + np.where(drawn > 128, -by, by), 0, 255).astype(np.uint8)  # noqa: E731
    assert look_guards.letters(lambda pixels: (off(6), off(4))) == pytest.approx(1.5)


def test_errors_in_boxes():
    original = np.full((40, 60, 3), 120, np.uint8)
    made = original.copy()
    made[10:20, 30:40] = [123, 117, 120]
    inside, half, outside = look_guards.errors_in([(30, 10, 10, 10), (25, 10, 10, 10), (0, 0, 30, 40)], made, original)
    assert (inside, half, outside) == (2.0, 1.0, 0.0)
