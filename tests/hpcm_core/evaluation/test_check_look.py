"""`make check-look`: its distance against the definition, and a blind test whose key is right."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import torch
from PIL import Image

from hpcm_core.picture.picture import Picture
from tests.bench import check_look


def test_kid_against_its_definition():
    generator = torch.Generator().manual_seed(1)
    a, b = torch.rand(5, 4, generator=generator), 1.5 * torch.rand(6, 4, generator=generator)

    def k(x, y):
        return (sum(float(p) * float(q) for p, q in zip(x, y, strict=True)) / 4 + 1) ** 3

    within = [
        sum(k(x, y) for i, x in enumerate(of) for j, y in enumerate(of) if i != j) / (len(of) * (len(of) - 1))
        for of in (a, b)
    ]
    between = sum(k(x, y) for x in a for y in b) / 30
    assert check_look.kid(a, b) == pytest.approx(sum(within) - 2 * between, rel=1e-6)


def test_detail_of_less_texture_is_less():
    x = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    assert check_look.detail(0.5 * x).mean() == pytest.approx(0.5 * float(check_look.detail(x).mean()), rel=1e-4)


def test_the_key_of_the_blind_test(tmp_path):
    shape = (200, 180, 3)
    looks = {"faithful": Picture(np.full(shape, 10, np.uint8)), "natural": Picture(np.full(shape, 200, np.uint8))}
    pairs = check_look.Pairs(tmp_path)
    for number in range(8):
        pairs.take(f"p{number}", 20, looks["faithful"], looks)
    pairs.write()
    with (tmp_path / "key.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["left"] for row in rows} == {"faithful", "natural"}
    for row in rows:
        left = np.asarray(Image.open(tmp_path / f"{row['pair']}.png"))[0, 0, 0]
        assert left == looks[row["left"]].pixels[0, 0, 0]
    assert rows[3]["picture"] == "p3"


def test_pairs_of_other_qualities_are_other_crops(tmp_path):
    """One that was looked at says nothing of the next, in whichever order and in however many runs they are made."""
    shape = (400, 380, 3)
    noise = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    looks = {"faithful": Picture(noise), "natural": Picture(255 - noise)}

    def crops(folder, qualities):
        pairs = check_look.Pairs(folder)
        for quality in qualities:
            pairs.take("p", quality, looks["faithful"], looks)
        return [(folder / f"{i:03d}.png").read_bytes() for i in range(1, len(qualities) + 1)]

    together = crops(tmp_path / "together", (0, 20, 40))
    assert len(set(together)) == 3
    assert crops(tmp_path / "alone", (20,)) == together[1:2]


def test_where_a_face_is():
    assert check_look.face("a:b_04:1,2,30,40") == ("a:b_04", (1, 2, 30, 40))
    with pytest.raises(ValueError, match="values to unpack"):
        check_look.face("a:1,2,3")
