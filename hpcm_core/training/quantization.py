"""From a trained model to the same model in integers alone (arithmetic profiles 2 and 3), and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from hpcm_core.codec import header_of
from hpcm_core.errors import ModelError
from hpcm_core.files import reason_of
from hpcm_core.format.header import MAX_QUALITY
from hpcm_core.metrics import psnr
from hpcm_core.models.family import Family, Model
from hpcm_core.models.loading import load
from hpcm_core.models.rates import quality_to_q
from hpcm_core.models.registry import editions, trainable
from hpcm_core.models.weights import IDENTITY_BYTES, Array, arrays, identity, read_weights, strict_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.training.augment import vary
from hpcm_core.training.data import Crops, read_rgb
from hpcm_core.training.seeds import seeded

SIDE = 384
"""Pixels of a crop that ranges are seen on, where pictures have as many."""
_PIXELS_SIDE = 64
"""The same for models without latents, which see few pixels around each: more pictures show more."""
_VARIED = 0.3
"""Part of the crops in other colours, and of those with grain: pictures that no folder has must not be clamped."""


class Quantized(NamedTuple):
    """A model in floats and the same one in integers, ready to compute."""

    before: Model
    after: Model
    weights: dict[str, Array]
    """Of the second."""


class Cost(NamedTuple):
    """One quality over all pictures: bytes of code streams and mean PSNR in dB, in floats and in integers."""

    quality: int
    bytes_before: int
    bytes_after: int
    psnr_before: float
    psnr_after: float


def quantize_model(path: Path, variant: str, folders: Sequence[Path], count: int, seed: int) -> Quantized:
    """Integers for the weights in a safetensors file, with ranges seen on `count` crops of the folders' pictures.

    The same files, count and seed give the same integers, as far as torch's float sums are the same. Raises ModelError
    and PictureError.
    """
    family, config = trainable(variant)
    network = read_network(path, variant)
    weights = arrays(network.state_dict())
    rates = _rates(config)
    side = SIDE if config.stride > 1 else _PIXELS_SIDE
    integers = family.integers(network, varied_crops(folders, count, seed, rates[-1], side), rates)
    before = Model(variant, family, config, network, _identity(family, config, weights))
    return Quantized(before, _model(variant, integers), integers)


@torch.inference_mode()
def lossless_cost_of(models: Quantized, pictures: Sequence[Path]) -> LosslessCost:
    """What integers cost on these pictures, 8-bit ones in colour. Raises PictureError."""
    bits, size = 0.0, 0
    before, after, _ = models
    family, _ = trainable(before.name)
    for path in pictures:
        picture = Picture(read_rgb(path))
        x = torch.from_numpy(picture.pixels).permute(2, 0, 1)[None] / 255
        bits += float(family.forward(before.network, x, torch.zeros(1), None).bits_y)
        header = header_of(picture, after.name, after.identity, after.config, MAX_QUALITY)
        size += after.family.encode(after, picture, header, 0.0, Job(), "cpu").stream_bytes
    return LosslessCost(round(bits / 8), size)


def cost_of(models: Quantized, pictures: Sequence[Path], qualities: Sequence[int]) -> Iterator[Cost]:
    """What integers cost on these pictures. Raises PictureError."""
    opened = [Picture.open(path) for path in pictures]
    for quality in qualities:
        sizes, fidelities = [0, 0], [0.0, 0.0]
        for picture in opened:
            for i, model in enumerate((models.before, models.after)):
                header = header_of(picture, model.name, model.identity, model.config, quality)
                q = quality_to_q(quality, model.config.rate_lambdas)
                coded = model.family.encode(model, picture, header, q, Job(), "cpu")
                sizes[i] += coded.stream_bytes
                fidelities[i] += psnr(picture.pixels, coded.pixels(Job())) / len(opened)
        yield Cost(quality, *sizes, *fidelities)


class LosslessCost(NamedTuple):
    """All pictures without loss: bytes that the floats' probabilities stand for, and bytes of the integers' streams."""

    bytes_before: int
    bytes_after: int


class QuantizedLook(NamedTuple):
    """A natural look in floats, and the model in integers that has the same look in integers."""

    network: Any
    model: Model
    weights: dict[str, Array]
    """Of the look, in integers."""
    before: bytes
    """Identity of the model in floats."""


class LookCost(NamedTuple):
    """One quality over all pictures: means of PSNR in dB."""

    quality: int
    quantized: float
    """Of the look in integers against the look in floats: what quantization changes."""
    faithful: float
    """Against the original, of the faithful look, then of the natural one in floats and in integers."""
    before: float
    after: float


def quantize_look(path: Path, variant: str, folders: Sequence[Path], count: int, seed: int) -> QuantizedLook:
    """Integers for the synthesis in a safetensors file of a whole network, as the natural look of the variant's newest
    weights, which all else in the file was quantized to. Ranges as for quantize_model, on the latents that these give.
    Raises MissingModel, ModelError and PictureError.
    """
    family, config = trainable(variant)
    model = load(variant)
    if not model.family.look_shapes(model.config):
        raise ModelError("The model {model} has no natural look.", model=variant)
    network, rates = read_network(path, variant), _rates(config)
    last = len(config.rate_lambdas) - 1
    crops = (
        (picture, header_of(picture, model.name, model.identity, model.config, round(float(q[0]) * MAX_QUALITY / last)))
        for x, q in varied_crops(folders, count, seed, rates[-1])
        for picture in (Picture((x[0].permute(1, 2, 0) * 255).round().byte().numpy()),)
    )
    weights = family.look_integers(network, model, crops, rates)
    look = model.family.restore_look(model, weights)
    before = _identity(family, config, arrays(network.state_dict()))
    return QuantizedLook(network, replace(model, look=look), weights, before)


def cost_of_look(made: QuantizedLook, pictures: Sequence[Path], qualities: Sequence[int]) -> Iterator[LookCost]:
    """What integers cost a look on these pictures. Raises PictureError."""
    opened = [Picture.open(path) for path in pictures]
    model = made.model
    family, config = trainable(model.name)
    for quality in qualities:
        sums = [0.0] * 4
        for picture in opened:
            header = header_of(picture, model.name, model.identity, model.config, quality)
            faithful, floats, natural = family.looks(made.network, model, picture, header, _rates(config))
            pairs = (natural, floats), (faithful, picture.pixels), (floats, picture.pixels), (natural, picture.pixels)
            for i, pair in enumerate(pairs):
                sums[i] += psnr(*pair) / len(opened)
        yield LookCost(quality, *sums)


def _rates(config: Any) -> list[float]:
    """The place in the table of lambdas of each quality; 0 where there are no rates."""
    if not config.rate_lambdas:
        return [0.0] * (MAX_QUALITY + 1)
    return [quality_to_q(quality, config.rate_lambdas) for quality in range(MAX_QUALITY + 1)]


def _model(variant: str, integers: dict[str, Array]) -> Model:
    """What computes with them. Raises ModelError."""
    for family, config, _ in editions(variant):
        if set(family.shapes(config)) == set(integers):
            return Model(variant, family, config, family.restore(config, integers), _identity(family, config, integers))
    raise ModelError("There is no arithmetic in integers alone for {model}.", model=variant)


def _identity(family: Family, config: Any, weights: dict[str, Array]) -> bytes:
    return identity(weights, family.arithmetic(config))[:IDENTITY_BYTES]


def read_network(path: Path, variant: str) -> Any:
    """The network of a variant with the weights in a safetensors file. Raises ModelError."""
    family, config = trainable(variant)
    try:
        weights = strict_weights(read_weights(path), family.shapes(config), variant, path)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError("{name} is damaged: {reason}", name=path.name, reason=reason_of(error)) from None
    return family.restore(config, weights)


def varied_crops(
    folders: Sequence[Path], count: int, seed: int, last: float, side: int = SIDE
) -> Iterator[tuple[Tensor, Tensor]]:
    """Crops of the folders in turn, one at a time, at rates q from 0 to `last`, a quarter of them at the last."""
    sources = [Crops(folder, side, seed, torch.device("cpu")) for folder in folders]
    rates = torch.rand(count, generator=seeded("cpu", seed, "rates", 0)) * last
    rates[::4] = last  # where the values are largest
    for i in range(count):
        crop = sources[i % len(sources)].batch(i // len(sources), 1, side)
        yield vary(crop[0], _VARIED, _VARIED, seed, i)[None], rates[i : i + 1]
