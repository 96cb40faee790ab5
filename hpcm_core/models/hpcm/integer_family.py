"""HPCM of arithmetic profile 2 as a family: the same structures, weights that are integers, no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from hpcm_core import pytorch
from hpcm_core.errors import InvalidRecipe, LimitExceeded, Phrase
from hpcm_core.format.header import INTEGER_PROFILE
from hpcm_core.integer.kinds import check_types
from hpcm_core.models.family import Family, Model, Reach
from hpcm_core.models.hpcm.config import LITE, WIDE_LITE, HPCMConfig
from hpcm_core.models.hpcm.derived import derive
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hpcm.integer_weights import fits, kinds, look_kinds

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hpcm_core.entropy.model import EntropyModel
    from hpcm_core.format.gain import QualityMap
    from hpcm_core.format.header import Header
    from hpcm_core.models.family import Inspector
    from hpcm_core.models.hpcm.integer import IntegerHPCM, Weights
    from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms
    from hpcm_core.models.hpcm.network import HPCM
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Job
    from hpcm_core.results import Coded

    Key = tuple[int, int, QualityMap | None]
    """Quality, bits a sample, map."""


@dataclass(frozen=True)
class IntegerConfig(HPCMConfig):
    """The same structure with weights and arithmetic of profile 2."""

    profile: ClassVar[int] = INTEGER_PROFILE


@cache
def integer_config(config: HPCMConfig) -> IntegerConfig:
    """The structure of a configuration that integer_weights `fits`, in profile 2."""
    return IntegerConfig(**{field.name: getattr(config, field.name) for field in fields(HPCMConfig)})


class IntegerFamily(Family):
    """What `hpcm models quantize` makes of an HPCM without attention and with variable rate."""

    name = "hpcm-integer"
    local_rates = True
    efforts = range(10)
    configs: Mapping[str, Any] = {LITE.name: integer_config(LITE)}
    earlier: Mapping[str, Any] = {"da42c4b9b636977d": integer_config(WIDE_LITE)}

    def config_of(self, variant: str) -> IntegerConfig | None:
        config = derive(variant) if variant not in self.configs else LITE
        return integer_config(config) if config is not None and fits(config) else None

    def shapes(self, config: IntegerConfig) -> Mapping[str, tuple[int, ...]]:
        return {name: kind.shape for name, kind in kinds(config).items()}

    def restore(self, config: IntegerConfig, weights: Mapping[str, npt.NDArray[Any]]) -> Networks:
        from hpcm_core.models.hpcm.integer_weights import check

        check(weights, config)
        return Networks(config, weights)

    def look_shapes(self, config: IntegerConfig) -> Mapping[str, tuple[int, ...]]:
        return {name: kind.shape for name, kind in look_kinds(config).items()}

    def restore_look(self, model: Model, weights: Mapping[str, npt.NDArray[Any]]) -> Weights:
        """The model's weights with another g_s."""
        from hpcm_core.models.hpcm.integer_transforms import check_look

        check_types(weights, look_kinds(model.config), 2)
        check_look(model.config, weights)
        networks: Networks = model.network
        return {**networks.weights, **weights}

    def arithmetic(self, config: IntegerConfig) -> dict[str, Any]:
        return {**HPCM_FAMILY.arithmetic(config), "profile": config.profile}

    def memory(self, config: IntegerConfig, header: Header) -> int:
        from hpcm_core.transform.coding import memory

        return self.weights(config) + memory(config, header)

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
        from hpcm_core.transform.coding import encode

        networks: Networks = model.network
        transforms = networks.transforms(header, quality_map)
        if not networks.effort:
            return encode(model.config, transforms, networks.entropy, picture, header, job)
        self.check_effort(model.config, header.width, header.height, quality_map is not None)
        from hpcm_core.models.hpcm.patient import Encoder

        parts = networks.weights, networks.entropy, transforms
        return Encoder(model.config, *parts, header, networks.effort).encode(picture, job)

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
        from hpcm_core.transform.coding import decode

        networks: Networks = model.network
        transforms = networks.transforms(header, quality_map)
        natural = None if model.look is None else networks.natural(model.look, header, quality_map)
        return decode(model.config, transforms, networks.entropy, header, tiles, job, known, natural)

    def decode_half(
        self,
        model: Model,
        header: Header,
        tiles: Sequence[bytes | memoryview],
        q: float,
        job: Job,
        device: str,
        quality_map: QualityMap | None = None,
    ) -> npt.NDArray[np.generic]:
        from hpcm_core.transform.coding import decode_half

        networks: Networks = model.network
        transforms = networks.transforms(header, None if quality_map is None else quality_map.halved)
        return decode_half(model.config, transforms, networks.entropy, header, tiles, job)

    def check_effort(self, config: HPCMConfig, width: int, height: int, painted: bool) -> None:
        pytorch.check(Phrase("Encoding with effort"))
        if painted:
            raise InvalidRecipe(
                "Effort is for pictures of one quality; this one has parts that are kept better or worse."
            )
        side = config.tile * config.stride
        if max(width, height) > side:  # With more than a tile it would take hours.
            raise LimitExceeded(
                "Effort is for pictures of at most {side} x {side} pixels; this one has {width} x {height}.",
                side=side,
                width=width,
                height=height,
            )

    def at_effort(self, model: Model, effort: int) -> Model:
        if effort:
            pytorch.check(Phrase("Encoding with effort"))
        return replace(model, network=model.network.at_effort(effort))

    def entropy(self, model: Model) -> EntropyModel:
        entropy: EntropyModel = model.network.entropy
        return entropy

    def reaches(self, config: IntegerConfig) -> Mapping[str, Reach]:
        return HPCM_FAMILY.reaches(config)

    def inspector(self, model: Model) -> Inspector:
        """Needs torch, as coding does not. Raises ModelError."""
        try:
            from hpcm_core.models.hpcm.inspector import HPCMInspector
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            raise pytorch.absent(Phrase("The view of attention and receptive fields")) from None
        return HPCMInspector(model.network.float_context())

    def preload(self) -> None:
        import hpcm_core.models.hpcm.integer_transforms  # noqa: F401
        from hpcm_core.integer.operations import operations

        operations()


class Networks:
    """A model's weights, and the layers made of them when they are first needed. Raises ModelError."""

    effort = 0
    """0: latents are coded as the encoder gives them."""

    def __init__(self, config: IntegerConfig, weights: Weights) -> None:
        from hpcm_core.integer.operations import operations
        from hpcm_core.models.hpcm.integer import IntegerHPCM

        self._config, self.weights = config, weights
        self._float_context: HPCM | None = None
        self._transforms: dict[str, tuple[Weights, Key, IntegerTransforms]] = {}
        self.entropy: IntegerHPCM = IntegerHPCM(config, weights, operations())

    def at_effort(self, effort: int) -> Networks:
        """The same weights and layers, for an encoder that takes so much time."""
        networks = copy(self)
        networks.effort = effort
        return networks

    def transforms(self, header: Header, quality_map: QualityMap | None = None) -> IntegerTransforms:
        """Those of a file's quality and sample depth. The last one is kept."""
        return self._made("faithful", self.weights, header, quality_map)

    def natural(self, look: Weights, header: Header, quality_map: QualityMap | None) -> IntegerTransforms:
        """The same with the weights of a look. The last one is kept."""
        return self._made("natural", look, header, quality_map)

    def _made(self, name: str, weights: Weights, header: Header, quality_map: QualityMap | None) -> IntegerTransforms:
        from hpcm_core.integer.operations import operations
        from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms

        key = (header.quality, header.bit_depth, quality_map)
        kept = self._transforms.get(name)
        if kept is None or kept[0] is not weights or kept[1] != key:
            kept = weights, key, IntegerTransforms(self._config, weights, operations(), *key)
            self._transforms[name] = kept
        return kept[2]

    def float_context(self) -> HPCM:
        """h_s and the context model in floating point, for looking into; the other networks have no memory. Needs
        torch. Kept once made.
        """
        from hpcm_core.models.hpcm.float_context import float_context

        if self._float_context is None:
            self._float_context = float_context(self._config, self.weights)
        return self._float_context


INTEGER_FAMILY = IntegerFamily()
