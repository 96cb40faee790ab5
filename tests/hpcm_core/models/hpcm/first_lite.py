"""The first configuration of Lite. Its reference activations, and golden files made with it, stay as they are whatever
becomes of the bundled model.
"""

from dataclasses import replace

from hpcm_core.layers.spec import Blocks, Conv, TransformSpec
from hpcm_core.models.hpcm.config import LITE

FIRST_LITE = replace(
    LITE,
    latent_channels=128,
    g_a=TransformSpec(3, (Conv(96, 4, 4), Blocks(2), Conv(160), Blocks(4), Conv(128))),
    g_s=TransformSpec(
        128,
        (Conv(160, transposed=True), Blocks(4), Conv(96, transposed=True), Blocks(2), Conv(3, 4, 4, transposed=True)),
    ),
    h_a=TransformSpec(128, (Blocks(1), Conv(96), Blocks(2), Conv(96))),
    h_s=TransformSpec(96, (Conv(96, transposed=True), Blocks(2), Conv(256, transposed=True), Blocks(1))),
    context_channels=None,
    attention_heads=16,
    rate_lambdas=LITE.rate_lambdas[:6],
)
