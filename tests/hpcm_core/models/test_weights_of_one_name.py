"""Several weights of one name: the newest are what it stands for when a picture is encoded, and what a file was made
with is what it is decoded with.
"""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from hpcm_core import codec
from hpcm_core.errors import CorruptFile, MissingModel, ModelError, UnsupportedVersion
from hpcm_core.format import container
from hpcm_core.models import catalogue, checkpoint, loading, registry
from hpcm_core.models.hpcm.config import CONFIGS, LITE
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.hpcm_core.models.hpcm.formula import formula_state
from tests.hpcm_core.models.test_catalogue import TINY
from tests.toy.plain import PLAIN, weights

pytestmark = pytest.mark.trust

PICTURE = Picture(np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8))
NEW_LITE = replace(TINY, name="lite", rate_lambdas=LITE.rate_lambdas[:4], input_shift=0.5)
"""Another Lite: other widths, attention, fewer rates."""


@pytest.fixture
def bundle(monkeypatch, tmp_path):
    """The folder of bundled models, for the length of a test another one than the program's; and the user's own."""
    folder = tmp_path / "resources" / "models"
    folder.mkdir(parents=True)
    shutil.copy(resource("checkpoints.json"), folder.parent)
    monkeypatch.setattr(catalogue, "resource", lambda name: folder.parent / name)
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    loading._load.cache_clear()
    yield folder
    loading._load.cache_clear()


def save_new_lite(path):
    state = formula_state(HPCM_FAMILY.build(NEW_LITE))
    save_file({name: np.asarray(tensor, np.float32) for name, tensor in state.items()}, path)


def test_a_second_lite_of_another_configuration(bundle, monkeypatch):
    shutil.copy(resource("models/lite.safetensors"), bundle)
    before = codec.encode(PICTURE, Recipe("lite"))
    old = before.header.model_hash

    # What a release with a new Lite does: the weights move aside, and their configuration is kept for them.
    (bundle / "lite.safetensors").rename(bundle / f"lite@{old.hex()}.safetensors")
    save_new_lite(bundle / "lite.safetensors")
    monkeypatch.setitem(CONFIGS, "lite", NEW_LITE)
    monkeypatch.setattr(HPCM_FAMILY, "earlier", {old.hex(): LITE})

    after = codec.encode(PICTURE, Recipe("lite"))
    assert (before.header.model_name, after.header.model_name) == ("lite", "lite")
    assert after.header.model_hash != old
    assert [info.name for info in catalogue.list_models() if info.variant == "lite"] == ["lite"]
    for encoded in (before, after, before):
        decoded = codec.decode(encoded.data)
        assert np.array_equal(decoded.picture.pixels, encoded.reconstruction.pixels)
    assert not np.array_equal(before.reconstruction.pixels, after.reconstruction.pixels)

    (bundle / f"lite@{old.hex()}.safetensors").unlink()
    with pytest.raises(
        MissingModel, match=rf"{old.hex()} of the model lite.*hpcm models import lite@{old.hex()}.* --variant lite"
    ):
        codec.decode(before.data)
    codec.decode(after.data)

    # Whoever has the old weights can have them back, and the new ones stay what the name means.
    info = checkpoint.import_checkpoint(resource("models/lite.safetensors"), "lite", "mse", None)
    assert info.path == catalogue.models_folder() / f"lite@{old.hex()}.safetensors"
    assert np.array_equal(codec.decode(before.data).picture.pixels, before.reconstruction.pixels)
    assert codec.encode(PICTURE, Recipe("lite"), reconstruct=False).data == after.data
    with pytest.raises(ModelError, match="lite are bundled with this program already"):
        checkpoint.import_checkpoint(bundle / "lite.safetensors", "lite", "mse", None)


@pytest.fixture
def plain(bundle, monkeypatch):
    """Three generations of a small family's weights: the first of another configuration and profile."""

    class Earlier:
        rate_lambdas = (0.5, 0.7)
        profile = 8

    first = type("First", (Earlier, type(PLAIN.configs["plain"])), {})("plain", 5)
    monkeypatch.setattr(registry, "_FAMILIES", [*registry._FAMILIES, PLAIN])
    return first


def encoded_with(config, seed, monkeypatch, target):
    """What a program makes of the picture whose bundled weights are these."""
    with monkeypatch.context() as patch:
        patch.setattr(PLAIN, "configs", {"plain": config})
        save_file(weights(config, seed), target)
        loading._load.cache_clear()
        return codec.encode(PICTURE, Recipe("plain", quality=70))


def test_generations_of_bundled_weights(plain, bundle, monkeypatch):
    today = PLAIN.configs["plain"]
    target = bundle / "plain.safetensors"
    made = [encoded_with(*of, monkeypatch, target) for of in ((plain, 0), (today, 1), (today, 2))]
    hashes = [encoded.header.model_hash for encoded in made]
    assert len(set(hashes)) == 3
    for encoded, (config, seed) in zip(made[:2], ((plain, 0), (today, 1)), strict=True):
        save_file(weights(config, seed), bundle / f"plain@{encoded.header.model_hash.hex()}.safetensors")
    monkeypatch.setattr(PLAIN, "earlier", {hashes[0].hex(): plain}, raising=False)
    for encoded in made:
        decoded = codec.decode(encoded.data)
        assert np.array_equal(decoded.picture.pixels, encoded.reconstruction.pixels)
        assert registry.config_of("plain", encoded.header.model_hash).kept == (5 if encoded is made[0] else 12)
    assert codec.encode(PICTURE, Recipe("plain", quality=70), reconstruct=False).data == made[2].data

    def forged(encoded, **changes):
        file = container.read(encoded.data)
        return container.write(replace(file, header=replace(file.header, **changes)))

    with pytest.raises(
        UnsupportedVersion, match=r"profile 9; of this model this version reads files of profile 7, 8 only"
    ):
        codec.decode(forged(made[0], profile=9))
    with pytest.raises(CorruptFile, match="arithmetic profile"):
        codec.decode(forged(made[0], profile=7))
    unknown = bytes(range(8))
    with pytest.raises(MissingModel, match=unknown.hex()):
        codec.decode(forged(made[1], model_hash=unknown))
    # A name says nothing of what is in a file.
    shutil.copy(target, bundle / f"plain@{unknown.hex()}.safetensors")
    with pytest.raises(MissingModel, match=unknown.hex()):
        codec.decode(forged(made[1], model_hash=unknown))


def test_imported_weights_leave_those_before_them_their_files(plain, tmp_path):
    sources, made = [tmp_path / f"{seed}.safetensors" for seed in (1, 2)], []
    for seed, source in enumerate(sources, 1):
        save_file(weights(PLAIN.configs["plain"], seed), source)
        info = checkpoint.import_checkpoint(source, "plain", "mse", None)
        assert (info.path.name, info.state) == ("plain.safetensors", "installed")
        made.append(codec.encode(PICTURE, Recipe("plain", quality=70)))
    for encoded in made:
        assert np.array_equal(codec.decode(encoded.data).picture.pixels, encoded.reconstruction.pixels)
    folder = catalogue.models_folder()
    old = f"plain@{made[0].header.model_hash.hex()}.safetensors"
    assert {path.name for path in folder.iterdir()} == {"plain.safetensors", old}
    checkpoint.import_checkpoint(sources[1], "plain", "mse", None)
    assert len([*folder.iterdir()]) == 2, "the same weights again"

    # Weights that were put there by hand say nothing of themselves.
    save_file(load_file(folder / "plain.safetensors"), folder / "plain.safetensors")
    checkpoint.import_checkpoint(sources[0], "plain", "mse", None)
    for encoded in made:
        assert np.array_equal(codec.decode(encoded.data).picture.pixels, encoded.reconstruction.pixels)
