"""Builds and runs the tests in C++, with AddressSanitizer and UndefinedBehaviorSanitizer where there are any."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "coder"
CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus"


def tool(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 0, f"{' '.join(command)}\n{output}"
    return output


def configured(folder: Path, sanitize: str) -> Path:
    """A folder in which the programs can be built."""
    cmake = tool("cmake")
    if cmake is None:
        pytest.skip("CMake is not installed")
    if not any(map(tool, [os.environ.get("CXX", "c++"), "g++", "clang++", "cl"])):
        pytest.skip("no C++ compiler is installed")
    ninja = tool("ninja")
    generator = ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"] if ninja else []
    options = ["-DHPCM_MODULE=OFF", "-DHPCM_TESTS=ON", f"-DHPCM_SANITIZE={sanitize}", "-DCMAKE_BUILD_TYPE=Release"]
    run(cmake, "-S", str(SOURCE), "-B", str(folder), *generator, *options)
    return folder


@pytest.fixture(scope="module")
def build(tmp_path_factory) -> Path:
    return configured(tmp_path_factory.mktemp("native"), "OFF" if sys.platform == "win32" else "ON")


def built(build: Path, name: str) -> str:
    run(tool("cmake"), "--build", str(build), "--config", "Release", "--target", name)
    programs = [path for path in build.rglob(f"{name}*") if path.is_file() and path.suffix in ("", ".exe")]
    return str(programs[0])


@pytest.mark.parametrize("name", ["rans_tests", "exact_tests", "integer_tests", "session_tests", "lossless_tests"])
def test_program(build: Path, name: str):
    assert "All tests passed." in run(built(build, name))


@pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at on Linux")
def test_threads(tmp_path: Path):
    """ThreadSanitizer over the kernels of profile 2, the tiles and transforms made of them, a model of profile 3, and
    the threads that share them.
    """
    folder = configured(tmp_path, "thread")
    # With the addresses of newer kernels, which are drawn from more, the sanitizer of older compilers ends at once.
    setarch = shutil.which("setarch")
    for name in ("integer_tests", "session_tests", "lossless_tests"):
        assert "All tests passed." in run(*([setarch, "-R"] if setarch else []), built(folder, name))


@pytest.mark.trust
@pytest.mark.parametrize("name", ["rans", "session", "exact", "lossless"])
def test_fuzz_corpus(build: Path, name: str):
    """The fuzz targets on what fuzzing keeps; `make fuzz` has libFuzzer look for more."""
    assert "All tests passed." in run(built(build, f"{name}_fuzz"), str(CORPUS / name))
