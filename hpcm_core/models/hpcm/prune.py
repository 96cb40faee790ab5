"""A smaller HPCM from a trained one: steps coded together, and blocks with fewer hidden channels.

Nothing is trained here. Of a block's hidden channels those stay that carry most into its second 1x1 convolution, which
is then fitted anew by least squares: it shall give what the block gave before, from what it now sees. Block by block
from the first on, so that each mends what those before it changed. That shrinking a trained network beats training a
small one is EVC's finding (ICLR 2023).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from hpcm_core.errors import ModelError
from hpcm_core.layers.blocks import DWConvBlock, PConvBlock
from hpcm_core.layers.transforms import Transform
from hpcm_core.models.hpcm.config import HPCMConfig
from hpcm_core.models.hpcm.context import ContextNet
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.schedule import Step
from hpcm_core.transform.relaxed import forward

_RIDGE = 1e-4
"""Of the mean power of hidden channels: without it channels that hardly ever differ would get any weights."""

Call = tuple[Tensor, ...]
"""What a transform or context network was called with; the first is what runs through its layers."""


@torch.no_grad()
def prune(network: HPCM, config: HPCMConfig, crops: Iterable[tuple[Tensor, Tensor]]) -> HPCM:
    """A network of another configuration that does as nearly as it can what `network` does.

    crops: batches Bx3xHxW in [0, 1] with their rates q (B values), to fit weights on. config: that of `network` with
    steps joined, or with fewer hidden channels in blocks. Raises ModelError for one that differs otherwise.
    """
    joined = HPCM(replace(network.config, schedule=config.schedule))
    joined.load_state_dict(_joined(network, joined))
    small = HPCM(config)
    seen = _calls(joined, crops)
    thinned = {name for name, module in joined.named_modules() if isinstance(module, Transform | ContextNet)}
    inside = tuple(f"{name}." for name in thinned)
    state = small.state_dict()
    for name, value in joined.state_dict().items():
        if state[name].shape == value.shape:
            state[name] = value
        elif not name.startswith(inside):
            raise ModelError("{model} cannot be made smaller to {other}.", model=network.config.name, other=config.name)
    small.load_state_dict(state)
    for name in sorted(thinned):
        _thin(joined.get_submodule(name), small.get_submodule(name), seen[name])
    return small


def _joined(network: HPCM, joined: HPCM) -> dict[str, Tensor]:
    """The state of `joined`, whose stages code the steps of `network` some at a time: each new step takes the weights
    of the first that it stands for. Positions coded together are alike by symmetry: what suits the first suits all.
    """
    sources = network.config.schedule.stages
    if len(sources) != len(joined.config.schedule.stages):
        raise ModelError("{model} has other stages.", model=joined.config.name)
    state = {name: value for name, value in network.state_dict().items() if name in joined.state_dict()}
    for step in joined.config.schedule.steps[1:]:
        source = _source(network, joined, step)
        state[f"adaptive_params_list.{step.number - 2}"] = network.adaptive_params_list[source.number - 2]
        name = {id(module): name for name, module in joined.named_modules()}[id(joined.adaptor_of(step))]
        for part, value in network.adaptor_of(source).state_dict().items():
            state[f"{name}.{part}"] = value
    return state


def _source(network: HPCM, joined: HPCM, step: Step) -> Step:
    """The first step of `network` that a step of `joined` stands for."""
    new = joined.config.schedule.stages[step.stage].samplings
    old = network.config.schedule.stages[step.stage].samplings
    together, left = divmod(len(old), len(new))
    if left or set(new[step.index][1].slots) != {
        slot for _, sampling in old[step.index * together : (step.index + 1) * together] for slot in sampling.slots
    }:
        raise ModelError("The steps of {model} are not those of the other joined.", model=joined.config.name)
    return next(s for s in network.config.schedule.steps if (s.stage, s.index) == (step.stage, step.index * together))


def _calls(network: HPCM, crops: Iterable[tuple[Tensor, Tensor]]) -> dict[str, list[Call]]:
    """All that each transform and context network was called with when `network` coded the crops."""
    seen: dict[str, list[Call]] = {}
    hooks = []
    for name, module in network.named_modules():
        if isinstance(module, Transform | ContextNet):
            calls = seen.setdefault(name, [])
            hooks.append(module.register_forward_pre_hook(lambda _m, inputs, calls=calls: calls.append(inputs)))
    try:
        for x, q in crops:
            forward(network, x, q, None)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def _thin(before: nn.Module, after: nn.Module, calls: Sequence[Call]) -> None:
    """Weights for the blocks of a transform or context network that have fewer hidden channels than before.

    Both networks' values walk from layer to layer side by side.
    """
    was = now = [call[0] for call in calls]
    for old, new in zip(_layers(before), _layers(after), strict=True):
        gave = [old(x, *call[1:]) for x, call in zip(was, calls, strict=True)]
        block = new.block
        if block is not None and block.branch[3].weight.shape != old.block.branch[3].weight.shape:
            _fit(old.block, block, now, gave)
        now = (
            gave if now is was and _same(old, new) else [new(x, *call[1:]) for x, call in zip(now, calls, strict=True)]
        )
        was = gave


class _Layer:
    """A layer of a walk: what it computes, and the residual block that it is, if it is one."""

    def __init__(self, compute: Callable[..., Tensor], block: Any = None) -> None:
        self.compute = compute
        self.block = block

    def __call__(self, x: Tensor, *rest: Tensor) -> Tensor:
        return self.compute(x, *rest)


def _layers(module: nn.Module) -> list[_Layer]:
    """The layers of a transform or context network in order."""
    if isinstance(module, ContextNet):
        embedding = _Layer(lambda x, step_embedding: x * step_embedding)
        return [*map(_layer, module.branch_1), embedding, *map(_layer, module.branch_2)]
    found: list[_Layer] = []
    for child in module.children():
        found += _layers(child) if isinstance(child, nn.Sequential) else [_layer(child)]
    return found


def _layer(module: nn.Module) -> _Layer:
    return _Layer(lambda x, *_: module(x), module if isinstance(module, PConvBlock | DWConvBlock) else None)


def _same(old: _Layer, new: _Layer) -> bool:
    return old.block is None or old.block.branch[3].weight.shape == new.block.branch[3].weight.shape


def _fit(old: Any, new: Any, now: Sequence[Tensor], gave: Sequence[Tensor]) -> None:
    """The first layers of a block with the hidden channels that matter most, and the last fitted to what it gave."""
    conv, expand, act, reduce = old.branch
    wide, narrow = expand.out_channels, new.branch[1].out_channels
    if narrow > wide:
        raise ModelError("Blocks cannot have more hidden channels than before.")
    gram = torch.zeros(wide + 1, wide + 1, dtype=torch.float64)
    cross = torch.zeros(wide + 1, reduce.out_channels, dtype=torch.float64)
    for x, y in zip(now, gave, strict=True):
        hidden = act(expand(conv(x)))
        rows = torch.cat((hidden, torch.ones_like(hidden[:, :1])), dim=1).transpose(0, 1).flatten(1)
        gram += (rows @ rows.T).double()
        cross += (rows @ (y - x).transpose(0, 1).flatten(1).T).double()
    power = gram.diagonal()[:wide] * reduce.weight[:, :, 0, 0].double().square().sum(dim=0)
    kept = power.topk(narrow).indices.sort().values
    rows_kept = torch.cat((kept, torch.tensor([wide])))
    small = gram[rows_kept][:, rows_kept]
    small += _RIDGE * small.diagonal()[:-1].mean() * torch.eye(narrow + 1, dtype=torch.float64)
    solution = torch.linalg.solve(small, cross[rows_kept]).float()
    new.branch[0].load_state_dict(conv.state_dict())
    new.branch[1].load_state_dict({name: value[kept] for name, value in expand.state_dict().items()})
    new.branch[3].weight.copy_(solution[:-1].T[:, :, None, None])
    new.branch[3].bias.copy_(solution[-1])
