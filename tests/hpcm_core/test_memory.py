"""What weights take is known before they are read; a large network gives up the floats of what is in integers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from hpcm_core import codec, limits
from hpcm_core.errors import LimitExceeded
from hpcm_core.limits import Limits, free_memory
from hpcm_core.models import loading
from hpcm_core.models.hpcm.config import LITE, ONE_B
from hpcm_core.models.hpcm.exact import ExactEntropy
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hyperprior import config as shared
from hpcm_core.models.hyperprior.exact import exact_entropy
from hpcm_core.models.jpegxl.family import JpegXlFamily
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.transform import coding
from tests.hpcm_core.entropy.exact.exactly import calm, encode_tile
from tests.hpcm_core.test_codec import photo

pytestmark = pytest.mark.trust


@pytest.fixture(scope="module")
def encoded():
    return codec.encode(Picture(photo(64, 48)), Recipe(), reconstruct=False)


def test_weights_are_counted():
    assert HPCM_FAMILY.weights(LITE) == 8 * 7_729_699, "floats, and integers beside them"
    assert HPCM_FAMILY.weights(ONE_B) == 4 * 1_000_328_003, "the one or the other"


def test_memory_is_of_weights_pixels_and_latents(encoded):
    without = coding.memory(LITE, encoded.header)
    assert HPCM_FAMILY.memory(LITE, encoded.header) == without + HPCM_FAMILY.weights(LITE)
    with pytest.raises(LimitExceeded):
        codec.decode(encoded.data, limits=Limits(memory=without))


def test_limits_are_checked_before_weights_are_read(encoded, monkeypatch):
    def read(*_):
        raise AssertionError("weights are read")

    monkeypatch.setattr(codec, "load", read)
    with pytest.raises(LimitExceeded, match="needs about 2"):
        codec.decode(encoded.data, limits=Limits(memory=1 << 30))
    with pytest.raises(LimitExceeded, match="needs about 2"):
        codec.encode(Picture(photo(64, 48)), Recipe(), limits=Limits(memory=1 << 30))


def test_a_model_that_does_not_fit_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(loading, "free_memory", lambda: 20 << 20)
    monkeypatch.setattr(loading, "read_weights", lambda _: pytest.fail("weights are read"))
    loading._load.cache_clear()
    with pytest.raises(LimitExceeded, match=r"model lite needs about 0\.0 GiB of memory; this machine has 0\.0 GiB"):
        loading.load("lite")
    monkeypatch.undo()
    monkeypatch.setattr(loading, "free_memory", lambda: None)
    assert loading.load("lite").name == "lite", "a machine that does not say refuses nothing"


def test_free_memory_is_some_bytes():
    """As a new process sees it."""
    if free_memory() is None:
        pytest.skip("this machine does not say")
    script = "from hpcm_core.limits import free_memory; print(free_memory())"
    assert (
        1 << 26 < int(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout) < 1 << 50
    )


def test_without_a_place_to_read_it(monkeypatch):
    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr("builtins.open", missing)
    monkeypatch.setattr(limits.sys, "platform", "linux")
    assert free_memory() is None


def test_the_stage_says_what_a_large_model_takes(monkeypatch):
    def first_stage():
        seen = []
        codec.encode(
            Picture(photo(64, 48)), Recipe(), reconstruct=False, progress=lambda stage, _: seen.append(str(stage))
        )
        return seen[0]

    assert first_stage() == "Loading the model"
    monkeypatch.setattr(codec, "_LARGE", 1 << 20)
    assert first_stage().startswith("Loading 0.0 GiB of weights, about a minute")


def test_a_large_network_gives_up_its_floats(monkeypatch):
    y = 3 * torch.randn(1, 32, 16, 16, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        kept = calm("base-2-3-3")
        wanted = encode_tile(exact_entropy(ExactEntropy, kept), y, lambda: None)
        monkeypatch.setattr(shared, "_KEPT_BESIDE", 0)
        large = calm("base-2-3-3")
        exact = exact_entropy(ExactEntropy, large)
        got = encode_tile(exact, y, lambda: None)
    assert got.tile == wanted.tile
    there = {name.partition(".")[0] for name, value in large.named_parameters() if value.device.type == "cpu"}
    assert there == {"g_a", "g_s", "h_a", "means_hyper", "scales_hyper", "adaptive_params_list"}
    assert all(value.device.type == "cpu" for value in kept.parameters())
    assert {name: value.shape for name, value in large.state_dict().items()} == {
        name: value.shape for name, value in kept.state_dict().items()
    }
    assert exact_entropy(ExactEntropy, large, "reference") is exact, "nothing is left to make another of"
    monkeypatch.undo()
    assert exact_entropy(ExactEntropy, kept, "reference") is not exact_entropy(ExactEntropy, kept, "fast")


def test_pictures_beyond_the_limits_are_refused_before_they_are_coded(monkeypatch):
    """And coded where others are given, which hold for the file that is written too."""
    picture = Picture(np.zeros((1, 70_000, 3), np.uint8))
    with monkeypatch.context() as patch:
        patch.setattr(JpegXlFamily, "encode", None)
        with pytest.raises(LimitExceeded, match="70000 x 1 pixels"):
            codec.encode(picture, Recipe("lossless"))
    more = Limits(side=70_000)
    data = codec.encode(picture, Recipe("lossless"), reconstruct=False, limits=more).data
    assert codec.decode(data, limits=more).picture.width == 70_000
