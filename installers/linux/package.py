"""Make the Debian package and the archive for a user's home out of the bundle, with checksums.

    python installers/linux/package.py BUNDLE FOLDER

BUNDLE is what installers/bundle/build.py made, the full or the small one: its folder's name tells which. The same
bundle gives the same files, to the byte.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from email.utils import format_datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FILES = HERE / "files"
NAME = "hpcm-studio"
SMALL = f"{NAME}-small"
"""The two packages. Both put the same program at the same place, so one replaces the other. The small one is compressed
by xz: a tenth smaller than by zstd, and unpacked in some seconds; the full one would take most of a minute.
"""
sys.path.insert(0, str(HERE.parent / "bundle"))

GOAL, LIMIT = 350_000_000, 900_000_000
"""Bytes of one compressed package: beyond the first there is a warning, beyond the second no package."""
GOAL_SMALL = 60_000_000
CHUNKED = "--zstd=wlog=27"  # the window that every zstd decompresses without being asked

PLACES = {
    "hpcm-studio.desktop": "applications/hpcm-studio.desktop",
    "hpcm-studio.xml": "mime/packages/hpcm-studio.xml",
    "hpcm-studio.metainfo.xml": "metainfo/hpcm-studio.metainfo.xml",
}
PAGES = ("hpcm.1", "hpcm-studio.1")
KINDS = {
    NAME: "This build computes on the processor (CPU).",
    SMALL: "This is the small build: it computes with the bundled model alone, on the\n"
    f" processor. The full one, {NAME}, has Base, Large and training too.",
}
"""What each package says of itself."""


def package_of(bundle: Path) -> str:
    """NAME or SMALL."""
    return SMALL if bundle.name == SMALL else NAME


def lay_out_share(share: Path, version: str, date: datetime) -> None:
    """What belongs in a `share` folder, of the system or of a user: desktop entry, types, icons, manual pages."""
    import icons

    def filled(name: str) -> str:
        text = (FILES / name).read_text(encoding="utf-8")
        return text.replace("@VERSION@", version).replace("@DATE@", f"{date:%Y-%m-%d}")

    for name, place in PLACES.items():
        write(share / place, filled(name).encode())
    for name in PAGES:
        write(share / "man" / "man1" / f"{name}.gz", gzip.compress(filled(name).encode(), mtime=0))
    write(share / "doc" / NAME / "installing.md", (ROOT / "docs" / "installing.md").read_bytes())
    thumbnailer = (HERE / "hpcm-studio.thumbnailer").read_bytes()
    write(share / "thumbnailers" / "hpcm-studio.thumbnailer", thumbnailer)
    icons.write(share / "icons" / "hicolor")


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def make_deb(bundle: Path, folder: Path, version: str, date: datetime, level: int) -> Path:
    """Build the package. It has no scripts of its own: the desktop's caches are renewed by triggers of their owners."""
    import libraries

    root = folder / "work" / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(bundle, root / "usr/lib" / NAME, symlinks=True)
    lay_out_share(root / "usr/share", version, date)
    for command in (NAME, "hpcm"):
        (root / "usr/bin").mkdir(parents=True, exist_ok=True)
        (root / "usr/bin" / command).symlink_to(f"../lib/{NAME}/{NAME}")
    package = package_of(bundle)
    document = root / "usr/share/doc" / package
    write(document / "copyright", (FILES / "copyright").read_bytes())
    entry = f"{package} ({version}) stable; urgency=medium\n\n  * See the project's CHANGELOG.md.\n\n"
    entry += f" -- The HPCM Studio developers <hpcm-studio@localhost>  {format_datetime(date)}\n"
    write(document / "changelog.gz", gzip.compress(entry.encode(), mtime=0))
    settle(root, date)
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink()) // 1024
    control = (FILES / "control").read_text(encoding="utf-8")
    for key, value in (
        ("PACKAGE", package),
        ("OTHER", NAME if package == SMALL else SMALL),
        ("KIND", KINDS[package]),
        ("VERSION", version),
        ("SIZE", str(size)),
        ("ARCHITECTURE", architecture()),
        ("DEPENDS", ", ".join(libraries.depends(bundle))),
        ("RECOMMENDS", ", ".join(sorted(libraries.OPTIONAL.values()))),
    ):
        control = control.replace(f"@{key}@", value)
    write(root / "DEBIAN/control", control.encode())
    sums = "".join(f"{digest(path, 'md5')}  {path.relative_to(root)}\n" for path in files_of(root / "usr"))
    write(root / "DEBIAN/md5sums", sums.encode())
    settle(root, date)
    target = folder / f"{package}_{version}_{architecture()}.deb"
    # One thread: others would cut what they compress into parts, and where depends on how many there are.
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(int(date.timestamp())), "DPKG_DEB_THREADS_MAX": "1"}
    small = ("-Zxz", f"-z{min(level, 9)}", *(("-Sextreme",) if level > 9 else ()))
    options = ("--root-owner-group", *(small if package == SMALL else ("-Zzstd", f"-z{level}")), "--build")
    subprocess.run(["dpkg-deb", *options, root, target], check=True, env=environment, stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return target


def make_archive(bundle: Path, folder: Path, version: str, date: datetime, level: int) -> Path:
    """Build the archive: the bundle, what belongs in ~/.local/share, and the scripts that put both there."""
    top = f"{package_of(bundle)}-{version}"
    root = folder / "work" / top
    lay_out_archive(bundle, root, version, date)
    small = package_of(bundle) == SMALL
    target = folder / f"{top}-linux-{os.uname().machine}.tar.{'xz' if small else 'zst'}"
    tar = ["tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"]
    tar += [f"--mtime=@{int(date.timestamp())}", "--directory", str(root.parent), "--create", top]
    compress = ["zstd", "--quiet", f"-{level}", "-T2", CHUNKED]
    if small:
        compress = ["xz", "--threads=1", f"-{min(level, 9)}", *(["--extreme"] if level > 9 else [])]
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packer, target.open("wb") as file:
        subprocess.run(compress, stdin=packer.stdout, stdout=file, check=True)
    if packer.returncode:
        sys.exit("tar failed.")
    shutil.rmtree(root)
    return target


def lay_out_archive(bundle: Path, root: Path, version: str, date: datetime) -> None:
    """The folder that is in the archive."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(bundle, root / NAME, symlinks=True)
    lay_out_share(root / "share", version, date)
    for script in ("install.sh", "uninstall.sh"):
        write(root / script, (HERE / script).read_bytes(), 0o755)
    text = (FILES / "README.txt").read_text(encoding="utf-8")
    text = text.replace("@VERSION@", version).replace("@KIND@", KINDS[package_of(bundle)].replace("\n ", "\n"))
    write(root / "README.txt", text.encode())
    settle(root, date)


def settle(root: Path, date: datetime) -> None:
    """Give every file the same owner's rights and date wherever it was built."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (date.timestamp(), date.timestamp()), follow_symlinks=False)


def files_of(folder: Path) -> list[Path]:
    """Every regular file below the folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def digest(path: Path, kind: str = "sha256") -> str:
    """Checksum of a file in hexadecimal."""
    result = hashlib.new(kind)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            result.update(block)
    return result.hexdigest()


def architecture() -> str:
    """What Debian calls this machine's kind."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)


def gate(path: Path) -> None:
    """Report the size of a package; end the build where it is beyond the limit."""
    size, goal = path.stat().st_size, GOAL_SMALL if path.name.startswith(SMALL) else GOAL
    print(f"{path.name}: {size / 1e6:.1f} MB (goal {goal / 1e6:.0f}, limit {LIMIT / 1e6:.0f})")
    if size > LIMIT:
        sys.exit(f"{path.name} is larger than the limit.")
    if size > goal:
        print(f"warning: {path.name} is larger than the goal", file=sys.stderr)


def main() -> int:
    from build import source_date

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--level", type=int, default=19, help="of zstd; a low one for a quick look")
    parser.add_argument("--only", choices=("deb", "archive"))
    options = parser.parse_args()
    identity = (options.bundle / "_internal" / "MANIFEST").read_text(encoding="utf-8").splitlines()[0]
    version = identity.partition("+")[0]
    date = datetime.fromtimestamp(source_date(), timezone.utc)
    makers = {"deb": make_deb, "archive": make_archive}
    made = []
    for kind, make in makers.items():
        if options.only in (None, kind):
            made.append(make(options.bundle.resolve(), options.folder.resolve(), version, date, options.level))
            gate(made[-1])
    # Those of the other bundle too, if they are of the same version.
    made = [*options.folder.glob(f"{NAME}*_{version}_*.deb"), *options.folder.glob(f"{NAME}*-{version}-linux-*.tar.*")]
    sums = "".join(f"{digest(path)}  {path.name}\n" for path in sorted(made))
    (options.folder / "SHA256SUMS").write_text(sums, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
