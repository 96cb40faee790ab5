"""Parts of the hierarchical progressive context model: its networks, and what its steps give."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from hpcm_core.layers.blocks import DWConvBlock
from hpcm_core.models.hpcm.config import Context
from hpcm_core.models.hpcm.sampling import StepPlace
from hpcm_core.models.hpcm.schedule import Step

WINDOWS = (2, 4, 8, 8)
"""Side of an attention window on the grids of scale 0, 1, 2 and 3."""


class StepParams(NamedTuple):
    """The distributions of one step's symbols, packed: B x depth M/parts x h x w. Behind them, for who looks on, all on
    the grid of the step's stage: psi (Bx2MxHxW) and what it was made of, the context (Bx2MxHxW) and y_hat so far.
    """

    step: Step
    scales: Tensor
    means: Tensor
    psi: Tensor
    context: Tensor
    y_hat: Tensor

    @property
    def stream(self) -> int:
        return self.step.stream

    @property
    def label(self) -> str:
        return str(self.step.number)

    @property
    def place(self) -> StepPlace:
        """Where the symbols stand among the latents."""
        return StepPlace(self.step)


class ContextNet(nn.Module):
    """psi = branch_2(branch_1(params) * step_embedding). B x wide x HxW -> B x narrow x HxW."""

    def __init__(self, wide: int, narrow: int, depth: Context, hidden: int = 0) -> None:
        super().__init__()
        self.branch_1 = nn.Sequential(*(DWConvBlock(wide, hidden) for _ in range(depth.branch_1)))
        self.branch_2 = nn.Sequential(
            *(DWConvBlock(wide, hidden) for _ in range(depth.branch_2)),
            nn.Conv2d(wide, narrow, 1),
            *(DWConvBlock(narrow) for _ in range(depth.tail)),
        )

    def forward(self, params: Tensor, step_embedding: Tensor) -> Tensor:
        return self.branch_2(self.branch_1(params) * step_embedding)
