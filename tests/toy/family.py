"""A family that lives in the tests alone: a block transform, two steps, two streams, no hyperprior, cells of 8 pixels.

It is what a new family has to bring, and nothing of the program knows it: tests register it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from hpcm_core.entropy import ggm
from hpcm_core.entropy.exact import tables
from hpcm_core.entropy.model import Request, Steps, drive
from hpcm_core.entropy.tensors import OfTensors
from hpcm_core.format.header import EXACT_PROFILE
from hpcm_core.models import loading, registry
from hpcm_core.models.checkpoint import import_checkpoint
from hpcm_core.models.trainable import TrainableFamily
from hpcm_core.transform import coding, networks
from hpcm_core.transform.relaxed import Noise, Relaxed, straight_through_round

SCALE = 12
"""Fraction bits of the scales, as in the tables."""


@dataclass(frozen=True)
class ToyConfig:
    """Latents of `latent_channels` channels; a picture is padded to multiples of 32 pixels."""

    name: str
    latent_channels: int

    stride: ClassVar[int] = 8
    units: ClassVar[tuple[int, ...]] = (4,)
    tile: ClassVar[int] = 32
    window: ClassVar[int] = 32
    halo: ClassVar[int] = 0
    rates: ClassVar[str] = "fixed"
    rate_lambdas: ClassVar[tuple[float, ...]] = ()
    profile: ClassVar[int] = EXACT_PROFILE
    streams: ClassVar[int] = 2
    labels: ClassVar[tuple[str, ...]] = ("even", "odd")


@dataclass(frozen=True)
class Columns:
    """Every second column of the latents, from 0 or 1."""

    first: int

    def pack(self, y: Tensor) -> Tensor:
        return y[..., self.first :: 2]

    def spread(self, bits: Tensor) -> Tensor:
        return self.planes(bits).sum(dim=0)

    def planes(self, values: Tensor) -> Tensor:
        planes = values.new_zeros(*values.shape[1:3], 2 * values.shape[3])
        planes[..., self.first :: 2] = values[0]
        return planes


class Toy(nn.Module):
    """One convolution there, one back, and a scale a channel for each of the two steps."""

    TRANSFORMS = ("g_a.", "g_s.")

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.config = config
        m = config.latent_channels
        self.g_a = nn.Conv2d(3, m, 8, 8)
        self.g_s = nn.ConvTranspose2d(m, 3, 8, 8)
        self.scales = nn.Parameter(torch.ones(2, m))

    def analysis(self, x: Tensor, q: float | Tensor = 0.0) -> Tensor:
        return 16 * self.g_a(x - 0.5)

    def synthesis(self, y_hat: Tensor, q: float | Tensor = 0.0) -> Tensor:
        return self.g_s(y_hat / 16) + 0.5


class ToySteps:
    """Even columns by themselves, odd ones around the mean of their neighbours: integers, so the same everywhere."""

    def __init__(self, network: Toy) -> None:
        self.streams, self.labels = network.config.streams, network.config.labels
        scales = (network.scales.detach().double() * (1 << SCALE)).round().long()
        self._indices = tables.table_index(scales)

    def steps(self, height: int, width: int) -> Steps:
        shape = (1, self._indices.shape[1], height, width // 2)
        zeros = torch.zeros(shape)
        even = (yield Request(0, "even", self._table(0, shape), zeros, Columns(0))).long()
        means = (even + torch.roll(even, -1, dims=-1)) >> 1
        odd = (yield Request(1, "odd", self._table(1, shape), means.float(), Columns(1))).long() + means
        return torch.stack((even, odd), dim=-1).flatten(-2).float()

    def _table(self, step: int, shape: tuple[int, ...]) -> Tensor:
        return self._indices[step].view(1, -1, 1, 1).expand(shape)


class ToyFamily(TrainableFamily):
    name = "toy"
    local_rates = True
    configs: ClassVar = {"toy": ToyConfig("toy", 12)}

    def build(self, config):
        return Toy(config)

    def arithmetic(self, config):
        return asdict(config)

    def memory(self, config, header):
        return coding.memory(config, header)

    def entropy(self, model):
        return OfTensors(ToySteps(model.network))

    def encode(self, model, picture, header, q, job, device, quality_map=None):
        return networks.encode(model.network, ToySteps(model.network), picture, header, q, job, device, quality_map)

    def decode(self, model, header, tiles, q, job, device, known=None, quality_map=None):
        steps = ToySteps(model.network)
        return networks.decode(model.network, steps, header, tiles, q, job, device, known, quality_map)

    def draw_noise(self, config, batch, side, generator):
        shape = (batch, config.latent_channels, side // 8, side // 8)
        return Noise(torch.zeros(batch), torch.rand(shape, generator=generator, device=generator.device) - 0.5)

    def forward(self, network, x, q, noise):
        y = network.analysis(x)
        bits = torch.zeros(len(x), device=x.device)

        def answer(request):
            nonlocal bits
            residual = request.place.pack(y) - request.means
            noisy = residual.round() if noise is None else residual + request.place.pack(noise.y)
            scales = network.scales[request.stream].view(1, -1, 1, 1)
            bits = bits - torch.log2(ggm.likelihood(noisy, scales)).sum(dim=(1, 2, 3))
            return straight_through_round(residual)

        y_hat = drive(_float_steps(y), answer)
        return Relaxed(network.synthesis(y_hat), bits, torch.zeros_like(bits))


def _float_steps(y: Tensor):
    """The steps of ToySteps in float, for a batch."""
    zeros = torch.zeros_like(y[..., 0::2])
    even = yield Request(0, "even", zeros, zeros, Columns(0))
    means = (even + torch.roll(even, -1, dims=-1)) / 2
    odd = (yield Request(1, "odd", zeros, means, Columns(1))) + means
    return torch.stack((even, odd), dim=-1).flatten(-2)


TOY = ToyFamily()


def install_toy(monkeypatch, folder) -> Toy:
    """Make the toy known to this process for the length of a test, with weights in a models folder of its own below
    `folder`; returns its network.
    """
    monkeypatch.setenv("HPCM_DATA_DIR", str(folder / "data"))
    monkeypatch.setattr(registry, "_FAMILIES", [*registry._FAMILIES])
    registry.register(TOY)
    torch.manual_seed(0)
    network = TOY.build(TOY.configs["toy"])
    with torch.no_grad():
        # The transpose of an orthonormal transform gives back what its channels hold.
        basis = torch.linalg.qr(torch.randn(192, 12)).Q.T.reshape(12, 3, 8, 8)
        network.g_a.weight.copy_(basis)
        network.g_s.weight.copy_(basis)
        network.g_s.bias.zero_()
    save_file(network.state_dict(), folder / "toy.safetensors")
    import_checkpoint(folder / "toy.safetensors", "toy", "mse", 0.01)
    loading._load.cache_clear()
    return network
