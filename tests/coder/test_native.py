"""Builds and runs the coder's own tests, with AddressSanitizer and UndefinedBehaviorSanitizer where there are any."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "coder"


def tool(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 0, f"{' '.join(command)}\n{output}"
    return output


def test_rans_tests(tmp_path):
    cmake = tool("cmake")
    if cmake is None:
        pytest.skip("CMake is not installed")
    if not any(map(tool, [os.environ.get("CXX", "c++"), "g++", "clang++", "cl"])):
        pytest.skip("no C++ compiler is installed")
    ninja = tool("ninja")
    generator = ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"] if ninja else []
    sanitize = "OFF" if sys.platform == "win32" else "ON"
    options = ["-DHPCM_MODULE=OFF", "-DHPCM_TESTS=ON", f"-DHPCM_SANITIZE={sanitize}", "-DCMAKE_BUILD_TYPE=Release"]
    run(cmake, "-S", str(SOURCE), "-B", str(tmp_path), *generator, *options)
    run(cmake, "--build", str(tmp_path), "--config", "Release")
    programs = [path for path in tmp_path.rglob("rans_tests*") if path.is_file() and path.suffix in ("", ".exe")]
    assert "All tests passed." in run(str(programs[0]))
