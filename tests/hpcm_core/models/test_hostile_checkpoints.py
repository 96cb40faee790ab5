"""Checkpoints of strangers: what is no plain set of tensors is refused before it runs, unfolds or goes on for ever."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile

import pytest
import torch

from hpcm_core.errors import ModelError
from hpcm_core.models.checkpoint import convert_checkpoint, read_tensors
from hpcm_core.models.weights import strict_weights
from tests.fuzz.many import memory

pytestmark = pytest.mark.trust

GIB = 1 << 30
MOST = 200 << 20
"""Bytes that refusing may take; each of these files wants gigabytes."""


class Call:
    """Pickles as a call of a function, which reading the pickle would make."""

    def __init__(self, function, *arguments):
        self._call = function, arguments

    def __reduce__(self):
        return self._call


def saved(content, **options) -> bytes:
    out = io.BytesIO()
    torch.save(content, out, **options)
    return out.getvalue()


def packed(data: bytes) -> bytes:
    """The same archive, its parts compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return out.getvalue()


def in_itself() -> dict:
    content: dict = {}
    content["state_dict"] = content
    return content


def head(size: int, **tensor) -> bytes:
    text = json.dumps({"a": {"dtype": "F32", **tensor}}).encode()
    return struct.pack("<Q", size or len(text)) + text


REFUSED = {
    "a shape of one stored number": lambda: saved({"a": torch.zeros(1, dtype=torch.float16).expand(GIB)}),
    "the same before zip": lambda: saved(
        {"a": torch.zeros(1, dtype=torch.bfloat16).expand(GIB)}, _use_new_zipfile_serialization=False
    ),
    "many that share their numbers": lambda: saved(
        {str(i): whole for i, whole in enumerate([torch.zeros(1 << 20, dtype=torch.float16)] * 1024)}
    ),
    "compressed parts": lambda: packed(saved({"a": torch.zeros(1 << 24)})),
    "a bytearray of any length": lambda: pickle.dumps({"a": Call(bytearray, 2 * GIB)}, 2),
    "the same in an archive": lambda: saved({"a": Call(bytearray, 2 * GIB)}),
    "a tensor that has no numbers": lambda: saved({"a": torch.empty(GIB << 10, device="meta")}),
    "a sparse tensor": lambda: saved({"a": torch.sparse_coo_tensor([[0], [0]], [1.0], (1 << 20, 1 << 20))}),
    "something in itself": lambda: saved(in_itself()),
    "no end of lists": lambda: b"\x80\x02" + b"]" * (1 << 20) + b".",
    "a number as a name": lambda: saved({10**5000: torch.zeros(1)}),
    "no tensors": lambda: saved([1, 2]),
    "shapes beyond all numbers": lambda: head(0, shape=[1 << 62, 4], data_offsets=[0, 0]),
    "a head beyond the file": lambda: head(1 << 40, shape=[1], data_offsets=[0, 4]),
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what, tmp_path):
    path = tmp_path / "weights.pth.tar"
    path.write_bytes(REFUSED[what]())
    before = memory(reset=True)
    with pytest.raises(ModelError, match=r"^weights\.pth\.tar (is not|does not)"):
        read_tensors(path)
    assert memory() - before < MOST


@pytest.mark.parametrize("what", ["a bytearray of any length", "the same in an archive", "compressed parts"])
def test_refused_before_torch_takes_memory(what, tmp_path, monkeypatch):
    """What would be taken is nothing but zeros, which a system may give without giving any memory."""
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("torch reads it"))
    path = tmp_path / "weights.pth.tar"
    path.write_bytes(REFUSED[what]())
    with pytest.raises(ModelError, match="safely"):
        read_tensors(path)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("call", [Call(os.mkdir, "made"), Call(eval, "1"), Call(__import__, "antigravity")])
def test_nothing_runs(call, zipped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "weights.pth.tar"
    path.write_bytes(saved({"a": torch.zeros(1), "b": call}, _use_new_zipfile_serialization=zipped))
    with pytest.raises(ModelError, match="safely"):
        read_tensors(path)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("zipped", [True, False])
def test_what_checkpoints_have_is_read(zipped, tmp_path):
    """As training scripts write it: wrapped, of a parallel module, with an optimizer's state beside."""
    layer = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    state = {f"module.{name}": value for name, value in layer.half().state_dict().items()}
    content = {"epoch": 3, "state_dict": state, "optimizer": optimizer.state_dict(), "loss": torch.tensor(1.0)}
    path = tmp_path / "weights.pth.tar"
    path.write_bytes(saved(content, _use_new_zipfile_serialization=zipped))
    tensors = read_tensors(path)
    assert {name: (value.shape, value.dtype) for name, value in tensors.items()} == {
        "weight": ((2, 3), "float32"),
        "bias": ((2,), "float32"),
    }


def test_names_of_tensors_are_words_in_a_sentence(tmp_path):
    path = tmp_path / "weights.pth.tar"
    path.write_bytes(saved({"a\n\x1b[2J" + "b" * 10_000: torch.zeros(1)}))
    with pytest.raises(ModelError, match=r"such as a\?\?\[2Jb{94}\.$"):
        convert_checkpoint(path, "base", "mse", 0.013)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite(value, tmp_path):
    path = tmp_path / "weights.pth.tar"
    path.write_bytes(saved({"a": torch.tensor([1.0, value])}))
    with pytest.raises(ModelError, match=r"weights\.pth\.tar holds numbers that are not finite"):
        strict_weights(read_tensors(path), {"a": (2,)}, "base", path)
