"""The contract of a family whose networks are modules of torch that a training can make.

Importing this module imports no torch.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from hpcm_core.errors import ModelError
from hpcm_core.models.family import Family, Model

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch
    from torch import Tensor, nn

    from hpcm_core.format.header import Header
    from hpcm_core.picture.picture import Picture
    from hpcm_core.transform.relaxed import Noise, Relaxed


class TrainableFamily(Family):
    """A family whose networks are modules of torch that a training can make."""

    needs_torch = True

    @abstractmethod
    def build(self, config: Any) -> nn.Module:
        """The networks of a configuration with initial weights, float32."""

    def shapes(self, config: Any) -> Mapping[str, tuple[int, ...]]:
        return {name: tuple(value.shape) for name, value in self._empty(config).state_dict().items()}

    def restore(self, config: Any, weights: Mapping[str, npt.NDArray[Any]]) -> Any:
        """The networks on the CPU, float32."""
        import torch

        network = self._empty(config)
        tensors = {name: _channels_last(torch.from_numpy(array)) for name, array in weights.items()}
        network.load_state_dict(tensors, strict=True, assign=True)
        network.eval().requires_grad_(False)
        # Half the time of the planar layout for the 1x1 convolutions that make up most of the work.
        return cast(Any, network).to(memory_format=torch.channels_last)

    def _empty(self, config: Any) -> nn.Module:
        """The networks without memory for their weights."""
        import torch

        with torch.device("meta"):
            return self.build(config)

    @abstractmethod
    def forward(self, network: Any, x: Tensor, q: Tensor, noise: Noise | None) -> Relaxed:
        """A training's pass: crops Bx3xHxW in [0, 1] at rates q (B values) through noise, or through rounding."""

    @abstractmethod
    def draw_noise(self, config: Any, batch: int, side: int, generator: torch.Generator) -> Noise:
        """What `forward` takes for square crops of `side` pixels, on the generator's device."""

    def integers(
        self, network: Any, crops: Iterable[tuple[Tensor, Tensor]], rates: Sequence[float]
    ) -> dict[str, npt.NDArray[Any]]:
        """The weights that the family for the same variant in integers alone takes.

        crops: batches Bx3xHxW in [0, 1] with their rates q (B values), to see the ranges of features on. rates: q of
        every quality, 0 to 100. Raises ModelError where no family computes the variant so.
        """
        raise ModelError("There is no arithmetic in integers alone for {model}.", model=network.config.name)

    def look_integers(
        self, network: Any, model: Model, pictures: Iterable[tuple[Picture, Header]], rates: Sequence[float]
    ) -> dict[str, npt.NDArray[Any]]:
        """The weights of a natural look (`look_shapes`) for a model in integers. network: floats, of which the
        synthesis is the look and everything else what the model was quantized from. pictures: with the headers that
        their files would have, to see the ranges of features on. rates: as `integers` takes them. Raises ModelError.
        """
        raise ModelError("The model {model} has no natural look.", model=model.name)

    def looks(
        self, network: Any, model: Model, picture: Picture, header: Header, rates: Sequence[float]
    ) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic], npt.NDArray[np.generic]]:
        """Samples of a picture as the model codes it, H x W x C: faithful, natural by the network's floats, natural by
        the integers that `look_integers` made of them, which the model has. Raises ModelError.
        """
        raise ModelError("The model {model} has no natural look.", model=model.name)

    def pruned(self, network: Any, config: Any, crops: Iterable[tuple[Tensor, Tensor]]) -> Any:
        """A network of a smaller configuration that does nearly what `network` does; crops as in `integers`, to fit it
        on. Raises ModelError where the family cannot make it.
        """
        raise ModelError("{model} cannot be made smaller to {other}.", model=network.config.name, other=config.name)

    def prepare(self, config: Any, side: int, device: torch.device) -> None:
        """Make what the networks read for crops of that side and is made once: a compiled step takes what it finds."""

    def unread(self, network: Any, height: int, width: int) -> None:
        """Run the layers that papers count and `forward` leaves out, for a picture of that size (models/macs.py)."""

    def begin(self, network: Any, seen: Tensor) -> None:
        """The linear start of what lies between h_s and the latents, from what h_s gives for the first crops; without
        loss there is neither, and all begins here, from the crops, Bx3xHxW in [0, 1].
        """


def without_coder(name: str) -> ModelError:
    """What a family without a coder raises."""
    return ModelError(
        "With weights of {model} in floating point no files can be made; {command} makes integers of them, which code.",
        model=name,
        command="hpcm models quantize",
    )


def _channels_last(tensor: Tensor) -> Tensor:
    """The weights of a 1x1 convolution in that layout, in which they lie anyway: torch would copy them."""
    if tensor.dim() != 4 or tensor.shape[2:] != (1, 1):
        return tensor
    inputs = tensor.shape[1]
    return tensor.as_strided(tensor.shape, (inputs, 1, inputs, inputs))
