"""Variants made of another by its name: the HPCM paper's ablations, of any size.

A name is base, large, 1b or lite, followed by what is changed: one fusion, one schedule and "unshared", in this order,
each where it is another than that variant's own: base-2-3-3, lite-attention-1-stage, base-no-fusion, large-unshared.

What the paper says of each ("Learned Image Compression with Hierarchical Progressive Context Modeling", ICCV 2025,
tables 2 and D and E, figure 8), for Base; where schedule.py calls a part a guess, so is what it costs:

| name | kMAC a pixel | BD-rate | |
| --- | --- | --- | --- |
| base-2-3-3 | 663.90 | +2.39 % | |
| base-2-3-12 | 1427.91 | -2.55 % | |
| base-4-3-6 | 925.59 | +0.35 % | |
| base-1-stage | 1107.48 | +1.07 % | guessed |
| base-2-stages | 954.17 | +0.35 % | guessed |
| base-4-stages | 911.44 | +0.18 % | guessed |
| base-psi | 872.80 | +1.17 % | published weights: listed as a variant of its own |
| base-no-fusion | 872.80 | +4.71 % | |
| base-unshared | 918.57 | -0.15 % | 199.19 M parameters |

lite-2-3-6 is what Lite was pruned from, and what all names that begin with lite are made of: the published structure at
Lite's size.

The paper has 189.99 M parameters for the last one, which is met by leaving out the adaptors, but then not the 918.57.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from hpcm_core.models.hpcm.config import CONFIGS, LITE_2_3_6, HPCMConfig
from hpcm_core.models.hpcm.schedule import S_1_STAGE, S_2_3_6, S_2_STAGES, SCHEDULES

_HEAD_CHANNELS = 32
"""Channels of an attention head in a variant that has none of its own; a guess, the published ones have 20."""

_ROOTS = ("lite", "base", "large", "1b")
_FUSIONS: dict[str, Callable[[HPCMConfig], HPCMConfig]] = {
    "attention": lambda c: replace(c, attention_heads=2 * c.latent_channels // _HEAD_CHANNELS),
    "psi": lambda c: replace(c, attention_heads=None),
    "no-fusion": lambda c: replace(c, attention_heads=None, progressive=False),
}
_SCHEDULES = tuple(name for name in SCHEDULES if name != S_2_3_6.name)
_NAME = re.compile(
    rf"({'|'.join(_ROOTS)})(?:-({'|'.join(_FUSIONS)}))?(?:-({'|'.join(map(re.escape, _SCHEDULES))}))?(-unshared)?"
)


def derive(name: str) -> HPCMConfig | None:
    """The configuration that a name spells; None where it spells none, or nothing that is changed.

    Derived variants have no published weights, so they fill contexts as new models do.
    """
    if name == LITE_2_3_6.name:
        return LITE_2_3_6
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    begins, fusion, schedule, unshared = match.groups()
    root = LITE_2_3_6 if begins == "lite" else CONFIGS[begins]
    config = replace(root, name=name, aligned_fill=True)
    if fusion:
        config = _FUSIONS[fusion](config)
        before = (root.attention_heads is None, root.progressive)
        if (config.attention_heads is None, config.progressive) == before:
            return None
    if schedule:
        config = _scheduled(config, schedule)
    if unshared:
        config = replace(config, shared=False)
    return config if fusion or schedule or unshared else None


def _scheduled(config: HPCMConfig, name: str) -> HPCMConfig:
    schedule = SCHEDULES[name]
    if schedule is S_1_STAGE:
        # A fit: of what was tried only this meets the paper's operations (1107.46; 1098.34 without).
        return replace(config, schedule=schedule, first_head=True)
    if schedule is S_2_STAGES:
        # A guess: the deeper network at both scales. With the other at the coarse one it is 2.7 % short.
        return replace(config, schedule=schedule, nets=(config.nets[1], config.nets[1]))
    return replace(config, schedule=schedule)


def names() -> tuple[str, ...]:
    """The variants with one change, which is what the paper compares; several changes have names too."""
    changes = (*_SCHEDULES, *_FUSIONS, "unshared")
    spelt = (f"{root}-{change}" for root in _ROOTS for change in changes)
    return (LITE_2_3_6.name, *(name for name in spelt if name not in CONFIGS and derive(name) is not None))
