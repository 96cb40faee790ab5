"""Crops against a loop over pixels, and the linear start."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image

from hpcm_core.layers.spec import Conv, TransformSpec
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.sampling import down, halves, pack
from hpcm_core.models.hpcm.schedule import DOWN_TO_1, DOWN_TO_2, S_2_3_6
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.data import Crops, read_whole
from hpcm_core.training.start import linear_start, step_for
from hpcm_core.training.validation import validate
from tests.hpcm_core.training.tiny import TINY, TINY_FIXED, TINY_NARROW, save_pictures

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return save_pictures(tmp_path_factory.mktemp("pictures"), count=6)


def test_crops_are_parts_of_the_pictures(tmp_path):
    """Coordinates as colours: every crop tells where it was taken and whether it was flipped."""
    sizes = [(300, 260), (256, 400), (270, 270)]
    for i, (height, width) in enumerate(sizes):
        y, x = np.mgrid[:height, :width]
        values = np.stack([y // 2, x // 2, np.full_like(y, i)], -1).astype(np.uint8)
        Image.fromarray(values).save(tmp_path / f"{i}.png")
    crops = Crops(tmp_path, 256, 1, CPU)
    batch = (crops.batch(0, 300, 256) * 255).round().long()
    assert batch.is_contiguous(memory_format=torch.channels_last)
    flips, corners = [], set()
    for crop in batch:
        rows, columns, which = crop
        height, width = sizes[int(which[0, 0])]
        flip = bool(columns[0, 0] > columns[0, -1])
        columns = columns.flip(1) if flip else columns
        top, left = int(rows[0, 0]), int(columns[0, 0])
        assert (which == which[0, 0]).all()
        assert 2 * int(rows.max()) < height
        assert 2 * int(columns.max()) < width
        for plane in (rows[:, 0], columns[0]):
            assert set(plane.diff().tolist()) <= {0, 1}, "neighbours are neighbours"
        assert (rows == rows[:, :1]).all()
        assert (columns == columns[:1]).all()
        flips.append(flip)
        corners.add((int(which[0, 0]), top, left))
    assert 0.4 < np.mean(flips) < 0.6
    assert len(corners) > 100
    counts = np.bincount([int(crop[2, 0, 0]) for crop in batch])
    assert counts.tolist() == [100, 100, 100], "every picture once before any again"


def test_crops_depend_on_their_number_alone(pictures):
    one, other = Crops(pictures, 256, 5, CPU), Crops(pictures, 256, 5, CPU)
    for first in (0, 4, 8):
        one.batch(first, 4, 256)
    wanted = one.batch(12, 4, 256)
    assert torch.equal(other.batch(12, 4, 256), wanted)
    halves = [other.batch(12, 4, 256, part) for part in (slice(0, 2), slice(2, 4))]
    assert torch.equal(torch.cat(halves), wanted)
    assert not torch.equal(Crops(pictures, 256, 6, CPU).batch(12, 4, 256), wanted)


def test_grey_and_deep_pictures(tmp_path):
    ramp = np.linspace(0, 65535, 256 * 256).reshape(256, 256).astype(np.uint16)
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    (crop,) = read_whole([tmp_path / "deep.png"])
    assert torch.allclose(crop[0, 1], torch.from_numpy(ramp / 65535).float(), atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("config", [TINY, TINY_NARROW, TINY_FIXED], ids=["gains", "narrow context", "one rate"])
def test_linear_start_compresses(pictures, config, monkeypatch):
    """Before any training smooth pictures come back well, at a sensible rate; from random weights they do not."""
    monkeypatch.setitem(CONFIGS, config.name if config is TINY_FIXED else "lite", config)
    lambdas = config.rate_lambdas or (0.0067,)
    training = TrainingConfig(variant="base" if config is TINY_FIXED else "lite", lambdas=lambdas, steps=1)
    torch.manual_seed(0)
    network = HPCM(training.network)
    held_out = read_whole([pictures / "5.png"])
    before = validate(network, held_out, training)
    linear_start(network, Crops(pictures, 256, 0, CPU).batch(0, 12, 256), training)
    x = held_out[0] - training.network.input_shift
    linear = network.g_s(network.g_a(x))
    after = validate(network, held_out, training)
    assert -10 * torch.log10((linear - x).square().mean()) > 27
    for a, b in zip(before, after, strict=True):
        assert b.psnr > a.psnr + 10
        assert b.bpp < 1.5
        assert b.loss < a.loss / 3
    assert [p.psnr for p in after] == sorted(p.psnr for p in after)


@pytest.mark.parametrize("config", [TINY, TINY_NARROW], ids=["wide", "narrow"])
def test_the_context_begins_by_passing_the_hyperprior_on(pictures, config):
    torch.manual_seed(0)
    network = HPCM(config)
    crops = Crops(pictures, 256, 0, CPU).batch(0, 12, 256)
    linear_start(network, crops, TrainingConfig(steps=1, lambdas=TINY.rate_lambdas))
    with torch.inference_mode():
        y = network.analysis(crops[:2], 1.0)
        hyper = network.h_s(network.h_a(y))
        hyper_2 = halves(partial(down, sampling=DOWN_TO_2), hyper)
        hyper_of = {1: halves(partial(down, sampling=DOWN_TO_1), hyper_2), 2: hyper_2, 3: hyper}
        steps = network.steps(hyper)
        params = next(steps)
        for step in S_2_3_6.steps:
            assert params.step == step
            wanted = [pack(half, step.sampling) for half in hyper_of[step.scale].chunk(2, dim=1)]
            for got, want in zip((params.scales, params.means), wanted, strict=True):
                assert torch.allclose(got, want, atol=1e-3 * float(want.abs().max()))
            if step != S_2_3_6.steps[-1]:
                params = steps.send(torch.zeros_like(params.means))


def test_overlapping_kernels_give_the_picture_back(pictures):
    """A first layer as in Base, and as many channels everywhere as blocks have values: the transpose inverts."""
    widths = (48, 192, 768)
    down = (Conv(48, 4, 2, 1), Conv(192), Conv(768), Conv(32))
    up = (*(Conv(c, transposed=True) for c in widths[::-1]), Conv(3, 4, 2, 1, transposed=True))
    config = replace(TINY, g_a=TransformSpec(3, down), g_s=TransformSpec(32, up))
    network = HPCM(config)
    crops = Crops(pictures, 256, 0, CPU).batch(0, 4, 256)
    linear_start(network, crops, TrainingConfig(steps=1, lambdas=TINY.rate_lambdas))
    x = crops - 0.5
    first, last = network.g_a.branch[0], network.g_s.branch[-1]
    inside = (..., slice(2, -2), slice(2, -2))
    assert torch.allclose(last(first(x))[inside], x[inside], atol=1e-4)


def test_step_for_balances_rate_and_distortion():
    """At the step, a little more rate costs as much as it brings: d(lambda 255^2 d^2/12)/dd = -d(bits)/dd."""
    lmbda, delta = 0.013, 1e-6
    step = step_for(lmbda)

    def cost(d):
        return lmbda * 255**2 * d * d / 12 - 3 * np.log2(d)

    assert abs(cost(step + delta) - cost(step - delta)) < 1e-8
