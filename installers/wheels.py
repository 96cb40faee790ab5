"""Build the source archive, and from it this system's wheel, as a release has them.

    python installers/wheels.py FOLDER [--twice | --list]

Into FOLDER go both, a list of what is in the wheel (CycloneDX 1.5) and SHA256SUMS. Built is what the current commit
has, dated with it, so the same commit and tools give the same bytes. --twice builds all of it again in other folders,
and fails where a byte differs. --list lists what is in wheels that are there.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LOCKS = HERE / "locks"
SUMS = "SHA256SUMS"


def build(folder: Path, commit: str) -> list[Path]:
    """The source archive and the wheel made of it, in a folder that exists."""
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct", commit).decode().strip(),
        "PYTHONHASHSEED": "1",
        # The pinned tools, by their hashes, in the environments that are made for building.
        "PIP_CONSTRAINT": str(LOCKS / "build.txt"),
    }
    with tempfile.TemporaryDirectory(dir=folder) as work:
        source = Path(work, "source")
        with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as files:
            files.extractall(source, filter="data")
        run = {"cwd": work, "env": environment | {"TMPDIR": work, "TEMP": work}, "check": True}
        subprocess.run([sys.executable, "-m", "build", "--sdist", "--outdir", folder, source], **run)
        (sdist,) = folder.glob("*.tar.gz")
        with tarfile.open(sdist) as files:
            files.extractall(work, filter="data")
        unpacked = Path(work, sdist.name.removesuffix(".tar.gz"))
        subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, unpacked], **run)
    (wheel,) = folder.glob("*.whl")
    return [sdist, wheel]


def git(*arguments: str) -> bytes:
    """What git says of the project."""
    return subprocess.check_output(["git", *arguments], cwd=ROOT)


def listing(wheel: Path) -> str:
    """What is in a wheel and what it needs, as a CycloneDX document."""
    sbom = _sbom()
    with zipfile.ZipFile(wheel) as file:
        files = {info.filename: file.read(info) for info in file.infolist() if not info.is_dir()}
    about = next(content for name, content in files.items() if name.endswith(".dist-info/METADATA"))
    metadata = HeaderParser().parsestr(about.decode("utf-8"))
    parts = [*sbom.embedded(), sbom.inter()]
    for name, content in files.items():
        digest = hashlib.sha256(content).hexdigest()
        if name.startswith("resources/"):
            kind = "machine-learning-model" if name.endswith(".safetensors") else "data"
            parts.append(sbom.Part(kind, name, licence=sbom.DATA_LICENCES.get(name, sbom.OWN_LICENCE), sha256=digest))
        elif name.endswith((".so", ".pyd")):
            parts.append(sbom.Part("file", name, licence=sbom.OWN_LICENCE, sha256=digest))
    parts += [
        sbom.Part("library", name, version, purl=f"pkg:pypi/{name}@{version}", scope="required")
        for name, version in locked(LOCKS / "program.txt")
    ]
    return sbom.as_json(sbom.bill(sorted(parts, key=lambda part: part.reference), metadata["Version"]))


def save_listing(wheel: Path) -> Path:
    """Write it beside the wheel."""
    bill = wheel.with_suffix(".cdx.json")
    bill.write_text(listing(wheel), encoding="utf-8", newline="\n")
    return bill


def locked(path: Path) -> list[tuple[str, str]]:
    """Name and version of what a file of hashes pins for this system."""
    from packaging.requirements import Requirement

    lines = (line.rstrip("\\ ") for line in path.read_text("utf-8").splitlines() if "==" in line and line[0] != "#")
    wanted = [requirement for requirement in map(Requirement, lines)
              if requirement.marker is None or requirement.marker.evaluate()]  # fmt: skip
    return [(requirement.name, next(iter(requirement.specifier)).version) for requirement in wanted]


def sums(paths: list[Path]) -> str:
    """Lines as sha256sum has them."""
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(paths))


def _sbom() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hpcm_sbom", HERE / "bundle" / "sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(spec.name, module)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--twice", action="store_true", help="build again, and compare")
    parser.add_argument("--list", action="store_true", help="build nothing, list what is in the folder's wheels")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.list:
        for wheel in folder.glob("*.whl"):
            save_listing(wheel)
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"{folder} is not empty.")
    commit = git("rev-parse", "HEAD").decode().strip()
    made = build(folder, commit)
    built = sums(made)
    if options.twice:
        with tempfile.TemporaryDirectory() as other:
            again = sums(build(Path(other), commit))
        if built != again:
            sys.exit(f"Two builds differ:\n{built}{again}")
        print("Two builds are the same to the last byte.")
    (folder / SUMS).write_text(sums([*made, save_listing(made[1])]), encoding="ascii", newline="\n")
    print((folder / SUMS).read_text("ascii"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
