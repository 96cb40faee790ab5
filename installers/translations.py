"""Bring the translations up to date: collect the texts of the window and the templates of phrases and errors from the
source, then compile what is translated.

    python installers/translations.py        the languages that there are
    python installers/translations.py fr     begin another one, or only this one

New texts stand in resources/translations/hpcm-studio_XX.ts as unfinished; Qt Linguist or any editor fills them in. The
.qm files are what the program loads. The two tools come with PySide6.
"""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"


def tool(name: str) -> str:
    """One of Qt's Linguist tools."""
    found = shutil.which(f"pyside6-{name}", path=sysconfig.get_path("scripts")) or shutil.which(f"pyside6-{name}")
    if found is None:
        sys.exit(f"pyside6-{name} was not found; it comes with PySide6-Essentials.")
    return found


def sources(*folders: str) -> list[Path]:
    """The Python files below folders of the project, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def phrase_calls(files: list[Path]) -> Iterator[tuple[Path, ast.Call]]:
    """Every call in the files that makes a phrase or an error with one: of Phrase, HpcmError or a class below that."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files}
    names, before = {"Phrase", "HpcmError"}, 0
    while len(names) > before:
        before = len(names)
        for tree in trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and any(_name(base) in names - {"Phrase"} for base in node.bases):
                    names.add(node.name)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in names:
                yield path, node


def template_of(call: ast.Call) -> str | None:
    """The template of a phrase that is made by a call; None where it is no literal."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def templates() -> list[str]:
    """The templates of all phrases and errors, sorted: where they stand in the source is no matter to translators."""
    found = {template_of(call) for _, call in phrase_calls(sources("hpcm_core", "app"))}
    return sorted(template for template in found if template)


def collect(target: Path) -> None:
    """Write all texts into a .ts file; translations that it has stay, texts that are gone go."""
    window = [str(path.relative_to(ROOT)) for path in sources("app")]
    language = target.stem.partition("_")[2]
    with tempfile.TemporaryDirectory() as folder:
        # lupdate knows functions of Qt only, and the codec has none of them: the templates come as a file of their own.
        phrases = Path(folder) / "phrases.py"
        lines = (f"QT_TR_NOOP({json.dumps(template, ensure_ascii=False)})\n" for template in templates())
        phrases.write_text("".join(lines), encoding="utf-8")
        command = [tool("lupdate"), "-silent", "-no-obsolete", "-locations", "none", *window, str(phrases)]
        command += ["-source-language", "en", "-target-language", language, "-ts", str(target)]
        subprocess.run(command, cwd=ROOT, check=True)


def _name(node: ast.expr) -> str:
    """The name that an expression is, `errors.` left out; empty where it is none."""
    return ast.unparse(node).removeprefix("errors.") if isinstance(node, (ast.Name, ast.Attribute)) else ""


def compile_to(source: Path, target: Path) -> None:
    """Make the .qm file of a .ts file."""
    subprocess.run([tool("lrelease"), "-silent", str(source), "-qm", str(target)], check=True)


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = [FOLDER / f"hpcm-studio_{language}.ts" for language in sys.argv[1:]] or sorted(FOLDER.glob("*.ts"))
    for path in files:
        collect(path)
        compile_to(path, path.with_suffix(".qm"))
        unfinished = path.read_text("utf-8").count('type="unfinished"')
        print(f"{path.relative_to(ROOT)}: {unfinished or 'no'} texts to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
