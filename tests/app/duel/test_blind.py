"""The blind test as values: what is asked, in which order, and what it adds up to."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import combinations
from random import Random

from app.duel.blind import COLUMNS, BlindTest, append


def test_every_pair_is_asked_once_whatever_the_order():
    test = BlindTest(5, Random(1))
    assert sorted(tuple(sorted((pair.left, pair.right))) for pair in test.rounds) == [*combinations(range(5), 2)]


def test_order_and_sides_tell_nothing():
    """Over many tests every contestant is as often left as right, and every pair as often first as last."""
    random = Random(7)
    left, first = Counter(), Counter()
    for _ in range(3000):
        rounds = BlindTest(4, random).rounds
        left.update(pair.left for pair in rounds)
        first[frozenset((rounds[0].left, rounds[0].right))] += 1
    assert all(abs(count - 4500) < 250 for count in left.values())
    assert len(first) == 6
    assert all(abs(count - 500) < 120 for count in first.values())


def test_scores_are_wins_and_halves():
    test = BlindTest(3, Random(3))
    for pair in list(test.rounds):
        assert test.current == pair
        # 2 beats all; between 0 and 1 there is no difference.
        test.pick("same" if 2 not in (pair.left, pair.right) else "left" if pair.left == 2 else "right")
    assert test.current is None
    test.pick("left")
    assert len(test.picks) == 3
    assert test.scores() == [(0.5, 2), (0.5, 2), (2.0, 2)]


def test_a_test_that_was_ended_counts_what_was_judged(tmp_path):
    names = [("HPCM", 100), ("JPEG", 101), ("AVIF", 99)]
    file = tmp_path / "new" / "kept.csv"
    for turn in range(2):
        test = BlindTest(3, Random(turn))
        test.pick("right")
        assert sum(rounds for _, rounds in test.scores()) == 2
        append(file, test.rows("now", "a, b.png", "bytes", names))
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == 2, "the names of the columns stand there once"
    assert rows[0]["picture"] == "a, b.png"
    assert all(row["better"] == row["right"] != row["left"] for row in rows)
    assert {(row["right"], int(row["right_bytes"])) for row in rows} <= set(names)


def test_judgements_are_kept_whatever_the_picture_is_called(tmp_path):
    file = tmp_path / "kept.csv"
    test = BlindTest(2, Random(0))
    test.pick("same")
    for name in ("\udcff.png", "=1+1.png", "a\rb.png"):
        append(file, test.rows("now", name, "bytes", [("HPCM", 1), ("JPEG", 2)]))
    with file.open(encoding="utf-8", newline="") as lines:
        assert [row["picture"] for row in csv.DictReader(lines)] == ["\\udcff.png", "'=1+1.png", "a\rb.png"]
