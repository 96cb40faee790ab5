"""A training step as one CUDA graph.

Forward and backward of a small network are thousands of kernels of a few microseconds each; a GPU that is handed them
one by one mostly waits. Recorded once, they are started together. Unlike torch.compile this takes seconds to make, and
every kernel is what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from hpcm_core.training.loss import Rates, Terms
from hpcm_core.transform.relaxed import Noise

_WARM_UP = 3
"""Passes before recording, in which libraries choose their algorithms and ask for their memory."""

Loss = Callable[[Tensor, Rates, Noise], Terms]


class Recorded:
    """A loss and its gradients, recorded for each size of batch that comes up. Without CUDA nothing is recorded."""

    def __init__(self, loss: Loss, parameters: Sequence[Tensor]) -> None:
        self._loss, self._parameters = loss, parameters
        self._shapes: list[torch.Size] = []
        self._inputs: list[Tensor] = []
        self._gradients: list[Tensor | None] = []
        self._graph: torch.cuda.CUDAGraph | None = None
        self._terms: Terms | None = None

    def backward(self, x: Tensor, rates: Rates, noise: Noise) -> Terms:
        """The loss, with its gradients in the parameters' `grad`. What is returned is written over by the next call."""
        inputs = [x, *rates, *noise]
        if [value.shape for value in inputs] != self._shapes:
            self._record(inputs)
        for to, value in zip(self._inputs, inputs, strict=True):
            to.copy_(value)
        if self._graph is None:
            return self._pass()
        self._graph.replay()
        for parameter, gradient in zip(self._parameters, self._gradients, strict=True):
            parameter.grad = gradient
        assert self._terms is not None
        return self._terms

    def _record(self, inputs: Sequence[Tensor]) -> None:
        self._graph = self._terms = None  # their memory goes before the next ones' comes
        self._gradients = []
        self._inputs = [value.clone() for value in inputs]
        self._shapes = [value.shape for value in inputs]
        if inputs[0].device.type != "cuda":
            return
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(_WARM_UP):
                self._pass()
        torch.cuda.current_stream().wait_stream(side)
        self._forget()
        graph = torch.cuda.CUDAGraph()
        # In a stream of its own, or graphs that run side by side would share the memory that cuBLAS works in.
        with torch.cuda.graph(graph, stream=side):
            self._terms = self._pass()
        self._gradients = [parameter.grad for parameter in self._parameters]
        self._graph = graph

    def _pass(self) -> Terms:
        self._forget()
        x, q, lmbda, weight, z, y = self._inputs
        terms = self._loss(x, Rates(q, lmbda, weight), Noise(z, y))
        terms.loss.backward()  # type: ignore[no-untyped-call]
        return Terms(*(value.detach() for value in terms))

    def _forget(self) -> None:
        for parameter in self._parameters:
            parameter.grad = None
