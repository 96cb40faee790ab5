"""What the tests of exact arithmetic share: engines by name, small models of every variant, digests of latents."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import torch

from hpcm_core.entropy import streams
from hpcm_core.entropy.exact import layers
from hpcm_core.entropy.exact.digits import DigitEngine
from hpcm_core.entropy.exact.native import FastEngine, instruction_sets
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.entropy.model import drive as take_through
from hpcm_core.entropy.model import quantize
from hpcm_core.entropy.tensors import OfTensors
from hpcm_core.format import container
from hpcm_core.format.tile import parse_tile
from hpcm_core.layers.spec import Conv
from hpcm_core.models.charm.config import CharmConfig
from hpcm_core.models.charm.exact import ExactCharm
from hpcm_core.models.charm.network import Charm
from hpcm_core.models.family import Model
from hpcm_core.models.hpcm.exact import ExactEntropy
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.quadtree.config import QuadtreeConfig, quad_prior
from hpcm_core.models.quadtree.exact import ExactQuadtree
from hpcm_core.models.quadtree.network import Quadtree
from hpcm_core.models.registry import config_of, trainable
from hpcm_core.models.weights import IDENTITY_BYTES, identity
from hpcm_core.transform.tiling import grid
from tests.hpcm_core.models.hpcm.first_lite import FIRST_LITE
from tests.hpcm_core.models.hpcm.formula import formula_state

ENGINES = {"reference": ReferenceEngine, "digits": DigitEngine} | {
    f"fast-{name}": (lambda name=name: FastEngine(name)) for name in instruction_sets()
}


KINDS = {HPCM: ExactEntropy, Charm: ExactCharm, Quadtree: ExactQuadtree}


def exact(model, engine):
    """The exact entropy model of a network of any family."""
    return KINDS[type(model)](model, engine)


def network(config):
    """A network of formula weights, ready to compute."""
    with torch.device("meta"):
        model = trainable(config.name)[0].build(config)
    model.load_state_dict(formula_state(model), strict=True, assign=True)
    return model.eval().requires_grad_(False)


def small(variant: str):
    """The variant's configuration with few channels: everything that distinguishes it, but for its size."""
    config = config_of(variant)
    m, n = 32, 24
    if isinstance(config, QuadtreeConfig) and config.gains_inside is not None:
        return quad_prior(variant, 40, m, n, (1, 1))

    def shrink(spec, last, channels_in):
        layers = list(spec.layers)
        convs = [i for i, layer in enumerate(layers) if isinstance(layer, Conv)]
        for i in convs:
            width = last if i == convs[-1] else n if spec in (config.h_a, config.h_s) else 8
            layers[i] = replace(layers[i], channels=width)
        return replace(spec, layers=tuple(layers), channels_in=channels_in)

    shrunk = {
        "latent_channels": m,
        "hyper_channels": n,
        "g_a": shrink(config.g_a, m, 3),
        "g_s": shrink(config.g_s, 3, m),
        "h_a": shrink(config.h_a, n, m),
        "h_s": shrink(config.h_s, m if isinstance(config, CharmConfig) else 2 * m, n),
    }
    if isinstance(config, CharmConfig):
        return replace(config, **shrunk, slices=8, hidden=(24, 16))
    if isinstance(config, QuadtreeConfig):
        return replace(config, **shrunk, wide=3 * m)
    return replace(
        config,
        **shrunk,
        # Heads of 16 or 20 channels have their factors; here 2M = 64 gives four heads of 16.
        attention_heads=None if config.attention_heads is None else 4,
        context_channels=None if config.context_channels is None else 40,
    )


def calm(variant: str):
    """A small network of formula weights whose context does not grow from step to step, however many there are."""
    model = network(small(variant))
    for name, weight in model.named_parameters():
        if ".conv_out." in name or name.startswith(("y_spatial_prior", "context_net")):
            weight.mul_(0.5 if ".conv_out." in name else 0.875)
    return model


def encode_tile(entropy, y, check):
    """streams.encode_tile for an entropy model and latents of tensors."""
    code = streams.encode_tile(OfTensors(entropy), y.numpy(), check)
    return code._replace(y_hat=torch.from_numpy(code.y_hat))


def decode_tile(entropy, tile, height, width, check):
    """streams.decode_tile for an entropy model of tensors, which gives a tensor of latents."""
    code = streams.decode_tile(OfTensors(entropy), tile, height, width, check)
    return code._replace(y_hat=torch.from_numpy(code.y_hat))


def quantized(residual):
    """What an encoder makes of a tensor of residuals."""
    return torch.from_numpy(quantize(residual.numpy()))


@torch.inference_mode()
def drive(entropy, y, z=None):
    """Take an entropy model through a tile as an encoder does, with z symbols if they are given. Returns y_hat and each
    step's indices and means.
    """
    trace = []

    def answer(request):
        if request.label == "z":
            return quantized(request.place.pack(y) - request.means) if z is None else z
        trace.append((request.indices.clone(), request.means.clone()))
        return quantized(request.place.pack(y) - request.means)

    return take_through(entropy.steps(*y.shape[2:]), answer), trace


def latents_digest(y_hat: torch.Tensor) -> str:
    """SHA-256 of 256 * y_hat as int32, little-endian, channel by channel."""
    return hashlib.sha256((256 * y_hat.double()).numpy().astype("<i4").tobytes(order="C")).hexdigest()


def trace_digest(trace) -> str:
    """SHA-256 of every step's table indices (bytes) and means (256 * mean as int32, little-endian)."""
    digest = hashlib.sha256()
    for indices, means in trace:
        digest.update(np.ascontiguousarray(indices.numpy()).tobytes())
        digest.update((256 * means.double()).numpy().astype("<i4").tobytes(order="C"))
    return digest.hexdigest()


def integers(seed: int, *shape: int, limit: int) -> torch.Tensor:
    """Reproducible integers of magnitude <= limit, int64, from a formula of numpy's that does not change."""
    return torch.from_numpy(np.random.Generator(np.random.PCG64(seed)).integers(-limit, limit + 1, shape))


@contextmanager
def surroundings(threads=None, flush=False, deterministic=False, tf32=False):
    """Settings of the process that float results depend on."""
    before, tf32_before = torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32
    try:
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.set_num_threads(threads or before)
        torch.set_flush_denormal(flush)
        torch.use_deterministic_algorithms(deterministic)
        yield
    finally:
        torch.use_deterministic_algorithms(False)
        torch.set_flush_denormal(False)
        torch.backends.cuda.matmul.allow_tf32 = tf32_before
        torch.set_num_threads(before)


@contextmanager
def converted_once():
    """Several engines of one large model take the same integers of its weights, which take seconds to make."""
    with (
        patch.object(layers, "convolution", cache(layers.convolution)),
        patch.object(layers, "transposed", cache(layers.transposed)),
    ):
        yield


@cache
def formula_lite() -> Model:
    """The first Lite with formula weights, as the store would load it. Gains of pictures are near one."""
    model = network(FIRST_LITE)
    name = identity(dict(model.state_dict()), HPCM_FAMILY.arithmetic(FIRST_LITE))[:IDENTITY_BYTES]
    return Model("lite", HPCM_FAMILY, FIRST_LITE, model, name)


@torch.inference_mode()
def decoded_latents(data: bytes, engine) -> torch.Tensor:
    """y_hat of the only tile of a file made with formula_lite."""
    return decoded_latents_of(data, formula_lite().network, engine)


def decoded_latents_of(data: bytes, network, engine) -> torch.Tensor:
    """y_hat of the only tile of a file made with an HPCM."""
    file = container.read(data)
    header = file.header
    entropy = ExactEntropy(network, engine)
    (payload,) = file.tiles
    cut = grid(header.width, header.height, network.config, header.padding)
    return decode_tile(entropy, parse_tile(payload, entropy.streams), cut.height, cut.width, lambda: None).y_hat


def wavy(config, height=16, width=16):
    """Latents and z symbols from integers alone: whatever computes floats, they are the same."""
    y = integers(11, 1, config.latent_channels, height, width, limit=64).float() / 8
    return y, integers(12, 1, config.hyper_channels, height // 4, width // 4, limit=4).int()
