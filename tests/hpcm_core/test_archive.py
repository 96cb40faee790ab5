"""Files of all weights that the program has ever brought along: each decodes today to what it was."""

from __future__ import annotations

import hashlib
import json
import subprocess

import numpy as np
import pytest

from hpcm_core import codec, plain_decoder
from hpcm_core.errors import MissingModel
from hpcm_core.integer.native import Native, instruction_sets
from hpcm_core.look import FAITHFUL
from hpcm_core.models import checkpoint, loading
from hpcm_core.models.catalogue import models_folder
from hpcm_core.models.released import released, released_as
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.resources import resource
from tests.golden.write_archive import FOLDER, LIST, PIXELS
from tests.golden.write_integer import digest
from tests.golden.write_looks import bundled_looks
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.entropy.exact.exactly import ENGINES, decoded_latents_of, latents_digest
from tests.hpcm_core.models.hpcm.test_integer import decoded
from tests.paths import ROOT

pytestmark = pytest.mark.trust

ENTRIES = json.loads(LIST.read_text("utf-8"))


def bundled(weights):
    """Where the weights are among the program's own; None where they are not there any more."""
    if weights.until is None:
        return resource(f"models/{weights.model}.safetensors")
    path = resource(f"models/{weights.file}")
    return path if path.is_file() else None


def from_history(blob):
    """What the project's history has by that name."""
    try:
        return subprocess.run(["git", "cat-file", "blob", blob], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the checkout has no history")


def of(name):
    identity = bytes.fromhex(ENTRIES[name]["weights"])
    return released_as("lite", identity) or released_as("lossless-m", identity)


@pytest.fixture(scope="module")
def recovered(tmp_path_factory):
    """Weights that are bundled no more, out of the project's history; called with the weights, gives their file."""
    folder = tmp_path_factory.mktemp("recovered")

    def recover(weights):
        path = folder / weights.file
        if not path.exists():
            path.write_bytes(from_history(weights.blob))
        return path

    return recover


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A user's own models: none yet."""
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    loading._load.cache_clear()
    yield tmp_path
    loading._load.cache_clear()


def check(name):
    """A file decodes to what its entry says, by whoever can compute it."""
    said, data = ENTRIES[name], (FOLDER / name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == said["sha256"]
    picture = codec.decode(data, look=FAITHFUL).picture
    if said["profile"] in PIXELS:
        assert digest(picture.pixels) == said["pixels"]
        return
    kept = Picture.open(FOLDER / name.replace(".hpcm", ".png")).pixels
    difference = np.abs(picture.pixels.astype(int) - kept)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.01
    network = loading.load("lite", of(name).identity).network
    for engine in ENGINES.values():
        assert latents_digest(decoded_latents_of(data, network, engine())) == said["latents"]


def test_every_weights_have_files():
    listed = {(said["weights"], said["profile"]) for said in ENTRIES.values()}
    assert listed == {(weights.identity.hex(), weights.profile) for weights in released()}
    assert {path.name for path in FOLDER.glob("*.hpcm")} == set(ENTRIES)
    assert all((FOLDER / name).stat().st_size < 6000 for name in ENTRIES)


@pytest.mark.parametrize("weights", [w for w in released() if bundled(w)], ids=lambda weights: weights.identity.hex())
def test_bundled_weights_are_what_is_said(weights):
    path = bundled(weights)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == weights.sha256
    model = loading.load(weights.model, weights.identity)
    assert (model.identity, model.config.profile) == (weights.identity, weights.profile)


def test_all_bundled_weights_are_listed():
    files = {path.name for path in resource("models").glob("*.safetensors") if ".natural." not in path.name}
    assert files == {bundled(weights).name for weights in released() if bundled(weights)}


@pytest.mark.parametrize("name", [name for name in ENTRIES if bundled(of(name))])
def test_files_of_bundled_weights(name):
    check(name)


@pytest.mark.parametrize(
    "weights", [w for w in released() if not bundled(w)], ids=lambda weights: weights.identity.hex()
)
def test_files_of_earlier_weights(weights, home, recovered):
    """The error says how to bring them back; what it says is done, and the files decode."""
    names = [name for name in ENTRIES if of(name) == weights]
    with pytest.raises(MissingModel) as missing:
        codec.decode((FOLDER / names[0]).read_bytes())
    assert weights.recovery in str(missing.value)
    assert f"hpcm models import {weights.file} --variant lite" in str(missing.value)
    path = recovered(weights)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == weights.sha256
    checkpoint.import_checkpoint(path, "lite", "mse", None)
    assert [file.name for file in models_folder().glob("*.safetensors")] == [weights.file]
    for name in names:
        check(name)


@pytest.mark.parametrize("name", [name for name in ENTRIES if ENTRIES[name]["profile"] == 2])
def test_pixels_by_every_engine_and_the_plain_decoder(name, recovered):
    said, data, path = ENTRIES[name], (FOLDER / name).read_bytes(), bundled(of(name)) or recovered(of(name))
    runs = [Native(instruction_set) for instruction_set in instruction_sets()]
    assert {digest(decoded(data, read_weights(path), run)) for run in runs} == {said["pixels"]}
    tables = plain_decoder.Tables(resource("ggm_tables.npz"))
    assert digest(plain_decoder.decode(data, plain_decoder.Weights(path), tables)[0]) == said["pixels"]


@pytest.mark.parametrize("name", [name for name in ENTRIES if ENTRIES[name]["profile"] == 3])
def test_pixels_without_loss_by_the_plain_decoder(name, recovered):
    weights = plain_decoder.Weights(bundled(of(name)) or recovered(of(name)))
    assert digest(plain_decoder.decode((FOLDER / name).read_bytes(), weights)[0]) == ENTRIES[name]["pixels"]


@pytest.mark.parametrize("name", [name for name in ENTRIES if "natural" in ENTRIES[name]])
def test_natural_looks(name, tmp_path, recovered):
    """By the plain decoder with the look's weights of then, and by the program as long as it brings these."""
    said, data = ENTRIES[name]["natural"], (FOLDER / name).read_bytes()
    path = resource("models/lite.natural.safetensors")
    if hashlib.sha256(path.read_bytes()).hexdigest() == said["sha256"]:
        assert digest(codec.decode(data).picture.pixels) == said["pixels"]
    else:
        path = tmp_path / "then.safetensors"
        path.write_bytes(from_history(said["blob"]))
    faithful = bundled(of(name)) or recovered(of(name))
    weights, natural = plain_decoder.Weights(faithful), plain_decoder.Weights(path)
    tables = plain_decoder.Tables(resource("ggm_tables.npz"))
    assert digest(plain_decoder.decode(data, weights, tables, natural=natural)[0]) == said["pixels"]


def test_every_natural_look_has_a_file():
    kept = {said["natural"]["sha256"] for said in ENTRIES.values() if "natural" in said}
    assert kept >= set(bundled_looks().values())


def test_the_list_says_where_earlier_weights_are(home, recovered):
    def rows():
        listed = json.loads(run("models", "list", "--earlier", "--json").output)["earlier"]
        return {row["name"]: (row["state"], row["path"], row["recovery"]) for row in listed}

    earlier = [weights for weights in released() if weights.until]
    gone = next(weights for weights in earlier if not bundled(weights))
    assert list(rows()) == [weights.file.removesuffix(".safetensors") for weights in earlier]
    assert rows()["lite@a645cf9f575da1ff"][:2] == ("bundled", str(resource("models/lite@a645cf9f575da1ff.safetensors")))
    assert rows()[gone.file.removesuffix(".safetensors")] == ("missing", None, gone.recovery)
    assert gone.recovery in run("models", "list", "--earlier").output
    target = models_folder() / gone.file
    checkpoint.import_checkpoint(recovered(gone), "lite", "mse", None)
    assert rows()[gone.file.removesuffix(".safetensors")][:2] == ("installed", str(target))
