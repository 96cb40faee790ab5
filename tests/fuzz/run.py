"""`make fuzz MINUTES=10`: every fuzz target for its share of the time, from the corpus that the repository keeps.

Native ones need Clang (libFuzzer, AddressSanitizer, UndefinedBehaviorSanitizer), those in Python Atheris, which make
installs. New inputs that reach new code stay in build/fuzz/corpus for the next run; what fails is written to
build/fuzz/findings, and belongs into tests/fuzz/corpus once it is mended.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import CORPUS, TARGETS

ROOT = Path(__file__).parents[2]
NATIVE = ("rans", "session", "exact", "lossless")
WORK = ROOT / "build" / "fuzz"
_LONGEST = {
    "decode": 4096,
    "codestream": 4096,
    "container": 4096,
    "picture": 8192,
    "checkpoint": 4096,
    "session": 700,
    "exact": 800,
}
"""Bytes of an input; 1024 for others."""
_MEGABYTES = 3072


def build_native() -> Path | None:
    """The folder with the native targets; None, with a word on why, where they cannot be built."""
    compiler, cmake = shutil.which("clang++"), shutil.which("cmake", path=_path())
    if compiler is None or cmake is None:
        missing = "clang++ (Debian, Ubuntu: clang and libclang-rt-dev)" if compiler is None else "cmake"
        print(f"Without {missing} the native targets are left out.", flush=True)
        return None
    folder = WORK / "native"
    options = [f"-DCMAKE_CXX_COMPILER={compiler}", "-DHPCM_MODULE=OFF", "-DHPCM_FUZZ=ON", "-DCMAKE_BUILD_TYPE=None"]
    subprocess.run([cmake, "-S", ROOT / "coder", "-B", folder, *options], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([cmake, "--build", folder, "--parallel", "2"], check=True, stdout=subprocess.DEVNULL)
    return folder


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def commands(native: Path | None, chosen: list[str]) -> dict[str, list[str]]:
    """How each target is started."""
    found = {name: [str(native / f"{name}_fuzz")] for name in NATIVE if native is not None}
    if importlib.util.find_spec("atheris") is None:
        print("Without Atheris (pip install atheris) the targets in Python are left out.", flush=True)
    else:
        found |= {name: [sys.executable, "-m", "tests.fuzz.guided", name] for name in TARGETS}
    return {name: command for name, command in found.items() if not chosen or name in chosen}


def run(name: str, command: list[str], seconds: int) -> bool:
    """One target; whether nothing was found."""
    findings, corpus = WORK / "findings", WORK / "corpus" / name
    for folder in (findings, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={_LONGEST.get(name, 1024)}",
        f"-artifact_prefix={findings}/{name}-",
        f"-rss_limit_mb={_MEGABYTES}",
        "-timeout=20",
        "-print_final_stats=1",
    ]
    kept = [str(folder) for folder in (corpus, CORPUS / name) if folder.is_dir()]
    log = WORK / f"{name}.log"
    with log.open("w") as file:
        done = subprocess.run([*command, *kept, *options], stdout=file, stderr=file, cwd=ROOT, check=False)
    text = log.read_text(errors="replace")
    stats = dict(line[6:].split(":", 1) for line in text.splitlines() if line.startswith("stat::"))
    figures = ", ".join(
        f"{stats.get(key, '?').strip()} {word}"
        for key, word in (("number_of_executed_units", "inputs"), ("peak_rss_mb", "MiB at most"))
    )
    print(f"{name}: {'nothing found' if done.returncode == 0 else f'A FINDING, see {log}'} ({figures})", flush=True)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join((*NATIVE, *TARGETS))}; else all")
    parser.add_argument("--minutes", type=float, default=10, help="for all targets together")
    options = parser.parse_args()
    if unknown := set(options.targets) - {*NATIVE, *TARGETS}:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    wants_native = not options.targets or set(options.targets) & set(NATIVE)
    found = commands(build_native() if wants_native else None, options.targets)
    if not found:
        print("There is nothing to run.")
        return 1
    seconds = max(1, round(60 * options.minutes / len(found)))
    failed = sum(not run(name, command, seconds) for name, command in found.items())
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
