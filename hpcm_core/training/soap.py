"""SOAP: Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al., ICLR 2025), for convolutional networks.

Every weight is seen as a matrix G of output channels by all that feeds one of them. Running means of G G^T and G^T G
tell how its gradients lie; Adam works in the coordinates of their eigenvectors, where curvature is closer to diagonal.
Learned codecs get to the same loss in a third of the steps (Zhang and Zhu, arXiv 2601.20769), which is what short
trainings need most; docs/measurements.md has the figures of this project.

Weights of one shape are handled as one batch of matrices. What is no matrix (biases, gains, depthwise kernels) is left
to AdamW.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_COVARIANCE_DECAY = 0.95
_OBSERVE_EVERY = 4
_RENEW_EVERY = 25
"""Steps between two looks at the covariance of gradients, and between two turns of the bases. Both could be 1; these
make a step of 8 crops on a CPU 15 % longer than Adam's, not 40 %."""
_RENEW_EVERY_ON_CUDA = 100
"""There a turn takes as long as twenty steps: matrices are factored one after the other, each in many small kernels."""
_LONGEST = 1024
"""A longer side of a matrix is left as it is: its basis would cost more than it brings."""
_SHORTEST = 16
"""Matrices with a shorter side gain nothing from being turned."""

_NOTHING = 1e-30
"""Added where a division by zero could be."""


class Soap:
    """Used like an optimizer of PyTorch. The learning rate is that of `param_groups[0]`, on Adam's scale."""

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float,
        betas: tuple[float, float],
        weight_decay: float = 0.0,
        eps: float = 1e-3,
        products: torch.dtype = torch.bfloat16,
    ) -> None:
        """eps: what Adam's divisor has at least, as a part of its root mean square over the matrix. Some directions see
        no gradient but rounding, which must not be blown up.
        products: of bases, and of what is multiplied with them. A direction need not be more exact than bfloat16, which
        is four times as fast.
        """
        by_shape: dict[torch.Size, list[Tensor]] = {}
        rest: list[Tensor] = []
        for weight in parameters:
            is_matrix = weight.dim() > 1 and min(_matrix(weight).shape) >= _SHORTEST
            (by_shape.setdefault(_matrix(weight).shape, []) if is_matrix else rest).append(weight)
        self._stacks = [_Stack(weights, products) for weights in by_shape.values()]
        # Never empty, which AdamW would refuse: a network has biases, and what has none is given a weight that rests.
        rest = rest or [torch.zeros(1)]
        fused = rest[0].device.type in ("cpu", "cuda")
        self._adam = torch.optim.AdamW(rest, lr=lr, betas=betas, weight_decay=weight_decay, fused=fused)
        self.param_groups: list[dict[str, Any]] = [{"lr": lr}]
        self._betas, self._weight_decay, self._eps = betas, weight_decay, eps
        self._renew_every = _RENEW_EVERY_ON_CUDA if rest[0].device.type == "cuda" else _RENEW_EVERY
        self._steps = 0

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for stack in self._stacks:
            for weight in stack.weights:
                weight.grad = None
        self._adam.zero_grad()

    @torch.no_grad()
    def step(self) -> None:
        """Move the weights. The first call only looks at the matrices' gradients, to have directions at all."""
        rate = self.param_groups[0]["lr"]
        for group in self._adam.param_groups:
            group["lr"] = rate
        self._adam.step()
        for stack in self._stacks:
            gradients = stack.gradients()
            if self._steps % _OBSERVE_EVERY == 0:
                stack.observe(gradients, 1 - _COVARIANCE_DECAY**_OBSERVE_EVERY if self._steps else 1.0)
            if self._steps == 0:
                stack.begin()
                continue
            stack.move(gradients, rate, self._betas, self._eps, rate * self._weight_decay, self._steps)
            if self._steps % self._renew_every == 0:
                stack.renew()
        self._steps += 1

    @property
    def nbytes(self) -> int:
        """Of the state, which is all there from the start but for AdamW's small part."""
        return sum(tensor.nbytes for stack in self._stacks for tensor in stack.state.values())

    def state_dict(self) -> dict[str, Any]:
        """All that a later step depends on, without the learning rate of `param_groups`."""
        return {
            "steps": self._steps,
            "stacks": [stack.state for stack in self._stacks],
            "adam": self._adam.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave. Raises ValueError where that is of other weights."""
        stacks = state.get("stacks")
        if not isinstance(stacks, list) or len(stacks) != len(self._stacks):
            raise ValueError("The state is of other weights.")
        for stack, saved in zip(self._stacks, stacks, strict=True):
            if {k: v.shape for k, v in saved.items()} != {k: v.shape for k, v in stack.state.items()}:
                raise ValueError("The state is of other weights.")
        for stack, saved in zip(self._stacks, stacks, strict=True):
            for name, tensor in saved.items():
                stack.state[name].copy_(tensor)
        self._adam.load_state_dict(state["adam"])
        self._steps = int(state["steps"])


class _Stack:
    """All weights whose matrices have one shape, N x rows x columns together, and what is known of them.

    state: momentum and second (means of turned gradients and of their squares, N x rows x columns), and for side 1
    (rows) and 2 (columns), unless too long, covariance_1 and basis_1, N x rows x rows, eigenvectors as columns.
    """

    def __init__(self, weights: list[Tensor], products: torch.dtype) -> None:
        self.weights = weights
        self._products = products
        count, *shape = len(weights), *_matrix(weights[0]).shape
        self._sides = [side for side in (1, 2) if shape[side - 1] <= _LONGEST]
        zeros = weights[0].new_zeros
        self.state = {"momentum": zeros(count, *shape), "second": zeros(count, *shape)}
        for side in self._sides:
            size = shape[side - 1]
            self.state[f"covariance_{side}"] = zeros(count, size, size)
            self.state[f"basis_{side}"] = zeros(count, size, size, dtype=products)

    def gradients(self) -> Tensor:
        """N x rows x columns."""
        return torch.stack([_matrix(_gradient(weight)) for weight in self.weights])

    def observe(self, gradients: Tensor, share: float) -> None:
        """Move the covariances by this share of the way to those of the gradients."""
        for side in self._sides:
            g = (gradients if side == 1 else gradients.mT).to(self._products)
            self.state[f"covariance_{side}"].lerp_((g @ g.mT).to(gradients.dtype), share)

    def begin(self) -> None:
        """Take the eigenvectors of the first covariances."""
        for side in self._sides:
            # Gradients that are not finite show in the weights and the loss; here they would only raise another error.
            covariance = self.state[f"covariance_{side}"].nan_to_num(0, 0, 0)
            self.state[f"basis_{side}"].copy_(torch.linalg.eigh(covariance).eigenvectors)

    def move(
        self, gradients: Tensor, rate: float, betas: tuple[float, float], eps: float, decay: float, steps: int
    ) -> None:
        """One step of Adam in turned coordinates; `steps` of them with this one."""
        momentum, second = self.state["momentum"], self.state["second"]
        turned = self._turn(gradients)
        momentum.lerp_(turned, 1 - betas[0])
        second.lerp_(turned.square_(), 1 - betas[1])
        size = rate * (1 - betas[1] ** steps) ** 0.5 / (1 - betas[0] ** steps)
        floor = eps * second.mean(dim=(1, 2), keepdim=True).sqrt() + _NOTHING
        changes = self._turn(momentum / second.sqrt().add_(floor), back=True)
        for weight, change in zip(self.weights, changes, strict=True):
            if decay:
                weight.mul_(1 - decay)
            weight.sub_(_like(change, weight), alpha=size)

    def renew(self) -> None:
        """Bring the bases up to date by one step of orthogonal iteration, strongest direction first."""
        momentum = self._turn(self.state["momentum"], back=True)
        for side in self._sides:
            basis = self.state[f"basis_{side}"]
            full = basis.to(momentum.dtype)
            moved = self.state[f"covariance_{side}"] @ full
            # Unsorted, one step of the iteration would mix strong directions into weak ones.
            order = (full * moved).sum(dim=1).argsort(dim=1, descending=True)
            basis.copy_(torch.linalg.qr(torch.gather(moved, 2, order[:, None, :].expand_as(moved))).Q)
            places = order[:, :, None] if side == 1 else order[:, None, :]
            second = self.state["second"]
            second.copy_(torch.gather(second, side, places.expand_as(second)))
        self.state["momentum"].copy_(self._turn(momentum))

    def _turn(self, x: Tensor, back: bool = False) -> Tensor:
        """N x rows x columns into the coordinates of the bases, or back."""
        turned = x.to(self._products)
        for side in self._sides:
            basis = self.state[f"basis_{side}"]
            factor = basis if back == (side == 1) else basis.mT
            turned = factor @ turned if side == 1 else turned @ factor
        return turned.to(x.dtype)


def _matrix(weight: Tensor) -> Tensor:
    """Output channels x the rest, in an order that is no copy for kernels in channels_last."""
    if weight.dim() == 4:
        weight = weight.permute(0, 2, 3, 1)
    return weight.reshape(len(weight), -1)


def _like(matrix: Tensor, weight: Tensor) -> Tensor:
    """A matrix in the shape of the weight that `_matrix` made it of."""
    if weight.dim() != 4:
        return matrix.view(weight.shape)
    out, inputs, height, width = weight.shape
    return matrix.view(out, height, width, inputs).permute(0, 3, 1, 2)


def _gradient(weight: Tensor) -> Tensor:
    if weight.grad is None:
        raise ValueError("A weight has no gradient.")
    return weight.grad
