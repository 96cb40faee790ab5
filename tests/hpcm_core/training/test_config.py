"""Configurations of a training, and the schedules of its learning rate."""

from __future__ import annotations

import pytest

from hpcm_core.errors import InvalidRecipe
from hpcm_core.training.config import TrainingConfig, paper


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "number of steps or of minutes"),
        ({"steps": 1, "variant": "huge"}, "no variant"),
        ({"steps": 1, "crop": 300}, "multiples of 64 pixels a side, 256 at least, not 300"),
        ({"steps": 1, "crop": 192}, "256 at least, not 192"),
        ({"steps": 1, "crop": -64}, "256 at least, not -64"),
        ({"steps": 1, "late_crop": 192}, "256 at least, not 192"),
        ({"steps": 1, "variant": "base", "lambdas": (0.013,), "crop": 320}, "multiples of 256"),
        ({"steps": 1, "lambdas": (0.1, 0.01)}, "rising"),
        ({"steps": 1, "variant": "base"}, "one lambda"),
        ({"steps": 1, "batch": 0}, "Batch must be positive"),
        ({"steps": 1, "schedule": "linear"}, "schedule must be one of"),
        ({"steps": 1, "optimizer": "lion"}, "optimizer must be one of soap, adamw"),
        ({"steps": 1, "metric": "ms-ssim", "ms_ssim_part": 0.5}, "Only a training for MSE"),
        ({"steps": 1, "zoom": 0.5}, "Zoom must be 1 or more"),
        ({"steps": 1, "zoom": float("nan")}, "Zoom must be 1 or more"),
        ({"steps": 1, "recolour": 1.5}, "Recolour must be between 0 and 1"),
        ({"steps": 1, "grain": -0.1}, "Grain must be between 0 and 1"),
        ({"steps": 1, "ms_ssim_part": 1.5}, "Ms ssim part must be between 0 and 1"),
        ({"steps": 1, "betas": (0.9, 1.0)}, "Betas must be two numbers"),
        ({"steps": 1, "betas": (0.9,)}, "Betas must be two numbers"),
        ({"steps": 1, "hold": 0.9, "tail": 0.2}, "room"),
        ({"steps": 1, "learning_rate": float("nan")}, "Learning rate"),
    ],
)
def test_configurations_that_cannot_be(values, message):
    with pytest.raises(InvalidRecipe, match=message):
        TrainingConfig(**values)


def test_crops_between_what_a_model_pads_to():
    assert TrainingConfig(steps=1, crop=320, late_crop=384).crops_at(1) == (384, 4)


def test_configuration_there_and_back():
    config = TrainingConfig(steps=7, lambdas=(0.1, 0.2, 0.3), betas=(0.8, 0.9))
    assert TrainingConfig.from_json(config.to_json()) == config
    for text in ("", "{", "[]", '{"steps": 1, "more": 2}'):
        with pytest.raises(InvalidRecipe):
            TrainingConfig.from_json(text)


def test_the_papers_schedule():
    config = paper("base", 0.013)
    rates = [config.learning_rate_at(step / 2e6, step) for step in (0, 1_599_999, 1_600_000, 1_800_000, 1_900_000)]
    assert rates == pytest.approx([1e-4, 1e-4, 2e-5, 5e-6, 1e-6])
    assert (config.steps, config.batch, config.crop, config.clip) == (2_000_000, 32, 256, 1.0)
    assert (config.optimizer, config.betas) == ("adamw", (0.9, 0.999))


def test_cosine_schedule():
    config = TrainingConfig(steps=1000, warmup=10, learning_rate=1.0, hold=0.3, tail=0.2, floor=0.01)
    assert config.learning_rate_at(0, 0) == pytest.approx(0.1)
    assert config.learning_rate_at(0.3, 300) == pytest.approx(1)
    assert config.learning_rate_at(0.55, 550) == pytest.approx(0.505)
    assert config.learning_rate_at(0.8, 800) == config.learning_rate_at(1, 999) == pytest.approx(0.01)
