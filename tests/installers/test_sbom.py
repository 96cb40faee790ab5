"""The bill of materials and the licences that go into the bundle."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import sys
from importlib import metadata
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.paths import ROOT

pytestmark = pytest.mark.trust


def load():
    spec = importlib.util.spec_from_file_location("hpcm_sbom", ROOT / "installers/bundle/sbom.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


sbom = load()


@pytest.fixture
def internal(tmp_path):
    """The inside of a bundle: its data and libraries of the system's Python."""
    folder = tmp_path / "hpcm-studio" / "_internal"
    shutil.copytree(ROOT / "resources", folder / "resources")
    (folder / "libffi.so.8").write_bytes(b"library")
    (folder / "libmystery.so.1").write_bytes(b"library")
    (folder / "libjpeg.so").symlink_to("libffi.so.8")
    (folder / "notes.txt").write_text("no library")
    return folder


def names(folder):
    return {part["name"]: part for part in json.loads((folder / sbom.SBOM).read_text("utf-8"))["components"]}


def test_the_bill_is_valid_cyclonedx_and_names_everything(internal, capsys):
    sbom.write(internal)
    text = (internal / sbom.SBOM).read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text.replace('"library"', '"book"')) is not None
    found = names(internal)
    for name in ("torch", "numpy", "pillow", "PySide6_Essentials", "shiboken6", "safetensors", "CPython", "pybind11"):
        assert name in found
    assert found["torch"]["version"] == metadata.version("torch")
    assert "pytest" not in found, "only for tests"
    weights = found["resources/models/lite.safetensors"]
    assert weights["type"] == "machine-learning-model"
    content = (internal / "resources/models/lite.safetensors").read_bytes()
    assert weights["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}]
    assert found["libffi.so.8"]["licenses"] == [{"license": {"id": "MIT"}}]
    fonts = [name for name in found if name.endswith(".ttf")]
    assert len(fonts) == 2
    assert all(found[name]["licenses"] == [{"license": {"id": "OFL-1.1"}}] for name in (*fonts, "Inter"))
    assert not {"libjpeg.so", "notes.txt"} & set(found)
    assert "libmystery.so.1 is a library that sbom.py does not know" in capsys.readouterr().err
    assert all(part.get("licenses") for name, part in found.items() if name != "libmystery.so.1")


def test_every_licence_is_there_in_words(internal):
    sbom.write(internal)
    text = (internal / sbom.LICENCES).read_text("utf-8")
    for words in (
        "GNU LESSER GENERAL PUBLIC LICENSE\n                       Version 3",
        "GNU GENERAL PUBLIC LICENSE\n                       Version 3",
        "you may replace them",
        "PYTHON SOFTWARE FOUNDATION LICENSE",
        "From PyTorch:",
        "Red Hat",
        "Public domain".lower(),
        "The Inter Project Authors",
        "SIL OPEN FONT LICENSE Version 1.1",
    ):
        assert words in text, words
    assert str(Path.home()) not in text


def test_the_same_bundle_gives_the_same_files(internal, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    sbom.write(internal)
    first = [(internal / name).read_bytes() for name in (sbom.SBOM, sbom.LICENCES)]
    assert b"2023-11-14T22:13:20Z" in first[0]
    sbom.write(internal)
    assert [(internal / name).read_bytes() for name in (sbom.SBOM, sbom.LICENCES)] == first
    (internal / "libffi.so.8").write_bytes(b"another")
    sbom.write(internal)
    assert (internal / sbom.SBOM).read_bytes() != first[0]


def test_of_a_program_only_what_its_archive_holds_is_named(internal, monkeypatch):
    (internal.parent / "hpcm-studio").write_bytes(b"program")
    monkeypatch.setattr(sbom, "_bundled_modules", lambda folder: {"click", "torch", "PIL", "nobody_has_this"})
    monkeypatch.setattr(sbom, "_owners", lambda modules, owners=sbom._owners: owners(modules) - {"pyinstaller"})
    sbom.write(internal)
    packages = {name for name, part in names(internal).items() if part.get("purl", "").startswith("pkg:pypi")}
    assert packages == {"click", "torch", "pillow", "pybind11"}


def test_a_package_without_a_licence_text_is_an_error(internal, monkeypatch):
    monkeypatch.setattr(sbom, "_TEXT_NAMES", sbom.re.compile("nothing"))
    with pytest.raises(SystemExit, match=r"No licence text is known for .*torch"):
        sbom.write(internal)
