"""g_a and g_s of profile 2 over a whole picture: samples to latents and back, in integers.

What is computed in bands of rows is what the whole picture would give, to the last bit, since a feature depends on what
it sees and on nothing else.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from coder import _integer
from hpcm_core.entropy.streams import Report, empty_latents
from hpcm_core.format.gain import QualityMap
from hpcm_core.format.header import MAX_QUALITY, Header
from hpcm_core.integer.layers import Tensor
from hpcm_core.integer.native import Native, chain
from hpcm_core.models.hpcm.config import HPCMConfig
from hpcm_core.models.hpcm.integer import DEEP_OFFSET, Reader, Weights, layers, rows_together
from hpcm_core.picture.picture import Picture
from hpcm_core.transform.tiling import Grid

SAMPLES = {8: (255, "narrow"), 16: (DEEP_OFFSET, "wide")}
"""By bits a sample: the largest magnitude of what g_a sees, and the name of the layers that meet samples."""


def check_look(config: HPCMConfig, weights: Weights) -> None:
    """Raises ModelError where sums of a second g_s could leave 32 bits."""
    for name in SAMPLES.values():
        layers(Reader(weights), "g_s", config.g_s, last=name[1])


class IntegerTransforms:
    """transform.coding.Transforms at one sample depth and one quality, which a map may change from block to block.
    Raises ModelError for weights whose sums could leave 32 bits.
    """

    def __init__(
        self,
        config: HPCMConfig,
        weights: Weights,
        run: Native,
        quality: int,
        bits: int,
        quality_map: QualityMap | None = None,
    ) -> None:
        self._config, self._engine, self._quality, self._quality_map = config, run.engine, quality, quality_map
        reader = Reader(weights)
        limit, name = SAMPLES[bits]
        # Checked here and packed for the engine when they are first needed.
        self._g_a_layers = layers(reader, "g_a", config.g_a, limit, first=name)
        self._g_s_layers = layers(reader, "g_s", config.g_s, last=name)
        gains = [reader.scale(f"rate_gain_{side}") for side in ("enc", "dec")]
        self._gain_enc, self._gain_dec = ((gain.factor, gain.shift) for gain in gains)

    @cached_property
    def _g_a(self) -> _integer.Chain:
        return chain(self._g_a_layers)

    @cached_property
    def _g_s(self) -> _integer.Chain:
        return chain(self._g_s_layers)

    def analyse(self, picture: Picture, cut: Grid, report: Report) -> npt.NDArray[np.float32]:
        """See Transforms: multiples of 1/256."""
        y = empty_latents(self._config.latent_channels, cut.height, cut.width)
        gains = (*self._gain_enc, self._qualities(cut))
        self._engine.analyse(self._g_a, picture.rgb(), gains, rows_together(y), report)
        return y

    def synthesize(
        self, y_hat: npt.NDArray[np.float32], header: Header, cut: Grid, report: Report
    ) -> npt.NDArray[np.generic]:
        """See Transforms."""
        dtype = np.uint8 if header.bit_depth == 8 else np.uint16
        pixels = np.empty((header.height, header.width, header.channels), dtype)
        gains = (*self._gain_dec, self._qualities(cut))
        self._engine.synthesize(self._g_s, rows_together(y_hat), gains, pixels, report)
        return pixels

    def entering(self, y_hat: npt.NDArray[np.float32], cut: Grid) -> Tensor:
        """What g_s is given of latents y_hat (1xMxhxw): h x w x M."""
        return _integer.entering(rows_together(y_hat), (*self._gain_dec, self._qualities(cut)))

    def _qualities(self, cut: Grid) -> npt.NDArray[np.uint8]:
        """The quality of every latent position."""
        if self._quality_map is None:
            return np.full((cut.height, cut.width), self._quality, np.uint8)
        offsets = self._quality_map.on_latents(cut.height, cut.width, cut.stride)
        return (self._quality + offsets.astype(np.int16)).clip(0, MAX_QUALITY).astype(np.uint8)
