"""Which integer tensors the weights of an HPCM of profile 2 are: names, types and shapes. Imports no NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hpcm_core.errors import ModelError
from hpcm_core.format.header import MAX_QUALITY
from hpcm_core.integer.kinds import Kind, check_types
from hpcm_core.layers.spec import Blocks, Conv, TransformSpec
from hpcm_core.models.hpcm.config import HPCMConfig

if TYPE_CHECKING:
    import numpy.typing as npt

QUALITIES = MAX_QUALITY + 1
NETS = ("y_spatial_prior_s1_s2", "y_spatial_prior_s3")
"""Names of the two context networks."""
SAMPLE_LAYERS = ("narrow", "wide")
"""The layers that meet samples exist twice: for 8 and for 16 bits."""


def fits(config: HPCMConfig) -> bool:
    """Whether profile 2 has all that a configuration needs."""
    specs = (config.g_a, config.g_s, config.h_a, config.h_s)
    convolutions = [layer for spec in specs for layer in layers_of(spec) if isinstance(layer, Conv)]
    return (
        all(len(layers_of(spec)) == len(spec.layers) for spec in specs)
        and all(layer.kernel == layer.stride in (2, 4) and layer.padding == 0 for layer in convolutions)
        and all(spec.prefix == "branch" and not spec.names for spec in specs)
        and all(stage.at == step.scale for stage, step in _stages(config))
        and all(net.tail == 0 for net in config.nets)
        and config.adaptor_blocks is None
        and config.attention_heads is None
        and config.progressive
        and config.shared
        and config.aligned_fill
        and not config.first_head
        and bool(config.rate_lambdas)
    )


def layers_of(spec: TransformSpec) -> list[Conv | Blocks]:
    """A transform's layers of the kinds that profile 2 has."""
    return [layer for layer in spec.layers if isinstance(layer, Conv | Blocks)]


def kinds(config: HPCMConfig) -> dict[str, Kind]:
    """The tensors of a configuration that `fits`, by name."""
    m, n, wide = config.latent_channels, config.hyper_channels, config.context_channels or 3 * config.latent_channels
    found = dict(_layers(config, m, wide))
    found["means_hyper"] = Kind("int32", (n,))
    found["z.table"] = Kind("uint8", (n,))
    found["z.exponent"] = Kind("int8", (n,))
    found["context.exponent"] = Kind("int8", (2 * m,))
    for side in ("enc", "dec"):
        found |= _scale(f"rate_gain_{side}", (QUALITIES, m))
    for i in range(len(config.schedule.steps) - 1):
        found |= _scale(f"adaptive_params_list.{i}", (wide,))
    return found


def look_kinds(config: HPCMConfig) -> dict[str, Kind]:
    """The tensors of a natural look: those of a second g_s."""
    return {name: kind for name, kind in kinds(config).items() if name.startswith("g_s.")}


def check(weights: Mapping[str, npt.NDArray[Any]], config: HPCMConfig) -> None:
    """Raises ModelError where a tensor is of another type, or an exponent or table out of range."""
    check_types(weights, kinds(config), 2)
    limits = {"z.table": (0, 59), "z.exponent": (-8, 8), "context.exponent": (-9, 4), "means_hyper": (-(2**23), 2**23)}
    for name, (low, high) in limits.items():
        if weights[name].min() < low or weights[name].max() > high:
            raise ModelError("The weights {name} are out of range.", name=name)


def _layers(config: HPCMConfig, m: int, wide: int) -> Iterator[tuple[str, Kind]]:
    yield from _transform("g_a", config.g_a, config.partial, first=True)
    yield from _transform("g_s", config.g_s, config.partial, last=True)
    yield from _transform("h_a", config.h_a, config.partial)
    yield from _transform("h_s", config.h_s, config.partial)
    for i in range(len(config.schedule.stages) - 1):
        yield from _matrix(f"context_net.{i}", 2 * m, 2 * m)
    for i, stage in enumerate(config.schedule.stages):
        for j in range(max(1, len(stage.samplings) - (i == 0))):
            yield from _matrix(f"y_spatial_prior_adaptor_list_s{i + 1}.{j}", wide, 3 * m)
    hidden = config.context_hidden or 2 * wide
    for key, net in zip(NETS, config.nets, strict=True):
        for branch, depth in ((1, net.branch_1), (2, net.branch_2)):
            for i in range(depth):
                block = f"{key}.branch_{branch}.{i}.branch"
                yield from _matrix(f"{block}.0", 9, wide, biases=wide)
                yield from _matrix(f"{block}.1", hidden, wide)
                yield from _matrix(f"{block}.3", wide, hidden)
        yield from _matrix(f"{key}.branch_2.{net.branch_2}", 2 * m, wide)


def _transform(
    name: str, spec: TransformSpec, partial: int, first: bool = False, last: bool = False
) -> Iterator[tuple[str, Kind]]:
    channels, number = spec.channels_in, 0
    layers = layers_of(spec)
    for i, layer in enumerate(layers):
        if isinstance(layer, Blocks):
            split, hidden = channels // partial, layer.hidden_of(channels)
            for _ in range(layer.count):
                key = f"{name}.branch.{number}.branch"
                yield from _matrix(f"{key}.0.pconv", split, 9 * split)
                yield from _matrix(f"{key}.1", hidden, channels)
                yield from _matrix(f"{key}.3", channels, hidden)
                number += 1
            continue
        cells = layer.kernel**2
        outputs, inputs = (cells * layer.channels, channels) if layer.transposed else (layer.channels, cells * channels)
        meets_samples = (first and i == 0) or (last and i == len(layers) - 1)
        for key in [f".{kind}" for kind in SAMPLE_LAYERS] if meets_samples else [""]:
            yield from _matrix(f"{name}.branch.{number}{key}", outputs, inputs)
        channels, number = layer.channels, number + 1


def _matrix(key: str, outputs: int, inputs: int, biases: int | None = None) -> Iterator[tuple[str, Kind]]:
    biases = outputs if biases is None else biases
    yield f"{key}.weight", Kind("int16", (outputs, inputs))
    yield f"{key}.bias", Kind("int32", (biases,))
    yield f"{key}.shift", Kind("uint8", (biases,))


def _scale(key: str, shape: tuple[int, ...]) -> dict[str, Kind]:
    return {f"{key}.factor": Kind("int16", shape), f"{key}.shift": Kind("uint8", shape)}


def _stages(config: HPCMConfig) -> Iterator[tuple[Any, Any]]:
    for step in config.schedule.steps:
        yield config.schedule.stages[step.stage], step
