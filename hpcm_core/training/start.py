"""Where a training begins: from other weights, or from a linear transform that already compresses.

The linear start of a codec with transforms makes every down-sampling convolution the leading principal components of
its input blocks, every up-sampling one the transpose of its counterpart, and everything between the identity. Training
then starts from about the level of a block transform with a hyperprior, not from noise.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from hpcm_core.entropy.ggm import SCALE_MIN
from hpcm_core.layers.blocks import DWConvBlock, PConvBlock
from hpcm_core.layers.linear import leading, silence
from hpcm_core.layers.transforms import Transform, TransformPair
from hpcm_core.models.checkpoint import read_tensors
from hpcm_core.models.weights import strict_weights
from hpcm_core.training.config import LAMBDAS, TrainingConfig
from hpcm_core.training.loss import draw_rates

START_CROPS = 48
"""Crops that a linear start is computed from."""

_LITTLE = 1 / 64
_GAINS = ("rate_gain_enc", "rate_gain_dec")


def load_initial(path: Path, network: Any, lambdas: tuple[float, ...]) -> None:
    """Take the weights of a checkpoint or safetensors file. Gain tables with fewer rows than the network's are extended
    on the log scale of lambda. Raises ModelError where they are not those of `network`'s variant.
    """
    tensors = read_tensors(path)
    for name in _GAINS:
        if name in tensors and hasattr(network, name) and tensors[name].ndim == 2:
            tensors[name] = extend_gains(torch.from_numpy(tensors[name]), lambdas).numpy()
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    weights = strict_weights(tensors, shapes, network.config.name, path)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()}, strict=True)


def extend_gains(table: Tensor, lambdas: tuple[float, ...]) -> Tensor:
    """Rows for `lambdas` from a table RxM of the first R of them: beyond its end the last slope goes on."""
    rows = len(table)
    if not 2 <= rows < len(lambdas):
        return table
    slope = (table[-1] - table[-2]) / math.log(lambdas[rows - 1] / lambdas[rows - 2])
    more = [table[-1] + slope * math.log(value / lambdas[rows - 1]) for value in lambdas[rows:]]
    return torch.cat((table, torch.stack(more)))


def step_for(lmbda: float) -> float:
    """Quantization step of an orthonormal transform of pixels in [0, 1] that minimizes lambda 255^2 MSE + bits per
    pixel.

    Uniform noise of a step d costs d^2 / 12 per coefficient and halving it costs one bit, so dD/dR = -2 ln 2 d^2 / 12;
    a pixel has three coefficients for its MSE and its bits alike.
    """
    return math.sqrt(12 * 3 / (2 * math.log(2) * lmbda)) / 255


@torch.no_grad()
def linear_start(network: Any, crops: Tensor, config: TrainingConfig) -> None:
    """Set the weights from training crops Bx3xHxW in [0, 1] on the network's device; some dozens of crops do."""
    if config.lossless:
        config.family.begin(network, crops)
        return
    _silence_blocks(network, transforms=True)
    _components(network.g_a, crops - network.config.input_shift)
    _transposes(network.g_s, network.g_a)
    _set_steps(network, config)
    latent_start(network, crops, config)


@torch.no_grad()
def latent_start(network: Any, crops: Tensor, config: TrainingConfig) -> None:
    """The linear start of what codes the latents, for the transforms and gains that the network has."""
    _silence_blocks(network, transforms=False)
    rates = draw_rates(config, len(crops), torch.Generator().manual_seed(config.seed))
    y = network.analysis(crops, rates.q.to(crops.device))
    z = _components(network.h_a, y)
    network.means_hyper.copy_(z.mean(dim=(0, 2, 3), keepdim=True))
    network.scales_hyper.copy_(z.std(dim=(0, 2, 3), keepdim=True).clamp_min(0.5))
    # What scales are made of first, what means are made of last.
    parts = list(network.h_s.parts) if isinstance(network.h_s, TransformPair) else [network.h_s]
    for part in parts:
        _transposes(part, network.h_a)
    last = _convolutions(parts[0])[-1]
    if len(parts) > 1:
        # A little, as weights that are nought or nearly so make a layer too uneven for exact arithmetic.
        last.weight.mul_(_LITTLE)
    # h_s gives scales and means: the transpose predicts the means, scales begin as what it leaves unpredicted.
    m = network.config.latent_channels
    hyper = network.h_s(torch.round(z - network.means_hyper) + network.means_hyper)
    residual = y - hyper[:, m:]
    assert last.bias is not None
    scales = residual.square().mean(dim=(0, 2, 3)).sqrt().clamp_min(2 * SCALE_MIN)
    last.bias[:m] = scales
    hyper[:, :m] += scales.view(1, -1, 1, 1)
    config.family.begin(network, hyper)


def _silence_blocks(network: Any, transforms: bool) -> None:
    for name, module in network.named_modules():
        if isinstance(module, (PConvBlock, DWConvBlock)) and name.startswith(network.TRANSFORMS) == transforms:
            silence(module.branch[3])


def _components(transform: Transform, x: Tensor) -> Tensor:
    """Make the convolutions of an analysis transform principal components of what they see; returns its output.

    A layer with more channels than its blocks have values keeps random weights in the others, and the next layer
    ignores those until training has a use for them.
    """
    live = x.shape[1]
    for layer in _layers(transform):
        if isinstance(layer, nn.Conv2d):
            weight = layer.weight
            size, stride, padding = layer.kernel_size, layer.stride, layer.padding
            assert isinstance(padding, tuple)
            blocks = nn.functional.unfold(x[:, :live], size, stride=stride, padding=padding)
            # Not centred: the largest component is then the mean, which deserves a channel of its own.
            first = leading(blocks.transpose(0, 1).flatten(1), len(weight))
            weight[: len(first), live:] = 0
            weight[: len(first), :live] = first.view(-1, live, *size)
            live = len(first)
            assert layer.bias is not None
            layer.bias.zero_()
        elif isinstance(layer, nn.PixelUnshuffle):
            live *= layer.downscale_factor**2
        x = layer(x)
    return x


def _transposes(synthesis: nn.Module, analysis: nn.Module) -> None:
    """Make each convolution of a synthesis the transpose of its counterpart, in the last channels where it has more;
    what comes after the last counterpart passes its last channels on.
    """
    downs, ups = _convolutions(analysis), _convolutions(synthesis)
    for up, down in zip(ups, reversed(downs), strict=False):
        # Where kernels overlap every sample is put together from several blocks.
        overlap = math.prod(k / s for k, s in zip(down.kernel_size, down.stride, strict=True))
        live = min(len(down.weight), down.weight[0].numel())
        # A convolution that changes no resolution has its outputs first, one that is transposed its inputs.
        weight = up.weight if isinstance(up, nn.ConvTranspose2d) else up.weight.transpose(0, 1)
        weight[:live] = 0
        weight[:live, -down.weight.shape[1] :] = down.weight[:live] / overlap
        assert up.bias is not None
        up.bias.zero_()
    for more in ups[len(downs) :]:
        silence(more)
        both = min(more.in_channels, more.out_channels)
        more.weight[-both:, -both:, 0, 0] = torch.eye(both)


def _set_steps(network: Any, config: TrainingConfig) -> None:
    """Scale latents so that steps of 1 suit the lambdas."""
    # The paper's lambdas for MS-SSIM give about the rates of those for MSE that they are listed beside.
    unit = LAMBDAS["mse"][0] / LAMBDAS[config.metric][0]
    steps = [step_for(value * unit) for value in config.lambdas]
    if config.variable_rate:
        logs = torch.tensor(steps).log()[:, None]
        network.rate_gain_enc.copy_((-logs).expand_as(network.rate_gain_enc))
        network.rate_gain_dec.copy_(logs.expand_as(network.rate_gain_dec))
        return
    _convolutions(network.g_a)[-1].weight.div_(steps[0])
    _convolutions(network.g_s)[0].weight.mul_(steps[0])


def _layers(transform: nn.Module) -> list[nn.Module]:
    """Convolutions and blocks in order, whatever they are grouped in."""
    layers: list[nn.Module] = []
    for child in transform.children():
        layers += _layers(child) if isinstance(child, nn.Sequential) else [child]
    return layers


def _convolutions(transform: nn.Module) -> list[nn.Conv2d | nn.ConvTranspose2d]:
    """The layers that change the resolution or the channels."""
    return [layer for layer in _layers(transform) if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d))]
