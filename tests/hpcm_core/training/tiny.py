"""A network small enough to train in a test, and pictures to train it on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from PIL import Image

from hpcm_core.layers.spec import Blocks, Conv, TransformSpec
from hpcm_core.models.hpcm.config import LITE_2_3_6, Context
from hpcm_core.training.distributed import World

TINY = replace(
    LITE_2_3_6,
    name="tiny",
    latent_channels=32,
    hyper_channels=16,
    g_a=TransformSpec(3, (Conv(24, 4, 4), Blocks(1), Conv(32), Conv(32))),
    g_s=TransformSpec(
        32, (Conv(32, transposed=True), Conv(24, transposed=True), Blocks(1), Conv(3, 4, 4, transposed=True))
    ),
    h_a=TransformSpec(32, (Conv(16), Conv(16))),
    h_s=TransformSpec(16, (Conv(16, transposed=True), Conv(64, transposed=True))),
    nets=(Context(1, 0), Context(1, 0)),
    context_channels=None,
    attention_heads=4,
    rate_lambdas=(0.0018, 0.0067, 0.025),
)
TINY_NARROW = replace(
    TINY,
    hyper_channels=8,
    h_a=TransformSpec(32, (Conv(8), Conv(8))),
    h_s=TransformSpec(8, (Conv(8, transposed=True), Conv(64, transposed=True))),
    context_channels=40,
    attention_heads=None,
)
"""The same with a context model narrower than the parameters it predicts, as in Lite; what h_s gives fits through."""
TINY_FIXED = replace(TINY, name="base", rate_lambdas=(), input_shift=0.0)
"""The same without gains, under the name of a variant that is trained for one lambda."""

ALONE = World(0, 1, torch.device("cpu"))


def save_pictures(folder, count=10, height=272, width=288):
    """Smooth pictures with edges and a little texture, as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[:height, :width] / 64
    rng = np.random.default_rng(0)
    for i in range(count):
        a, b, c = rng.uniform(0.3, 1.5, 3)
        planes = [np.sin(a * x + b * y + k) + (np.sin(c * x - y + k) > 0.5) for k in range(3)]
        texture = 0.1 * rng.standard_normal((height, width))
        pixels = np.clip(110 + 50 * (np.stack(planes, -1) + texture[..., None]), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder
