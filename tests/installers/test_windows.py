"""The installer for Windows, as far as it can be looked at elsewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys

import pytest
from PIL import Image

from hpcm_core.files import PICTURE_SUFFIXES
from tests.paths import ROOT

WINDOWS = ROOT / "installers/windows"


def load(name):
    spec = importlib.util.spec_from_file_location(f"hpcm_{name}", WINDOWS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


check_script = load("check_script")
make_resources = load("make_resources")
SCRIPT = check_script.SCRIPT.read_text("utf-8")
RECIPE = check_script.RECIPE.read_text("utf-8")
ICON = frozenset({"hpcm-studio.ico"})


def test_the_script_is_in_order():
    done = subprocess.run([sys.executable, check_script.__file__], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert check_script.programs(RECIPE) == {"hpcm-studio.exe", "hpcm.exe"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[Tasks]", "[Taks]", "no section [Taks]"),
        ('Name: "associate"', 'Nmae: "associate"', "[Tasks] has no Nmae"),
        ("Tasks: desktop", "Tasks: desktops", "the task desktops, which does not exist"),
        ('Source: "{#Bundle}\\*"', 'Source: "..\\..\\dist\\*"', "names ..\\..\\dist\\*, which is not there"),
        ("SetupIconFile=hpcm-studio.ico", "SetupIconFile=other.ico", "names other.ico, which is not there"),
        ('{app}\\hpcm.exe"', '{app}\\hpcmc.exe"', "hpcmc.exe is not made"),
        ('DestDir: "{app}"', 'DestDir "{app}"', "cannot be read"),
        ('DestDir: "{app}"; ', "", "[Files] needs DestDir"),
        ("AppName=HPCM Studio\n", "AppName=HPCM Studio\nAppName=HPCM Studio\n", "second time"),
        ("  Result := '';\n", "  begin Result := '';\n", "begin and end"),
    ],
)
def test_what_is_wrong_with_a_script_is_seen(old, new, fault):
    assert old in SCRIPT
    assert check_script.check(SCRIPT, RECIPE, produced=ICON) == []
    assert any(fault in found for found in check_script.check(SCRIPT.replace(old, new, 1), RECIPE, produced=ICON))


def test_the_menu_of_every_picture_has_the_verb():
    (suffixes,) = re.findall(r'#define Suffixes "(.*) "', SCRIPT)
    assert suffixes.split() == list(PICTURE_SUFFIXES)


def test_the_icon_is_the_programs_own(tmp_path):
    subprocess.run([sys.executable, make_resources.__file__, str(tmp_path)], check=True)
    assert "FixedFileInfo" in (tmp_path / "version_info.txt").read_text("utf-8")
    icon = Image.open(tmp_path / "hpcm-studio.ico")
    assert icon.info["sizes"] == {(side, side) for side in make_resources.SIDES}
    for side in make_resources.SIDES:
        image = icon.ico.getimage((side, side))
        assert image.getpixel((0, 0))[3] == 0, "round corners"
        assert image.getpixel((side // 4, side // 8))[:3] == (0x20, 0x40, 0x7A)


@pytest.mark.parametrize(("name", "numbers"), [("1.2.3", (1, 2, 3, 0)), ("0.4.dev3", (0, 4, 0, 0))])
def test_version_resource(name, numbers):
    """PyInstaller evaluates the text with classes of these names; here they keep what they are given."""
    kept = {}

    def keep(kind):
        return lambda *args, **named: kept.setdefault(kind, []).append((args, named))

    names = ("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct", "VarFileInfo")
    eval(make_resources.version_info(name), {kind: keep(kind) for kind in (*names, "VarStruct")})
    assert kept["FixedFileInfo"][0][1]["filevers"] == numbers
    texts = dict(args for args, _ in kept["StringStruct"])
    assert texts["ProductVersion"] == ".".join(map(str, numbers[:3]))
    with pytest.raises(ValueError, match="does not begin"):
        make_resources.version_info("next")


def test_no_file_that_is_made_is_in_the_project():
    if not (ROOT / ".git").exists():
        pytest.skip("not a repository")
    kept = subprocess.run(
        ["git", "ls-files", "installers/windows"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not [name for name in kept.stdout.split() if name.endswith((".ico", "version_info.txt", os.sep))]


def test_the_check_under_wine_knows_all_modules_and_packages(monkeypatch):
    monkeypatch.syspath_prepend(WINDOWS)
    check_program = load("check_program")
    told = (ROOT / "coder/CMakeLists.txt").read_text("utf-8")
    assert {name: sources.split() for name, sources in re.findall(r"pybind11_add_module\((\w+) (.+)\)", told)} == {
        name: [part for part in parts.split() if part.endswith(".cpp")] for name, parts in check_program.MODULES.items()
    }
    needed = (ROOT / "pyproject.toml").read_text("utf-8").partition("\ndependencies = [")[2].partition("\n]")[0]
    names = {name.lower() for name in re.findall(r'^ *"([\w-]+)', needed, re.MULTILINE)}
    of_the_window = {"flip-evaluator", "pyqtgraph", "pyside6-essentials"}
    assert names - of_the_window - {"numpy"} == set(check_program.PACKAGES) - {"pybind11", "rawpy"}
