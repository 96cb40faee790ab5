"""Build the bundle: the program in one folder with its own Python, libraries and models.

    python installers/bundle/build.py FOLDER [--small]

makes FOLDER/hpcm-studio or, without PyTorch and earlier weights, FOLDER/hpcm-studio-small. The Python that runs
this needs the project and its extras `dist` and `raw` installed (not editable), and `torch` for the full one.
Two builds of one commit on one system give the same files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAME = "hpcm-studio"
SMALL = f"{NAME}-small"
"""Names of the folders; the program in both is called by the first."""
INTERNAL = "_internal"
MANIFEST = "MANIFEST"
REQUIRED = (
    "coder/_rans*",
    "coder/_exact*",
    "coder/_integer*",
    "coder/_lossless*",
    "resources/models/lite.safetensors",
    "resources/models/lossless-m.safetensors",
    "resources/exact_tables.npz",
    "resources/ggm_tables.npz",
    "resources/checkpoints.json",
    "resources/rd/published.json",
    "resources/samples/astronaut.png",
    "resources/fonts/HPCMSans-Regular.ttf",
    "resources/fonts/OFL.txt",
)
"""What a build could lose without failing."""
LOOKS = tuple(
    f"resources/models/{path.name}"
    for path in (ROOT / "resources/models").glob("*.natural.safetensors")
    if "@" not in path.name
)
"""Natural looks of today's models: in both."""
REQUIRED_FULL = ("torch/lib/*torch_cpu*", "resources/models/lite@*.safetensors")
"""Further what is in the full one, and not in the small one."""
LICENCES = ("sbom.cdx.json", "THIRD_PARTY_LICENSES.txt")


def git(*arguments: str) -> str:
    """What git answers in the project's folder; empty where that is no repository."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def identity() -> str:
    """Version and commit: what tells the files of one build from those of another."""
    commit = git("describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=-changed")
    return f"{version(NAME)}+{commit or 'unknown'}"


def source_date() -> int:
    """Seconds since 1970 that all files are dated with: those of the commit."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or 1_760_000_000)


def build(folder: Path, small: bool = False) -> Path:
    """Make the bundle in a folder and return it."""
    if not small:
        import torch

        if torch.version.cuda is not None:
            sys.exit("This is a CUDA build of torch; the bundle is made with the CPU build.")
    bundle, work = folder / (SMALL if small else NAME), folder / "work"
    for old in (bundle, work):
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "HPCM_IDENTITY": identity() + (".small" if small else ""),
        "HPCM_BUNDLE": bundle.name,
        "PYTHONHASHSEED": "1",  # the order of sets in byte code
        "SOURCE_DATE_EPOCH": str(source_date()),
        "PYINSTALLER_CONFIG_DIR": str(work / "cache"),
        "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": "0",  # a package compresses all of it together, and better
    }
    arguments = ("--noconfirm", "--log-level", "ERROR", "--distpath", folder, "--workpath", work)
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", *map(str, arguments), str(HERE / "hpcm-studio.spec")],
        cwd=folder,  # not the project's own, from which its packages would be taken instead of the installed ones
        env=environment,
        check=True,
    )
    for pattern in (*REQUIRED, *LOOKS, *REQUIRED_FULL):
        wanted = not (small and pattern in REQUIRED_FULL)
        if any((bundle / INTERNAL).glob(pattern)) != wanted:
            sys.exit(f"The bundle {'lacks' if wanted else 'is to be without'} {pattern}.")
    shutil.copy(ROOT / "LICENSE", bundle / INTERNAL / "LICENSE.txt")
    subprocess.run([sys.executable, str(HERE / "sbom.py"), str(bundle / INTERNAL)], env=environment, check=True)
    for name in LICENCES:
        if not (bundle / INTERNAL / name).is_file():
            sys.exit(f"The bundle lacks {name}.")
    write_manifest(bundle / INTERNAL, environment["HPCM_IDENTITY"])
    return bundle


def write_manifest(folder: Path, name: str) -> None:
    """List every file with its size, under the identity of the build; the program checks itself against it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    lines = [f"{path.stat().st_size} {path.relative_to(folder).as_posix()}" for path in files]
    (folder / MANIFEST).write_text("\n".join([name, *lines]) + "\n", encoding="utf-8", newline="\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--small", action="store_true", help="without PyTorch")
    options = parser.parse_args()
    bundle = build(options.folder.resolve(), options.small)
    size = sum(path.lstat().st_size for path in bundle.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{bundle}: {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
