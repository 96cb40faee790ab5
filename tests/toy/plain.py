"""A family without torch: NumPy from pixels to streams and back. Variable rate, grey planes of blocks, one step, one
stream. Tests register it where torch must not be needed, and where it cannot be imported at all.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from safetensors.numpy import save_file

from hpcm_core.entropy.model import Request
from hpcm_core.entropy.tables import scale_thresholds
from hpcm_core.models import registry
from hpcm_core.models.family import Family
from hpcm_core.transform import coding

PROFILE = 7
"""An arithmetic profile that no other family has."""


@dataclass(frozen=True)
class PlainConfig:
    """Blocks of 8 x 8 pixels become 3 * `kept` latents."""

    name: str
    kept: int

    stride: ClassVar[int] = 8
    units: ClassVar[tuple[int, ...]] = (2,)
    tile: ClassVar[int] = 16
    rates: ClassVar[str] = "variable"
    rate_lambdas: ClassVar[tuple[float, ...]] = (0.001, 0.01, 0.1)
    profile: ClassVar[int] = PROFILE
    streams: ClassVar[int] = 1
    labels: ClassVar[tuple[str, ...]] = ("all",)

    @property
    def latent_channels(self) -> int:
        return 3 * self.kept


class Everywhere:
    """All latents at once."""

    def pack(self, y):
        return y

    def spread(self, bits):
        return bits.sum(axis=(0, 1))

    def planes(self, values):
        return values[0]


class Plain:
    """What `restore` makes of the weights: a basis of blocks, kept x 64, and a scale for each latent channel."""

    def __init__(self, config, basis, scales):
        self.config, self.basis = config, basis
        self.streams, self.labels = config.streams, config.labels
        self._indices = np.searchsorted(scale_thresholds(), scales).astype(np.uint8)

    def steps(self, height, width):
        indices = np.broadcast_to(self._indices[None, :, None, None], (1, len(self._indices), height, width))
        symbols = yield Request(0, "all", indices, np.float32(0), Everywhere())
        return symbols.astype(np.float32)


@dataclass(frozen=True)
class AtRate:
    """coding.Transforms at one rate."""

    network: Plain
    q: float

    @property
    def gain(self):
        return np.float32(64 * 2**self.q)

    def analyse(self, picture, cut, report):
        report(0.0)
        rows = np.minimum(np.arange(8 * cut.height), picture.height - 1)
        columns = np.minimum(np.arange(8 * cut.width), picture.width - 1)
        x = picture.rgb()[rows[:, None], columns] / np.float32(np.iinfo(picture.pixels.dtype).max) - np.float32(0.5)
        blocks = x.reshape(cut.height, 8, cut.width, 8, 3).transpose(0, 2, 4, 1, 3).reshape(-1, 64)
        y = self.gain * (blocks.astype(np.float32) @ self.network.basis.T)
        return y.reshape(1, cut.height, cut.width, -1).transpose(0, 3, 1, 2)

    def synthesize(self, y_hat, header, cut, report):
        report(0.0)
        rows = y_hat.transpose(0, 2, 3, 1).reshape(-1, self.network.config.kept) / self.gain
        blocks = (rows @ self.network.basis).reshape(cut.height, cut.width, 3, 8, 8)
        x = blocks.transpose(0, 3, 1, 4, 2).reshape(8 * cut.height, 8 * cut.width, 3)
        if header.channels == 1:
            x = x.mean(axis=2, keepdims=True)
        dtype = np.dtype(f"u{header.bit_depth // 8}")
        peak = np.iinfo(dtype).max
        return np.rint(np.clip(x + 0.5, 0, 1) * peak).astype(dtype)[: header.height, : header.width]


class PlainFamily(Family):
    name = "plain"
    configs: ClassVar = {"plain": PlainConfig("plain", 12)}

    def shapes(self, config):
        return {"basis": (config.kept, 64), "scales": (config.latent_channels,)}

    def restore(self, config, weights):
        return Plain(config, weights["basis"], weights["scales"])

    def arithmetic(self, config):
        return asdict(config)

    def memory(self, config, header):
        return coding.memory(config, header)

    def entropy(self, model):
        return model.network

    def encode(self, model, picture, header, q, job, device, quality_map=None):
        network = model.network
        return coding.encode(network.config, AtRate(network, q), network, picture, header, job)

    def decode(self, model, header, tiles, q, job, device, known=None, quality_map=None):
        network = model.network
        return coding.decode(network.config, AtRate(network, q), network, header, tiles, job, known)


PLAIN = PlainFamily()


def weights(config: PlainConfig, seed: int = 0) -> dict[str, np.ndarray]:
    """The slowest of the cosine transform's functions, or for other seeds a turned set of them; scales that fit."""
    t = (2 * np.arange(8) + 1) * np.pi / 16
    waves = np.stack([np.full(8, 8**-0.5), *(0.5 * np.cos(k * t) for k in range(1, 8))])
    order = sorted(((r, c) for r in range(8) for c in range(8)), key=lambda rc: (sum(rc), rc))[: config.kept]
    basis = np.stack([np.outer(waves[r], waves[c]).ravel() for r, c in order])
    if seed:
        basis = np.linalg.qr(np.random.default_rng(seed).normal(size=(config.kept, config.kept))).Q @ basis
    return {"basis": basis.astype(np.float32), "scales": np.full(config.latent_channels, 8, np.float32)}


def install_plain(folder: Path) -> None:
    """Make the family known for as long as the process lives, with weights in a models folder below `folder`."""
    os.environ["HPCM_DATA_DIR"] = str(folder)
    registry.register(PLAIN)
    (folder / "models").mkdir(parents=True, exist_ok=True)
    save_file(weights(PLAIN.configs["plain"]), folder / "models" / "plain.safetensors")


class NoTorch:
    """A finder that makes every import of torch fail, as where it is not installed."""

    @classmethod
    def install(cls) -> None:
        assert "torch" not in sys.modules
        sys.meta_path.insert(0, cls())

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return
