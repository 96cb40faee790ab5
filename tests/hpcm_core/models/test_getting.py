"""Published checkpoints from the web, from folders and from files: only what is whole, fits and is known comes in."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from hpcm_core import codec
from hpcm_core.errors import Cancelled, DownloadError, ModelError
from hpcm_core.models import checkpoint, getting
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.published import published
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.download.conftest import server  # noqa: F401 - a fixture
from tests.hpcm_core.models.test_catalogue import TINY, Evil, home, parameters  # noqa: F401 - fixtures
from tests.hpcm_core.test_codec import photo

NAME = "base-mse-0.013"


def save(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)
    return path


def others(seed):
    torch.manual_seed(seed)
    return HPCM(TINY).state_dict()


@pytest.fixture
def drive(server, home, parameters, monkeypatch):  # noqa: F811
    """The server, where the authors' link of the model leads to."""
    one = published()[NAME]
    data = save(
        home / "made" / "epoch_best.pth.tar", {f"module.{key}": v for key, v in parameters.items()}
    ).read_bytes()
    server.files["ID"] = data
    monkeypatch.setitem(published(), NAME, replace(one, page=f"{server.address}/file/d/ID"))
    return server


def folder(home):  # noqa: F811
    return home / "data" / "models"


def left(home):  # noqa: F811
    """What is in the folder of models, but for empty folders."""
    return sorted(str(path.relative_to(folder(home))) for path in folder(home).rglob("*") if path.is_file())


def test_from_the_authors(drive, home):  # noqa: F811
    stages = []
    info = getting.get(NAME, progress=lambda stage, done: stages.append((str(stage), done)))
    assert (info.name, info.state) == (NAME, "installed")
    assert left(home) == [f"{NAME}.safetensors", "checksums.json"]
    assert [*dict(stages)] == ["Downloading", "Checking the checkpoint", "Installing"]
    fractions = [done for _, done in stages]
    assert fractions == sorted(fractions)
    assert codec.encode(Picture(photo(64, 48)), Recipe("base", lmbda=0.013)).header.model_name == NAME


def test_it_is_remembered_and_compared_ever_after(drive, home, parameters):  # noqa: F811
    info = getting.get(NAME)
    known = getting.remembered()
    assert known[NAME] == checkpoint.sha256_of(info.path.read_bytes())
    # The same tensors are the same model, whatever they are packed in.
    mirror = home / "mirror" / "some-base-0.013.safetensors"
    mirror.parent.mkdir()
    save_file(parameters, mirror)
    getting.get(NAME, str(mirror))

    drive.files["ID"] = save(home / "other.pth", others(9)).read_bytes()
    drive.etag = '"two"'
    before = info.path.read_bytes()
    with pytest.raises(getting.ChangedCheckpoint, match=rf"SHA-256 was {known[NAME]} and is [0-9a-f]{{64}} now"):
        getting.get(NAME)
    assert info.path.read_bytes() == before
    assert getting.remembered() == known
    asked = len(drive.asked)
    getting.get(NAME, accept_changed=True)
    assert len(drive.asked) == asked, "the file was there"
    assert info.path.read_bytes() != before
    assert getting.remembered() != known
    getting.get(NAME)


def test_the_checksum_is_that_of_the_tensors(home, parameters):  # noqa: F811
    """As docs tell to count it: names, shapes and little-endian float32 in the order of the names, after "{}"."""
    digest = hashlib.sha256(b"{}")
    for key in sorted(parameters):
        array = parameters[key].numpy()
        digest.update(key.encode() + len(array.shape).to_bytes(4, "little"))
        digest.update(b"".join(side.to_bytes(4, "little") for side in array.shape) + array.astype("<f4").tobytes())
    getting.get(NAME, str(save(home / "x.pth", parameters)))
    assert getting.remembered()[NAME] == digest.hexdigest()


def test_a_model_that_cannot_be_installed_stays_downloaded(drive, home, monkeypatch):  # noqa: F811
    def fail(*_):
        raise ModelError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(getting, "install", fail)
        with pytest.raises(ModelError, match=r"^no room$"):
            getting.get(NAME)
    asked = len(drive.asked)
    getting.get(NAME)
    assert len(drive.asked) == asked
    assert left(home) == [f"{NAME}.safetensors", "checksums.json"]


def test_a_download_that_was_installed_goes(drive, home, monkeypatch):  # noqa: F811
    """As where a process is killed before it can remove it; of weights that are not installed it stays."""
    with monkeypatch.context() as patch:
        patch.setattr(getting.Part, "discard", lambda _: None)
        getting.get(NAME)
    assert getting.part_of(NAME).is_file()
    (folder(home) / f"{NAME}.safetensors").rename(home / "aside")
    getting.tidy(NAME)
    assert getting.part_of(NAME).is_file()
    (home / "aside").rename(folder(home) / f"{NAME}.safetensors")
    getting.tidy(NAME)
    assert left(home) == [f"{NAME}.safetensors", "checksums.json"]


def test_a_damaged_list_of_checksums_is_no_list(home, parameters):  # noqa: F811
    path = save(home / "x.pth", parameters)
    for content in ("", "[]", "{"):
        (folder(home)).mkdir(parents=True, exist_ok=True)
        (folder(home) / "checksums.json").write_text(content)
        with pytest.raises(ModelError, match="the list of checksums, is damaged"):
            getting.get(NAME, str(path))
    assert left(home) == ["checksums.json"]


def test_it_goes_on_where_it_was(drive, home):  # noqa: F811
    with pytest.raises(Cancelled):
        getting.get(NAME, cancel=lambda: getting.part_of(NAME).is_file() and getting.part_of(NAME).stat().st_size > 0)
    assert left(home) == [f"downloads/{NAME}.part", f"downloads/{NAME}.part.json"]
    have = getting.part_of(NAME).stat().st_size
    assert getting.begun_fraction(NAME) == have / published()[NAME].size > 0
    getting.get(NAME)
    assert drive.asked[-1][1] == f"bytes={have}-"
    assert getting.begun_fraction(NAME) == 0


@pytest.mark.parametrize("damage", ["cut", "text", "evil", "shape", "nan"])
def test_what_is_no_good_leaves_nothing(drive, home, parameters, damage):  # noqa: F811
    data = drive.files["ID"]
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "text":
        data = b"hello" * 1000
    elif damage == "evil":
        evil = Evil()
        evil.path = str(home / "was-here")
        data = save(home / "evil.pth", {"x": evil}).read_bytes()
    else:
        content = dict(parameters)
        bias = content["g_a.branch.0.bias"]
        content["g_a.branch.0.bias"] = bias[:1] if damage == "shape" else bias * float("nan")
        data = save(home / "x.pth", content).read_bytes()
    drive.files["ID"] = data
    with pytest.raises(ModelError, match=r"What came from http.*/file/d/ID is no good: base-mse"):
        getting.get(NAME)
    assert left(home) == []
    assert not (home / "was-here").exists()


def test_a_bomb_is_not_unpacked(home):  # noqa: F811
    path = home / "bomb.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x/data.pkl", bytes(1 << 20))
    with pytest.raises(ModelError, match=r"bomb\.pth is not a checkpoint that can be loaded safely"):
        getting.get(NAME, str(path))


def test_the_quota_of_the_authors_link(drive, home):  # noqa: F811
    drive.quota = 200
    with pytest.raises(DownloadError, match="too many"):
        getting.get(NAME)
    assert left(home) == []


@pytest.mark.parametrize("ending", [".safetensors", ".pth.tar", ".pth"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_mirror_on_the_web(server, home, parameters, ending, slash):  # noqa: F811
    server.files[f"/models/{NAME}{ending}"] = save(home / "x.pth", parameters).read_bytes()
    getting.get(NAME, f"{server.address}/models{slash}")
    assert left(home) == [f"{NAME}.safetensors", "checksums.json"]


def test_a_mirror_without_it(server, home):  # noqa: F811
    with pytest.raises(DownloadError, match=rf"/models has none of these files: {NAME}\.safetensors, {NAME}\.pth\.tar"):
        getting.get(NAME, f"{server.address}/models")
    assert len(server.asked) == 3
    with pytest.raises(DownloadError, match="has none of these files"):
        getting.get(NAME, f"{server.address}/page")
    assert left(home) == []


def test_a_file_on_the_web(server, home, parameters):  # noqa: F811
    server.files["/whatever.pth"] = save(home / "x.pth", parameters).read_bytes()
    getting.get(NAME, f"{server.address}/whatever.pth")
    assert [path for path, _ in server.asked] == ["/whatever.pth"]


@pytest.mark.parametrize("name", [f"{NAME}.pth", "HPCM_Base_mse_0.013.pth.tar", "hpcm-base-0.013.pt"])
def test_a_folder(home, parameters, name):  # noqa: F811
    save(home / "mirror" / "HPCM_Base_mse_0.025.pth.tar", others(1))
    save(home / "mirror" / "large-mse-0.013.pth", others(2))
    (home / "mirror" / "base-0.013.txt").write_text("")
    path = save(home / "mirror" / name, parameters)
    getting.get(NAME, str(home / "mirror"))
    assert path.is_file(), "what is the user's stays"
    with pytest.raises(ModelError, match=r"has no checkpoint of base-mse-0\.0018; .* base-mse-0\.0018\.safetensors"):
        getting.get("base-mse-0.0018", str(home / "mirror"))


def test_one_model_under_the_name_of_another(home, parameters):  # noqa: F811
    path = save(home / "x.pth", parameters)
    getting.get(NAME, str(path))
    with pytest.raises(ModelError, match=r"x\.pth has the weights of base-mse-0\.013, not of base-mse-0\.025"):
        getting.get("base-mse-0.025", str(path))
    named = home / "y.safetensors"
    save_file(others(3), named, {"variant": "base", "metric": "mse", "lambda": "0.0018"})
    with pytest.raises(ModelError, match=r"y\.safetensors says that it is of another model than base-mse-0\.025"):
        getting.get("base-mse-0.025", str(named))
    assert left(home) == [f"{NAME}.safetensors", "checksums.json"]


def test_what_is_not_published(home):  # noqa: F811
    with pytest.raises(ModelError, match="lite is none of the published"):
        getting.get("lite")
    with pytest.raises(ModelError, match="There is no file"):
        getting.get(NAME, str(home / "absent.pth"))


def test_a_folder_that_cannot_be_written(home, parameters):  # noqa: F811
    path = save(home / "x.pth", parameters)
    folder(home).parent.mkdir()
    folder(home).write_text("")
    with pytest.raises(ModelError):
        getting.get(NAME, str(path))


@pytest.mark.parametrize(
    ("source", "one"),
    [
        ("", False), ("https://x.org/models", False), ("https://x.org/a.pth.tar", True),
        ("https://drive.google.com/file/d/abc/view", True), ("https://x.org/get?file=3", True), ("/absent/file", True),
    ],
)  # fmt: skip
def test_sources_of_one_file(source, one, tmp_path):
    assert getting.is_one_file(source) is one
    assert not getting.is_one_file(str(tmp_path))


def test_the_memory_is_readable(home, parameters):  # noqa: F811
    getting.get(NAME, str(save(home / "x.pth", parameters)))
    content = json.loads((folder(home) / "checksums.json").read_text())
    assert [*content] == [NAME]
    shutil.rmtree(folder(home))
    assert getting.remembered() == {}
