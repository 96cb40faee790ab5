"""Check hpcm-studio.iss without Windows: its sections, entries and tasks, and every file that it names.

A file is right if it is in the project or made by a step before: the icon by make_resources.py, the programs by the
bundle's recipe. Prints what is wrong; the exit status says whether anything is.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "hpcm-studio.iss"
RECIPE = HERE.parent / "bundle" / "hpcm-studio.spec"
BUNDLE = "..\\..\\build\\dist\\hpcm-studio"
"""Where installers/bundle/build.py puts the program, seen from the script."""

ENTRIES = {
    "Tasks": {"Name", "Description", "GroupDescription", "Flags"},
    "InstallDelete": {"Type", "Name"},
    "UninstallDelete": {"Type", "Name"},
    "Files": {"Source", "DestDir", "DestName", "Flags", "Tasks", "Excludes"},
    "Icons": {"Name", "Filename", "Parameters", "Comment", "IconFilename", "Tasks"},
    "Registry": {"Root", "Subkey", "ValueType", "ValueName", "ValueData", "Flags", "Tasks"},
    "Run": {"Filename", "Parameters", "Description", "Flags", "Tasks"},
}
REQUIRED = {"Tasks": {"Name"}, "InstallDelete": {"Type", "Name"}, "Files": {"Source", "DestDir"},
            "Icons": {"Name", "Filename"}, "Registry": {"Root", "Subkey"}, "Run": {"Filename"}}  # fmt: skip
SETUP_FILES = ("SetupIconFile", "LicenseFile", "InfoBeforeFile", "WizardImageFile", "WizardSmallImageFile")
_ENTRY = re.compile(r'\s*(\w+):\s*("(?:[^"]|"")*"|[^;"]*)\s*(?:;|$)')


@dataclass
class Script:
    """A script taken apart: settings of [Setup], entries of the other sections, source text of [Code]."""

    settings: dict[str, str] = field(default_factory=dict)
    entries: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    defines: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def parse(text: str) -> Script:
    """Take a script apart; what cannot be read becomes a fault with its line."""
    script, section = Script(), ""
    for number, line in enumerate(text.splitlines(), 1):
        if section == "Code" and not line.startswith("["):
            script.code.append(line)
        elif match := re.fullmatch(r"\[(\w+)\]", line.strip()):
            section = match[1]
            if section not in (*ENTRIES, "Setup", "Code"):
                script.faults.append(f"line {number}: there is no section [{section}]")
        elif line.lstrip().startswith("#"):
            if match := re.match(r'\s*#define (\w+) "([^"]*)"', line):
                script.defines.setdefault(match[1], match[2])
        elif line.strip() and not line.startswith(";"):
            _parse_line(script, section, number, _expanded(line, script.defines))
    return script


def _expanded(line: str, defines: dict[str, str]) -> str:
    return re.sub(r"\{#(\w+)\}", lambda match: defines.get(match[1], match[0]), line)


def _parse_line(script: Script, section: str, number: int, line: str) -> None:
    if section == "Setup":
        name, equals, value = line.partition("=")
        if not equals or name in script.settings:
            script.faults.append(f"line {number}: not a setting, or one for the second time: {line}")
        script.settings[name] = value
        return
    entry, position = {}, 0
    while position < len(line):
        match = _ENTRY.match(line, position)
        if match is None or match[1] in entry:
            script.faults.append(f"line {number}: cannot be read from {line[position:]!r} on")
            return
        entry[match[1]] = match[2].strip().strip('"').replace('""', '"')
        position = match.end()
    if unknown := set(entry) - ENTRIES.get(section, set()):
        script.faults.append(f"line {number}: [{section}] has no {', '.join(sorted(unknown))}")
    if missing := REQUIRED.get(section, set()) - set(entry):
        script.faults.append(f"line {number}: [{section}] needs {', '.join(sorted(missing))}")
    script.entries.append((section, entry))


def programs(recipe: str) -> set[str]:
    """The programs that the bundle's recipe makes on Windows."""
    return {f"{name}.exe" for name in re.findall(r'program\("([\w-]+)"', recipe)}


def check(text: str, recipe: str, folder: Path = HERE, produced: frozenset[str] = frozenset()) -> list[str]:
    """All that is wrong with a script in `folder`; `produced` are files that earlier steps put there."""
    script = parse(text)
    faults = list(script.faults)
    made = programs(recipe)
    tasks = {entry.get("Name") for section, entry in script.entries if section == "Tasks"}

    def exists(name: str) -> bool:
        return name in produced or (folder / name.replace("\\", "/")).is_file()

    faults += [f"{name} names {script.settings[name]}, which is not there" for name in SETUP_FILES
               if name in script.settings and not exists(script.settings[name])]  # fmt: skip
    for section, entry in script.entries:
        if section == "Files" and not (entry["Source"].startswith(BUNDLE + "\\") or exists(entry["Source"])):
            faults.append(f"[Files] names {entry['Source']}, which is not there")
        faults += [f"[{section}] names the task {task}, which does not exist"
                   for task in entry.get("Tasks", "").split() if task not in tasks]  # fmt: skip
    named = re.findall(r"\{app\}\\([\w.-]+\.exe)", text) + re.findall(r"\{#Bundle\}\\([\w.-]+\.exe)", text)
    faults += [f"{name} is not made by {RECIPE.name}" for name in sorted(set(named) - made)]
    faults += [f"{name} is made and has no use here" for name in sorted(made - set(named))]
    code = "\n".join(script.code)
    if len(re.findall(r"\bbegin\b", code)) != len(re.findall(r"\bend[;.]|\bend\n\s*else", code)):
        faults.append("[Code]: begin and end do not pair")
    return faults


def main() -> int:
    from make_resources import ICON

    faults = check(SCRIPT.read_text("utf-8"), RECIPE.read_text("utf-8"), produced=frozenset({ICON}))
    for fault in faults:
        print(f"{SCRIPT.name}: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
