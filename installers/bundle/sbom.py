"""List what is in the bundle: sbom.cdx.json (CycloneDX 1.5) and THIRD_PARTY_LICENSES.txt.

    python installers/bundle/sbom.py FOLDER

writes both into FOLDER, which holds the bundle's libraries and data (`_internal`) with the program beside it. What is
named is what is really there: the modules in the program's archive, and the files in FOLDER. For a FOLDER without a
program, everything the project depends on is named. The same bundle gives the same two files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = "hpcm-studio"
OWN_LICENCE = "MIT"
SBOM = "sbom.cdx.json"
LICENCES = "THIRD_PARTY_LICENSES.txt"
_TEXT_NAMES = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
_SPDX_IDS = ("MIT", "BSD-3-Clause", "BSD-2-Clause", "Apache-2.0", "PSF-2.0", "ISC", "MPL-2.0", "Zlib", "CC0-1.0",
             "OFL-1.1")  # fmt: skip
_QT = ("pyside6_essentials", "pyside6", "shiboken6")
_QT_NOTE = """\
Qt, PySide6 and Shiboken are used under version 3 of the GNU Lesser General Public License; its text and that of the
GNU General Public License, which it refers to, follow. Their libraries lie in this program's folder as files of their
own: you may replace them by versions that you have changed, and take this program apart to find errors in doing so.
Their source: https://code.qt.io and https://download.qt.io. What Qt itself contains of others:
https://doc.qt.io/qt-6/licenses-used-in-qt.html
"""


@dataclass(frozen=True)
class Library:
    """A shared library that comes with the system's or the builder's Python, known by the beginning of its name."""

    prefix: str
    name: str
    licence: str


LIBRARIES = (
    Library("libpython", "CPython", "PSF-2.0"),
    Library("python3", "CPython", "PSF-2.0"),
    Library("libffi", "libffi", "MIT"),
    Library("libbz2", "bzip2", "bzip2-1.0.6"),
    Library("liblzma", "XZ Utils", "0BSD"),
    Library("libexpat", "Expat", "MIT"),
    Library("libssl", "OpenSSL", "Apache-2.0"),
    Library("libcrypto", "OpenSSL", "Apache-2.0"),
    Library("sqlite3", "SQLite", "blessing"),
    Library("libz.", "zlib", "Zlib"),
    Library("zlib", "zlib", "Zlib"),
    Library("libgomp", "GCC runtime libraries", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    Library("libgcc", "GCC runtime libraries", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    Library("libstdc++", "GCC runtime libraries", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    Library("vcruntime", "Microsoft Visual C++ Runtime", "LicenseRef-Microsoft-VC-Runtime"),
    Library("msvcp", "Microsoft Visual C++ Runtime", "LicenseRef-Microsoft-VC-Runtime"),
    Library("concrt", "Microsoft Visual C++ Runtime", "LicenseRef-Microsoft-VC-Runtime"),
    Library("ucrtbase", "Microsoft Universal C Runtime", "LicenseRef-Microsoft-VC-Runtime"),
    Library("api-ms-win", "Microsoft Universal C Runtime", "LicenseRef-Microsoft-VC-Runtime"),
)
PACKAGE_LICENCES = {
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "pi_heif": "BSD-3-Clause AND LGPL-3.0-or-later",
    "rawpy": "MIT AND (LGPL-2.1-only OR CDDL-1.0) AND JasPer-2.0",
}
"""Where the package's own words say less: PyInstaller's loader is part of the program, and libheif, libde265 and LibRaw
are in their packages.
"""
_HEIF_NOTE = """\
libheif and libde265 are used under version 3 of the GNU Lesser General Public License; its text and that of the GNU
General Public License, which it refers to, follow. Both lie in the folder pi_heif.libs (on Windows beside the program's
other libraries) as files of their own: you may replace them by versions that you have changed, and take this program
apart to find errors in doing so. Their source: https://github.com/strukturag/libheif and
https://github.com/strukturag/libde265.
"""
_RAW_NOTE = """\
LibRaw is used under version 2.1 of the GNU Lesser General Public License, whose text is above. It lies in the folder
rawpy as a file of its own: you may replace it by a version that you have changed, and take this program apart to find
errors in doing so. Its source: https://github.com/LibRaw/LibRaw. What it uses of others is in rawpy.libs: JasPer, whose
licence follows; Little CMS and libjpeg-turbo, whose licences are with Pillow's; GCC's runtime library for OpenMP.
"""
DATA_LICENCES = {
    "resources/samples/astronaut.png": "NASA; public domain",
    "resources/samples/chelsea.png": "CC0-1.0",
    "resources/samples/coffee.png": "CC0-1.0",
    "resources/fonts/HPCMSans-Regular.ttf": "OFL-1.1",
    "resources/fonts/HPCMSans-SemiBold.ttf": "OFL-1.1",
    "resources/fonts/OFL.txt": "OFL-1.1",
    "resources/rd/published.json": "Figures published by the authors of HPCM",
    "resources/checkpoints.json": "Addresses published by the authors of HPCM",
}
"""Bundled data that is not under the project's own licence."""


@dataclass
class Part:
    """One component of the bundle."""

    kind: str
    name: str
    version: str = ""
    licence: str = ""
    purl: str = ""
    website: str = ""
    sha256: str = ""
    scope: str = ""
    """CycloneDX's: "required" for what is needed and not contained."""
    texts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return self.purl or f"{self.kind}:{self.name}"

    def component(self) -> dict[str, Any]:
        """The part as CycloneDX has it."""
        entry: dict[str, Any] = {"type": self.kind, "bom-ref": self.reference, "name": self.name}
        if self.version:
            entry["version"] = self.version
        if self.sha256:
            entry["hashes"] = [{"alg": "SHA-256", "content": self.sha256}]
        if self.licence:
            entry["licenses"] = [_licence(self.licence)]
        if self.scope:
            entry["scope"] = self.scope
        if self.purl:
            entry["purl"] = self.purl
        if self.website:
            entry["externalReferences"] = [{"type": "website", "url": self.website}]
        return entry


def write(folder: Path) -> list[Part]:
    """Write both files into the folder; returns what they name."""
    parts = [*distributions(folder), python(), *embedded(), font(folder), *libraries(folder), *data(folder)]
    if silent := [part.name for part in parts if part.kind == "library" and not part.texts]:
        sys.exit(f"No licence text is known for {', '.join(silent)}; add one to {HERE / 'licences'}.")
    parts.sort(key=lambda part: (part.name.lower(), part.reference))
    _save(folder / SBOM, as_json(bill(parts)))
    _save(folder / LICENCES, licence_texts(parts))
    return parts


def as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def bill(parts: Iterable[Part], version: str | None = None) -> dict[str, Any]:
    """The CycloneDX document. version: the program's, where it is not the installed one."""
    components = [part.component() for part in parts]
    own = Part("application", "HPCM Studio", version or metadata.version(PROJECT), OWN_LICENCE, f"pkg:pypi/{PROJECT}")
    digest = hashlib.sha256(json.dumps([own.component(), components], sort_keys=True).encode()).hexdigest()
    about: dict[str, Any] = {"component": own.component()}
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        about["timestamp"] = datetime.fromtimestamp(int(epoch), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "version": 1,
        "metadata": about,
        "components": components,
        "dependencies": [{"ref": own.reference, "dependsOn": sorted({part["bom-ref"] for part in components})}],
    }


def licence_texts(parts: Iterable[Part]) -> str:
    """Every licence, notice and list of authors that the parts bring, one part after the other."""
    blocks = ["HPCM Studio contains the following works of others. Its own licence is in LICENSE.txt.\n"]
    for part in parts:
        if part.licence == OWN_LICENCE and not part.texts:
            continue
        title = f"{part.name} {part.version}".strip()
        blocks.append(f"{'=' * 100}\n{title}\nLicence: {part.licence or 'see below'}\n{part.website}".rstrip() + "\n")
        blocks += [f"{'-' * 40} {title}: {name}\n\n{text.strip()}\n" for name, text in part.texts]
    return "\n".join(blocks)


# Python packages


def distributions(folder: Path) -> list[Part]:
    """The Python packages in the bundle."""
    bundled = _bundled_modules(folder)
    names = _required(PROJECT) if bundled is None else _owners(bundled)
    return [_distribution(metadata.distribution(name)) for name in sorted(names - {_normal(PROJECT)})]


def _bundled_modules(folder: Path) -> set[str] | None:
    """Top-level names of all modules in the program beside the folder and of what lies in it; None without one."""
    programs = [folder.parent / name for name in (PROJECT, f"{PROJECT}.exe")]
    program = next((path for path in programs if path.is_file()), None)
    if program is None:
        return None
    from PyInstaller.archive.readers import CArchiveReader

    archive = CArchiveReader(str(program))
    names = {path.name.split(".")[0] for path in folder.iterdir()}
    for name, entry in archive.toc.items():
        if entry[-1] == "z":
            names |= {module.split(".")[0] for module in archive.open_embedded_archive(name).toc}
    return names


def _owners(modules: set[str]) -> set[str]:
    """Installed packages that own one of the modules, and those whose code is part of every bundle."""
    owners = {_normal(owner) for name, found in metadata.packages_distributions().items() if name in modules
              for owner in found}  # fmt: skip
    return owners | {"pyinstaller"}


def _required(name: str) -> set[str]:
    """The package with all that the full program has, and everything it depends on, as installed here."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = _normal(waiting.pop())
        if current in found:
            continue
        found.add(current)
        for line in metadata.requires(current) or ():
            requirement = Requirement(line)
            extras = ("", "torch") if current == _normal(name) else ("",)
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(requirement.name)
    return found


def _distribution(dist: metadata.Distribution) -> Part:
    name, about = dist.metadata["Name"], dist.metadata
    licence = (
        PACKAGE_LICENCES.get(_normal(name))
        or about.get("License-Expression")
        or _short(about.get("License"))
        or _classified(about)
    )
    urls = dict(line.split(", ", 1) for line in about.get_all("Project-URL") or ())
    website = about.get("Home-page") or next(
        (url for label, url in sorted(urls.items()) if label.lower() in ("homepage", "home", "source", "repository")),
        "",
    )
    texts = [
        (file.as_posix().split(".dist-info/", 1)[-1], file.locate().read_text("utf-8", "replace"))
        for file in sorted(dist.files or (), key=str)
        # The libraries in imagecodecs have their licences in a folder of its code.
        if (".dist-info" in file.parts[0] or file.parts[:2] == ("imagecodecs", "licenses"))
        and _TEXT_NAMES.search("/".join(file.parts[1:]))
    ]
    if _normal(name) in _QT:
        texts = [("notice", _QT_NOTE), *(_own_text(f"{title}.txt") for title in ("LGPL-3.0", "GPL-3.0"))]
    if _normal(name) == "pi_heif":
        texts += [("notice", _HEIF_NOTE), *(_own_text(f"{title}.txt") for title in ("LGPL-3.0", "GPL-3.0"))]
    if _normal(name) == "rawpy":
        texts += [("notice", _RAW_NOTE), _own_text("jasper.txt")]
    purl = f"pkg:pypi/{_normal(name).replace('_', '-')}@{dist.version.replace('+', '%2B')}"
    return Part("library", name, dist.version, licence, purl, website, texts=texts)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _short(text: str | None) -> str:
    return text if text and len(text) < 60 and "\n" not in text else ""


def _classified(about: Any) -> str:
    names = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    return ", ".join(name for name in names if name != "OSI Approved")


def _licence(text: str) -> dict[str, Any]:
    if text in _SPDX_IDS:
        return {"license": {"id": text}}
    if re.search(r" (OR|AND|WITH) ", text) or text in ("blessing", "0BSD", "bzip2-1.0.6", "MIT-CMU"):
        return {"expression": text}
    return {"license": {"name": text}}


# What no package metadata tells


def python() -> Part:
    """The interpreter and its standard library."""
    version = ".".join(map(str, sys.version_info[:3]))
    stdlib = Path(os.__file__).parent
    places = (stdlib / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt")
    text = next((path for path in places if path.is_file()), None)
    if text is None:
        sys.exit(f"Python's licence is not at {' or '.join(map(str, places))}.")
    texts = [("LICENSE.txt", text.read_text("utf-8", "replace"))]
    return Part("framework", "CPython", version, "PSF-2.0", f"pkg:generic/python@{version}", "https://www.python.org",
                texts=texts)  # fmt: skip


def embedded() -> list[Part]:
    """Sources that are compiled into the project's own modules."""
    return [Part("library", "pybind11", "", "BSD-3-Clause", "pkg:pypi/pybind11", "https://github.com/pybind/pybind11",
                 texts=[_own_text("pybind11.txt")])]  # fmt: skip


def font(folder: Path) -> Part:
    """Inter, of which the window's font is a part; resources/fonts/README.md tells what is changed."""
    text = (folder / "resources" / "fonts" / "OFL.txt").read_text("utf-8")
    part = inter()
    part.texts.append(("OFL.txt", text))
    return part


def inter() -> Part:
    """The same without its licence in words."""
    return Part("library", "Inter", "4.001", "OFL-1.1", "pkg:npm/inter-ui@4.1.1", "https://github.com/rsms/inter")


def libraries(folder: Path) -> list[Part]:
    """Shared libraries that lie in the folder itself: packages have theirs in folders of their own."""
    parts = []
    for path in sorted(folder.iterdir()):
        # PyInstaller links to some libraries of packages from here.
        if path.is_symlink() or not path.is_file() or not re.search(r"\.(so|dll|dylib)(\.|$)", path.name.lower()):
            continue
        known = next((entry for entry in LIBRARIES if path.name.lower().startswith(entry.prefix)), None)
        if known is None and ".cpython-" not in path.name:
            print(f"{path.name} is a library that sbom.py does not know; add it to LIBRARIES.", file=sys.stderr)
        part = Part("file", path.name, sha256=_sha256(path), licence=known.licence if known else "")
        text = f"{known.name.lower()}.txt" if known else ""
        if (HERE / "licences" / text).is_file():
            part.texts.append(_own_text(text))
        parts.append(part)
    return parts


def data(folder: Path) -> list[Part]:
    """Bundled models and data files."""
    parts = []
    for path in sorted((folder / "resources").rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            kind = "machine-learning-model" if path.suffix == ".safetensors" else "data"
            parts.append(Part(kind, name, licence=DATA_LICENCES.get(name, OWN_LICENCE), sha256=_sha256(path)))
    return parts


def _own_text(name: str) -> tuple[str, str]:
    return name, (HERE / "licences" / name).read_text("utf-8")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parts = write(parser.parse_args().folder.resolve())
    print(f"{len(parts)} parts are named in {SBOM}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
