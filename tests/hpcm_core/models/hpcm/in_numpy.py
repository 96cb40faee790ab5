"""g_a and g_s of profile 2 in NumPy, over a whole picture in one piece: what the engine's bands are compared with."""

from __future__ import annotations

import numpy as np

from hpcm_core.integer.layers import FEATURE_MAX, rnd
from hpcm_core.integer.reference import Reference
from hpcm_core.models.hpcm.integer import DEEP_OFFSET, LATENT_BITS, Reader, layers
from hpcm_core.models.hpcm.integer_transforms import SAMPLES


class InNumpy:
    """transform.coding.Transforms, as integer_transforms.IntegerTransforms is."""

    def __init__(self, config, weights, quality, bits, quality_map=None):
        self.config, self.weights, self.quality, self.quality_map = config, weights, quality, quality_map
        self.limit, self.name = SAMPLES[bits]

    def gains(self, side, cut):
        quality = np.full((cut.height, cut.width), self.quality)
        if self.quality_map is not None:
            quality = (quality + self.quality_map.on_latents(cut.height, cut.width, cut.stride)).clip(0, 100)
        return (self.weights[f"rate_gain_{side}.{part}"][quality].astype(np.int64) for part in ("factor", "shift"))

    def analyse(self, picture, cut, report):
        p = picture.rgb().astype(np.int32)
        beyond = [(0, cut.height * cut.stride - p.shape[0]), (0, cut.width * cut.stride - p.shape[1]), (0, 0)]
        x = np.pad(2 * p - 255 if self.name == "narrow" else p - DEEP_OFFSET, beyond, "edge").astype(np.int16)
        g_a = layers(Reader(self.weights), "g_a", self.config.g_a, self.limit, first=self.name)
        factor, shift = self.gains("enc", cut)
        y = rnd(Reference().through(g_a, x) * factor, shift).astype(np.float32) / (1 << LATENT_BITS)
        return y.transpose(2, 0, 1)[np.newaxis]

    def synthesize(self, y_hat, header, cut, report):
        factor, shift = self.gains("dec", cut)
        y = np.rint(y_hat[0].transpose(1, 2, 0).astype(np.float64) * (1 << LATENT_BITS)).astype(np.int64)
        x = rnd(y * factor, shift).clip(-FEATURE_MAX, FEATURE_MAX).astype(np.int16)
        g_s = layers(Reader(self.weights), "g_s", self.config.g_s, last=self.name)
        x = Reference().through(g_s, x)[: header.height, : header.width].astype(np.int32)
        if header.channels == 1:
            x = (x.sum(axis=2, keepdims=True) + 1) // 3
        return x.astype(np.uint8) if self.name == "narrow" else (x + DEEP_OFFSET).astype(np.uint16)
