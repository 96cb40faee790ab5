"""What a release lists of its wheel, and the files of hashes. (`make wheels` builds; that takes minutes.)"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import sys
import zipfile

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from tests.paths import ROOT

pytestmark = pytest.mark.trust

LOCKS = ROOT / "installers/locks"


def load():
    spec = importlib.util.spec_from_file_location("hpcm_wheels", ROOT / "installers/wheels.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


wheels = load()


def requirements(path):
    """Each pinned requirement and its hashes."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    return {Requirement(line.partition("--hash")[0].strip()): line.count("--hash=sha256:")
            for line in text.splitlines() if line and not line.startswith("#")}  # fmt: skip


def pinned(path, python="3.13"):
    """Name and version of everything in a file of pins that this Python takes on some system."""
    found = [one for one in requirements(path)
             if one.marker is None or "python" not in str(one.marker)
             or one.marker.evaluate({"python_version": python, "python_full_version": f"{python}.0"})]  # fmt: skip
    return {(re.sub(r"[-_.]+", "-", one.name).lower(), str(one.specifier)) for one in found}


@pytest.mark.parametrize("name", ["program", "build", "developers", "release", "worker", "cuda", "checks"])
def test_everything_is_pinned_with_hashes(name):
    found = requirements(LOCKS / f"{name}.txt")
    assert found
    assert all(re.fullmatch(r"==[\w.]+", str(one.specifier)) and hashes for one, hashes in found.items())


def test_the_hashes_are_of_the_versions_that_tests_run_with():
    wanted = {one for one in pinned(ROOT / "constraints.txt") if one[0] != "torch"}
    assert wanted == pinned(LOCKS / "developers.txt")
    names = {name for name, _ in wanted}
    # Python 3.10 takes older versions of some.
    assert {one for one in pinned(LOCKS / "program.txt", "3.11") if one[0] in names} <= wanted


def test_the_program_needs_nothing_that_is_not_pinned():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    block = text[text.index("\ndependencies = [") : text.index("[project.optional-dependencies]")]
    needed = {
        re.sub(r"[-_.]+", "-", Requirement(line).name).lower() for line in re.findall(r'^ +"(.*)",$', block, re.M)
    }
    assert len(needed) > 5
    assert needed <= {name for name, _ in pinned(LOCKS / "program.txt")}


def test_workers_have_the_versions_that_tests_run_with():
    """And all in their image comes by its hashes but PyTorch for processors and the project itself."""
    tested = dict(pinned(ROOT / "constraints.txt"))
    workers, cuda = dict(pinned(LOCKS / "worker.txt")), dict(pinned(LOCKS / "cuda.txt"))
    assert {"ray", "fsspec", "s3fs", "gcsfs", "numpy", "sympy"} <= set(workers)
    assert "torch" in cuda
    assert "torch" not in workers
    for found in (workers, cuda):
        assert {name for name in found.keys() & tested.keys() if found[name] != tested[name]} == set()
    assert {name for name in workers.keys() & cuda.keys() if workers[name] != cuda[name]} == set()
    steps = (ROOT / "installers/container/Dockerfile").read_text("utf-8").replace("\\\n", " ")
    installs = re.findall(r"pip (?:install|wheel) [^&;\n]*", steps)
    assert len(installs) == 6
    assert all("--require-hashes -r installers/locks/" in one or "--no-deps" in one for one in installs)


def test_the_list_of_a_wheel(tmp_path):
    wheel = tmp_path / "hpcm_studio-9.8-cp311-cp311-linux_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("hpcm_core/__init__.py", "")
        file.writestr("coder/_rans.so", b"code")
        file.writestr("resources/models/lite.safetensors", b"weights")
        file.writestr("resources/fonts/OFL.txt", b"licence")
        file.writestr("hpcm_studio-9.8.dist-info/METADATA", "Metadata-Version: 2.1\nName: hpcm-studio\nVersion: 9.8\n")
    text = wheels.listing(wheel)
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    document = json.loads(text)
    assert document["metadata"]["component"]["version"] == "9.8"
    found = {part["name"]: part for part in document["components"]}
    weights = found["resources/models/lite.safetensors"]
    assert weights["type"] == "machine-learning-model"
    assert weights["hashes"][0]["content"] == hashlib.sha256(b"weights").hexdigest()
    assert found["resources/fonts/OFL.txt"]["licenses"] == [{"license": {"id": "OFL-1.1"}}]
    assert {"coder/_rans.so", "pybind11", "Inter"} <= set(found)
    assert (found["numpy"]["scope"], found["numpy"]["purl"]) == (
        "required",
        f"pkg:pypi/numpy@{found['numpy']['version']}",
    )
    assert "torch" not in found
    assert text == wheels.listing(wheel)


def test_sums_are_those_of_sha256sum(tmp_path):
    (tmp_path / "b").write_bytes(b"abc")
    (tmp_path / "a").write_bytes(b"")
    assert wheels.sums([tmp_path / "b", tmp_path / "a"]) == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n"
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n"
    )
