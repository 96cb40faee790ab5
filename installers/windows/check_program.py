"""Run the `hpcm` command on Windows' own Python under Wine: `check_program.py BUILD_FOLDER`, after check_native.py.

Everything is Windows': Python's library, the wheels of all packages, and the coder's modules, built here by MinGW-w64
from the libraries of check_native.py. What runs is installers/round_trip.py: encode, decode, compare, thumbnails, and
one picture of each format read and written. No window, no installer.

Needs Python 3.11 or 3.12 with its headers, and pip. Python's library for Windows comes out of a wheel that brings it
for programs made with that (Panda3D). Wine 8 lacks a few functions: NumPy is one that does without them, and two small
libraries are made here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import check_native

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
LIBRARY = f"python{VERSION.replace('.', '')}"
PYTHON = "panda3d==1.10.16"
NUMPY = "numpy==1.26.4"
"""What Wine 8's C library is enough for."""
PACKAGES = ("appdirs", "click", "imagecodecs", "pi-heif", "pillow", "pybind11", "rawpy", "rich", "safetensors")
MODULES = {
    "_rans": "src/binding.cpp librans.a",
    "_exact": "src/exact/binding.cpp libexact.a",
    "_integer": "src/integer/binding.cpp src/integer/session_binding.cpp libinteger.a libexact.a librans.a",
    "_lossless": "src/lossless/binding.cpp liblossless.a libinteger.a libexact.a librans.a",
}
GCC, GXX, OBJDUMP = (f"x86_64-w64-mingw32-{tool}" for tool in ("gcc", "g++-posix", "objdump"))
START = """\
#include <windows.h>
int wmain(int count, wchar_t **arguments) {
    int (*run)(int, wchar_t **) = (void *)GetProcAddress(LoadLibraryA("%s.dll"), "Py_Main");
    return run(count, arguments);
}
"""
RANDOM = """\
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T count) { return RtlGenRandom(to, (ULONG)count); }
"""
WINDOWS = {"SIZEOF_LONG": "4", "SIZEOF_WCHAR_T": "2", "SIZEOF_LONG_DOUBLE": "16", "MS_WINDOWS": "1", "MS_WIN64": "1",
           "MS_WIN32": "1", "NT_THREADS": "1", "HAVE_DECLSPEC_DLL": "1", "Py_ENABLE_SHARED": "1"}  # fmt: skip
ABSENT = ("SIZEOF_PTHREAD_T", "HAVE_PTHREAD_H", "HAVE_PTHREAD_STUBS", "HAVE_SYS_SELECT_H", "HAVE_DYNAMIC_LOADING")
"""What Python's settings say on Windows and here otherwise, as far as headers ask."""


def download(folder: Path) -> None:
    """The wheels for Windows, with the versions of constraints.txt."""
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([\w.-]+)==([\w.]+)", line):
            pinned[found[1].lower()] = found[0]
    options = ("--quiet", "--no-deps", "--only-binary=:all:", "--platform", "win_amd64", "--python-version", VERSION)
    wanted = [PYTHON, NUMPY, *(pinned[name] for name in PACKAGES)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, "--dest", folder, *wanted], check=True)


def unpack(wheels: Path, site: Path, python: Path) -> None:
    """Packages to `site`, Python's library and modules to `python`, its code in Python beside these."""
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as file:
            if not wheel.name.startswith("panda3d"):
                file.extractall(site)
                continue
            for name in file.namelist():
                if name.startswith("deploy_libs/") and "api-ms" not in name and "vcruntime" not in name.lower():
                    (python / Path(name).name).write_bytes(file.read(name))
    for libraries in site.glob("*.data/platlib"):
        for path in libraries.iterdir():
            path.rename(site / path.name)
    away = shutil.ignore_patterns("site-packages", "dist-packages", "lib-dynload", "test", "__pycache__")
    shutil.copytree(sysconfig.get_path("stdlib"), python / "Lib", ignore=away)


def compile_c(source: str, target: Path, *options: str) -> None:
    path = target.with_suffix(".c")
    path.write_text(source, encoding="utf-8")
    subprocess.run([GCC, *options, "-o", target, path, "-ladvapi32"], check=True)


def make_python(python: Path) -> None:
    """The interpreter, and two libraries that are missing: Python's stable interface, Windows' random numbers."""
    compile_c(START % LIBRARY, python / "python.exe", "-municode")
    compile_c(RANDOM, python / "bcryptprimitives.dll", "-shared")
    told = subprocess.run([OBJDUMP, "-p", python / f"{LIBRARY}.dll"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^\s*\[ *\d+\].* (_?Py\w+)$", told.partition("[Ordinal/Name Pointer] Table")[2], re.MULTILINE)
    lines = [f"{name}={LIBRARY}.{name}" for name in names]
    exports = python / "python3.def"
    exports.write_text("\n".join(["LIBRARY python3", "EXPORTS", *lines, ""]), encoding="ascii")
    compile_c("", python / "python3.dll", "-shared", "-nostartfiles", "-Wl,-e,0", str(exports))


def make_coder(native: Path, python: Path, site: Path, headers: Path, coder: Path) -> None:
    """The coder's modules, with this Python's headers and the settings that Windows' has."""
    shutil.copytree(sysconfig.get_path("include"), headers)
    text = Path(sysconfig.get_config_h_filename()).read_text(encoding="utf-8")
    text = re.sub(rf"#define ({'|'.join((*WINDOWS, *ABSENT))})\b.*", "", text)
    text += "".join(f"#define {name} {value}\n" for name, value in WINDOWS.items())
    (headers / "pyconfig.h").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "coder", coder, ignore=lambda _, names: [name for name in names if not name.endswith(".py")])
    source = ROOT / "coder"
    places = (headers, site / "pybind11/include", source / "src", source / "src/integer", source / "src/exact")
    options = (
        "-std=c++20",
        "-O2",
        "-DNDEBUG",
        "-shared",
        "-static",
        "-fvisibility=hidden",
        *(f"-I{at}" for at in places),
    )
    for name, told in MODULES.items():
        parts = [(source if part.endswith(".cpp") else native) / part for part in told.split()]
        parts.append(python / f"{LIBRARY}.dll")
        subprocess.run([GXX, *options, *parts, "-o", coder / f"{name}.pyd"], check=True)


def make_command(folder: Path, python: Path, path: tuple[Path, ...]) -> Path:
    """A script that is `hpcm`."""
    environment = {
        "WINEPREFIX": str(folder / "prefix"), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "PYTHONHOME": f"Z:{python}", "PYTHONPATH": ";".join(f"Z:{at}" for at in path), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    script = folder / "hpcm"
    settings = "".join(f"export {name}='{value}'\n" for name, value in environment.items())
    command = f'exec wine "{python}/python.exe" -m hpcm_core.cli "$@" </dev/null\n'
    script.write_text(f"#!/bin/sh\n{settings}unset DISPLAY PYTHONSTARTUP\n{command}", encoding="utf-8")
    script.chmod(0o755)
    return script


def main() -> int:
    if VERSION not in ("3.11", "3.12") or not Path(sysconfig.get_config_h_filename()).is_file():
        print("The program can be tried under Wine by Python 3.11 or 3.12 with its headers only.", file=sys.stderr)
        return 1
    if packages := check_native.missing_packages():
        print(f"To try the program under Wine: sudo apt-get install {' '.join(packages)}", file=sys.stderr)
        return 1
    native = Path(sys.argv[1]).resolve()
    folder = native.parent / "wine"
    shutil.rmtree(folder, ignore_errors=True)
    wheels, site, python, program = (folder / name for name in ("wheels", "site", "python", "program"))
    for at in (wheels, site, python, program):
        at.mkdir(parents=True)
    download(wheels)
    unpack(wheels, site, python)
    make_python(python)
    make_coder(native, python, site, folder / "headers", program / "coder")
    for name in ("hpcm_core", "resources"):
        (program / name).symlink_to(ROOT / name)
    hpcm = make_command(folder, python, (program, site))
    return subprocess.run([sys.executable, HERE.parent / "round_trip.py", hpcm], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
