"""Time that is left is told when there is something to say, from how the job went so far."""

from __future__ import annotations

import pytest

from app.ui.remaining import Remaining, time_in_words


def test_time_left_follows_the_progress():
    now = [0.0]
    left = Remaining(lambda: now[0])
    assert left.seconds(0.5) is None  # Too early to tell.
    now[0] = 10.0
    assert left.seconds(0.25) is None  # Another job: it went back.
    now[0] = 20.0
    assert left.seconds(0.25) == pytest.approx(30)
    assert left.seconds(1.0) == 0
    left.begin()
    now[0] = 30.0
    assert left.seconds(0.001) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s left"), (89, "89 s left"), (120, "2 min left"), (9000, "2.5 h left")]
)
def test_time_in_words(seconds, words):
    assert time_in_words(seconds) == words
