"""The Linux package and archive, as far as that needs no build: what is in them fits the program and reproduces."""

from __future__ import annotations

import configparser
import ctypes
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import types
import xml.etree.ElementTree as ET
from datetime import datetime, timezone

import pytest

from hpcm_core.format import container
from tests.paths import ROOT

LINUX, BUNDLE = ROOT / "installers" / "linux", ROOT / "installers" / "bundle"
FILES = LINUX / "files"
DATE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="installers of Linux")


@pytest.fixture
def modules(monkeypatch):
    """The scripts of the installers, importable as they are when they run."""
    monkeypatch.syspath_prepend(str(LINUX))
    monkeypatch.syspath_prepend(str(BUNDLE))
    import libraries
    import package

    icon = b"\x89PNG"
    stub = types.SimpleNamespace(
        write=lambda folder: package.write(folder / "48x48" / "apps" / "hpcm-studio.png", icon)
    )
    monkeypatch.setitem(sys.modules, "icons", stub)
    monkeypatch.setattr(
        libraries, "needed", lambda _: ({"libEGL.so.1": "x", "libm.so.6": "x"}, {"GLIBC_2": 35, "GLIBCXX_3.4": 30})
    )
    return types.SimpleNamespace(package=package, libraries=libraries)


@pytest.fixture
def bundle(tmp_path):
    """A program in a few bytes, laid out as a bundle."""
    folder = tmp_path / "bundle"
    (folder / "_internal").mkdir(parents=True)
    (folder / "_internal" / "MANIFEST").write_text("1.2.3+abc\n4 data\n")
    (folder / "_internal" / "data").write_bytes(b"data")
    (folder / "_internal" / "link").symlink_to("data")
    program = folder / "hpcm-studio"
    program.write_text('#!/bin/sh\necho "$0 $*"\n')
    program.chmod(0o755)
    return folder


def desktop():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(FILES / "hpcm-studio.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


def test_the_type_has_the_formats_signature_and_the_entries_name_the_type():
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    kind = ET.parse(FILES / "hpcm-studio.xml").getroot().find(f"{space}mime-type")
    match = kind.find(f"{space}magic/{space}match")
    value = match.get("value").encode().decode("unicode_escape").encode("latin-1")
    assert value == container.SIGNATURE
    assert match.get("offset") == "0"
    assert kind.find(f"{space}glob").get("pattern") == "*.hpcm"
    assert kind.get("type") in desktop()["MimeType"].split(";")
    assert f"MimeType={kind.get('type')};" in (LINUX / "hpcm-studio.thumbnailer").read_text()
    assert ET.parse(FILES / "hpcm-studio.metainfo.xml").getroot().findtext("provides/mediatype") == kind.get("type")


def test_the_desktop_entry_takes_several_files_and_every_picture_that_is_read():
    entry = desktop()
    assert entry["Exec"] == "hpcm-studio %F"
    assert entry["StartupWMClass"] == entry["Icon"] == "hpcm-studio"
    types_of = set(entry["MimeType"].strip(";").split(";"))
    assert {"image/png", "image/jpeg", "image/webp", "image/tiff", "image/bmp", "image/gif", "image/avif"} <= types_of
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", FILES / "hpcm-studio.desktop"], check=True)


def test_the_manual_pages_name_every_command_and_option():
    import click

    from app.main import parse
    from hpcm_core.cli.main import cli

    page = (FILES / "hpcm.1").read_text()
    assert [name for name in cli.list_commands(click.Context(cli)) if f".B {name}\n" not in page] == []
    with pytest.raises(SystemExit):
        parse(["--help"])
    window = (FILES / "hpcm-studio.1").read_text().replace("\\-", "-")
    source = (ROOT / "app" / "main.py").read_text()
    options = re.findall(r'"(--[a-z-]+)"', source)
    assert options
    assert [name for name in options if name not in window] == []


def test_icons_are_drawn_at_every_size(tmp_path):
    from PIL import Image

    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, LINUX / "icons.py", tmp_path], check=True, env=environment, cwd=ROOT)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")}
    for side in (16, 22, 24, 32, 48, 64, 96, 128, 256, 512):
        for name in ("apps/hpcm-studio.png", "mimetypes/image-x-hpcm.png"):
            with Image.open(tmp_path / f"{side}x{side}" / name) as image:
                assert image.size == (side, side)
                assert len(image.getcolors(1 << 20)) > 20
    assert len(found) == 20


def test_two_packages_of_one_bundle_are_the_same_to_the_byte(modules, bundle, tmp_path):
    made = []
    for name, umask in (("a", 0o022), ("b", 0o077)):
        (tmp_path / name).mkdir()
        before = os.umask(umask)
        try:
            made.append(modules.package.make_deb(bundle, tmp_path / name, "1.2.3", DATE, 1))
        finally:
            os.umask(before)
    assert made[0].name == made[1].name
    assert hashlib.sha256(made[0].read_bytes()).digest() == hashlib.sha256(made[1].read_bytes()).digest()


def test_the_package_holds_program_launchers_and_entries(modules, bundle, tmp_path):
    path = modules.package.make_deb(bundle, tmp_path, "1.2.3", DATE, 1)
    listing = subprocess.run(["dpkg-deb", "-c", path], capture_output=True, text=True, check=True).stdout
    assert "root/root" in listing
    for name in (
        "./usr/lib/hpcm-studio/_internal/MANIFEST",
        "./usr/bin/hpcm -> ../lib/hpcm-studio/hpcm-studio",
        "./usr/bin/hpcm-studio -> ../lib/hpcm-studio/hpcm-studio",
        "./usr/share/applications/hpcm-studio.desktop",
        "./usr/share/mime/packages/hpcm-studio.xml",
        "./usr/share/icons/hicolor/48x48/apps/hpcm-studio.png",
        "./usr/share/metainfo/hpcm-studio.metainfo.xml",
        "./usr/share/thumbnailers/hpcm-studio.thumbnailer",
        "./usr/share/man/man1/hpcm.1.gz",
        "./usr/share/man/man1/hpcm-studio.1.gz",
        "./usr/share/doc/hpcm-studio/copyright",
    ):
        assert name in listing
    order = [line.split()[5] for line in listing.splitlines()]
    assert order.index("./usr/lib/hpcm-studio/_internal/MANIFEST") < order.index("./usr/lib/hpcm-studio/hpcm-studio")
    control = subprocess.run(["dpkg-deb", "-f", path], capture_output=True, text=True, check=True).stdout
    assert "Depends: libc6 (>= 2.35), libegl1, libstdc++6 (>= 12)" in control
    assert "Conflicts: hpcm-studio-small\n" in control
    assert "@" not in control.replace("hpcm-studio@localhost", "")


def test_the_small_package_takes_the_place_of_the_full_one(modules, bundle, tmp_path):
    small = bundle.rename(bundle.with_name("hpcm-studio-small"))
    path = modules.package.make_deb(small, tmp_path, "1.2.3", DATE, 1)
    assert path.name.startswith("hpcm-studio-small_1.2.3_")
    control = subprocess.run(["dpkg-deb", "-f", path], capture_output=True, text=True, check=True).stdout
    assert "Package: hpcm-studio-small\n" in control
    assert "Conflicts: hpcm-studio\nReplaces: hpcm-studio\n" in control
    assert "The full one, hpcm-studio, has Base" in control
    listing = subprocess.run(["dpkg-deb", "-c", path], capture_output=True, text=True, check=True).stdout
    assert "./usr/lib/hpcm-studio/hpcm-studio\n" in listing
    assert "./usr/share/doc/hpcm-studio-small/copyright\n" in listing
    archive = modules.package.make_archive(small, tmp_path, "1.2.3", DATE, 1)
    assert archive.name == f"hpcm-studio-small-1.2.3-linux-{os.uname().machine}.tar.xz"
    with tarfile.open(archive) as tar:
        text = tar.extractfile("hpcm-studio-small-1.2.3/README.txt").read().decode()
        assert "hpcm-studio-small-1.2.3/hpcm-studio/hpcm-studio" in tar.getnames()
    assert text.endswith("processor. The full one, hpcm-studio, has Base, Large and training too.\n")


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_icu_without_data_is_what_icu_takes_for_an_empty_table(modules, tmp_path):
    import lighter

    path = lighter.without_icu_data("/usr/lib/libicudata.so.73", tmp_path / "made")
    data = bytes((ctypes.c_uint8 * 40).in_dll(ctypes.CDLL(path), "icudt73_dat"))
    header, magic, size, _, big, _, char, _, kind = struct.unpack_from("<H2sHHBBBB4s", data)
    assert (header, magic, size, big, char, kind) == (32, b"\xda\x27", 20, sys.byteorder == "big", 2, b"ToCP")
    assert struct.unpack_from("<I", data, header) == (0,)
    with pytest.raises(ValueError, match="not called"):
        lighter.without_icu_data("libicuuc.so.73", tmp_path)


def test_a_library_of_no_known_package_ends_the_build(modules, bundle, monkeypatch):
    found = ({"libnew.so.9": "plugin.so"}, {"GLIBC_2": 35, "GLIBCXX_3.4": 30})
    monkeypatch.setattr(modules.libraries, "needed", lambda _: found)
    with pytest.raises(LookupError, match=r"libnew\.so\.9, which plugin\.so needs"):
        modules.libraries.depends(bundle)


def test_the_size_is_gated(modules, tmp_path, monkeypatch, capsys):
    path = tmp_path / "x.deb"
    path.write_bytes(bytes(100))
    monkeypatch.setattr(modules.package, "GOAL", 50)
    modules.package.gate(path)
    assert "larger than the goal" in capsys.readouterr().err
    modules.package.gate(path.rename(tmp_path / "hpcm-studio-small_1.deb"))
    assert "larger than the goal" not in capsys.readouterr().err
    path.write_bytes(bytes(100))
    monkeypatch.setattr(modules.package, "LIMIT", 99)
    with pytest.raises(SystemExit, match="larger than the limit"):
        modules.package.gate(path)


@pytest.fixture
def home(modules, bundle, tmp_path):
    """An unpacked archive and an empty home, both with spaces and letters beyond ASCII in their names."""
    folder = tmp_path / "Zoë Müller Ω"
    (folder / "Pictures").mkdir(parents=True)
    modules.package.lay_out_archive(bundle, tmp_path / "un pâck" / "hpcm-studio-1.2.3", "1.2.3", DATE)
    (tmp_path / "un pâck" / "hpcm-studio-1.2.3").rename(tmp_path / "un pâck" / "moved")
    return folder


def script(home, name, *arguments, path=None, **environment):
    variables = {"HOME": str(home), "PATH": path or f"{home}/.local/bin:{os.environ['PATH']}"} | environment
    command = [home.parent / "un pâck" / "moved" / name, *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_installing_in_a_home_and_removing_leaves_only_what_was_there(home):
    before = files(home)
    for _ in range(2):
        done = script(home, "install.sh")
        assert done.returncode == 0, done.stderr
    ran = subprocess.run([home / ".local/bin/hpcm", "info"], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("hpcm info\n")
    assert "Exec=hpcm-studio %F" in (home / ".local/share/applications/hpcm-studio.desktop").read_text()
    done = script(home, "uninstall.sh")
    assert done.returncode == 0, done.stderr
    assert files(home) == before
    assert script(home, "uninstall.sh").returncode == 1


def test_files_of_the_user_survive_installing_and_removing(home):
    own = home / ".local/bin/hpcm"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    entry = home / ".local/share/applications/other.desktop"
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\n")
    before = files(home)
    assert "stays as it is" in script(home, "install.sh").stderr
    assert script(home, "uninstall.sh").returncode == 0
    assert own.read_text() == "mine"
    assert files(home) >= before
    assert files(home) - before <= {".local/share/applications/mimeinfo.cache"}


def test_a_program_that_the_session_does_not_find_is_named_in_full_and_quoted(home):
    assert script(home, "install.sh", path=os.environ["PATH"]).returncode == 0
    text = (home / ".local/share/applications/hpcm-studio.desktop").read_text()
    assert f'\nExec="{home}/.local/bin/hpcm-studio" %F\n' in text
    assert (
        f'\nExec="{home}/.local/bin/hpcm" thumbnail'
        in (home / ".local/share/thumbnailers/hpcm-studio.thumbnailer").read_text()
    )


def test_an_interrupted_installation_is_cleaned_up_by_the_next(home):
    half = home / ".local/lib/hpcm-studio.new"
    half.mkdir(parents=True)
    (half / "rest").touch()
    assert script(home, "install.sh").returncode == 0
    assert not half.exists()


def test_installing_over_something_else_is_refused(home):
    done = script(home, "install.sh", "--to", str(home / "Pictures"))
    assert (done.returncode, "is not HPCM Studio" in done.stderr) == (1, True)
    assert script(home, "install.sh", HOME="/nowhere/at/all").returncode == 1


@pytest.fixture
def entry(modules, bundle, monkeypatch):
    """The entry point as it runs in a bundle of version 1.2.3+abc."""
    monkeypatch.setitem(sys.modules, "hpcm_build", types.SimpleNamespace(IDENTITY="1.2.3+abc"))
    monkeypatch.setattr(sys, "_MEIPASS", str(bundle / "_internal"), raising=False)
    import entry

    return entry


def test_a_whole_installation_is_not_complained_about(entry):
    assert entry._incomplete() is None


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda folder: (folder / "data").unlink(), "data is missing"),
        (lambda folder: (folder / "data").write_bytes(b"dat"), "data is not as it was delivered"),
        (
            lambda folder: (folder / "MANIFEST").write_text("1.2.4+def\n4 data\n"),
            "An upgrade of HPCM Studio was not finished",
        ),
        (lambda folder: (folder / "MANIFEST").unlink(), "MANIFEST is missing"),
        (lambda folder: (folder / "MANIFEST").write_bytes(b""), "cannot be read"),
        (lambda folder: (folder / "MANIFEST").write_bytes(b"1.2.3+abc\njunk\n"), "cannot be read"),
    ],
)
def test_an_unfinished_installation_is_told_in_a_sentence(entry, bundle, harm, sentence):
    harm(bundle / "_internal")
    assert sentence in entry._incomplete()


def test_comparing_builds_finds_every_kind_of_difference(modules, bundle, tmp_path):
    import compare

    other = tmp_path / "other"
    shutil.copytree(bundle, other, symlinks=True)
    assert compare.differences(bundle, other) == []
    (other / "_internal" / "data").write_bytes(b"dada")
    (other / "_internal" / "more").touch()
    (other / "_internal" / "link").unlink()
    (other / "_internal" / "link").symlink_to("MANIFEST")
    (other / "hpcm-studio").chmod(0o644)
    found = [line.replace("_internal/", "") for line in compare.differences(bundle, other)]
    assert found == [
        "data: contents differ",
        "link: links differ",
        "more: in one only",
        "hpcm-studio: rights differ",
    ]


def test_one_picture_of_each_format_is_tried(tmp_path, monkeypatch):
    """The samples are what their names say, and no format that is written is forgotten."""
    monkeypatch.syspath_prepend(str(ROOT / "installers"))
    import formats

    from hpcm_core.picture.picture import Picture
    from hpcm_core.picture.writing import SUFFIXES

    sizes = {}
    for kind, data in formats.READ.items():
        (tmp_path / f"only.{kind}").write_bytes(data)
        picture = Picture.open(tmp_path / f"only.{kind}")
        sizes[kind] = (picture.width, picture.height, picture.bit_depth)
    assert sizes == {"gif": (2, 2, 8), "heic": (16, 16, 16), "dng": (24, 32, 16)}
    same = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tif": ".tiff"}
    assert {same.get(suffix, suffix) for suffix in SUFFIXES} == {f".{kind}" for kind in formats.WRITTEN}
    encoded = [arguments for arguments in formats.commands() if arguments[0] == "encode"]
    assert len(encoded) == len(formats.WRITTEN) + len(formats.READ)
