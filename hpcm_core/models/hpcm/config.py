"""The published variants of HPCM and the bundled Lite, as data. One network class reads them; no variant is a class of
its own.

Figures from "Learned Image Compression with Hierarchical Progressive Context Modeling" (ICCV 2025) and its published
checkpoints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hpcm_core.layers.spec import Blocks, Conv, TransformSpec, up
from hpcm_core.models.hpcm.schedule import S_2_3_3, S_2_3_6, Schedule, Step
from hpcm_core.models.hyperprior.config import HyperConfig


@dataclass(frozen=True)
class Context:
    """Depth of one context network: blocks in branch_1, in branch_2 before its 1x1 convolution, and after it."""

    branch_1: int
    branch_2: int
    tail: int = 0


@dataclass(frozen=True, kw_only=True)
class HPCMConfig(HyperConfig):
    """Everything that distinguishes one HPCM from another. Pictures are padded to multiples of 256."""

    nets: tuple[Context, Context]
    """The two context networks, which the stages of the schedule share."""
    adaptor_blocks: tuple[int, int, int] | None = None
    """Depth of the adaptors at the three scales; None means one 1x1 convolution each."""
    context_channels: int | None = None
    """Width of the context networks; None means the 3 M of their input, as published."""
    context_hidden: int = 0
    """Channels between the 1x1 convolutions of a context network's blocks; 0 for twice their width, as published."""
    attention_heads: int | None = None
    """None: the context passes from step to step without attention, as psi."""
    schedule: Schedule = S_2_3_6
    progressive: bool = True
    """False: every step sees the hyperprior where others see what earlier steps made of it. Takes no attention."""
    shared: bool = True
    """False: every step has a context network of its own, as deep as the shared one of its stage."""
    first_head: bool = False
    """True: the first step's parameters pass a 1x1 convolution, and are fused into the context like the others'."""
    aligned_fill: bool = False
    """False: the fill of the published code, which their weights were trained with (see context.fill_published)."""

    @property
    def units(self) -> tuple[int, ...]:
        """16 latents are what attention needs, whose windows take 4 positions of a quarter of the grid; without it z's
        quarter does with 4, and a schedule that begins at an eighth would not do with it.
        """
        narrow = self.attention_heads is None and self.schedule.stages[0].at > 0
        return (16, 4) if narrow else (16,)

    def cells_around(self, step: Step) -> int:
        """Positions on each side of one that a step's networks see, on the grid of its stage: one for every 3x3
        convolution. Of a step but the first.
        """
        net = self.nets[self.schedule.stages[step.stage].net]
        adaptor = 0
        if self.adaptor_blocks is not None:
            # Counted from the finest stage, as the network does.
            adaptor = self.adaptor_blocks[max(0, step.stage + len(self.adaptor_blocks) - len(self.schedule.stages))]
        return adaptor + net.branch_1 + net.branch_2 + net.tail

    @property
    def labels(self) -> tuple[str, ...]:
        return ("z", *(str(step.number) for step in self.schedule.steps))


def _published(name: str, depth: int, fine: Context, heads: int | None = 32) -> HPCMConfig:
    """Base, Large and Base-psi: the same widths, other depths."""
    return HPCMConfig(
        name=name,
        latent_channels=320,
        hyper_channels=256,
        g_a=TransformSpec(
            3, (Conv(96, 4, 2, 1), Blocks(2), Conv(192), Blocks(2), Conv(384), Blocks(depth), Conv(320)), "branch"
        ),
        g_s=TransformSpec(
            320, (up(384), Blocks(depth), up(192), Blocks(2), up(96), Blocks(2), up(3, 4, 2, 1)), "branch"
        ),
        h_a=TransformSpec(320, (Blocks(1), Conv(256), Blocks(3), Conv(256)), "branch"),
        h_s=TransformSpec(256, (up(256), Blocks(3), up(640), Blocks(1)), "branch"),
        nets=(Context(2, 2 if name == "large" else 1), fine),
        attention_heads=heads,
    )


BASE = _published("base", 4, Context(3, 2))
LARGE = _published("large", 8, Context(4, 3))
BASE_PSI = _published("base-psi", 4, Context(3, 2), heads=None)

ONE_B = HPCMConfig(
    name="1b",
    latent_channels=512,
    hyper_channels=256,
    g_a=TransformSpec(
        3,
        (Conv(192), Blocks(3), Conv(384), Blocks(9), Conv(768), Blocks(3), Conv(512), Blocks(3)),
        names=tuple(f"g_a_{kind}{i}" for i in (1, 2, 3, 4) for kind in ("down", "chunk")),
    ),
    g_s=TransformSpec(
        512,
        (Blocks(3), up(768), Blocks(9), up(384), Blocks(3), up(192), Blocks(3), up(3)),
        names=tuple(f"g_s_{kind}{i}" for i in (4, 3, 2, 1) for kind in ("chunk", "up")),
    ),
    h_a=TransformSpec(512, (Blocks(4), Conv(512), Blocks(9), Conv(256)), prefix=""),
    h_s=TransformSpec(256, (up(512), Blocks(9), up(1024), Blocks(4)), prefix=""),
    nets=(Context(5, 3, 2), Context(6, 4, 2)),
    partial=2,
    adaptor_blocks=(5, 5, 7),
)

LITE_2_3_6 = HPCMConfig(
    name="lite-2-3-6",
    latent_channels=256,
    hyper_channels=96,
    g_a=TransformSpec(3, (Conv(96, 4, 4), Blocks(2), Conv(160), Blocks(4), Conv(256))),
    g_s=TransformSpec(256, (up(160), Blocks(4), up(96), Blocks(2), up(3, 4, 4))),
    h_a=TransformSpec(256, (Blocks(1), Conv(96), Blocks(2), Conv(96))),
    h_s=TransformSpec(96, (up(96), Blocks(2), up(512))),
    nets=(Context(1, 1), Context(2, 1)),
    context_channels=384,
    aligned_fill=True,
    rate_lambdas=(0.0018, 0.0035, 0.0067, 0.013, 0.025, 0.0483, 0.0983, 0.2, 0.4, 0.8),
    input_shift=0.5,
    window=128,
)

"""What Lite was pruned from: the published structure, narrow. Ablations of Lite's size are made of it (derived.py)."""

LITE = replace(
    LITE_2_3_6,
    name="lite",
    g_a=TransformSpec(3, (Conv(96, 4, 4), Blocks(2, hidden=288), Conv(160), Blocks(4, hidden=480), Conv(256))),
    g_s=TransformSpec(256, (up(160), Blocks(4, hidden=400), up(96), Blocks(2), up(3, 4, 4))),
    schedule=S_2_3_3,
    context_hidden=384,
)
"""Half the operations. Of the eleven steps the last six cost alike two by two, so that coding each pair together loses
little; of hidden channels those were left out that prune.py can do without.
"""

WIDE_LITE = replace(LITE_2_3_6, name="lite")
"""What the name stood for until November 2026."""

EARLIER = {
    "b8f94f8ce47fc10d": HPCMConfig(
        name="lite",
        latent_channels=128,
        hyper_channels=96,
        g_a=TransformSpec(3, (Conv(96, 4, 4), Blocks(2), Conv(160), Blocks(4), Conv(128))),
        g_s=TransformSpec(128, (up(160), Blocks(4), up(96), Blocks(2), up(3, 4, 4))),
        h_a=TransformSpec(128, (Blocks(1), Conv(96), Blocks(2), Conv(96))),
        h_s=TransformSpec(96, (up(96), Blocks(2), up(256), Blocks(1))),
        nets=(Context(1, 1), Context(2, 1)),
        attention_heads=16,
        aligned_fill=True,
        rate_lambdas=(0.0018, 0.0035, 0.0067, 0.013, 0.025, 0.0483),
        input_shift=0.5,
        window=128,
    ),
    "12caa825e26b6cf8": WIDE_LITE,
    "32da1f70945c5b78": WIDE_LITE,
    "a645cf9f575da1ff": WIDE_LITE,
}
"""Configurations of Lite's earlier weights (docs/longevity.md), in profile 1."""

CONFIGS = {config.name: config for config in (LITE, BASE, LARGE, BASE_PSI, ONE_B)}
