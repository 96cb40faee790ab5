"""A natural look in integers: a second g_s, trained in floats, on the latents of a model that is integers already.

The look takes what the model's own g_s takes: its latents times its gains, with its exponents. So it needs no gains of
its own, and a file's latents are brought to it once for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hpcm_core.errors import ModelError
from hpcm_core.format.header import Header
from hpcm_core.models.family import Model
from hpcm_core.models.hpcm.calibration import watched
from hpcm_core.models.hpcm.integer import LATENT_BITS
from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.quantize import gain, quantize_look
from hpcm_core.models.weights import arrays
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.transform.coding import code_latents
from hpcm_core.transform.tiling import Grid, grid

_EXACT = 2.0**-10
"""What a gain may be off by: it has 15 bits."""


class Entering(NamedTuple):
    """What g_s is given of a picture, and what brings its integers to floats."""

    transforms: IntegerTransforms
    cut: Grid
    y_hat: npt.NDArray[np.float32]
    x: Tensor
    """1xMxhxw."""


def integers(
    network: HPCM, model: Model, pictures: Iterable[tuple[Picture, Header]], rates: Sequence[float]
) -> dict[str, npt.NDArray[Any]]:
    """The tensors of a look, by the ranges that its features have on pictures as the model codes them.

    network: floats, of which g_s is the look and everything else what the model was quantized from; model: the
    integers. rates: as quantize takes them. Raises ModelError.
    """
    exponents = entering_exponents(network, model, rates)
    with watched(network.g_s, "g_s") as maxima, torch.inference_mode():
        for picture, header in pictures:
            network.g_s(entering(model, exponents, picture, header).x)
    return quantize_look(network.config, arrays(network.state_dict()), maxima(), exponents)


def entering_exponents(network: HPCM, model: Model, rates: Sequence[float]) -> npt.NDArray[np.int64]:
    """Of each channel that the model's g_s takes: what its gains in integers are less than those in floats, which the
    two must then have in common. Raises ModelError for the floats of another model.
    """
    factor, shift = (model.network.weights[f"rate_gain_dec.{part}"] for part in ("factor", "shift"))
    logs = network.rate_gain_dec.detach().double().numpy()
    floats = np.array([gain(logs, q) for q in rates])
    off = np.log2(np.maximum(np.ldexp(factor.astype(float), -shift.astype(int)), 1e-300) / floats) + LATENT_BITS
    exponents = np.rint(-np.median(off, axis=0))
    if np.abs(off + exponents).max() > _EXACT:
        raise ModelError(
            "These are not the weights that {model} was quantized from, with another g_s.", model=model.name
        )
    return exponents.astype(int)


def entering(model: Model, exponents: npt.NDArray[np.int64], picture: Picture, header: Header) -> Entering:
    """A picture coded by the model, up to where its g_s begins."""
    transforms = model.network.transforms(header)
    cut = grid(header.width, header.height, model.config, header.padding)
    y_hat, _ = code_latents(model.config, transforms, model.network.entropy, picture, header, Job())
    x = transforms.entering(y_hat, cut)
    floats = np.ldexp(x.astype(np.float32), exponents)
    return Entering(transforms, cut, y_hat, torch.from_numpy(floats).permute(2, 0, 1).unsqueeze(0))


class Looks(NamedTuple):
    """A picture's samples by the model's g_s, by the look's in floats, and by the look's in integers."""

    faithful: npt.NDArray[np.generic]
    floats: npt.NDArray[np.generic]
    natural: npt.NDArray[np.generic]


def looks(network: HPCM, model: Model, picture: Picture, header: Header, rates: Sequence[float]) -> Looks:
    """All three of one picture. network: as `integers` takes it; model: has the look that it made."""
    seen = entering(model, entering_exponents(network, model, rates), picture, header)
    natural = model.network.natural(model.look, header, None)
    faithful, integer = (
        one.synthesize(seen.y_hat, header, seen.cut, lambda done: None) for one in (seen.transforms, natural)
    )
    with torch.inference_mode():
        x = network.g_s(seen.x)[0, :, : header.height, : header.width] + network.config.input_shift
    if header.channels == 1:
        x = x.mean(dim=0, keepdim=True)
    most = float(np.iinfo(faithful.dtype).max)
    floats = (x.clamp(0, 1) * most).round().permute(1, 2, 0).numpy().astype(faithful.dtype)
    return Looks(faithful, floats, integer)
