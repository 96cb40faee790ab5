"""What every variant of a codec with a hyperprior says of itself."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from hpcm_core.format.header import EXACT_PROFILE
from hpcm_core.layers.spec import TransformSpec, reach


@dataclass(frozen=True, kw_only=True)
class HyperConfig:
    """Transforms, widths and rates; a family adds what its entropy model takes.

    latent_channels (M) and hyper_channels (N) are the channels of y and z; a latent stands for 16x16 pixels, a value of
    z for 4x4 latents.
    """

    stride: ClassVar[int] = 16
    tile: ClassVar[int] = 64
    """1024 pixels."""
    profile: ClassVar[int] = EXACT_PROFILE

    name: str
    latent_channels: int
    hyper_channels: int
    g_a: TransformSpec
    g_s: TransformSpec
    h_a: TransformSpec
    h_s: TransformSpec
    partial: int = 4
    """A block's 3x3 convolution works on the first 1/partial of its channels."""
    rate_lambdas: tuple[float, ...] = ()
    """Rows of the gain tables, by the lambda each was trained for; empty for a model of one rate."""
    input_shift: float = 0.0
    """Subtracted from pixels in [0, 1] before g_a, added after g_s."""

    window: int = 64
    """Latents a side that g_a and g_s work on at once: larger wastes less on overlap and takes more memory. Not part of
    the format.
    """

    @property
    def units(self) -> tuple[int, ...]:
        """Rule 0 pads to 256 pixels as the published models need; rule 1 to 64, with which z's quarter does."""
        return (16, 4)

    @property
    def streams(self) -> int:
        """z, and y in three parts, coarse to fine."""
        return 4

    @property
    def rates(self) -> Literal["variable", "fixed"]:
        return "variable" if self.rate_lambdas else "fixed"

    @property
    def halo(self) -> int:
        """Latents by which a window of g_a or g_s must overlap its neighbours to give what the whole picture gives."""
        return max(reach(self.g_a), reach(self.g_s))

    @property
    def gain_channels(self) -> int:
        """Columns of the gain tables."""
        return self.latent_channels


def is_large(weights: int) -> bool:
    """Whether float weights of so many bytes are too many to be kept beside integers made of them."""
    return weights > _KEPT_BESIDE


_KEPT_BESIDE = 1 << 30


def taken_from(config: HyperConfig) -> dict[str, Any]:
    """The fields that a variant of another family takes over from `config`: all that families share."""
    return {field.name: getattr(config, field.name) for field in fields(HyperConfig)}
