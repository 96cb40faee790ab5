"""Training a part of a network while the rest stays as it is.

What does not move needs no gradient. Rounding passes none from the pixels to what predicts latents (a latent is its
mean plus a rounded rest, whose gradients cancel), so under the joint loss "entropy" learns from bits alone and
"synthesis" from pixels alone, each as it would in the whole. CHARM also predicts what rounding took, from the pixels.
"""

from __future__ import annotations

from typing import Any

_SYNTHESIS, _GAINS = "g_s.", "rate_gain_dec"


def release(network: Any, part: str, gains: bool = True) -> list[str]:
    """Let the parameters of a part (config.PARTS) alone need gradients. gains: whether those of a synthesis are of it.
    Returns their names.
    """
    synthesis = (_SYNTHESIS, _GAINS) if gains else (_SYNTHESIS,)
    names = []
    for name, parameter in network.named_parameters():
        moves = part == "all" or (
            name.startswith(synthesis) if part == "synthesis" else not name.startswith(network.TRANSFORMS)
        )
        parameter.requires_grad_(moves)
        if moves:
            names.append(name)
    return names
