"""Transforms on a chosen device. What needs no CUDA is tested on the processor under its other name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from hpcm_core import codec, metrics
from hpcm_core.cli.main import cli
from hpcm_core.errors import DeviceError
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.transform import devices, placed
from tests.hpcm_core.models.float_lite import float_lite

OTHER = torch.device("cpu", 0)
"""The processor to torch, another device to the codec."""


@pytest.fixture(scope="module")
def picture():
    whole = Picture.open(resource("samples/astronaut.png"))
    return Picture(whole.pixels[:200, 100:330].copy())


@pytest.fixture
def of_torch(monkeypatch):
    """The codec with a Lite whose transforms are networks of torch: those of profile 2 stay on the processor."""
    monkeypatch.setattr(codec, "load", lambda *_: float_lite())


def test_the_name_counts_then_the_environment_then_what_is_there(monkeypatch):
    monkeypatch.delenv(devices.ENVIRONMENT, raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices.choose() == torch.device("cuda")
    assert devices.choose("CPU") == torch.device("cpu")
    assert devices.choose("cuda:1") == torch.device("cuda", 1)
    monkeypatch.setenv(devices.ENVIRONMENT, "cpu")
    assert devices.choose() == torch.device("cpu")
    assert devices.choose("auto") == torch.device("cuda")
    with pytest.raises(DeviceError, match="2 CUDA devices"):
        devices.choose("cuda:2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert devices.choose("auto") == torch.device("cpu")


@pytest.mark.parametrize("name", ["cuda", "cuda:0"])
def test_a_device_that_is_not_there_is_one_sentence(picture, name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for work in (lambda: codec.encode(picture, Recipe(), device=name), lambda: codec.decode(b"", device=name)):
        with pytest.raises(DeviceError, match=r"^There is no CUDA device.*choose auto or cpu\.$"):
            work()


@pytest.mark.parametrize("name", ["gpu", "meta", "cuda:x", "cpu cpu"])
def test_an_unknown_device_is_one_sentence(name):
    with pytest.raises(DeviceError, match=rf"^There is no device called '{name}'; choose auto, cpu or cuda\.$"):
        devices.choose(name)


def test_only_the_transforms_leave_the_processor():
    network = float_lite().network
    assert placed.transforms_on(network, torch.device("cpu")) is network
    moved = placed.transforms_on(network, OTHER)
    assert moved is not network
    for name, parameter in moved.named_parameters():
        assert (parameter.device.type == "cpu") == name.startswith(("g_a.", "g_s.", "rate_gain_")), name


def test_another_device_gives_the_same_file_and_picture(picture, of_torch, monkeypatch):
    moved = []
    monkeypatch.setattr(placed, "_moved", lambda *of, move=placed._moved: moved.append(of) or move(*of))
    here, there = (codec.encode(picture, Recipe(quality=50), device=name) for name in ("cpu", "cpu:0"))
    assert here.data == there.data
    assert np.array_equal(here.reconstruction.pixels, there.reconstruction.pixels)
    decoded = codec.decode(here.data, device="cpu:0")
    assert np.array_equal(decoded.picture.pixels, here.reconstruction.pixels)
    assert len(moved) == 3, "one analysis and two syntheses are on the other device"


def test_a_search_keeps_to_the_device(picture, monkeypatch):
    seen = []
    named = devices.named
    monkeypatch.setattr(devices, "named", lambda name=None: seen.append(name) or named(name))
    codec.encode(picture, Recipe(quality=None, target_bpp=0.5), device="cpu:0")
    assert len(seen) > 2
    assert set(seen) == {"cpu:0"}


def test_too_little_memory_on_the_device_is_one_sentence_with_advice():
    with (
        pytest.raises(DeviceError, match=r"not enough memory.*choose the processor"),
        placed.computing_on(torch.device("cuda")),
    ):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")


def test_a_device_computes_in_full_precision_and_alike_every_time():
    before = torch.backends.cudnn.allow_tf32
    with placed.computing_on(torch.device("cuda")):
        assert not torch.backends.cudnn.allow_tf32
        assert torch.backends.cudnn.deterministic
        assert not torch.backends.cudnn.benchmark
    assert torch.backends.cudnn.allow_tf32 == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_the_command_line_names_a_device_that_is_not_there_in_one_line(picture, tmp_path):
    picture.save(tmp_path / "a.png")
    for command, name in (("encode", "a.png"), ("decode", "a.hpcm")):
        arguments = [command, str(tmp_path / name), "-f", "--device"]
        assert CliRunner().invoke(cli, [*arguments, "cpu"]).exit_code == 0
        result = CliRunner().invoke(cli, [*arguments, "cuda"])
        assert result.exit_code == 1
        assert result.output.count("\n") == 1
        assert "There is no CUDA device" in result.output


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here, so CPU to CUDA was not run")
def test_cpu_and_cuda_read_each_others_files(picture, of_torch):
    files = {name: codec.encode(picture, Recipe(quality=50), device=name) for name in ("cpu", "cuda")}
    for made, encoded in files.items():
        pictures = {name: codec.decode(encoded.data, device=name).picture for name in ("cpu", "cuda")}
        assert np.array_equal(pictures[made].pixels, encoded.reconstruction.pixels)
        assert np.abs(pictures["cpu"].pixels.astype(int) - pictures["cuda"].pixels).max() <= 1
        assert metrics.psnr(picture.pixels, pictures["cuda"].pixels) == pytest.approx(encoded.metrics.psnr, abs=0.02)
    assert len(files["cuda"].data) == pytest.approx(len(files["cpu"].data), rel=0.01)
