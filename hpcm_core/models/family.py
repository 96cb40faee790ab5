"""The contract of a family of models: all that the rest of the program knows of a kind of codec.

A family is one folder below models/ and one line in models/registry.py. One with an analysis transform, an entropy
model and a synthesis transform takes `encode` and `decode` from transform/coding.py, or, where these are networks of
torch, from transform/networks.py, and `forward` from transform/relaxed.py; it brings its configurations, its networks
and the steps of its entropy model, in float for training and in integers for files. One of another kind writes these
methods itself; what it gives back is the same.

Importing this module, and the module that makes a family, imports no torch: a family imports it inside the methods that
need it. Whatever a family's methods leave out of that works without torch all the way from picture to file and back.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from hpcm_core.errors import ModelError
from hpcm_core.transform.tiling import Cut

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hpcm_core.entropy.model import EntropyModel
    from hpcm_core.errors import Phrase
    from hpcm_core.format.gain import QualityMap
    from hpcm_core.format.header import Header
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Job
    from hpcm_core.results import Coded

LEAST_MEMORY = 16 << 20
"""Bytes that coding may need whatever the picture: for code and its tables."""
Rates = Literal["variable", "fixed", "none"]
"""How a model's rate is chosen: by quality or lambda, by taking the model of another lambda, or not at all."""


class Config(Cut, Protocol):
    """What the program reads of a variant's configuration. The family's networks read more."""

    @property
    def name(self) -> str:
        """Of the variant: what users, recipes and files call it."""
        ...

    @property
    def rates(self) -> Rates: ...

    @property
    def rate_lambdas(self) -> tuple[float, ...]:
        """Variable rates: the lambdas at q = 0, 1, …, rising. Otherwise empty."""
        ...

    @property
    def profile(self) -> int:
        """Arithmetic profile of the files that it writes and reads."""
        ...

    @property
    def streams(self) -> int:
        """Code streams of a tile."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the bit maps, in coding order."""
        ...


@dataclass(frozen=True, eq=False)
class Model:
    """Networks with weights, ready to compute, and the first bytes of their identity. Made by models/loading.py.

    network: what the family's `restore` gave, and its encode and decode take.
    """

    name: str
    family: Family
    config: Any
    network: Any
    identity: bytes
    look: Any = None
    """What the family's `restore_look` gave; None where the natural look is not asked for or not there."""


class Reach(NamedTuple):
    """What a step's network sees of the latents before it: `cells` on every side of its own, each `size` x `size`
    latents.
    """

    cells: int
    size: int


class Field(NamedTuple):
    """How strongly the latents around a place move what a step predicts for it.

    strength: float64, of odd side, the place in the middle, a value a cell of `size` x `size` latents: sums of
    magnitudes of gradients. bound: cells a side outside which it is zero whatever the weights.
    """

    strength: npt.NDArray[np.float64]
    size: int
    bound: int


class Inspector(Protocol):
    """A model's steps in floating point on a tile's own latents, for figures. Latents come as decoders have them: z_hat
    Nxh/4xw/4 and y_hat Mxhxw, float32; check is called between steps and raises to stop.
    """

    @property
    def attention_labels(self) -> tuple[str, ...]:
        """Of the steps whose parameters are fused into the context by attention."""
        ...

    @property
    def field_labels(self) -> tuple[str, ...]:
        """Of the steps that see latents of steps before."""
        ...

    def attention(
        self, z_hat: npt.NDArray[np.float32], y_hat: npt.NDArray[np.float32], label: str, check: Callable[[], None]
    ) -> npt.NDArray[np.float32]:
        """How much the middle of each window takes from each position of it, on the grid of the step: heads x h' x w',
        every window of every head adding up to 1.
        """
        ...

    def window(self, label: str) -> int:
        """Positions a side of a step's attention windows."""
        ...

    def fields(
        self,
        z_hat: npt.NDArray[np.float32],
        y_hat: npt.NDArray[np.float32],
        labels: Collection[str],
        check: Callable[[], None],
    ) -> dict[str, Field]:
        """The receptive fields of steps, each the mean of those of the positions in the middle: four, of even sides."""
        ...


class Family(ABC):
    """One kind of codec. Stateless: one object serves everybody."""

    name: str
    configs: Mapping[str, Any]
    """The configuration (a Config) of each variant that is listed, by its name."""
    earlier: Mapping[str, Any] = {}
    """Configurations that listed variants had before, by the identity (hex) of the weights that need them. Weights that
    are not named here have their variant's configuration of today."""
    needs_torch = False
    """Whether its models compute with PyTorch, which an installation may be without."""
    has_coder = True
    """Whether files can be made with its models; those of others can be trained and measured alone."""
    derived: Sequence[str] = ()
    """Names of further variants worth knowing, which `config_of` has."""
    needs_weights = True
    """Whether a model is weights, in a file. One that is none has the identity of its arithmetic alone."""
    lossless_coder: str | None = None
    """What codes the pictures, as a user knows it, where every sample comes back as it was; else None."""
    remark: Phrase | None = None
    """What a user should know before choosing one of its models."""
    efforts: range = range(0)
    """How much time an encoder may be told to spend, rising; empty where there is one way."""
    usual_effort = 0
    """The one of a recipe that names none."""
    local_rates: bool = False
    """Whether its codecs take a quality map; of other families' nobody asks for one."""

    def config_of(self, variant: str) -> Any | None:
        """The configuration of a variant; None where the family has none of that name. A family may make some of their
        names.
        """
        return self.configs.get(variant)

    def rival(self, config: Any) -> str | None:
        """Another model, of which sometimes one makes far smaller files and sometimes the other: an encoder tries both
        and takes the smaller. Both keep every sample.
        """
        return None

    @abstractmethod
    def shapes(self, config: Any) -> Mapping[str, tuple[int, ...]]:
        """Names and shapes of the tensors that a configuration's weights are."""

    @abstractmethod
    def restore(self, config: Any, weights: Mapping[str, npt.NDArray[Any]]) -> Any:
        """Networks that compute with these weights, whose names and shapes are `shapes`: finite, float32 or integers.
        They may be used as they are and are not written to. Raises ModelError.
        """

    @abstractmethod
    def arithmetic(self, config: Any) -> Mapping[str, Any]:
        """What a decoder's result depends on beside the tensors, as JSON values: part of a model's identity."""

    def weights(self, config: Any) -> int:
        """Bytes that a model's weights need in memory, ready to compute."""
        return 4 * _parameters(self, config)

    @abstractmethod
    def memory(self, config: Any, header: Header) -> int:
        """Bytes that a picture may need at most, whether it is encoded or decoded, the model's weights included."""

    @abstractmethod
    def encode(
        self,
        model: Model,
        picture: Picture,
        header: Header,
        q: float,
        job: Job,
        device: str,
        quality_map: QualityMap | None = None,
    ) -> Coded:
        """Code a picture at rate q. device: where transforms may run, a name of devices.named; a family without choice
        runs where it runs. quality_map: fits the picture. Raises HpcmError.
        """

    @abstractmethod
    def decode(
        self,
        model: Model,
        header: Header,
        tiles: Sequence[bytes | memoryview],
        q: float,
        job: Job,
        device: str,
        known: int | None = None,
        quality_map: QualityMap | None = None,
    ) -> Coded:
        """The payloads of a file's tiles back to a picture. known: decode only what is counted under the first of the
        configuration's labels, so many, and let the model predict the rest. quality_map: that of the encoding.

        A model with a look gives Coded.natural too. Raises HpcmError, whatever the payloads are.
        """

    def decode_half(
        self,
        model: Model,
        header: Header,
        tiles: Sequence[bytes | memoryview],
        q: float,
        job: Job,
        device: str,
        quality_map: QualityMap | None = None,
    ) -> npt.NDArray[np.generic] | None:
        """Samples of a file's picture at half its width and height (rounded up), by less than half of the work of
        `decode`; None where the family's files do not give any picture sooner than the whole one. Parameters as for
        decode. Raises HpcmError.
        """
        return None

    def look_shapes(self, config: Any) -> Mapping[str, tuple[int, ...]]:
        """Names and shapes of the tensors that the weights of a natural look are; nothing where the family has none."""
        return {}

    def restore_look(self, model: Model, weights: Mapping[str, npt.NDArray[Any]]) -> Any:
        """What `decode` computes the natural look with, of weights whose names and shapes are `look_shapes`. Raises
        ModelError.
        """
        raise ModelError("The model {model} has no natural look.", model=model.name)

    def check_effort(self, config: Any, width: int, height: int, painted: bool) -> None:  # noqa: B027 - none refuses
        """Raise HpcmError where no other effort than the model's own can be had for a picture of that size; painted:
        whether parts of it are kept better or worse.
        """

    def at_effort(self, model: Model, effort: int) -> Model:
        """A model that takes one of `efforts` to encode; its files are decoded by any."""
        raise ModelError("The model {model} has one way to encode and no effort.", model=model.name)

    def entropy(self, model: Model) -> EntropyModel:
        """The entropy model that `decode` drives; its requests carry NumPy arrays. Raises ModelError where the family
        has none.
        """
        raise ModelError("What {model} codes cannot be looked into.", model=model.name)

    def reaches(self, config: Any) -> Mapping[str, Reach]:
        """By label what a step sees of the latents before it; nothing of steps for which nobody knows."""
        return {}

    def inspector(self, model: Model) -> Inspector:
        """The steps in floating point. Raises ModelError where there is nothing of that kind."""
        raise ModelError("There are no figures of attention or receptive fields for {model}.", model=model.name)

    def preload(self) -> None:  # noqa: B027 - a family may have nothing that takes time
        """Import what encoding and decoding with the program's own models import, where somebody would else wait for it
        later.
        """


@lru_cache(maxsize=64)
def _parameters(family: Family, config: Any) -> int:
    """How many numbers a configuration's weights are."""
    return sum(math.prod(shape) for shape in family.shapes(config).values())
